import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { type StockLocationKind, stockLocationKinds } from '@platen/schema/states/stock';
import type { WorkCtx } from '../module.js';
import { parseExact } from '../pricing/index.js';
import { createSheet, type Location, type Sheet } from './sheet.js';
import { standardLocations } from './standard-locations.js';

interface LocationRow {
  readonly id: string;
  readonly code: string;
  readonly kind: StockLocationKind;
  readonly workspace_id: string | null;
  readonly allow_negative: boolean;
}

// A workspace's own first: what the organization has serves everybody.
const selectLocations = statement<LocationRow>(
  'stock.locations',
  `select id, code, kind, workspace_id, allow_negative from erp_stock_locations
  order by workspace_id is null, position, code`,
  { parse: { allow_negative: 'bool' } },
);

const insertStandard = statement<never>(
  'stock.insert_standard_locations',
  `insert into erp_stock_locations (tenant_id, organization_id, id, code, name, kind, allow_negative)
  select $1::uuid, $2::uuid, made.* from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::bool[]) as made
  on conflict (tenant_id, organization_id, code) do nothing`,
);

const missingKinds = (rows: readonly LocationRow[]): StockLocationKind[] =>
  stockLocationKinds.filter(
    (kind) => !rows.some((row) => row.kind === kind && (kind === 'internal' || row.workspace_id === null)),
  );

/** The locations that the caller sees, with the standard ones: made here if the organization has none yet. */
export async function findLocations(tx: Tx, ctx: WorkCtx): Promise<Location[]> {
  return withStandard(tx, ctx, await tx.query(selectLocations));
}

async function withStandard(tx: Tx, ctx: WorkCtx, read: readonly LocationRow[]): Promise<Location[]> {
  let rows = read;
  const kinds = missingKinds(rows);
  if (kinds.length > 0) {
    tx.defer(insertStandard, [
      ctx.tenant.id,
      ctx.organizationId,
      kinds.map(() => ctx.newId()),
      kinds.map((kind) => standardLocations[kind][0]),
      kinds.map((kind) => standardLocations[kind][1]),
      kinds,
      kinds.map((kind) => kind !== 'internal'),
    ]);
    rows = await tx.query(selectLocations);
    const [still] = missingKinds(rows);
    if (still)
      throw new AppError('conflict', `The code ${standardLocations[still][0]} is taken by another stock location`);
  }
  return rows.map(({ id, code, kind, workspace_id, allow_negative }) => ({
    id,
    code,
    kind,
    workspaceId: workspace_id,
    allowNegative: allow_negative,
  }));
}

interface LevelRow {
  readonly location_id: string;
  readonly variant_id: string;
  readonly on_hand: string;
  readonly reserved: string;
}
// Rows are locked in this order by everybody, so that nobody waits in a circle.
const levelsInOrder = `select location_id, variant_id, on_hand, reserved from erp_stock_levels
  where variant_id = any ($1::uuid[] || array(
    select s.variant_id from erp_order_line_sizes s
    where s.order_line_id = any (array(select l.id from erp_order_lines l where l.order_id = $2::uuid))
  ))
  order by variant_id, location_id for no key update`;
const lockLevels = statement<LevelRow>('stock.lock_levels', levelsInOrder);
// Who holds them reads them again. What others brought elsewhere since then is theirs: waiting for it would be out of turn.
const readHeldLevels = statement<LevelRow>('stock.read_held_levels', `${levelsInOrder} skip locked`);

