import { statement } from '@platen/chassis/db/statement';
import { createChecker } from '@platen/chassis/validation/checker';
import { productionBoard } from '@platen/schema/contracts/data/production';
import { productionJobs as contracts, Job, JobCard } from '@platen/schema/contracts/data/production-jobs';
import { productionJobEvents } from '@platen/schema/events/production-job';
import t from 'tap';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import type { OrderBody } from '../../test/orders.fixture.js';
import {
  type BoardBody,
  type Card,
  clearShelves,
  type JobBody,
  newDesign,
  openProduction,
  printedOrder,
  replaceArtwork,
} from '../../test/production.fixture.js';
import { harbor, mainStreet, read, userId } from '../../test/sales.fixture.js';
import { stockFaults, stockUp, withStock } from '../../test/stock.fixture.js';
import { openSheet, writeSheet } from '../inventory/index.js';
import type { TenantCtx } from '../module.js';
import { parseExact } from '../pricing/index.js';

const insertHarbor = statement<{ id: string }>(
  'test.insert_harbor_location',
  `insert into erp_stock_locations (tenant_id, organization_id, workspace_id, id, code, name, kind)
  values ($1, $2, $3, $4, 'harbor', 'Harbor', 'internal') returning id`,
);
/** At a location of the other workspace. */
async function stockUpAtHarbor(ctx: TenantCtx, pieces: Readonly<Record<string, number>>): Promise<void> {
  const id = ctx.newId();
  await ctx.db.leased.query(insertHarbor, [ctx.tenant.id, ctx.organizationId, harbor, id]);
  await ctx.db.transaction(async (tx) => {
    const sheet = await openSheet(tx, ctx, { variantIds: Object.keys(pieces) });
    for (const [variantId, quantity] of Object.entries(pieces)) {
      const source = { kind: 'receipt', type: 'purchase_receipt', id } as const;
      sheet.move(variantId, parseExact(String(quantity)), sheet.outside('supplier'), sheet.location(id), source);
    }
    writeSheet(tx, ctx, sheet);
  });
}

const floor = await openProduction(t);
const { orders, ctxOf } = floor;
const { jobs, stages, readBoard } = floor.production;
const [hash, other] = ['a'.repeat(64), 'b'.repeat(64)];

const stageIds = new Map(
  read<{ items: { id: string; code: string }[] }>(await stages.list(ctxOf())).items.map(({ id, code }) => [code, id]),
);
const stage = (code: string): string => stageIds.get(code) ?? '';
const makeJobs = async (ctx: TenantCtx, orderId: string): Promise<[Card, Card]> => {
  const { items } = read<{ items: Card[] }>(await jobs.create(ctx, orderId));
  const [first, second] = items;
  if (!first || !second) throw new Error('two lines, two jobs');
  return [first, second];
};
const eventsOf = statement<{ type: keyof typeof productionJobEvents; workspace_id: string; payload: object }>(
  'test.job_events',
  'select type, workspace_id, payload from outbox_events where right(key, 36) = $1 order by seq',
  { parse: { payload: 'json' } },
);
const movesOf = statement<{ text: string }>(
  'test.stock_moves_of',
  `select concat_ws(' ', m.kind, f.kind, 'to', g.kind, trunc(m.quantity), m.reason) as text
  from erp_stock_moves m join erp_stock_locations f on f.id = m.from_location_id
  join erp_stock_locations g on g.id = m.to_location_id where m.source_id = $1::uuid order by m.id`,
);

