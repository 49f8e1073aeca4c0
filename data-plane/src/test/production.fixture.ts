import { statement } from '@platen/chassis/db/statement';
import type { Teardown } from '@platen/chassis/testkit/database';
import type { BodyOf } from '@platen/schema/contract';
import type { productionBoard, productionStages } from '@platen/schema/contracts/data/production';
import type { Job, JobCard } from '@platen/schema/contracts/data/production-jobs';
import type { Static } from 'typebox';
import { openSheet, writeSheet } from '../modules/inventory/index.js';
import type { TenantCtx } from '../modules/module.js';
import { parseExact } from '../modules/pricing/index.js';
import { createProductionService } from '../modules/production/service.js';
import { type OrderBody, orderBasket } from './orders.fixture.js';
import { openSales, read } from './sales.fixture.js';

export type JobBody = Static<typeof Job>;
export type Card = Static<typeof JobCard>;
export type BoardBody = Static<typeof productionBoard.get.response>;

/** The shop floor of the seeded organization. */
export async function openProduction(t: Teardown) {
  const sales = await openSales(t);
  const database = sales.connect();
  const production = createProductionService({
    cursors: sales.cursors,
    findOrganization: () => sales.organization,
    openDb: (_, scope) => database.scoped(scope),
  });
  return { ...sales, production };
}
export type ShopFloor = Awaited<ReturnType<typeof openProduction>>;

const insertDesign = statement<never>(
  'test.insert_design',
  `insert into erp_designs (tenant_id, organization_id, id, code, name, hash) values ($1, $2, $3, $4, 'Crest', $5)`,
);
const changeArtwork = statement<never>('test.change_artwork', 'update erp_designs set hash = $2 where id = $1::uuid');

/** Artwork of this hash. */
export async function newDesign(ctx: TenantCtx, hash: string | null): Promise<string> {
  const id = ctx.newId();
  await ctx.db.leased.query(insertDesign, [ctx.tenant.id, ctx.organizationId, id, `crest-${id}`, hash]);
  return id;
}
export const replaceArtwork = (ctx: TenantCtx, designId: string, hash: string): Promise<unknown> =>
  ctx.db.leased.query(changeArtwork, [designId, hash]);

/** A confirmed order of two lines, 41 and 7 pieces; the first bears the design. */
export async function printedOrder(
  floor: ShopFloor,
  ctx: TenantCtx,
  designId: string | null = null,
): Promise<OrderBody> {
  const basket = await orderBasket(floor);
  const lines = basket.lines.map((line, n) => (n === 0 && designId !== null ? { ...line, design_id: designId } : line));
  const { id } = read<OrderBody>(await floor.orders.create(ctx, { ...basket, lines }));
  return read<OrderBody>(await floor.orders.confirm(ctx, id));
}

const selectFree = statement<{ location_id: string; variant_id: string; free: string }>(
  'test.free_stock',
  'select location_id, variant_id, (on_hand - reserved)::text as free from erp_stock_levels where on_hand > reserved',
);
/** What is promised to nobody is lost. */
export async function clearShelves(ctx: TenantCtx): Promise<void> {
  const free = await ctx.db.leased.query(selectFree);
  await ctx.db.transaction(async (tx) => {
    const sheet = await openSheet(tx, ctx, { variantIds: free.map(({ variant_id }) => variant_id) });
    const source = { kind: 'adjustment', type: 'adjustment', id: ctx.newId() } as const;
    for (const { location_id, variant_id, free: pieces } of free) {
      sheet.move(variant_id, parseExact(pieces), sheet.location(location_id), sheet.outside('loss'), source);
    }
    writeSheet(tx, ctx, sheet);
  });
}

const insertCards = statement<{ id: string; rank: string }>(
  'test.insert_cards',
  `insert into erp_production_jobs (tenant_id, organization_id, workspace_id, id, number, order_id, order_line_id, stage_id,
    rank, quantity)
  select l.tenant_id, l.organization_id, coalesce($5::uuid, l.workspace_id), made.id, concat('T-', made.id), l.order_id,
    l.id, $2::uuid, made.rank, 10
  from erp_order_lines l, unnest($3::uuid[], $4::text[]) as made (id, rank)
  where l.id = $1::uuid returning id, rank`,
);
/** Cards of one line of an order, with these ranks; of another workspace than the line's, if it is named. */
export async function insertRanked(
  ctx: TenantCtx,
  to: { readonly lineId: string; readonly stageId: string; readonly workspaceId?: string },
  ranks: readonly string[],
): Promise<string[]> {
  const ids = ranks.map(() => ctx.newId());
  await ctx.db.leased.query(insertCards, [to.lineId, to.stageId, ids, ranks, to.workspaceId ?? null]);
  return ids;
}

/** A stage of the test's own. */
export async function newStage(
  { production }: ShopFloor,
  ctx: TenantCtx,
  more: Partial<BodyOf<typeof productionStages.create>> = {},
): Promise<string> {
  const body = { code: `t-${ctx.newId()}`, name: 'Test stage', position: 900, ...more };
  return read<{ id: string }>(await production.stages.create(ctx, body)).id;
}

/** Its cards from top to bottom. */
export async function cardsOf({ production }: ShopFloor, ctx: TenantCtx, stageId: string): Promise<Card[]> {
  const { stages } = read<BoardBody>(await production.readBoard(ctx));
  return stages.find(({ id }) => id === stageId)?.cards ?? [];
}
