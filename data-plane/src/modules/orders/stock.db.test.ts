import { statement } from '@platen/chassis/db/statement';
import { noStats } from '@platen/chassis/db/types';
import t from 'tap';
import { type OrderBody, orderBasket } from '../../test/orders.fixture.js';
import { openSales, read } from '../../test/sales.fixture.js';
import { levelsOf, stockFaults, stockUp, withStock } from '../../test/stock.fixture.js';
import type { TenantCtx } from '../module.js';

const sales = await openSales(t);
const { orders } = sales;
const ctxOf = (options?: Parameters<typeof sales.ctxOf>[0]): TenantCtx => withStock(sales.ctxOf(options));
const lines = (await orderBasket(sales)).lines;
const [m, l, hoodie] = lines.flatMap(({ sizes }) => sizes.map(({ variant_id }) => variant_id)) as [
  string,
  string,
  string,
];

const draft = async (): Promise<string> => read<OrderBody>(await orders.create(ctxOf(), await orderBasket(sales))).id;
const confirmed = async (): Promise<string> => read<OrderBody>(await orders.confirm(ctxOf(), await draft())).id;

const selectMoves = statement<{ kind: string; variant_id: string; quantity: number; from: string; to: string }>(
  'test.order_moves',
  `select m.kind, m.variant_id, m.quantity::float8 as quantity, f.kind as "from", t.kind as "to" from erp_stock_moves m
  join erp_stock_locations f on f.id = m.from_location_id join erp_stock_locations t on t.id = m.to_location_id
  where m.order_id = $1::uuid order by m.id`,
  { parse: { quantity: Number } },
);
const movesOf = (orderId: string) => ctxOf().db.leased.query(selectMoves, [orderId]);
const missing = (pieces: Record<string, string>) => ({
  code: 'stock_short',
  extensions: { missing: Object.entries(pieces).map(([variant_id, quantity]) => ({ variant_id, quantity })) },
});
/** What the order takes: 20 and 21 shirts, 7 hoodies. */
const needed: Record<string, number> = { [m]: 20, [l]: 21, [hoodie]: 7 };

t.test('confirmed, reserved, consumed, shipped', async (t) => {
  await stockUp(ctxOf(), needed);
  const stats = noStats();
  const id = await draft();
  await orders.confirm(ctxOf({ stats }), id);
  t.equal(stats.roundTrips, 4, 'lock, stock, number, commit');
  t.match(await levelsOf(ctxOf()), { [m]: [20, 20], [l]: [21, 21], [hoodie]: [7, 7] });
  t.same(await movesOf(id), [], 'a promise moves nothing');

  await orders.start(ctxOf(), id);
  t.match(await levelsOf(ctxOf()), { [m]: [0, 0], [l]: [0, 0], [hoodie]: [0, 0] });
  await orders.ready(ctxOf(), id);
  await orders.ship(ctxOf(), id);
  const moves = await movesOf(id);
  t.same(
    moves.map(({ kind, from, to }) => `${kind}: ${from} to ${to}`),
    [...Array(3).fill('consumption: internal to production'), ...Array(3).fill('shipment: production to customer')],
  );
  t.same(Object.fromEntries(moves.slice(3).map(({ variant_id, quantity }) => [variant_id, quantity])), needed);
  t.same(await stockFaults(ctxOf()), []);
});

t.test('a shortage: seen on starting, and begun all the same where somebody says so', async (t) => {
  await stockUp(ctxOf(), { [m]: 20, [l]: 1 });
  const id = await confirmed();
  t.match(await levelsOf(ctxOf()), { [m]: [20, 20], [l]: [1, 1], [hoodie]: [0, 0] });
  await t.rejects(orders.start(ctxOf(), id), missing({ [l]: '20.0000', [hoodie]: '7.0000' }));
  t.match(await levelsOf(ctxOf()), { [m]: [20, 20], [l]: [1, 1] }, 'a refusal takes nothing');
  await orders.start(ctxOf(), id, { allow_short: true });
  t.match(await levelsOf(ctxOf()), { [m]: [0, 0], [l]: [0, 0] });
  await t.rejects(orders.ready(ctxOf(), id), missing({ [l]: '20.0000', [hoodie]: '7.0000' }));
  await stockUp(ctxOf(), { [l]: 20, [hoodie]: 8 });
  t.match(read(await orders.ready(ctxOf(), id)), { status: 'ready' });
  t.match(await levelsOf(ctxOf()), { [l]: [0, 0], [hoodie]: [1, 0] }, 'the rest was taken at last');
  await orders.ship(ctxOf(), id);
  t.same(await stockFaults(ctxOf()), []);
  await stockUp(ctxOf(), {});
});