t.test('an order has one job for each line, made once, also by two at the same time', async (t) => {
  const order = await printedOrder(floor, ctxOf());
  const made = await Promise.all([jobs.create(ctxOf(), order.id), jobs.create(ctxOf(), order.id)]);
  const items = made.flatMap((answer) => read<{ items: Card[] }>(answer).items);
  t.same(
    items.map(({ number, quantity, status }) => ({ number, quantity, status })),
    [
      { number: `${order.number}-1`, quantity: 41, status: 'open' },
      { number: `${order.number}-2`, quantity: 7, status: 'open' },
    ],
  );
  for (const card of items) t.ok(Value.Check(JobCard, card), JSON.stringify(card));
  t.match(items[0], { artwork: 'none', blanks: { state: 'not_tracked', short: 0 }, order_number: order.number });

  const board = read<BoardBody>(await readBoard(ctxOf()));
  t.ok(Value.Check(productionBoard.get.response, board));
  const shown = board.stages[0]?.cards.filter(({ order_id }) => order_id === order.id);
  t.same(shown, items, 'the board shows them as they were answered');

  const list = read<Static<typeof contracts.list.response>>(
    await jobs.list(ctxOf(), { order_id: order.id, status: 'open', stage_id: stage('art') }),
  );
  t.ok(Value.Check(contracts.list.response, list));
  t.equal(list.items.length, 2);
  const draft = read<OrderBody>(
    await orders.create(ctxOf(), {
      customer_id: order.customer_id,
      lines: order.lines.map(({ product_id, sizes }) => ({
        product_id,
        sizes: sizes.map(({ variant_id, quantity }) => ({ variant_id, quantity })),
      })),
    }),
  );
  await t.rejects(jobs.create(ctxOf(), draft.id), {
    code: 'illegal_transition',
    extensions: { current: 'draft', allowed: ['confirmed', 'in_production'] },
  });
  await t.rejects(jobs.create(ctxOf(), ctxOf().newId()), { code: 'unknown_reference' });
});

t.test('work begins with artwork that is approved as it stands', async (t) => {
  const ctx = ctxOf();
  const designId = await newDesign(ctx, hash);
  const order = await printedOrder(floor, ctx, designId);
  const [card] = await makeJobs(ctx, order.id);
  t.match(card, { artwork: 'pending', design: { id: designId, name: 'Crest', thumbnail_file_id: null } });
  const toPress = () => jobs.move(ctxOf(), card.id, { stage_id: stage('press') });
  const refusal = (reason: string) => ({
    code: 'artwork_unapproved',
    extensions: { designs: [{ design_id: designId, code: `crest-${designId}`, reason }] },
  });
  await t.rejects(toPress(), refusal('missing'));
  await t.rejects(jobs.approveArtwork(ctx, card.id, { hash: other }), {
    code: 'content_changed',
    extensions: { hash },
  });
  await t.rejects(jobs.approveArtwork(ctx, card.id, { hash, design_id: ctx.newId() }), { code: 'unknown_reference' });
  const approved = read<JobBody>(await jobs.approveArtwork(ctxOf({ ifMatch: 1 }), card.id, { hash }));
  t.ok(Value.Check(Job, approved));
  t.match(approved, {
    version: 2,
    artwork: 'approved',
    designs: [{ design_id: designId, artwork: 'approved', approved_hash: hash, approved_by: userId }],
  });
  await replaceArtwork(ctx, designId, other);
  t.match(read(await jobs.get(ctx, card.id)), { artwork: 'changed', designs: [{ artwork: 'changed', hash: other }] });
  await t.rejects(toPress(), refusal('changed'), 'another file than the one that was approved');
  await jobs.approveArtwork(ctx, card.id, { hash: other });
  t.match(read(await toPress()), {
    card: { stage_id: stage('press'), artwork: 'approved', version: 4 },
    wip: { exceeded: false },
  });

  const events = await ctx.db.leased.query(eventsOf, [card.id]);
  t.same(
    events.map(({ type }) => type.replace('erp.production_job.', '')),
    ['created', 'artwork_approved', 'artwork_approved', 'moved'],
  );
  for (const { type, workspace_id, payload } of events) {
    t.ok(createChecker(productionJobEvents[type]).check(payload), type);
    t.equal(workspace_id, mainStreet);
  }
});

