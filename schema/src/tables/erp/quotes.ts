import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { quoteStatuses } from '../../states/quote.js';
import { amount, currency, id, instant, oneOf, owner, quantity, sha256, stamps, version } from '../columns.js';
import { erpDesigns, erpProducts, erpProductVariants } from './catalog.js';
import { erpCustomers } from './customers.js';
import { erpPricingRuleSetVersions } from './pricing.js';

type QuoteKey = [AnyPgColumn, AnyPgColumn, AnyPgColumn];
const quoteKey = (t: Record<'tenant_id' | 'organization_id' | 'id', AnyPgColumn>): QuoteKey => [
  t.tenant_id,
  t.organization_id,
  t.id,
];

export const erpQuotes = pgTable(
  'erp_quotes',
  {
    ...owner(),
    id: id(),
    /** Gapless, so given only when the quote leaves draft. */
    number: text(),
    status: text().notNull().default('draft'),
    revision: integer().notNull().default(1),
    /** The quote whose place this one takes: a revision. */
    supersedes_id: uuid(),
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
    due_on: date(),
    rule_set_version_id: uuid().notNull(),
    sent_at: instant(),
    /**
     * What the customer is shown, fixed when the quote is sent: canonical JSON (RFC 8785) as text, with that text's
     * SHA-256. Page, PDF and acceptance go by it, whatever becomes of names and terms afterwards.
     */
    document: text(),
    document_hash: sha256(),
    /** SHA-256 of the secret in the customer's link. */
    accept_token_hash: sha256(),
    /** The `document_hash` that was accepted. */
    accepted_hash: sha256(),
    accepted_at: instant(),
    /** The user who recorded it; null: the customer, by the link. */
    accepted_by: uuid(),
    /** As the customer signed, by the link. */
    accepted_name: text(),
    accepted_ip: text(),
    rejected_at: instant(),
    /** The user who recorded it; null: the customer, by the link. */
    rejected_by: uuid(),
    /** As the customer gave it, by the link. */
    rejected_name: text(),
    reject_reason: text(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_quotes_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    // A revision has its number's quote's number and its own revision.
    // Partial: where no number is asked for, the planner must not take this index for the one that has the id.
    uniqueIndex('erp_quotes_number_key')
      .on(t.tenant_id, t.organization_id, t.number, t.revision)
      .where(sql`number is not null`),
    // For `number ~>=~ $1 and number ~<~ $2`: people look for the beginning of a number.
    index('erp_quotes_number_prefix_idx')
      .on(t.tenant_id, t.organization_id, t.number.asc().op('text_pattern_ops'))
      .where(sql`number is not null`),
    // One revision takes the place of a quote.
    uniqueIndex('erp_quotes_supersedes_key')
      .on(t.tenant_id, t.organization_id, t.supersedes_id)
      .where(sql`supersedes_id is not null`),
    uniqueIndex('erp_quotes_accept_token_key')
      .on(t.tenant_id, t.organization_id, t.accept_token_hash)
      .where(sql`accept_token_hash is not null`),
    foreignKey({
      name: 'erp_quotes_supersedes_fkey',
      columns: [t.tenant_id, t.organization_id, t.supersedes_id],
      foreignColumns: quoteKey(t),
    }),
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
    design_id: uuid(),
    decorations: jsonb().notNull().default(sql`'[]'::jsonb`),
    quantity: quantity().notNull(),
    unit_price: amount().notNull(),
    fee_total: amount().notNull().default('0'),
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
      name: 'erp_quote_lines_design_fkey',
      columns: [t.tenant_id, t.organization_id, t.design_id],
      foreignColumns: [erpDesigns.tenant_id, erpDesigns.organization_id, erpDesigns.id],
    }),
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

/** Tax by rate (EN 16931 BG-23), with the classes that have it; the quote's `tax` is their sum. */
export const erpQuoteTaxes = pgTable(
  'erp_quote_taxes',
  {
    ...owner(),
    id: id(),
    quote_id: uuid().notNull(),
    tax_class: text().notNull(),
    rate_percent: numeric({ precision: 7, scale: 4 }).notNull(),
    taxable: amount().notNull(),
    tax: amount().notNull(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_quote_taxes_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_quote_taxes_class_key').on(t.tenant_id, t.organization_id, t.quote_id, t.tax_class),
    foreignKey({
      name: 'erp_quote_taxes_quote_fkey',
      columns: [t.tenant_id, t.organization_id, t.quote_id],
      foreignColumns: [erpQuotes.tenant_id, erpQuotes.organization_id, erpQuotes.id],
    }).onDelete('cascade'),
  ],
);
