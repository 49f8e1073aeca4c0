import { date, foreignKey, index, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { quoteStatuses } from '../../states/quote.js';
import { amount, currency, id, instant, oneOf, owner, quantity, sha256, stamps, version } from '../columns.js';
import { erpProducts, erpProductVariants } from './catalog.js';
import { erpCustomers } from './customers.js';
import { erpPricingRuleSetVersions } from './pricing.js';

export const erpQuotes = pgTable(
  'erp_quotes',
  {
    ...owner(),
    id: id(),
    /** Gapless, so given only when the quote leaves draft. */
    number: text(),
    status: text().notNull().default('draft'),
    revision: integer().notNull().default(1),
    customer_id: uuid().notNull(),
    /** The storefront at whose host it was made; null: none. The control plane's row, which may be gone. */
    store_id: uuid(),
    /** Of every amount of the quote and its lines. */
    currency: currency().notNull(),
    subtotal: amount().notNull(),
    discount: amount().notNull(),
    tax: amount().notNull(),
    total: amount().notNull(),
    deposit_due: amount(),
    valid_until: date().notNull(),
    rule_set_version_id: uuid().notNull(),
    accepted_at: instant(),
    accepted_by: uuid(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_quotes_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_quotes_number_key').on(t.tenant_id, t.organization_id, t.number),
    foreignKey({
      name: 'erp_quotes_customer_fkey',
      columns: [t.tenant_id, t.organization_id, t.customer_id],
      foreignColumns: [erpCustomers.tenant_id, erpCustomers.organization_id, erpCustomers.id],
    }),
    foreignKey({
      name: 'erp_quotes_rule_set_version_fkey',
      columns: [t.tenant_id, t.organization_id, t.rule_set_version_id],
      foreignColumns: [
        erpPricingRuleSetVersions.tenant_id,
        erpPricingRuleSetVersions.organization_id,
        erpPricingRuleSetVersions.id,
      ],
    }),
    // Read backwards: newest first.
    index('erp_quotes_created_idx').on(t.tenant_id, t.organization_id, t.created_at, t.id),
    index('erp_quotes_status_idx').on(t.tenant_id, t.organization_id, t.status, t.created_at, t.id),
    index('erp_quotes_customer_idx').on(t.tenant_id, t.organization_id, t.customer_id, t.created_at, t.id),
    oneOf('erp_quotes', t.status, quoteStatuses),
  ],
);

export const erpQuoteLines = pgTable(
  'erp_quote_lines',
  {
    ...owner(),
    id: id(),
    quote_id: uuid().notNull(),
    position: integer().notNull(),
    product_id: uuid().notNull(),
    quantity: quantity().notNull(),
    unit_price: amount().notNull(),
    line_total: amount().notNull(),
    /** Canonical JSON (RFC 8785) as text, with that text's SHA-256. */
    receipt: text().notNull(),
    receipt_hash: sha256().notNull(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_quote_lines_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_quote_lines_position_key').on(t.tenant_id, t.organization_id, t.quote_id, t.position),
    foreignKey({
      name: 'erp_quote_lines_quote_fkey',
      columns: [t.tenant_id, t.organization_id, t.quote_id],
      foreignColumns: [erpQuotes.tenant_id, erpQuotes.organization_id, erpQuotes.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'erp_quote_lines_product_fkey',
      columns: [t.tenant_id, t.organization_id, t.product_id],
      foreignColumns: [erpProducts.tenant_id, erpProducts.organization_id, erpProducts.id],
    }),
  ],
);

export const erpQuoteLineSizes = pgTable(
  'erp_quote_line_sizes',
  {
    ...owner(),
    id: id(),
    quote_line_id: uuid().notNull(),
    variant_id: uuid().notNull(),
    quantity: quantity().notNull(),
    unit_price: amount().notNull(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_quote_line_sizes_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_quote_line_sizes_variant_key').on(t.tenant_id, t.organization_id, t.quote_line_id, t.variant_id),
    foreignKey({
      name: 'erp_quote_line_sizes_line_fkey',
      columns: [t.tenant_id, t.organization_id, t.quote_line_id],
      foreignColumns: [erpQuoteLines.tenant_id, erpQuoteLines.organization_id, erpQuoteLines.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'erp_quote_line_sizes_variant_fkey',
      columns: [t.tenant_id, t.organization_id, t.variant_id],
      foreignColumns: [erpProductVariants.tenant_id, erpProductVariants.organization_id, erpProductVariants.id],
    }),
  ],
);
