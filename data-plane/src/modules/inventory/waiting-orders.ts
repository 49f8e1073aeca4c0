import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { TenantCtx } from '../module.js';

/** How many orders one delivery can serve; those that are left take what they need when they are started. */
const served = 50;

// As open-sheet.ts locks them, in the same order.
const holdLevels = statement<never>(
  'stock.hold_levels',
  `select from erp_stock_levels where variant_id = any ($1::uuid[]) order by variant_id, location_id for update`,
);

// An order that somebody else holds is passed over: waiting for it here would be out of turn.
const lockWaiting = statement<{ id: string }>(
  'stock.lock_waiting_orders',
  `select o.id from erp_orders o
  where o.id = any (array(
      select l.order_id from erp_order_line_sizes s join erp_order_lines l on l.id = s.order_line_id
      where s.variant_id = any ($1::uuid[]) and s.open_quantity > s.reserved_quantity
    ))
    and o.status in ('confirmed', 'in_production')
    and ($2::uuid is null or o.workspace_id = $2::uuid)
  order by o.due_on nulls last, o.created_at, o.id
  limit ${served} for no key update skip locked`,
);

/**
 * Locks the orders that lack some of these variants and that the caller may change, the earliest due first: the order in
 * which they are served. Before the sheet is opened, which reads what they still need.
 *
 * The levels are locked before them: of an order that is confirmed at the same moment, either the shortage is seen here,
 * or it comes to the levels afterwards and finds what was brought. That is no circle: these orders are not waited for.
 */
export async function lockWaitingOrders(tx: Tx, ctx: TenantCtx, variantIds: readonly string[]): Promise<string[]> {
  const [, rows] = await Promise.all([
    tx.query(holdLevels, [variantIds]),
    tx.query(lockWaiting, [variantIds, ctx.workspaceId]),
  ]);
  return rows.map(({ id }) => id);
}
