import { statement } from '@platen/chassis/db/statement';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { untilLocksAwaited } from '@platen/chassis/testkit/lock-waits';
import t from 'tap';
import type { OrderBody } from '../../test/orders.fixture.js';
import {
  type Card,
  cardsOf,
  clearShelves,
  type JobBody,
  newStage,
  openProduction,
  printedOrder,
} from '../../test/production.fixture.js';
import { harbor, mainStreet, read } from '../../test/sales.fixture.js';
import { stockFaults, stockUp, withStock } from '../../test/stock.fixture.js';
import { createStockService } from '../inventory/service.js';
import type { TenantCtx } from '../module.js';

// What production holds for an order is nothing once the order has left the shop, whatever was spoilt and made again.
const floor = await openProduction(t);
const { orders } = floor;
const { jobs, stages } = floor.production;
const stock = createStockService({ cursors: floor.cursors, findOrganization: () => floor.organization });
const ctxOf = (workspaceId: string | null): TenantCtx => withStock(floor.ctxOf({ workspaceId }));
const whole = ctxOf(null);

const selectKept = statement<{ variant_id: string; kept: string }>(
  'test.kept_in_production',
  `select m.variant_id, trim_scale(sum(case t.kind when 'production' then m.quantity else -m.quantity end))::text as kept
  from erp_stock_moves m
  join erp_stock_locations f on f.id = m.from_location_id join erp_stock_locations t on t.id = m.to_location_id
  where m.order_id = $1::uuid and 'production' in (f.kind, t.kind) group by 1 order by 1`,
);
const keptFor = async (orderId: string) =>
  (await whole.db.leased.query(selectKept, [orderId])).filter(({ kept }) => kept !== '0');

const variantsOf = (order: OrderBody): Record<string, number> =>
  Object.fromEntries(order.lines.flatMap(({ sizes }) => sizes.map((size) => [size.variant_id, Number(size.quantity)])));
const firstJob = async (ctx: TenantCtx, orderId: string): Promise<Card> => {
  const [card] = read<{ items: Card[] }>(await jobs.create(ctx, orderId)).items;
  if (!card) throw new Error('no job');
  return card;
};

t.test('spoilt before its blanks were booked, and never booked', async (t) => {
  for (const end of ['shipped', 'cancelled'] as const) {
    const ctx = ctxOf(mainStreet);
    await clearShelves(whole);
    const order = await printedOrder(floor, ctx);
    const job = await firstJob(ctx, order.id);
    await orders.start(ctx, order.id, { allow_short: true });
    const [variant_id = ''] = Object.keys(variantsOf(order));
    await jobs.recordScrap(ctx, job.id, { sizes: [{ variant_id, quantity: 2 }], reason: 'smudged' });
    if (end === 'shipped') {
      await orders.ready(ctx, order.id, { allow_short: true });
      await orders.ship(ctx, order.id);
    } else await orders.cancel(ctx, order.id, { reason: 'gone', consumed: 'return' });
    t.same(await keptFor(order.id), [], end);
  }
  t.same(await stockFaults(whole), []);
});

t.test('made again by somebody of the whole organization: of blanks that the order may take', async (t) => {
  const ctx = ctxOf(harbor);
  await clearShelves(whole);
  const order = await printedOrder(floor, withStock(floor.ctxOf({ workspaceId: harbor })));
  const wanted = variantsOf(order);
  await stockUp(ctx, wanted);
  await orders.start(ctx, order.id, { allow_short: true });
  const job = await firstJob(ctx, order.id);
  const [variant_id = ''] = Object.keys(wanted);
  await jobs.recordScrap(ctx, job.id, { sizes: [{ variant_id, quantity: 2 }], reason: 'smudged' });
  const shelf = read<{ id: string }>(
    await stock.locations.create(ctxOf(mainStreet), { code: 'theirs', name: 'Theirs' }),
  ).id;
  const count = { location_id: shelf, lines: [{ variant_id, counted: '5' }], reason: 'found' };
  await stock.adjust(ctxOf(mainStreet), count);
  await t.rejects(jobs.reprint(whole, job.id, {}), { code: 'stock_short' }, 'not from the shelf of another workspace');
  await stockUp(ctx, { [variant_id]: 2 });
  const again = read<JobBody>(await jobs.reprint(whole, job.id, {}));
  t.match(again, { quantity: 2, reprint_of: job.id });
  await orders.ready(ctx, order.id, { allow_short: true });
  await orders.ship(ctx, order.id);
  t.same(await keptFor(order.id), []);
  t.same(await stockFaults(whole), []);
});

