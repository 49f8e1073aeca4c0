import { DatabaseError, sqlstates } from '@platen/chassis/db/errors';
import { statement } from '@platen/chassis/db/statement';
import { AppError } from '@platen/chassis/http/app-error';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import type { JobState } from '@platen/schema/events/production-job';
import t from 'tap';
import { createStockService } from '../modules/inventory/service.js';
import type { TenantCtx } from '../modules/module.js';
import { createProductionService } from '../modules/production/service.js';
import { openBuying } from '../modules/purchasing/buying.fixture.js';
import type { OrderBody } from './orders.fixture.js';
import type { BoardBody, Card } from './production.fixture.js';
import { harbor, mainStreet, read } from './sales.fixture.js';
import { stockFaults, withStock } from './stock.fixture.js';

// Everything that making does, to the same few orders, cards and shelves at once, by random people in random order.
const shop = await openBuying(t);
const { sales, purchaseOrders } = shop;
const { orders } = sales;
const deps = { cursors: sales.cursors, findOrganization: () => sales.organization };
const stock = createStockService(deps);
const database = sales.connect();
const { jobs, stages, readBoard } = createProductionService({ ...deps, openDb: (_, scope) => database.scoped(scope) });
// The tolerance that lets two deliveries meet.
const receipts = shop.receiptsWithin('10');

let seed = Number(process.env['STORM_SEED'] ?? 20260301);
const below = (n: number): number => {
  seed = (seed * 48271) % 2147483647;
  return seed % n;
};
const oneOf = <T>(all: readonly T[]): T => {
  const one = all[below(all.length)];
  if (one === undefined) throw new Error('nothing to choose from');
  return one;
};
const mixed = <T>(all: readonly T[]): T[] =>
  all
    .map((each) => ({ each, at: below(1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ each }) => each);

const ctxOf = (workspaceId: string | null): TenantCtx => withStock(shop.ctxOf({ workspaceId }));
const whole = ctxOf(null);
const somebody = (): TenantCtx => ctxOf(oneOf([mainStreet, harbor, null, null, null, null]));
const variants = Object.values(shop.variants);
const quantities = (most: number) =>
  mixed(variants)
    .slice(0, 1 + below(variants.length))
    .map((variant_id) => ({ variant_id, quantity: 1 + below(most) }));

const shelf = async (workspaceId: string | null, code: string): Promise<string> =>
  read<{ id: string }>(await stock.locations.create(ctxOf(workspaceId), { code, name: code })).id;
const shelves = [
  await shelf(mainStreet, 'storm-main'),
  await shelf(harbor, 'storm-harbor'),
  await shelf(null, 'storm'),
];
const stageIds = read<{ items: { id: string; code: string }[] }>(await stages.list(whole)).items.map(({ id }) => id);
await asSuperuser(sales.db.superuserUrl, (client) =>
  client.query('update erp_production_stages set requires_artwork = false'),
);
const reason = 'storm';

async function newOrder(workspaceId: string): Promise<string> {
  const ctx = ctxOf(workspaceId);
  const [shirt, sweater] = shop.basket.lines;
  if (!shirt || !sweater) throw new Error('no basket');
  const [m, l, hoodie] = variants as [string, string, string];
  const sizes = mixed([m, l]).map((variant_id) => ({ variant_id, quantity: 3 + below(4) }));
  // Two lines of the same variants.
  const lines = mixed([
    { product_id: shirt.product_id, sizes },
    { product_id: shirt.product_id, sizes: [{ variant_id: m, quantity: 2 }] },
    { product_id: sweater.product_id, sizes: [{ variant_id: hoodie, quantity: 2 + below(3) }] },
  ]);
  const body = { customer_id: shop.basket.customer_id, lines, due_on: oneOf([null, '2026-04-01', '2026-05-01']) };
  return read<OrderBody>(await orders.create(ctx, body)).id;
}

const codes = new Map<string, number>();
const odd: unknown[] = [];
async function attempt(name: string, work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    let said = 'done';
    try {
      await work();
    } catch (error) {
      if (error instanceof DatabaseError && error.sqlstate === sqlstates.lockNotAvailable) continue;
      said = error instanceof AppError ? error.code : 'odd';
      if (said === 'odd') odd.push([name, error]);
    }
    const key = `${name} ${said}`;
    codes.set(key, (codes.get(key) ?? 0) + 1);
    return;
  }
}

