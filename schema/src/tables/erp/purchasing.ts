import { sql } from 'drizzle-orm';
import { check, date, foreignKey, index, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { purchaseOrderStatuses } from '../../states/purchase-order.js';
import { amount, createdAt, currency, id, instant, oneOf, owner, quantity, stamps, version } from '../columns.js';
import { erpProductVariants } from './catalog.js';
import { erpStockLocations } from './inventory.js';
import { erpSuppliers } from './suppliers.js';

/** What a supplier calls a variant, asks for it and needs to deliver it; `cost` in the supplier's currency. */
export const erpSupplierVariants = pgTable(
  'erp_supplier_variants',
  {
    ...owner(),
    id: id(),
    supplier_id: uuid().notNull(),
    variant_id: uuid().notNull(),
    /** The supplier's own article number; null: they use ours. */
    sku: text(),
    cost: amount().notNull(),
    /** Days from the order to the door. */
    lead_days: integer().notNull(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_supplier_variants_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_supplier_variants_variant_key').on(t.tenant_id, t.organization_id, t.variant_id, t.supplier_id),
    foreignKey({
      name: 'erp_supplier_variants_supplier_fkey',
      columns: [t.tenant_id, t.organization_id, t.supplier_id],
      foreignColumns: [erpSuppliers.tenant_id, erpSuppliers.organization_id, erpSuppliers.id],
    }),
    foreignKey({
      name: 'erp_supplier_variants_variant_fkey',
      columns: [t.tenant_id, t.organization_id, t.variant_id],
      foreignColumns: [erpProductVariants.tenant_id, erpProductVariants.organization_id, erpProductVariants.id],
    }),
    index('erp_supplier_variants_supplier_idx').on(t.tenant_id, t.organization_id, t.supplier_id, t.id),
    check('erp_supplier_variants_cost_check', sql`cost >= 0`),
    check('erp_supplier_variants_lead_days_check', sql`lead_days between 0 and 365`),
  ],
);

export const erpPurchaseOrders = pgTable(
  'erp_purchase_orders',
  {
    ...owner(),
    id: id(),
    /** Gapless, so given only when it is submitted; kept when it comes back as a draft. */
    number: text(),
    status: text().notNull().default('draft'),
    supplier_id: uuid().notNull(),
    /** Where the goods are to go: an internal location. */
    location_id: uuid().notNull(),
    /** The supplier's, of every amount of the purchase order, its lines and bills. */
    currency: currency().notNull(),
    /** Of the lines, net. */
    total: amount().notNull(),
    expected_on: date(),
    note: text(),
    submitted_by: uuid(),
    submitted_at: instant(),
    approved_by: uuid(),
    approved_at: instant(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_purchase_orders_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_purchase_orders_number_key').on(t.tenant_id, t.organization_id, t.number),
    foreignKey({
      name: 'erp_purchase_orders_supplier_fkey',
      columns: [t.tenant_id, t.organization_id, t.supplier_id],
      foreignColumns: [erpSuppliers.tenant_id, erpSuppliers.organization_id, erpSuppliers.id],
    }),
    foreignKey({
      name: 'erp_purchase_orders_location_fkey',
      columns: [t.tenant_id, t.organization_id, t.location_id],
      foreignColumns: [erpStockLocations.tenant_id, erpStockLocations.organization_id, erpStockLocations.id],
    }),
    // Read backwards: newest first.
    index('erp_purchase_orders_created_idx').on(t.tenant_id, t.organization_id, t.created_at, t.id),
    index('erp_purchase_orders_status_idx').on(t.tenant_id, t.organization_id, t.status, t.created_at, t.id),
    index('erp_purchase_orders_supplier_idx').on(t.tenant_id, t.organization_id, t.supplier_id, t.created_at, t.id),
    index('erp_purchase_orders_number_prefix_idx')
      .on(t.tenant_id, t.organization_id, t.number.asc().op('text_pattern_ops'))
      .where(sql`number is not null`),
    oneOf('erp_purchase_orders', t.status, purchaseOrderStatuses),
  ],
);

export const erpPurchaseOrderLines = pgTable(
  'erp_purchase_order_lines',
  {
    ...owner(),
    id: id(),
    purchase_order_id: uuid().notNull(),
    position: integer().notNull(),
    variant_id: uuid().notNull(),
    /** The supplier's article number, as it was when the line was written. */
    supplier_sku: text(),
    ordered_quantity: quantity().notNull(),
    received_quantity: quantity().notNull().default('0'),
    billed_quantity: quantity().notNull().default('0'),
    unit_cost: amount().notNull(),
    line_total: amount().notNull(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_purchase_order_lines_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_purchase_order_lines_position_key').on(t.tenant_id, t.organization_id, t.purchase_order_id, t.position),
    foreignKey({
      name: 'erp_purchase_order_lines_order_fkey',
      columns: [t.tenant_id, t.organization_id, t.purchase_order_id],
      foreignColumns: [erpPurchaseOrders.tenant_id, erpPurchaseOrders.organization_id, erpPurchaseOrders.id],
    }),
    foreignKey({
      name: 'erp_purchase_order_lines_variant_fkey',
      columns: [t.tenant_id, t.organization_id, t.variant_id],
      foreignColumns: [erpProductVariants.tenant_id, erpProductVariants.organization_id, erpProductVariants.id],
    }),
    // What is on its way of a variant.
    index('erp_purchase_order_lines_variant_idx').on(t.tenant_id, t.organization_id, t.variant_id, t.id),
    check('erp_purchase_order_lines_ordered_check', sql`ordered_quantity > 0`),
    check('erp_purchase_order_lines_received_check', sql`received_quantity >= 0`),
    check('erp_purchase_order_lines_billed_check', sql`billed_quantity >= 0`),
  ],
);

/** Who moved a purchase order from where to where, and why; append-only. */
export const erpPurchaseOrderStatusChanges = pgTable(
  'erp_purchase_order_status_changes',
  {
    ...owner(),
    id: id(),
    purchase_order_id: uuid().notNull(),
    from_status: text(),
    to_status: text().notNull(),
    changed_by: uuid().notNull(),
    /** Why, where a person said: of a rejection or a cancellation. */
    reason: text(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'erp_purchase_order_status_changes_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    foreignKey({
      name: 'erp_purchase_order_status_changes_order_fkey',
      columns: [t.tenant_id, t.organization_id, t.purchase_order_id],
      foreignColumns: [erpPurchaseOrders.tenant_id, erpPurchaseOrders.organization_id, erpPurchaseOrders.id],
    }),
    index('erp_purchase_order_status_changes_order_idx').on(t.tenant_id, t.organization_id, t.purchase_order_id, t.id),
    oneOf('erp_purchase_order_status_changes', t.from_status, purchaseOrderStatuses),
    oneOf('erp_purchase_order_status_changes', t.to_status, purchaseOrderStatuses),
  ],
);

/** A delivery; never changed. */
export const erpPurchaseReceipts = pgTable(
  'erp_purchase_receipts',
  {
    ...owner(),
    id: id(),
    purchase_order_id: uuid().notNull(),
    location_id: uuid().notNull(),
    /** The number on the delivery note. */
    reference: text(),
    received_on: date().notNull(),
    received_by: uuid().notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'erp_purchase_receipts_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    foreignKey({
      name: 'erp_purchase_receipts_order_fkey',
      columns: [t.tenant_id, t.organization_id, t.purchase_order_id],
      foreignColumns: [erpPurchaseOrders.tenant_id, erpPurchaseOrders.organization_id, erpPurchaseOrders.id],
    }),
    foreignKey({
      name: 'erp_purchase_receipts_location_fkey',
      columns: [t.tenant_id, t.organization_id, t.location_id],
      foreignColumns: [erpStockLocations.tenant_id, erpStockLocations.organization_id, erpStockLocations.id],
    }),
    index('erp_purchase_receipts_order_idx').on(t.tenant_id, t.organization_id, t.purchase_order_id, t.id),
  ],
);

export const erpPurchaseReceiptLines = pgTable(
  'erp_purchase_receipt_lines',
  {
    ...owner(),
    id: id(),
    receipt_id: uuid().notNull(),
    purchase_order_line_id: uuid().notNull(),
    quantity: quantity().notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'erp_purchase_receipt_lines_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_purchase_receipt_lines_line_key').on(
      t.tenant_id,
      t.organization_id,
      t.receipt_id,
      t.purchase_order_line_id,
    ),
    foreignKey({
      name: 'erp_purchase_receipt_lines_receipt_fkey',
      columns: [t.tenant_id, t.organization_id, t.receipt_id],
      foreignColumns: [erpPurchaseReceipts.tenant_id, erpPurchaseReceipts.organization_id, erpPurchaseReceipts.id],
    }),
    foreignKey({
      name: 'erp_purchase_receipt_lines_line_fkey',
      columns: [t.tenant_id, t.organization_id, t.purchase_order_line_id],
      foreignColumns: [
        erpPurchaseOrderLines.tenant_id,
        erpPurchaseOrderLines.organization_id,
        erpPurchaseOrderLines.id,
      ],
    }),
    index('erp_purchase_receipt_lines_order_line_idx').on(
      t.tenant_id,
      t.organization_id,
      t.purchase_order_line_id,
      t.id,
    ),
    check('erp_purchase_receipt_lines_quantity_check', sql`quantity > 0`),
  ],
);