t.test('two stages that are taken down at once, each with jobs that ended in it', async (t) => {
  const ctx = ctxOf(mainStreet);
  for (let round = 0; round < 4; round += 1) {
    // Left of all others: each is the other's neighbour.
    const pair = [await newStage(floor, whole, { position: 0 }), await newStage(floor, whole, { position: 0 })];
    const order = await printedOrder(floor, ctx);
    const items = read<{ items: Card[] }>(await jobs.create(ctx, order.id)).items;
    for (const [n, stage_id] of pair.entries()) {
      const card = items[n];
      if (card && card.stage_id !== stage_id) await jobs.move(ctx, card.id, { stage_id });
    }
    await orders.cancel(ctx, order.id, { reason: 'gone' });
    const results = await Promise.allSettled(pair.map((id) => stages.delete(whole, id)));
    t.same(
      results.map((result) => (result.status === 'rejected' ? result.reason : 'done')),
      ['done', 'done'],
    );
  }
});

t.test(
  'the first stage becomes another one while jobs are made: they stand at the end of where they stand',
  async (t) => {
    const ctx = ctxOf(mainStreet);
    const [first, second] = [
      await newStage(floor, whole, { position: 0 }),
      await newStage(floor, whole, { position: 1 }),
    ];
    const fill = async (stage_id: string) => {
      const order = await printedOrder(floor, ctx);
      for (const { id } of read<{ items: Card[] }>(await jobs.create(whole, order.id)).items) {
        await jobs.move(whole, id, { stage_id });
      }
    };
    await fill(first);
    await fill(first);
    await fill(second);
    const order = await printedOrder(floor, ctx);
    await asSuperuser(floor.db.superuserUrl, async (client) => {
      await client.query('begin');
      await client.query('update erp_production_stages set position = 5000 where id = $1', [first]);
      const making = jobs.create(whole, order.id);
      await untilLocksAwaited(floor.db.superuserUrl);
      await client.query('commit');
      const made = read<{ items: Card[] }>(await making).items;
      const stageId = made[0]?.stage_id ?? '';
      t.same(
        (await cardsOf(floor, whole, stageId)).slice(-2).map(({ id }) => id),
        made.map(({ id }) => id),
      );
    });
  },
);

t.test('a part of a piece that is missing is a piece that is missing, wherever one looks', async (t) => {
  const ctx = ctxOf(harbor);
  await clearShelves(whole);
  const shelf = read<{ id: string }>(await stock.locations.create(ctx, { code: 'parts', name: 'Parts' })).id;
  const order = await printedOrder(floor, withStock(floor.ctxOf({ workspaceId: harbor })));
  await stock.adjust(ctx, {
    location_id: shelf,
    lines: Object.entries(variantsOf(order)).map(([variant_id, n]) => ({ variant_id, delta: `${n - 1}.75` })),
    reason: 'found',
  });
  const made = read<{ items: Card[] }>(await jobs.create(ctx, order.id)).items;
  const shown = (await cardsOf(floor, ctx, made[0]?.stage_id ?? '')).filter(({ order_id }) => order_id === order.id);
  t.same(
    shown.map(({ blanks }) => blanks),
    [
      { state: 'short', short: 1 },
      { state: 'short', short: 1 },
    ],
  );
  t.same(shown, made);
  const job = read<JobBody>(await jobs.get(ctx, made[1]?.id ?? ''));
  t.match(job, { blanks: { state: 'short', short: 1 }, sizes: [{ short: 1 }] });
});