type Work = (world: World) => Promise<unknown>;
interface World {
  readonly orders: readonly string[];
  readonly purchases: readonly { id: string; lines: readonly { id: string }[] }[];
  readonly cards: readonly Card[];
}
const works: Record<string, Work> = {
  confirm: ({ orders: ids }) => orders.confirm(somebody(), oneOf(ids)),
  start: ({ orders: ids }) => orders.start(somebody(), oneOf(ids), { allow_short: below(3) > 0 }),
  ready: ({ orders: ids }) => orders.ready(somebody(), oneOf(ids), { allow_short: below(2) > 0 }),
  ship: ({ orders: ids }) => orders.ship(somebody(), oneOf(ids)),
  cancel: ({ orders: ids }) =>
    orders.cancel(somebody(), oneOf(ids.slice(0, 2)), { reason, consumed: oneOf(['return', 'write_off'] as const) }),
  jobs: ({ orders: ids }) => jobs.create(somebody(), oneOf(ids)),
  move: ({ cards }) => {
    const [card, other] = [oneOf(cards), oneOf(cards)];
    const beside = oneOf([{}, { after_id: other.id }, { before_id: other.id }]);
    return jobs.move(somebody(), card.id, { stage_id: oneOf([other.stage_id, oneOf(stageIds)]), ...beside });
  },
  done: ({ cards }) => jobs.recordDone(somebody(), oneOf(cards).id, { quantity: 1 + below(2) }),
  scrap: ({ cards }) => {
    const sizes = [{ variant_id: oneOf(variants), quantity: 1 + below(2) }];
    return jobs.recordScrap(somebody(), oneOf(cards).id, { sizes, reason });
  },
  reprint: ({ cards }) => jobs.reprint(somebody(), oneOf(cards).id, {}),
  update: ({ cards }) => jobs.update(somebody(), oneOf(cards).id, { priority: oneOf(['low', 'high'] as const) }),
  count: () => {
    const lines = quantities(12).map(({ variant_id, quantity }) => ({ variant_id, counted: String(quantity) }));
    return stock.adjust(somebody(), { location_id: oneOf(shelves), lines, reason });
  },
  adjust: () => {
    const lines = quantities(6).map(({ variant_id, quantity }) => ({ variant_id, delta: `${quantity - 3}.25` }));
    return stock.adjust(somebody(), { location_id: oneOf(shelves), lines, reason });
  },
  transfer: () => {
    const [from_location_id = '', to_location_id = ''] = mixed(shelves);
    const lines = quantities(3).map(({ variant_id, quantity }) => ({ variant_id, quantity: String(quantity) }));
    return stock.transfer(whole, { from_location_id, to_location_id, lines, reason });
  },
  receive: ({ purchases }) => {
    const { id, lines } = oneOf(purchases);
    const arriving = mixed(lines).map((line) => ({ purchase_order_line_id: line.id, quantity: String(2 + below(9)) }));
    const to = below(2) === 0 ? { location_id: oneOf(shelves) } : {};
    return receipts.create(somebody(), id, { lines: arriving.slice(0, 1 + below(3)), ...to });
  },
  close: ({ purchases }) => purchaseOrders.close(somebody(), oneOf(purchases).id),
  'cancel purchase': ({ purchases }) => purchaseOrders.cancel(somebody(), oneOf(purchases).id, reason),
  repair: () => stock.check.repair(oneOf([whole, ctxOf(harbor)]), { reason }),
};
const rare = ['cancel', 'ready', 'close', 'cancel purchase', 'repair'];
const names = Object.keys(works).flatMap((name) => (rare.includes(name) ? [name] : [name, name, name]));

const board = async () => read<BoardBody>(await readBoard(whole));
const cardsOn = ({ stages: columns }: BoardBody): Card[] => columns.flatMap(({ cards }) => cards);

const selectEvents = statement<{ type: string; payload: JobState & Blanks & Renewed }>(
  'test.board_events',
  `select type, payload from outbox_events where seq > $1::bigint
    and (type like 'erp.production_job.%' or type = 'erp.order.blanks_changed') order by seq`,
  { parse: { payload: 'json' } },
);
interface Blanks {
  readonly lines: readonly { order_line_id: string; short: string }[];
}
interface Renewed {
  readonly jobs: readonly { job_id: string; version: number; rank: string }[];
}
const selectLast = statement<{ last: string }>(
  'test.last_event',
  'select coalesce(max(seq), 0) as last from outbox_events',
);

