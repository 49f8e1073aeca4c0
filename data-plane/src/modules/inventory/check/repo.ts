import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { TenantCtx } from '../../module.js';
import { parseExact } from '../../pricing/index.js';
import type { LineBlanks } from '../sheet.js';

const lockRows = statement<{ id: string }>(
  'stock.lock_orders',
  `select id from erp_orders where id = any ($1::uuid[]) and ($2::uuid is null or workspace_id = $2::uuid)
  order by id for no key update`,
);

/** Before any stock, as everywhere. Answers those that the caller may change. */
export async function lockOrders(tx: Tx, ctx: TenantCtx, orderIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query(lockRows, [orderIds, ctx.workspaceId]);
  return new Set(rows.map(({ id }) => id));
}

const selectBlanks = statement<{ order_id: string; workspace_id: string | null; id: string; short: string }>(
  'stock.blanks_of_lines',
  `with l as materialized (
    select order_id, workspace_id, id from erp_order_lines where id = any ($1::uuid[])
  ), s as materialized (
    select order_line_id, sum(open_quantity - reserved_quantity) as short from erp_order_line_sizes
    where order_line_id = any ($1::uuid[]) group by order_line_id
  )
  select l.order_id, l.workspace_id, l.id, s.short::text from l join s on s.order_line_id = l.id order by l.order_id, l.id`,
);

export async function listBlanks(tx: Tx, lineIds: readonly string[]): Promise<LineBlanks[]> {
  const rows = await tx.query(selectBlanks, [lineIds]);
  return rows.map((row) => ({
    orderId: row.order_id,
    workspaceId: row.workspace_id,
    lineId: row.id,
    short: parseExact(row.short),
  }));
}

// Of what is locked already.
const copyAllowances = statement<never>(
  'stock.copy_allowances',
  `update erp_stock_levels l set allow_negative = at.allow_negative, updated_at = $2::timestamptz
  from erp_stock_locations at
  where l.variant_id = any ($1::uuid[]) and at.id = l.location_id and l.allow_negative <> at.allow_negative`,
);

/** Levels allow what their locations do. */
export const updateAllowances = (tx: Tx, variantIds: readonly string[], now: Date): void =>
  tx.defer(copyAllowances, [variantIds, now]);
