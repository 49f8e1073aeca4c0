import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { WorkCtx } from '../../module.js';

/** What is to be there of a variant: what was counted, or what is known and a difference. Decimal text. */
export interface Counted {
  readonly variantId: string;
  readonly counted: string | null;
  readonly delta: string | null;
}

// Ids as arrays, as in open-sheet.ts. Read before anything of the stock is locked: orders come first. Whoever is promised something in between is found out
// when the count is made.
const lockHolders = statement<{ id: string }>(
  'stock.lock_holders',
  `with level as materialized (
    select variant_id, on_hand, reserved from erp_stock_levels
    where location_id = $1::uuid and variant_id = any ($2::uuid[])
  ), over as materialized (
    select a.variant_id from unnest($2::uuid[], $3::numeric[], $4::numeric[]) as n (variant_id, counted, delta)
    join level a on a.variant_id = n.variant_id and a.reserved > coalesce(n.counted, a.on_hand + n.delta)
  )
  select o.id from erp_orders o
  where o.id = any (array(
      select l.order_id from erp_order_lines l where l.id = any (array(
        select s.order_line_id from erp_order_line_sizes s where s.id = any (array(
          select r.order_line_size_id from erp_stock_reservations r
          where r.location_id = $1::uuid and r.variant_id = any (array(select variant_id from over))
        ))
      ))
    ))
    and ($5::uuid is null or o.workspace_id = $5::uuid)
  order by o.id for no key update`,
);

/** Locks the orders that may lose what they were promised, as far as the caller may change them. */
export async function lockHoldingOrders(
  tx: Tx,
  ctx: WorkCtx,
  locationId: string,
  lines: readonly Counted[],
): Promise<string[]> {
  const rows = await tx.query(lockHolders, [
    locationId,
    lines.map(({ variantId }) => variantId),
    lines.map(({ counted }) => counted),
    lines.map(({ delta }) => delta),
    ctx.workspaceId,
  ]);
  return rows.map(({ id }) => id);
}

const selectServed = statement<{ id: string }>(
  'stock.orders_as_served',
  'select id from erp_orders where id = any ($1::uuid[]) order by due_on nulls last, created_at, id',
);

/** The order in which orders are served. */
export async function sortAsServed(tx: Tx, orderIds: readonly string[]): Promise<string[]> {
  const rows = await tx.query(selectServed, [orderIds]);
  return rows.map(({ id }) => id);
}

const selectOther = statement<{ id: string }>(
  'stock.other_holders',
  `select l.id from erp_order_lines l
  where l.id = any (array(
      select s.order_line_id from erp_order_line_sizes s
      where s.id = any (array(
          select r.order_line_size_id from erp_stock_reservations r
          where r.location_id = $1::uuid and r.variant_id = any ($2::uuid[])
        ))
        and ($4::uuid is null or s.workspace_id = $4::uuid)
    ))
    and l.order_id <> all ($3::uuid[])
  limit 1`,
);

/** Whether orders that the caller may change, but had not locked, hold any of this. */
export async function hasOtherHolders(
  tx: Tx,
  ctx: WorkCtx,
  locationId: string,
  variantIds: readonly string[],
  orderIds: readonly string[],
): Promise<boolean> {
  return (await tx.query(selectOther, [locationId, variantIds, orderIds, ctx.workspaceId])).length > 0;
}