t.test('pieces are done, spoilt and made again, and stock follows', async (t) => {
  const ctx = withStock(ctxOf());
  await clearShelves(ctx);
  const order = await printedOrder(floor, ctx);
  const [small, large] = order.lines[0]?.sizes ?? [];
  if (!small || !large) throw new Error('two sizes');
  const [card, rest] = await makeJobs(ctx, order.id);
  t.match(card, { blanks: { state: 'short', short: 41 } });
  await t.rejects(jobs.recordDone(ctx, card.id, { quantity: 1 }), { code: 'illegal_transition' }, 'not begun');
  await orders.start(ctx, order.id, { allow_short: true });
  await stockUp(ctx, { [small.variant_id]: 2 });

  await t.rejects(jobs.recordDone(ctx, card.id, { quantity: 42 }), {
    code: 'quantity_exceeded',
    extensions: { allowed: 41 },
  });
  await jobs.recordDone(ctx, card.id, { quantity: 30 });
  const lost = (variant_id: string, quantity: number) => ({ sizes: [{ variant_id, quantity }], reason: 'Bled' });
  await t.rejects(jobs.recordScrap(ctx, card.id, lost(ctx.newId(), 1)), { code: 'unknown_reference' });
  await t.rejects(jobs.recordScrap(ctx, card.id, lost(small.variant_id, 12)), {
    code: 'quantity_exceeded',
    extensions: { allowed: 11 },
  });
  await jobs.recordScrap(ctx, card.id, {
    sizes: [...lost(small.variant_id, 1).sizes, ...lost(small.variant_id, 2).sizes],
    reason: 'Bled',
  });
  const after = read<JobBody>(await jobs.recordScrap(ctx, card.id, lost(large.variant_id, 1)));
  t.ok(Value.Check(Job, after));
  t.match(after, { quantity: 41, quantity_done: 30, quantity_scrapped: 4 });
  t.match(after.sizes, [
    { variant_id: small.variant_id, quantity: 20, scrapped: 3, reprinted: 0 },
    { variant_id: large.variant_id, quantity: 21, scrapped: 1, reprinted: 0 },
  ]);
  t.same(
    (await ctx.db.leased.query(movesOf, [card.id])).map(({ text }) => text),
    ['scrap production to loss 3 Bled', 'scrap production to loss 1 Bled'],
  );

  await t.rejects(jobs.reprint(ctx, card.id, {}), { code: 'stock_short' }, 'two of the four are there');
  const everywhere = withStock(ctxOf({ workspaceId: null }));
  await stockUpAtHarbor(everywhere, { [small.variant_id]: 9, [large.variant_id]: 9 });
  const taken = jobs.reprint(everywhere, card.id, {});
  await t.rejects(taken, { code: 'stock_short' }, "another workspace's stock is not this order's, whoever asks");
  await t.rejects(jobs.reprint(ctx, card.id, { sizes: [{ variant_id: small.variant_id, quantity: 4 }] }), {
    code: 'quantity_exceeded',
    extensions: { allowed: 3 },
  });
  const again = read<JobBody>(
    await jobs.reprint(ctx, card.id, { sizes: [{ variant_id: small.variant_id, quantity: 2 }], reason: 'For Friday' }),
  );
  t.ok(Value.Check(Job, again));
  t.match(again, { number: `${card.number}-R1`, quantity: 2, reprint_of: card.id, stage_id: stage('art') });
  t.match(again.sizes, [{ variant_id: small.variant_id, quantity: 2, scrapped: 0 }]);
  t.same(
    (await ctx.db.leased.query(movesOf, [again.id])).map(({ text }) => text),
    ['reprint internal to production 2'],
  );
  t.match(read<JobBody>(await jobs.get(ctx, card.id)), {
    sizes: [{ scrapped: 3, reprinted: 2 }, {}],
    reprints: [{ id: again.id, quantity: 2, quantity_done: 0 }],
  });

  await jobs.recordDone(ctx, card.id, { quantity: 7 });
  await jobs.recordDone(ctx, rest.id, { quantity: 7 });
  await jobs.recordDone(ctx, again.id, { quantity: 2 });
  await t.rejects(orders.ready(ctx, order.id), {
    code: 'pieces_open',
  });
  await stockUp(ctx, { [small.variant_id]: 1, [large.variant_id]: 1 });
  const [last] = [read<JobBody>(await jobs.reprint(ctx, card.id, {}))];
  t.match(last, { number: `${card.number}-R2`, quantity: 2 });
  await t.rejects(jobs.reprint(ctx, card.id, {}), { code: 'quantity_exceeded', extensions: { allowed: 0 } });
  await jobs.recordDone(ctx, last?.id ?? '', { quantity: 2 });
  t.same(await stockFaults(ctx), []);

  const history = read<Static<typeof contracts.history.response>>(await jobs.listHistory(ctx, card.id, {}));
  t.ok(Value.Check(contracts.history.response, history));
  t.same(
    history.items.map(({ kind, quantity }) => [kind, quantity]),
    [
      ['created', 41],
      ['pieces_done', 30],
      ['pieces_scrapped', 3],
      ['pieces_scrapped', 1],
      ['reprint_made', 2],
      ['pieces_done', 7],
      ['reprint_made', 2],
    ],
  );
  await orders.ready(ctx, order.id, { allow_short: true });
  t.match(read(await jobs.get(ctx, card.id)), { status: 'done', rank: null });
  await t.rejects(jobs.move(ctx, card.id, { stage_id: stage('art') }), { code: 'illegal_transition' });
  await t.rejects(jobs.recordDone(ctx, card.id, { quantity: 1 }), { code: 'illegal_transition' });
});