interface SizeRow {
  readonly id: string;
  readonly order_line_id: string;
  readonly order_id: string;
  readonly workspace_id: string | null;
  readonly variant_id: string;
  readonly quantity: string;
  readonly is_stocked: boolean;
  readonly open_quantity: string;
  readonly reserved_quantity: string;
}
// All of the orders' sizes, not only of the variants: whether a line is short is said of the whole line. The ids come as
// arrays, here and below: in tables of which the planner knows nothing yet, joins read all rows once for each of the others.
const selectSizes = statement<SizeRow>(
  'stock.order_sizes',
  `with l as materialized (
    select id, order_id, position, (product_id in (select id from erp_products where kind = 'service')) is not true as is_stocked
    from erp_order_lines where order_id = any ($1::uuid[])
  ), s as materialized (
    select id, order_line_id, workspace_id, variant_id, quantity, open_quantity, reserved_quantity
    from erp_order_line_sizes where order_line_id = any (array(select id from l))
  )
  select s.id, s.order_line_id, l.order_id, s.workspace_id, s.variant_id, s.quantity, l.is_stocked, s.open_quantity,
    s.reserved_quantity
  from unnest($1::uuid[]) with ordinality as served (order_id, place)
  join l on l.order_id = served.order_id
  join s on s.order_line_id = l.id
  order by served.place, l.position, s.id`,
  { parse: { is_stocked: 'bool' } },
);

interface ReservationRow {
  readonly order_line_size_id: string;
  readonly location_id: string;
  readonly quantity: string;
}
const selectReservations = statement<ReservationRow>(
  'stock.order_reservations',
  `select r.order_line_size_id, r.location_id, r.quantity from erp_stock_reservations r
  where r.order_line_size_id = any (array(
    select s.id from erp_order_line_sizes s where s.order_line_id = any (array(
      select l.id from erp_order_lines l where l.order_id = any ($1::uuid[])
    ))
  ))
  order by r.id`,
);

/**
 * Locks the stock of these variants, wherever the caller sees it, and reads it with the sizes of these orders, in the
 * order in which they are to be served. The orders' rows are locked by the caller, before this. One round trip.
 */
export const openSheet = (
  tx: Tx,
  ctx: WorkCtx,
  { variantIds, orderIds = [] }: { readonly variantIds: readonly string[]; readonly orderIds?: readonly string[] },
): Promise<Sheet> => read(tx, ctx, { lock: lockLevels, variantIds, ofOrder: null, orderIds });

/** The same after `lockWaitingOrders`, which locked the stock of these variants. */
export const openHeldSheet = (
  tx: Tx,
  ctx: WorkCtx,
  held: { readonly variantIds: readonly string[]; readonly orderIds: readonly string[] },
): Promise<Sheet> => read(tx, ctx, { lock: readHeldLevels, ofOrder: null, ...held });

/** The same for all that one order needs. */
export const openOrderSheet = (tx: Tx, ctx: WorkCtx, orderId: string): Promise<Sheet> =>
  read(tx, ctx, { lock: lockLevels, variantIds: [], ofOrder: orderId, orderIds: [orderId] });

async function read(
  tx: Tx,
  ctx: WorkCtx,
  given: {
    readonly lock: typeof lockLevels;
    readonly variantIds: readonly string[];
    readonly ofOrder: string | null;
    readonly orderIds: readonly string[];
  },
): Promise<Sheet> {
  const { lock, variantIds, ofOrder, orderIds } = given;
  // Locations after the lock: what they allow may have changed while it was waited for.
  const [levels, locations, sizes, reservations] = await Promise.all([
    tx.query(lock, [variantIds, ofOrder]),
    tx.query(selectLocations),
    orderIds.length > 0 ? tx.query(selectSizes, [orderIds]) : [],
    orderIds.length > 0 ? tx.query(selectReservations, [orderIds]) : [],
  ]);
  return createSheet({
    locations: await withStandard(tx, ctx, locations),
    levels: levels.map((row) => ({
      locationId: row.location_id,
      variantId: row.variant_id,
      onHand: parseExact(row.on_hand),
      reserved: parseExact(row.reserved),
    })),
    sizes: sizes.map((row) => ({
      id: row.id,
      lineId: row.order_line_id,
      orderId: row.order_id,
      workspaceId: row.workspace_id,
      variantId: row.variant_id,
      quantity: parseExact(row.quantity),
      isStocked: row.is_stocked,
      open: parseExact(row.open_quantity),
      reserved: parseExact(row.reserved_quantity),
    })),
    reservations: reservations.map((row) => ({
      sizeId: row.order_line_size_id,
      locationId: row.location_id,
      quantity: parseExact(row.quantity),
    })),
  });
}
