import { statement } from '@platen/chassis/db/statement';
import { AppError } from '@platen/chassis/http/app-error';
import fc from 'fast-check';
import t from 'tap';
import { mainStreet } from '../../test/sales.fixture.js';
import { stockFaults } from '../../test/stock.fixture.js';
import { type PlainOrder, PlainStock } from './plain-stock.fixture.js';
import { openStockroom, reason } from './stockroom.fixture.js';

const room = await openStockroom(t);
const { ctxOf } = room;
const { orders } = room.sales;
const whole = ctxOf({ workspaceId: null });
// Two of the workspace, one of the organization: what moves between them goes by two ways.
const places = [
  await room.newLocation(mainStreet, { position: 1 }),
  await room.newLocation(mainStreet, { position: 2 }),
  await room.newLocation(null, { position: 1 }),
].map(({ id }) => id);

const two = fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 1 }));
const pieces = fc.integer({ min: 0, max: 20 });
const step = fc.oneof(
  fc.record({ op: fc.constant('count' as const), place: fc.nat({ max: 2 }), variant: fc.nat({ max: 1 }), pieces }),
  fc.record({
    op: fc.constant('change' as const),
    place: fc.nat({ max: 2 }),
    variant: fc.nat({ max: 1 }),
    pieces: fc.integer({ min: -15, max: 15 }),
  }),
  fc.record({ op: fc.constant('move' as const), two, to: fc.integer({ min: 1, max: 2 }), pieces }),
  fc.record({
    op: fc.constant('confirm' as const),
    pieces: fc.tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 0, max: 15 })),
    due: fc.constantFrom('2026-04-01', '2026-05-01', null),
  }),
  fc.record({ op: fc.constant('start' as const), which: fc.nat({ max: 30 }), allow: fc.boolean() }),
  fc.record({ op: fc.constant('cancel' as const), which: fc.nat({ max: 30 }), gives: fc.boolean() }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
};

/** One step in both; what each says to it. */
async function take(plain: PlainStock, variants: readonly string[], given: Step): Promise<[string, string]> {
  const variant = (n: number) => variants[n] ?? '';
  const place = (n: number) => places[n % places.length] ?? '';
  const said = (ok: boolean, otherwise: string) => (ok ? 'done' : otherwise);
  switch (given.op) {
    case 'count': {
      const line = { variant_id: variant(given.variant), counted: String(given.pieces) };
      plain.count(line.variant_id, place(given.place), given.pieces);
      return [await refusal(room.adjust(place(given.place), [line])), 'done'];
    }
    case 'change': {
      const line = { variant_id: variant(given.variant), delta: String(given.pieces) };
      const there = plain.has(line.variant_id, place(given.place)) + given.pieces;
      const is = plain.count(line.variant_id, place(given.place), there);
      return [await refusal(room.adjust(place(given.place), [line])), said(is, 'stock_short')];
    }
    case 'move': {
      const [from, to] = [place(given.two[0]), place(given.two[0] + given.to)];
      const line = { variant_id: variant(given.two[1]), quantity: String(given.pieces) };
      const done = refusal(room.transfer(from, to, [line]));
      if (given.pieces === 0) return [await done, 'validation_failed'];
      return [await done, said(plain.move(line.variant_id, from, to, given.pieces), 'stock_short')];
    }
    case 'confirm': {
      const wanted = given.pieces.flatMap((n, index): [string, number][] => (n > 0 ? [[variant(index), n]] : []));
      const { id } = await room.order(Object.fromEntries(wanted), given.due);
      plain.confirm(id, given.due, new Map(wanted));
      return ['done', 'done'];
    }
    case 'start': {
      const open = plain.orders.filter(({ status }) => status === 'confirmed');
      const order = open[given.which % open.length];
      if (!order) return ['done', 'done'];
      const done = refusal(orders.start(ctxOf(), order.id, { allow_short: given.allow }));
      if (plain.isShort(order) && !given.allow) return [await done, 'stock_short'];
      plain.start(order);
      return [await done, 'done'];
    }
    case 'cancel': {
      const open = plain.orders.filter(({ status }) => status !== 'cancelled');
      const order = open[given.which % open.length];
      if (!order) return ['done', 'done'];
      plain.cancel(order, given.gives);
      const consumed = given.gives ? 'return' : 'write_off';
      return [await refusal(orders.cancel(ctxOf(), order.id, { reason, consumed })), 'done'];
    }
  }
}

