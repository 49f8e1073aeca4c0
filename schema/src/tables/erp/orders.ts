import { sql } from 'drizzle-orm';
import {
  check,
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
  uuid,
} from 'drizzle-orm/pg-core';
import { paymentKinds, paymentMethods } from '../../contracts/data/order-payments.js';
import { orderStatuses, paymentStatuses } from '../../states/order.js';
import { amount, createdAt, currency, id, oneOf, owner, quantity, sha256, stamps, version } from '../columns.js';
import { erpDesigns, erpProducts, erpProductVariants } from './catalog.js';
import { erpCustomers } from './customers.js';
import { erpPricingRuleSetVersions } from './pricing.js';
import { erpQuotes } from './quotes.js';

export const erpOrders = pgTable(
  'erp_orders',
  {
    ...owner(),
    id: id(),
    /** Gapless, so given only when the order leaves draft. */
    number: text(),
    status: text().notNull().default('draft'),
    payment_status: text().notNull().default('unpaid'),
    quote_id: uuid(),
    customer_id: uuid().notNull(),
    /** The storefront at whose host it was made; null: none. The control plane's row, which may be gone. */
    store_id: uuid(),
    /** Of every amount of the order, its lines and payments. */
    currency: currency().notNull(),
    subtotal: amount().notNull(),
    discount: amount().notNull(),
    /** Shipping, rush and the like, as one sum (EN 16931 BT-108); `total` = subtotal − discount + charges + tax. */
    charges: amount().notNull().default('0'),
    tax: amount().notNull(),
    total: amount().notNull(),
    deposit_due: amount(),
    due_on: date(),
    /** null: an order from before this was kept; then its quote says it. */
    rule_set_version_id: uuid(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_orders_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_orders_number_key').on(t.tenant_id, t.organization_id, t.number),
    // A quote becomes one order, whatever is retried.
    unique('erp_orders_quote_key').on(t.tenant_id, t.organization_id, t.quote_id),
    foreignKey({
      name: 'erp_orders_quote_fkey',
      columns: [t.tenant_id, t.organization_id, t.quote_id],
      foreignColumns: [erpQuotes.tenant_id, erpQuotes.organization_id, erpQuotes.id],
    }),
    foreignKey({
      name: 'erp_orders_rule_set_version_fkey',
      columns: [t.tenant_id, t.organization_id, t.rule_set_version_id],
      foreignColumns: [
        erpPricingRuleSetVersions.tenant_id,
        erpPricingRuleSetVersions.organization_id,
        erpPricingRuleSetVersions.id,
      ],
    }),
    foreignKey({
      name: 'erp_orders_customer_fkey',
      columns: [t.tenant_id, t.organization_id, t.customer_id],
      foreignColumns: [erpCustomers.tenant_id, erpCustomers.organization_id, erpCustomers.id],
    }),
    // Read backwards: newest first.
    index('erp_orders_created_idx').on(t.tenant_id, t.organization_id, t.created_at, t.id),
    index('erp_orders_status_idx').on(t.tenant_id, t.organization_id, t.status, t.created_at, t.id),
    index('erp_orders_customer_idx').on(t.tenant_id, t.organization_id, t.customer_id, t.created_at, t.id),
    index('erp_orders_payment_idx').on(t.tenant_id, t.organization_id, t.payment_status, t.created_at, t.id),
    index('erp_orders_due_idx')
      .on(t.tenant_id, t.organization_id, t.due_on, t.created_at, t.id)
      .where(sql`due_on is not null`),
    index('erp_orders_number_prefix_idx')
      .on(t.tenant_id, t.organization_id, t.number.asc().op('text_pattern_ops'))
      .where(sql`number is not null`),
    oneOf('erp_orders', t.status, orderStatuses),
    oneOf('erp_orders', t.payment_status, paymentStatuses),
  ],
);

export const erpOrderLines = pgTable(
  'erp_order_lines',
  {
    ...owner(),
    id: id(),
    order_id: uuid().notNull(),
    position: integer().notNull(),
    product_id: uuid().notNull(),
    design_id: uuid(),
    decorations: jsonb().notNull().default(sql`'[]'::jsonb`),
    quantity: quantity().notNull(),
    unit_price: amount().notNull(),
    fee_total: amount().notNull().default('0'),
    line_total: amount().notNull(),
    /** As a quote's line has it; null: from before receipts were kept with orders. */
    receipt: text(),
    receipt_hash: sha256(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_order_lines_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_order_lines_position_key').on(t.tenant_id, t.organization_id, t.order_id, t.position),
    foreignKey({
      name: 'erp_order_lines_order_fkey',
      columns: [t.tenant_id, t.organization_id, t.order_id],
      foreignColumns: [erpOrders.tenant_id, erpOrders.organization_id, erpOrders.id],
    }),
    foreignKey({
      name: 'erp_order_lines_design_fkey',
      columns: [t.tenant_id, t.organization_id, t.design_id],
      foreignColumns: [erpDesigns.tenant_id, erpDesigns.organization_id, erpDesigns.id],
    }),
    foreignKey({
      name: 'erp_order_lines_product_fkey',
      columns: [t.tenant_id, t.organization_id, t.product_id],
      foreignColumns: [erpProducts.tenant_id, erpProducts.organization_id, erpProducts.id],
    }),
  ],
);

export const erpOrderLineSizes = pgTable(
  'erp_order_line_sizes',
  {
    ...owner(),
    id: id(),
    order_line_id: uuid().notNull(),
    variant_id: uuid().notNull(),
    quantity: quantity().notNull(),
    unit_price: amount().notNull(),
    /** What the order still needs from stock: all of it once confirmed, less what production took; 0: nothing (any more). */
    open_quantity: quantity().notNull().default('0'),
    /** Of that, promised: the sum of its reservations. The rest is the shortage. */
    reserved_quantity: quantity().notNull().default('0'),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_order_line_sizes_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_order_line_sizes_variant_key').on(t.tenant_id, t.organization_id, t.order_line_id, t.variant_id),
    foreignKey({
      name: 'erp_order_line_sizes_line_fkey',
      columns: [t.tenant_id, t.organization_id, t.order_line_id],
      foreignColumns: [erpOrderLines.tenant_id, erpOrderLines.organization_id, erpOrderLines.id],
    }),
    foreignKey({
      name: 'erp_order_line_sizes_variant_fkey',
      columns: [t.tenant_id, t.organization_id, t.variant_id],
      foreignColumns: [erpProductVariants.tenant_id, erpProductVariants.organization_id, erpProductVariants.id],
    }),
    // What is needed is little among all that was ever sold: the check of the stock reads all of it.
    index('erp_order_line_sizes_open_idx')
      .on(t.tenant_id, t.organization_id, t.variant_id, t.id)
      .where(sql`open_quantity > 0`),
    // And shortages are less.
    index('erp_order_line_sizes_short_idx')
      .on(t.tenant_id, t.organization_id, t.variant_id, t.id)
      .where(sql`open_quantity > reserved_quantity`),
    check('erp_order_line_sizes_open_check', sql`open_quantity >= 0 and open_quantity <= quantity`),
    check('erp_order_line_sizes_reserved_check', sql`reserved_quantity >= 0 and reserved_quantity <= open_quantity`),
  ],
);

/** A record of money that moved elsewhere; never changed, a refund is a row of its own. In the order's currency. */
export const erpOrderPayments = pgTable(
  'erp_order_payments',
  {
    ...owner(),
    id: id(),
    order_id: uuid().notNull(),
    kind: text().notNull(),
    method: text().notNull(),
    reference: text(),
    amount: amount().notNull(),
    received_on: date().notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'erp_order_payments_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    foreignKey({
      name: 'erp_order_payments_order_fkey',
      columns: [t.tenant_id, t.organization_id, t.order_id],
      foreignColumns: [erpOrders.tenant_id, erpOrders.organization_id, erpOrders.id],
    }),
    index('erp_order_payments_order_idx').on(t.tenant_id, t.organization_id, t.order_id, t.id),
    oneOf('erp_order_payments', t.kind, paymentKinds),
    oneOf('erp_order_payments', t.method, paymentMethods),
    check('erp_order_payments_amount_check', sql`amount > 0`),
  ],
);

