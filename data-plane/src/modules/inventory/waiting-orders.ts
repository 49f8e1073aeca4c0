import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { WorkCtx } from '../module.js';

/** How many orders one delivery can serve; those that are left take what they need when they are started. */
const served = 50;

// A row for what was never there: without one, two who bring it or count it would not know of each other. Before any level
// is locked, and in the same order: who waits here for somebody else's row holds none that others wait for. What the
// location allows stands still until the end, so that the new row allows the same.
const insertMissing = statement<never>(
  'stock.insert_missing_levels',
  `insert into erp_stock_levels (tenant_id, organization_id, workspace_id, id, location_id, variant_id, on_hand,
    allow_negative, created_at, updated_at)
  select at.tenant_id, at.organization_id, at.workspace_id, made.id, at.id, v.id, 0, at.allow_negative, $4::timestamptz,
    $4::timestamptz
  from unnest($2::uuid[], $3::uuid[]) as made (id, variant_id)
  join erp_product_variants v on v.id = made.variant_id
  cross join erp_stock_locations at
  where at.id = $1::uuid and at.kind = 'internal'
    and not exists (select from erp_stock_levels l where l.variant_id = v.id and l.location_id = at.id)
  order by v.id for share of at
  on conflict (tenant_id, organization_id, variant_id, location_id) do nothing`,
);

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
      select l.order_id from erp_order_lines l where l.id = any (array(
        select s.order_line_id from erp_order_line_sizes s
        where s.variant_id = any ($1::uuid[]) and s.open_quantity > s.reserved_quantity
      ))
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
 *
 * @param into where the variants come to, or are counted
 */
export async function lockWaitingOrders(
  tx: Tx,
  ctx: WorkCtx,
  variantIds: readonly string[],
  into: string | null = null,
): Promise<string[]> {
  if (into !== null) tx.defer(insertMissing, [into, variantIds.map(() => ctx.newId()), variantIds, ctx.now()]);
  const [, rows] = await Promise.all([
    tx.query(holdLevels, [variantIds]),
    tx.query(lockWaiting, [variantIds, ctx.workspaceId]),
  ]);
  return rows.map(({ id }) => id);
}