const selectState = statement<{ key: string; on_hand: number; reserved: number }>(
  'test.ledger_state',
  `select concat(variant_id, ' ', location_id) as key, on_hand::float8 as on_hand, reserved::float8 as reserved
    from erp_stock_levels where variant_id = any ($1::uuid[]) and (on_hand <> 0 or reserved <> 0)
  union all
  select concat(l.order_id, ' ', s.variant_id), s.open_quantity::float8, s.reserved_quantity::float8
    from erp_order_line_sizes s join erp_order_lines l on l.id = s.order_line_id
    where s.variant_id = any ($1::uuid[]) and s.open_quantity > 0`,
  { parse: { on_hand: Number, reserved: Number } },
);
async function stored(variants: readonly string[]): Promise<string[]> {
  const rows = await whole.db.leased.query(selectState, [variants]);
  return rows.map(({ key, on_hand, reserved }) => `${key}: ${on_hand}, ${reserved}`).sort();
}
function expected(plain: PlainStock, variants: readonly string[]): string[] {
  const levels = variants.flatMap((variant) =>
    places.map((place) => [`${variant} ${place}`, plain.has(variant, place), plain.reserved(variant, place)] as const),
  );
  const needs = plain.orders.flatMap((order: PlainOrder) =>
    [...order.open].map(
      ([variant, open]) => [`${order.id} ${variant}`, open, open - plain.short(order, variant)] as const,
    ),
  );
  return [
    ...levels.filter(([, here, reserved]) => here !== 0 || reserved !== 0),
    ...needs.filter(([, open]) => open > 0),
  ]
    .map(([key, a, b]) => `${key}: ${a}, ${b}`)
    .sort();
}

t.test('whatever is done, the ledger is what a plain model says, and proves itself', async (t) => {
  let steps = 0;
  let refused = 0;
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 25, maxLength: 45 }), async (given) => {
      // Variants of its own for each run, so that each begins with nothing.
      const variants = room.variants.slice(2 * runs, 2 * runs + 2).map(({ id }) => id);
      runs += 1;
      const plain = new PlainStock(places);
      for (const each of given) {
        const [is, should] = await take(plain, variants, each);
        const now = await stored(variants);
        const differs = is !== should || JSON.stringify(now) !== JSON.stringify(expected(plain, variants));
        if (differs) {
          throw new Error(
            `after ${JSON.stringify(each)}: ${is}, not ${should};\n${now.join('\n')}\nnot\n${expected(plain, variants).join('\n')}`,
          );
        }
        steps += 1;
        if (is !== 'done') refused += 1;
      }
      const { differences } = await room.check(whole);
      if (differences.length > 0) throw new Error(JSON.stringify(differences));
    }),
    // Each try to shrink a fault takes variants of its own; there are enough for these.
    { numRuns: 6, endOnFailure: true },
  );
  t.same(await stockFaults(whole), []);
  t.ok(refused > 0 && refused < steps);
  t.comment(`measured: ${steps} steps, of which ${refused} were refused`);
});

const selectBalance = statement<{ variant_id: string; kind: string; balance: string }>(
  'test.ledger_balance',
  `select e.variant_id, l.kind, sum(e.quantity)::text as balance from (
    select variant_id, to_location_id as location_id, quantity from erp_stock_moves
    union all select variant_id, from_location_id, -quantity from erp_stock_moves
  ) e join erp_stock_locations l on l.id = e.location_id
  where l.kind = 'transit' group by e.variant_id, l.kind having sum(e.quantity) <> 0`,
);

t.test('nothing stays between a workspace and the organization', async (t) => {
  t.same(await whole.db.leased.query(selectBalance), []);
});