/** A supplier's invoice as it came, right or wrong; never changed. In the purchase order's currency. */
export const erpPurchaseBills = pgTable(
  'erp_purchase_bills',
  {
    ...owner(),
    id: id(),
    purchase_order_id: uuid().notNull(),
    /** Of the purchase order: its invoice numbers are used once. */
    supplier_id: uuid().notNull(),
    /** The supplier's invoice number. */
    reference: text().notNull(),
    billed_on: date().notNull(),
    due_on: date(),
    /** Of the lines, net. */
    total: amount().notNull(),
    recorded_by: uuid().notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'erp_purchase_bills_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_purchase_bills_reference_key').on(t.tenant_id, t.organization_id, t.supplier_id, t.reference),
    foreignKey({
      name: 'erp_purchase_bills_order_fkey',
      columns: [t.tenant_id, t.organization_id, t.purchase_order_id],
      foreignColumns: [erpPurchaseOrders.tenant_id, erpPurchaseOrders.organization_id, erpPurchaseOrders.id],
    }),
    foreignKey({
      name: 'erp_purchase_bills_supplier_fkey',
      columns: [t.tenant_id, t.organization_id, t.supplier_id],
      foreignColumns: [erpSuppliers.tenant_id, erpSuppliers.organization_id, erpSuppliers.id],
    }),
    index('erp_purchase_bills_order_idx').on(t.tenant_id, t.organization_id, t.purchase_order_id, t.id),
  ],
);