t.test('cancelling frees what was promised, for the order that waits', async (t) => {
  await stockUp(ctxOf(), { [m]: 20, [l]: 21, [hoodie]: 6 });
  const first = await confirmed();
  const late = read<OrderBody>(
    await orders.create(ctxOf(), { ...(await orderBasket(sales)), due_on: '2026-06-01' }),
  ).id;
  const soon = read<OrderBody>(
    await orders.create(ctxOf(), { ...(await orderBasket(sales)), due_on: '2026-04-01' }),
  ).id;
  await orders.confirm(ctxOf(), late);
  await orders.confirm(ctxOf(), soon);
  t.match(await levelsOf(ctxOf()), { [m]: [20, 20], [l]: [21, 21], [hoodie]: [7, 7] });
  await orders.cancel(ctxOf(), first, { reason: 'The club folded' });
  t.match(await levelsOf(ctxOf()), { [m]: [20, 20], [l]: [21, 21], [hoodie]: [7, 7] });
  await t.rejects(orders.start(ctxOf(), late), { code: 'stock_short' });
  t.match(read(await orders.start(ctxOf(), soon)), { status: 'in_production' }, 'the one that is due first has it');

  await orders.cancel(ctxOf(), soon, { reason: 'Changed their minds' });
  const kinds = (await movesOf(soon)).map(({ kind }) => kind);
  t.same(kinds, [...Array(3).fill('consumption'), ...Array(3).fill('give_back')]);
  t.match(await levelsOf(ctxOf()), { [m]: [20, 20], [l]: [21, 21], [hoodie]: [7, 7] }, 'given back, and promised on');
  t.match(read(await orders.start(ctxOf(), late)), { status: 'in_production' });
  await orders.cancel(ctxOf(), late, { reason: 'Water damage', consumed: 'write_off' });
  t.same(
    (await movesOf(late)).map(({ kind, to }) => `${kind} ${to}`),
    [...Array(3).fill('consumption production'), ...Array(3).fill('write_off loss')],
  );
  t.match(await levelsOf(ctxOf()), { [m]: [0, 0], [l]: [0, 0], [hoodie]: [0, 0] });
  t.same(await stockFaults(ctxOf()), []);
});

t.test('many confirm the last stock at once: none is promised twice, nobody waits in a circle', async (t) => {
  await stockUp(ctxOf(), { [m]: 50, [l]: 50, [hoodie]: 50 });
  const basket = await orderBasket(sales);
  const size = (variant_id: string, quantity: number) => ({ variant_id, quantity });
  const [shirt, sweater] = basket.lines;
  if (!shirt || !sweater) throw new Error('no basket');
  const made = await Promise.all(
    Array.from({ length: 24 }, async (_, n) => {
      // Each names the same variants in another order.
      const sizes = n % 2 ? [size(m, 4), size(l, 5)] : [size(l, 5), size(m, 4)];
      const two = [
        { product_id: shirt.product_id, sizes },
        { product_id: sweater.product_id, sizes: [size(hoodie, 6)] },
      ];
      const body = { ...basket, lines: n % 3 ? two : two.toReversed() };
      return read<OrderBody>(await orders.create(ctxOf(), body)).id;
    }),
  );
  await Promise.all(made.map((id) => orders.confirm(ctxOf(), id)));
  t.match(await levelsOf(ctxOf()), { [m]: [50, 50], [l]: [50, 50], [hoodie]: [50, 50] });
  t.same(await stockFaults(ctxOf()), []);
  const started = await Promise.allSettled(made.map((id) => orders.start(ctxOf(), id)));
  const codes = started.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
  t.ok(codes.every((code) => code === 'stock_short'));
  const cancelled = made.filter((_, n) => started[n]?.status === 'rejected');
  await Promise.all(cancelled.map((id) => orders.cancel(ctxOf(), id, { reason: 'no stock' })));
  const whole = made.length - cancelled.length;
  t.ok(whole > 0 && whole <= 8, `${whole} of 24 orders had all they need`);
  t.match(await levelsOf(ctxOf()), {
    [m]: [50 - 4 * whole, 0],
    [l]: [50 - 5 * whole, 0],
    [hoodie]: [50 - 6 * whole, 0],
  });
  t.same(await stockFaults(ctxOf()), []);
});
