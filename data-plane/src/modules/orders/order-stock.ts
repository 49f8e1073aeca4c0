import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import {
  lockWaitingOrders,
  openHeldSheet,
  openOrderSheet,
  openSheet,
  refuseShort,
  type Sheet,
  writeSheet,
} from '../inventory/index.js';
import type { ActorCtx } from '../module.js';
import { compare, type Exact, negate, parseExact, subtract, zero } from '../pricing/index.js';

// What the moves of an order do to stock. Its row is locked by the caller.

/** Promises to a confirmed order what is there. */
export async function reserveStock(tx: Tx, ctx: ActorCtx, orderId: string): Promise<void> {
  const sheet = await openOrderSheet(tx, ctx, orderId);
  sheet.need(orderId);
  sheet.reserve([orderId]);
  writeSheet(tx, ctx, sheet);
}

/**
 * Into production with what the order needs and is there.
 * @throws AppError stock_short unless that is allowed
 */
export async function consumeStock(tx: Tx, ctx: ActorCtx, orderId: string, allowShort: boolean): Promise<void> {
  writeSheet(tx, ctx, await consumed(tx, ctx, orderId, allowShort));
}

/** The same for the last time: after it the order needs nothing from stock any more. */
export async function finishStock(tx: Tx, ctx: ActorCtx, orderId: string, allowShort: boolean): Promise<void> {
  const sheet = await consumed(tx, ctx, orderId, allowShort);
  sheet.close(orderId);
  writeSheet(tx, ctx, sheet);
}

async function consumed(tx: Tx, ctx: ActorCtx, orderId: string, allowShort: boolean): Promise<Sheet> {
  const sheet = await openOrderSheet(tx, ctx, orderId);
  // What came since it was confirmed and went to nobody else.
  sheet.reserve([orderId]);
  const missing = sheet.shortages(orderId);
  if (missing.length > 0 && !allowShort) refuseShort(missing);
  sheet.consume(orderId);
  return sheet;
}

/**
 * Other lines in place of those that were there: what they were promised is free, then the new ones take their part, and
 * what is left serves others. The stock of both is locked at once, in everybody's order.
 */
export async function replaceNeeds(
  tx: Tx,
  ctx: ActorCtx,
  orderId: string,
  variantIds: readonly string[],
  replace: () => void,
): Promise<void> {
  const all = [...new Set([...(await listVariants(tx, orderId)), ...variantIds])];
  const waiting = (await lockWaitingOrders(tx, ctx, all)).filter((id) => id !== orderId);
  const before = await openHeldSheet(tx, ctx, { variantIds: all, orderIds: [orderId] });
  before.close(orderId);
  writeSheet(tx, ctx, before);
  replace();
  const orderIds = [orderId, ...waiting];
  const after = await openHeldSheet(tx, ctx, { variantIds: all, orderIds });
  after.need(orderId);
  after.reserve(orderIds);
  writeSheet(tx, ctx, after);
}

interface InProductionRow {
  readonly variant_id: string;
  /** null: what is in production of the variant, less what left it. Else what was taken from that location. */
  readonly location_id: string | null;
  readonly quantity: string;
}
const selectInProduction = statement<InProductionRow>(
  'orders.in_production',
  `select m.variant_id, null as location_id,
    sum(case when into_it.kind = 'production' then m.quantity else -m.quantity end)::text as quantity
  from erp_stock_moves m
  join erp_stock_locations into_it on into_it.id = m.to_location_id
  join erp_stock_locations out_of on out_of.id = m.from_location_id
  where m.order_id = $1::uuid and 'production' in (into_it.kind, out_of.kind)
  group by m.variant_id
  union all
  select m.variant_id, m.from_location_id, sum(m.quantity)::text
  from erp_stock_moves m
  where m.order_id = $1::uuid and m.kind in ('consumption', 'reprint')
  group by m.variant_id, m.from_location_id
  order by 1, 2 nulls first`,
);