const keys = [
  'id',
  'version',
  'number',
  'status',
  'order_id',
  'stage_id',
  'rank',
  'priority',
  'due_on',
  'quantity',
] as const;
const more = ['quantity_done', 'quantity_scrapped', 'reprint_of'] as const;
const shownOf = (cards: readonly Card[], known: ReadonlySet<string>) =>
  cards
    .map((card) => ({
      ...Object.fromEntries([...keys, ...more].map((key) => [key, card[key]])),
      // What a new card's blanks were when it came is asked, not told.
      short: known.has(card.id) ? card.blanks.short : null,
    }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** A screen that had the board and heard what happened since. */
async function replay(before: readonly Card[], after: string): Promise<Card[]> {
  const cards = new Map(before.map((card) => [card.id, card]));
  for (const { type, payload } of await whole.db.leased.query(selectEvents, [after])) {
    if (type === 'erp.order.blanks_changed') {
      for (const { order_line_id, short } of payload.lines) {
        for (const card of cards.values()) {
          if (card.order_line_id !== order_line_id || card.reprint_of !== null) continue;
          cards.set(card.id, { ...card, blanks: { state: 'short', short: Math.ceil(Number(short)) } });
        }
      }
    } else if (type === 'erp.production_job.ranks_renewed') {
      for (const { job_id, version, rank } of payload.jobs) {
        const card = cards.get(job_id);
        if (card && card.version < version) cards.set(job_id, { ...card, version, rank });
      }
    } else {
      const { job_id: id, ...state } = payload;
      const card = cards.get(id);
      if ((card?.version ?? 0) < state.version) cards.set(id, { ...card, ...state, id } as Card);
    }
  }
  return [...cards.values()].filter(({ rank }) => rank !== null);
}

const selectKept = statement<{ fault: string }>(
  'test.production_keeps',
  `select concat(o.status, ' ', m.variant_id) as fault from erp_stock_moves m
  join erp_orders o on o.id = m.order_id
  join erp_stock_locations f on f.id = m.from_location_id join erp_stock_locations t on t.id = m.to_location_id
  where o.status in ('shipped', 'cancelled') and 'production' in (f.kind, t.kind) group by o.id, o.status, m.variant_id
  having sum(case t.kind when 'production' then m.quantity else -m.quantity end) <> 0
  union all
  select concat('order ', order_line_id, ' has two jobs') from erp_production_jobs where reprint_of is null
  group by order_line_id having count(*) > 1
  union all
  select concat('purchase line ', id, ' received too much') from erp_purchase_order_lines
  where received_quantity > ordered_quantity * 1.1`,
);

t.test('nobody waits in a circle, nothing is lost, and who listened has the board that is', async (t) => {
  for (let round = 0; round < Number(process.env['STORM_ROUNDS'] ?? 2); round += 1) {
    const made = await Promise.all([mainStreet, harbor, mainStreet, harbor, mainStreet].map(newOrder));
    for (const id of made.slice(0, 4)) await orders.confirm(whole, id);
    for (const id of made.slice(0, 3)) await orders.start(whole, id, { allow_short: true });
    for (const id of made.slice(0, 4)) await jobs.create(whole, id);
    const purchases = await Promise.all(
      [1, 2].map(() => shop.approved(Object.fromEntries(variants.map((id) => [id, '20'])))),
    );
    const [before, [last]] = [await board(), await whole.db.leased.query(selectLast)];
    const cards = cardsOn(before).filter(({ order_id }) => made.includes(order_id));
    const world: World = { orders: made, purchases, cards };
    const chosen = Array.from({ length: 160 }, () => oneOf(names));
    await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        for (const name of chosen.slice(n * 4, n * 4 + 4)) await attempt(name, async () => works[name]?.(world));
      }),
    );
    t.same(odd, [], 'what the database refused, circles of waiting among it');
    t.same(await stockFaults(whole), []);
    t.same(await whole.db.leased.query(selectKept), []);
    const known = new Set(cardsOn(before).map(({ id }) => id));
    const [heard, shown] = [await replay(cardsOn(before), last?.last ?? '0'), cardsOn(await board())];
    t.same(shownOf(heard, known), shownOf(shown, known), 'a screen that listened shows what a new one does');
    await stock.check.repair(whole, { reason });
    t.same((await stock.check.check(whole, undefined)).differences, []);
  }
  t.comment(
    `measured: ${[...codes]
      .sort()
      .map(([said, times]) => `${said} ${times}`)
      .join(', ')}`,
  );
});