t.test('a cancelled order takes its jobs off the board', async (t) => {
  const order = await printedOrder(floor, ctxOf());
  const [card] = await makeJobs(ctxOf(), order.id);
  await orders.cancel(ctxOf(), order.id, { reason: 'Folded' });
  const board = read<BoardBody>(await readBoard(ctxOf()));
  t.notOk(board.stages.some(({ cards }) => cards.some(({ id }) => id === card.id)));
  t.match(read(await jobs.get(ctxOf(), card.id)), { status: 'cancelled', rank: null, version: 2 });
  const [, last] = await ctxOf().db.leased.query(eventsOf, [card.id]);
  t.match(last, { type: 'erp.production_job.cancelled', payload: { status: 'cancelled', rank: null } });
});

t.test('priority, day and note change; who read an older version is told', async (t) => {
  const order = await printedOrder(floor, ctxOf());
  const [card] = await makeJobs(ctxOf(), order.id);
  const body = { priority: 'urgent', due_on: '2026-04-01', note: 'Neck labels' } as const;
  t.match(read(await jobs.update(ctxOf({ ifMatch: 1 }), card.id, body)), { ...body, version: 2 });
  await t.rejects(jobs.update(ctxOf({ ifMatch: 1 }), card.id, body), { code: 'version_mismatch' });
  t.match(read(await jobs.update(ctxOf(), card.id, { note: null })), { priority: 'urgent', note: null });
});

t.test('jobs of a workspace are there for it and for the organization', async (t) => {
  const order = await printedOrder(floor, ctxOf());
  const [card] = await makeJobs(ctxOf(), order.id);
  const theirs = ctxOf({ workspaceId: harbor });
  const cardsOf = async (ctx: TenantCtx) =>
    read<BoardBody>(await readBoard(ctx)).stages.flatMap(({ cards }) => cards.map(({ id }) => id));
  t.ok((await cardsOf(ctxOf({ workspaceId: null }))).includes(card.id));
  t.notOk((await cardsOf(theirs)).includes(card.id));
  const calls = [
    () => jobs.get(theirs, card.id),
    () => jobs.listHistory(theirs, card.id, {}),
    () => jobs.update(theirs, card.id, { priority: 'low' }),
    () => jobs.move(theirs, card.id, { stage_id: stage('press') }),
    () => jobs.approveArtwork(theirs, card.id, { hash }),
    () => jobs.recordDone(theirs, card.id, { quantity: 1 }),
    () => jobs.recordScrap(theirs, card.id, { sizes: [], reason: 'x' }),
    () => jobs.reprint(theirs, card.id, {}),
  ];
  for (const call of calls) await t.rejects(call(), { code: 'not_found' });
  await t.rejects(jobs.create(theirs, order.id), { code: 'unknown_reference' });
});
