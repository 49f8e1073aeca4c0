import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { stockLocationKinds, stockMoveKinds, stockSources } from '../../states/stock.js';
import { createdAt, id, oneOf, owner, quantity, stamps, version } from '../columns.js';
import { erpProductVariants } from './catalog.js';
import { erpOrderLineSizes, erpOrders } from './orders.js';

/**
 * Where stock lies, comes from and goes to. What belongs to a location (its levels, reservations and entries) has its
 * workspace: whoever sees the location sees all of it, and can prove it.
 */
export const erpStockLocations = pgTable(
  'erp_stock_locations',
  {
    ...owner(),
    id: id(),
    code: text().notNull(),
    name: text().notNull(),
    kind: text().notNull(),
    /** Orders take from the first that has what they need. */
    position: integer().notNull().default(0),
    allow_negative: boolean().notNull().default(false),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_stock_locations_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_stock_locations_code_key').on(t.tenant_id, t.organization_id, t.code),
    oneOf('erp_stock_locations', t.kind, stockLocationKinds),
  ],
);

/** What an internal location has of a variant: the sum of its entries, kept in their transaction. */
export const erpStockLevels = pgTable(
  'erp_stock_levels',
  {
    ...owner(),
    id: id(),
    location_id: uuid().notNull(),
    variant_id: uuid().notNull(),
    on_hand: quantity().notNull(),
    /** Of what is on hand, promised to orders. */
    reserved: quantity().notNull().default('0'),
    /** Its location's, here so that the database itself refuses stock below zero. */
    allow_negative: boolean().notNull(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_stock_levels_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_stock_levels_variant_key').on(t.tenant_id, t.organization_id, t.variant_id, t.location_id),
    foreignKey({
      name: 'erp_stock_levels_location_fkey',
      columns: [t.tenant_id, t.organization_id, t.location_id],
      foreignColumns: [erpStockLocations.tenant_id, erpStockLocations.organization_id, erpStockLocations.id],
    }),
    foreignKey({
      name: 'erp_stock_levels_variant_fkey',
      columns: [t.tenant_id, t.organization_id, t.variant_id],
      foreignColumns: [erpProductVariants.tenant_id, erpProductVariants.organization_id, erpProductVariants.id],
    }),
    index('erp_stock_levels_location_idx').on(t.tenant_id, t.organization_id, t.location_id, t.id),
    check('erp_stock_levels_on_hand_check', sql`allow_negative or on_hand >= 0`),
    check('erp_stock_levels_reserved_check', sql`reserved >= 0 and reserved <= greatest(on_hand, 0)`),
  ],
);

/** An entry of the ledger: a quantity left one location and entered another. Never changed; a mistake is another entry. */
export const erpStockMoves = pgTable(
  'erp_stock_moves',
  {
    ...owner(),
    id: id(),
    variant_id: uuid().notNull(),
    from_location_id: uuid().notNull(),
    to_location_id: uuid().notNull(),
    quantity: quantity().notNull(),
    kind: text().notNull(),
    source_type: text().notNull(),
    /** The document's id; of an adjustment or a transfer, one for the entries that were made together. */
    source_id: uuid().notNull(),
    /** For whose work; null: for none. */
    order_id: uuid(),
    order_line_size_id: uuid(),
    reason: text(),
    made_by: uuid().notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'erp_stock_moves_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    foreignKey({
      name: 'erp_stock_moves_variant_fkey',
      columns: [t.tenant_id, t.organization_id, t.variant_id],
      foreignColumns: [erpProductVariants.tenant_id, erpProductVariants.organization_id, erpProductVariants.id],
    }),
    foreignKey({
      name: 'erp_stock_moves_from_fkey',
      columns: [t.tenant_id, t.organization_id, t.from_location_id],
      foreignColumns: [erpStockLocations.tenant_id, erpStockLocations.organization_id, erpStockLocations.id],
    }),
    foreignKey({
      name: 'erp_stock_moves_to_fkey',
      columns: [t.tenant_id, t.organization_id, t.to_location_id],
      foreignColumns: [erpStockLocations.tenant_id, erpStockLocations.organization_id, erpStockLocations.id],
    }),
    foreignKey({
      name: 'erp_stock_moves_order_fkey',
      columns: [t.tenant_id, t.organization_id, t.order_id],
      foreignColumns: [erpOrders.tenant_id, erpOrders.organization_id, erpOrders.id],
    }),
    foreignKey({
      name: 'erp_stock_moves_size_fkey',
      columns: [t.tenant_id, t.organization_id, t.order_line_size_id],
      foreignColumns: [erpOrderLineSizes.tenant_id, erpOrderLineSizes.organization_id, erpOrderLineSizes.id],
    }),
    index('erp_stock_moves_variant_idx').on(t.tenant_id, t.organization_id, t.variant_id, t.id),
    index('erp_stock_moves_source_idx').on(t.tenant_id, t.organization_id, t.source_id, t.id),
    index('erp_stock_moves_from_idx').on(t.tenant_id, t.organization_id, t.from_location_id, t.id),
    index('erp_stock_moves_to_idx').on(t.tenant_id, t.organization_id, t.to_location_id, t.id),
    index('erp_stock_moves_order_idx')
      .on(t.tenant_id, t.organization_id, t.order_id, t.id)
      .where(sql`order_id is not null`),
    oneOf('erp_stock_moves', t.kind, stockMoveKinds),
    oneOf('erp_stock_moves', t.source_type, stockSources),
    check('erp_stock_moves_quantity_check', sql`quantity > 0`),
    check('erp_stock_moves_ends_check', sql`from_location_id <> to_location_id`),
  ],
);

/** Stock on hand that is promised to one size of an order's line. Changed only under the lock of its level's row. */
export const erpStockReservations = pgTable(
  'erp_stock_reservations',
  {
    ...owner(),
    id: id(),
    order_line_size_id: uuid().notNull(),
    location_id: uuid().notNull(),
    variant_id: uuid().notNull(),
    quantity: quantity().notNull(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_stock_reservations_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_stock_reservations_size_key').on(t.tenant_id, t.organization_id, t.order_line_size_id, t.location_id),
    foreignKey({
      name: 'erp_stock_reservations_size_fkey',
      columns: [t.tenant_id, t.organization_id, t.order_line_size_id],
      foreignColumns: [erpOrderLineSizes.tenant_id, erpOrderLineSizes.organization_id, erpOrderLineSizes.id],
    }),
    foreignKey({
      name: 'erp_stock_reservations_level_fkey',
      columns: [t.tenant_id, t.organization_id, t.variant_id, t.location_id],
      foreignColumns: [
        erpStockLevels.tenant_id,
        erpStockLevels.organization_id,
        erpStockLevels.variant_id,
        erpStockLevels.location_id,
      ],
    }),
    index('erp_stock_reservations_level_idx').on(t.tenant_id, t.organization_id, t.variant_id, t.location_id, t.id),
    check('erp_stock_reservations_quantity_check', sql`quantity > 0`),
  ],
);
