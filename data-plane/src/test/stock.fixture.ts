import { statement } from '@platen/chassis/db/statement';
import { openSheet, writeSheet } from '../modules/inventory/index.js';
import type { TenantCtx } from '../modules/module.js';
import { parseExact } from '../modules/pricing/index.js';

/** The same request of a tenant that has stock. */
export const withStock = (ctx: TenantCtx): TenantCtx => ({
  ...ctx,
  tenant: {
    ...ctx.tenant,
    modules: ['erp.inventory' as const, 'erp.production' as const, 'erp.purchasing' as const].map((code) => ({
      code,
      valid_until: null,
    })),
  },
});

/** So many pieces of a variant come from nowhere into the first location. */
export async function stockUp(ctx: TenantCtx, pieces: Readonly<Record<string, number | string>>): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const sheet = await openSheet(tx, ctx, { variantIds: Object.keys(pieces) });
    const [stockroom] = sheet.locations.filter(({ kind }) => kind === 'internal');
    if (!stockroom) throw new Error('no stockroom');
    const id = ctx.newId();
    for (const [variantId, quantity] of Object.entries(pieces)) {
      sheet.move(variantId, parseExact(String(quantity)), sheet.outside('supplier'), stockroom, {
        kind: 'receipt',
        type: 'purchase_receipt',
        id,
      });
    }
    writeSheet(tx, ctx, sheet);
  });
}

const selectLevels = statement<{ variant_id: string; on_hand: number; reserved: number }>(
  'test.levels',
  `select variant_id, sum(on_hand)::float8 as on_hand, sum(reserved)::float8 as reserved from erp_stock_levels
  group by variant_id`,
  { parse: { on_hand: Number, reserved: Number } },
);

/** Of each variant `[on hand, reserved]`, over the locations that the caller sees. */
export async function levelsOf(ctx: TenantCtx): Promise<Record<string, [onHand: number, reserved: number]>> {
  const rows = await ctx.db.leased.query(selectLevels);
  return Object.fromEntries(rows.map(({ variant_id, on_hand, reserved }) => [variant_id, [on_hand, reserved]]));
}

const selectFaults = statement<{ fault: string }>(
  'test.stock_faults',
  `select concat('level ', l.variant_id) as fault from erp_stock_levels l
  where l.on_hand <> (select coalesce(sum(case when m.to_location_id = l.location_id then m.quantity else -m.quantity end), 0)
      from erp_stock_moves m
      where m.variant_id = l.variant_id and l.location_id in (m.to_location_id, m.from_location_id))
    or l.reserved <> (select coalesce(sum(r.quantity), 0) from erp_stock_reservations r
      where r.variant_id = l.variant_id and r.location_id = l.location_id)
  union all
  select concat('size ', s.id) from erp_order_line_sizes s
  where s.reserved_quantity <> (select coalesce(sum(r.quantity), 0) from erp_stock_reservations r
    where r.order_line_size_id = s.id)
  union all
  select concat('order ', o.id, ' ', o.status) from erp_orders o
  join erp_order_lines l on l.order_id = o.id join erp_order_line_sizes s on s.order_line_id = l.id
  where s.open_quantity > 0 and o.status not in ('confirmed', 'in_production')`,
);

/** What an independent reading of the ledger finds wrong; nothing, as it should be. */
export const stockFaults = async (ctx: Pick<TenantCtx, 'db'>): Promise<string[]> =>
  (await ctx.db.leased.query(selectFaults)).map(({ fault }) => fault);