/** Who moved the order from where to where; append-only. */
export const erpOrderStatusChanges = pgTable(
  'erp_order_status_changes',
  {
    ...owner(),
    id: id(),
    order_id: uuid().notNull(),
    /** null: the order's first status. */
    from_status: text(),
    to_status: text().notNull(),
    changed_by: uuid().notNull(),
    /** Why, where a person said: of a cancellation. */
    reason: text(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'erp_order_status_changes_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    foreignKey({
      name: 'erp_order_status_changes_order_fkey',
      columns: [t.tenant_id, t.organization_id, t.order_id],
      foreignColumns: [erpOrders.tenant_id, erpOrders.organization_id, erpOrders.id],
    }),
    index('erp_order_status_changes_order_idx').on(t.tenant_id, t.organization_id, t.order_id, t.id),
    oneOf('erp_order_status_changes', t.from_status, orderStatuses),
    oneOf('erp_order_status_changes', t.to_status, orderStatuses),
  ],
);

/** Tax by rate (EN 16931 BG-23), with the classes that have it; the order's `tax` is their sum. */
export const erpOrderTaxes = pgTable(
  'erp_order_taxes',
  {
    ...owner(),
    id: id(),
    order_id: uuid().notNull(),
    tax_class: text().notNull(),
    rate_percent: numeric({ precision: 7, scale: 4 }).notNull(),
    taxable: amount().notNull(),
    tax: amount().notNull(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_order_taxes_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_order_taxes_class_key').on(t.tenant_id, t.organization_id, t.order_id, t.tax_class),
    foreignKey({
      name: 'erp_order_taxes_order_fkey',
      columns: [t.tenant_id, t.organization_id, t.order_id],
      foreignColumns: [erpOrders.tenant_id, erpOrders.organization_id, erpOrders.id],
    }),
  ],
);