export const erpPurchaseBillLines = pgTable(
  'erp_purchase_bill_lines',
  {
    ...owner(),
    id: id(),
    bill_id: uuid().notNull(),
    purchase_order_line_id: uuid().notNull(),
    quantity: quantity().notNull(),
    unit_cost: amount().notNull(),
    line_total: amount().notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'erp_purchase_bill_lines_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_purchase_bill_lines_line_key').on(t.tenant_id, t.organization_id, t.bill_id, t.purchase_order_line_id),
    foreignKey({
      name: 'erp_purchase_bill_lines_bill_fkey',
      columns: [t.tenant_id, t.organization_id, t.bill_id],
      foreignColumns: [erpPurchaseBills.tenant_id, erpPurchaseBills.organization_id, erpPurchaseBills.id],
    }),
    foreignKey({
      name: 'erp_purchase_bill_lines_line_fkey',
      columns: [t.tenant_id, t.organization_id, t.purchase_order_line_id],
      foreignColumns: [
        erpPurchaseOrderLines.tenant_id,
        erpPurchaseOrderLines.organization_id,
        erpPurchaseOrderLines.id,
      ],
    }),
    index('erp_purchase_bill_lines_order_line_idx').on(t.tenant_id, t.organization_id, t.purchase_order_line_id, t.id),
    check('erp_purchase_bill_lines_quantity_check', sql`quantity > 0`),
    check('erp_purchase_bill_lines_unit_cost_check', sql`unit_cost >= 0`),
  ],
);