/** What production holds for the order: net of what was scrapped, given back and shipped. */
async function listInProduction(tx: Tx, orderId: string): Promise<InProductionRow[]> {
  return tx.query(selectInProduction, [orderId]);
}
const netOf = (rows: readonly InProductionRow[]) =>
  rows.flatMap((row) => {
    const quantity = parseExact(row.quantity);
    return row.location_id === null && compare(quantity, zero) > 0 ? [{ variantId: row.variant_id, quantity }] : [];
  });

interface OrderRef {
  readonly id: string;
  readonly workspaceId: string | null;
}

/** What was spoilt of blanks that were never booked was nothing that production had: found again where it was lost. */
function settleSpoilt(sheet: Sheet, order: OrderRef, rows: readonly InProductionRow[]): void {
  for (const row of rows) {
    const owed = negate(parseExact(row.quantity));
    if (row.location_id !== null || compare(owed, zero) <= 0) continue;
    sheet.move(row.variant_id, owed, sheet.outside('loss'), sheet.outside('production'), {
      ...sourceOf(order),
      kind: 'adjustment',
    });
  }
}

/** What was made goes to the customer. */
export async function shipStock(tx: Tx, ctx: ActorCtx, order: OrderRef): Promise<void> {
  const [rows, sheet] = await Promise.all([listInProduction(tx, order.id), openSheet(tx, ctx, { variantIds: [] })]);
  for (const { variantId, quantity } of netOf(rows)) {
    sheet.move(variantId, quantity, sheet.outside('production'), sheet.outside('customer'), {
      ...sourceOf(order),
      kind: 'shipment',
    });
  }
  settleSpoilt(sheet, order, rows);
  writeSheet(tx, ctx, sheet);
}

const sourceOf = ({ id, workspaceId }: OrderRef) => ({ type: 'order', id, orderId: id, workspaceId }) as const;

/** A cancelled order: its promises are free, and what production holds goes back or is lost. Others get what is free now. */
export async function giveBackStock(
  tx: Tx,
  ctx: ActorCtx,
  order: OrderRef,
  disposition: 'return' | 'write_off',
): Promise<void> {
  const [rows, variantIds] = await Promise.all([listInProduction(tx, order.id), listVariants(tx, order.id)]);
  const all = [...new Set([...variantIds, ...rows.map(({ variant_id }) => variant_id)])];
  const waiting = (await lockWaitingOrders(tx, ctx, all)).filter((id) => id !== order.id);
  const sheet = await openHeldSheet(tx, ctx, { variantIds: all, orderIds: [order.id, ...waiting] });
  sheet.close(order.id);
  for (const { variantId, quantity } of netOf(rows)) {
    if (disposition === 'write_off') {
      const source = { ...sourceOf(order), kind: 'write_off' } as const;
      sheet.move(variantId, quantity, sheet.outside('production'), sheet.outside('loss'), source);
    } else {
      returnTo(sheet, order, rows, variantId, quantity);
    }
  }
  settleSpoilt(sheet, order, rows);
  sheet.reserve(waiting);
  writeSheet(tx, ctx, sheet);
}

/** To the locations that it was taken from, no more to each than it gave. */
function returnTo(
  sheet: Sheet,
  order: OrderRef,
  rows: readonly InProductionRow[],
  variantId: string,
  quantity: Exact,
): void {
  let left = quantity;
  for (const row of rows) {
    if (row.variant_id !== variantId || row.location_id === null || compare(left, zero) <= 0) continue;
    const taken = parseExact(row.quantity);
    const returned = compare(taken, left) < 0 ? taken : left;
    sheet.move(variantId, returned, sheet.outside('production'), sheet.location(row.location_id), {
      ...sourceOf(order),
      kind: 'give_back',
    });
    left = subtract(left, returned);
  }
}

const selectVariants = statement<{ variant_id: string }>(
  'orders.variants',
  `select distinct s.variant_id from erp_order_lines l join erp_order_line_sizes s on s.order_line_id = l.id
  where l.order_id = $1::uuid`,
);
const listVariants = async (tx: Tx, orderId: string): Promise<string[]> =>
  (await tx.query(selectVariants, [orderId])).map(({ variant_id }) => variant_id);
