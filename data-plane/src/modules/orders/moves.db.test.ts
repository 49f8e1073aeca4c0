import { statement } from '@platen/chassis/db/statement';
import { noStats } from '@platen/chassis/db/types';
import { createChecker } from '@platen/chassis/validation/checker';
import { orders as contracts, Order } from '@platen/schema/contracts/data/orders';
import { orderEvents } from '@platen/schema/events/order';
import t from 'tap';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { cents, confirmedOrder, euros, type OrderBody, orderBasket, pay } from '../../test/orders.fixture.js';
import { harbor, openSales, read, userId } from '../../test/sales.fixture.js';
import type { TenantCtx } from '../module.js';

const sales = await openSales(t);
const { orders, ctxOf } = sales;
type Page = Static<typeof contracts.history.response>;

const eventsOf = statement<{ type: keyof typeof orderEvents; topic: string; key: string; payload: object }>(
  'test.order_events',
  'select type, topic, key, payload from outbox_events where right(key, 36) = $1 order by seq',
  { parse: { payload: 'json' } },
);

t.test('from draft to completed, each move once, with its event and its place in the history', async (t) => {
  const made = read<OrderBody>(await orders.create(ctxOf(), await orderBasket(sales)));
  const steps = [
    ['confirm', 'confirmed'],
    ['start', 'in_production'],
    ['ready', 'ready'],
    ['ship', 'shipped'],
    ['complete', 'completed'],
  ] as const;
  let version = 1;
  for (const [move, status] of steps) {
    const stale = ctxOf({ ifMatch: version + 1 });
    await t.rejects(orders[move](stale, made.id), { code: 'version_mismatch', extensions: { version } });
    const stats = noStats();
    const moved = read<OrderBody>(await orders[move](ctxOf({ stats, ifMatch: version }), made.id));
    version += 1;
    t.equal(stats.roundTrips, move === 'ready' ? 4 : 3, `${move}: lock, jobs of what is ready, move, commit`);
    t.ok(Value.Check(Order, moved));
    t.match(moved, { status, version, number: /^SO-2026-\d{5}$/ });
    t.same(read(await orders.get(ctxOf(), made.id)), moved);
    // Once: the second of two clicks finds the order moved on.
    await t.rejects(orders[move](ctxOf(), made.id), { code: 'illegal_transition' });
  }
  await t.rejects(orders.cancel(ctxOf(), made.id, { reason: 'too late' }), {
    code: 'illegal_transition',
    extensions: { current: 'completed', allowed: [] },
  });

  const first = read<Page>(await orders.listHistory(ctxOf(), made.id, { limit: 4 }));
  t.ok(Value.Check(contracts.history.response, first));
  const rest = read<Page>(await orders.listHistory(ctxOf(), made.id, { cursor: first.next_cursor ?? '' }));
  const path = ['draft', ...steps.map(([, status]) => status)];
  const history = [...first.items, ...rest.items];
  t.same(
    history.map(({ from, to, changed_by, reason }) => ({ from, to, changed_by, reason })),
    path.map((to, index) => ({ from: path[index - 1] ?? null, to, changed_by: userId, reason: null })),
  );

  const events = await ctxOf().db.leased.query(eventsOf, [made.id]);
  t.same(
    events.map(({ type }) => type),
    ['created', 'confirmed', 'started', 'ready', 'shipped', 'completed'].map((name) => `erp.order.${name}`),
  );
  for (const { type, topic, payload } of events) {
    t.equal(topic, 'erp.order');
    t.ok(createChecker(orderEvents[type]).check(payload), `${type} is as its schema says`);
  }
});

t.test('no work before the deposit is paid', async (t) => {
  const order = await confirmedOrder(sales, { deposit_due: { amount: '40', currency: 'EUR' } });
  const missing = (amount: string) => ({
    code: 'deposit_unpaid',
    extensions: { missing: { amount, currency: 'EUR' } },
  });
  await t.rejects(orders.start(ctxOf(), order.id), missing('40.0000'));
  await orders.payments.create(ctxOf(), order.id, pay('payment', '39.99'));
  await t.rejects(orders.start(ctxOf(), order.id), missing('0.0100'));
  await orders.payments.create(ctxOf(), order.id, pay('payment', '10'));
  await orders.payments.create(ctxOf(), order.id, pay('refund', '10'));
  await t.rejects(orders.start(ctxOf(), order.id), missing('0.0100'), 'what was refunded is not paid');
  await orders.payments.create(ctxOf(), order.id, pay('payment', '0.01'));
  t.match(read(await orders.start(ctxOf(), order.id)), { status: 'in_production', payment_status: 'partial' });
});

t.test('cancelled: the reason is kept, the payments stay until they are refunded', async (t) => {
  const order = await confirmedOrder(sales);
  const total = cents(order.total.amount);
  await orders.payments.create(ctxOf(), order.id, pay('payment', euros(total)));
  await orders.start(ctxOf(), order.id);
  const cancelled = read<OrderBody>(await orders.cancel(ctxOf(), order.id, { reason: 'The club folded' }));
  t.match(cancelled, { status: 'cancelled', payment_status: 'paid', number: order.number });
  const { items } = read<Page>(await orders.listHistory(ctxOf(), order.id, {}));
  t.match(items.at(-1), { from: 'in_production', to: 'cancelled', reason: 'The club folded', changed_by: userId });
  const events = await ctxOf().db.leased.query(eventsOf, [order.id]);
  const event = events.find(({ type }) => type === 'erp.order.cancelled');
  t.same(event?.payload, {
    order_id: order.id,
    number: order.number,
    from: 'in_production',
    reason: 'The club folded',
  });

  await t.rejects(orders.payments.create(ctxOf(), order.id, pay('payment', '1')), { code: 'illegal_transition' });
  const refund = (amount: number) => orders.payments.create(ctxOf(), order.id, pay('refund', euros(amount)));
  t.match(read(await refund(total - 1)), { order: { payment_status: 'partial', status: 'cancelled' } });
  await t.rejects(refund(2), { code: 'refund_exceeds_paid' });
  t.match(read(await refund(1)), { order: { payment_status: 'refunded' } });
  await t.rejects(refund(1), { code: 'refund_exceeds_paid' });

  const draft = read<OrderBody>(await orders.create(ctxOf(), await orderBasket(sales)));
  t.match(read(await orders.cancel(ctxOf(), draft.id, { reason: 'A mistake' })), { status: 'cancelled', number: null });
});

t.test('two at one order: one wins, nothing is lost', async (t) => {
  const order = await confirmedOrder(sales);
  const seen = { ifMatch: order.version };
  const results = await Promise.allSettled([
    orders.start(ctxOf(seen), order.id),
    orders.cancel(ctxOf(seen), order.id, { reason: 'Changed our minds' }),
    orders.start(ctxOf(seen), order.id),
    orders.cancel(ctxOf(seen), order.id, { reason: 'Changed our minds' }),
  ]);
  const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
  t.same(refusals, Array(3).fill('version_mismatch'));
  const { items } = read<Page>(await orders.listHistory(ctxOf(), order.id, {}));
  t.equal(items.length, 3, 'the history has the one move that won');
  const after = read<OrderBody>(await orders.get(ctxOf(), order.id));
  t.match(after, { version: order.version + 1, status: items.at(-1)?.to });

  const draft = read<OrderBody>(await orders.create(ctxOf(), await orderBasket(sales)));
  const edits = await Promise.allSettled(
    ['2026-05-01', '2026-06-01', '2026-07-01'].map((due_on) =>
      orders.update(ctxOf({ ifMatch: 1 }), draft.id, { due_on }),
    ),
  );
  t.equal(edits.filter(({ status }) => status === 'fulfilled').length, 1);
  t.equal(read<OrderBody>(await orders.get(ctxOf(), draft.id)).lines.length, draft.lines.length);
});

t.test('an order of another workspace is not there', async (t) => {
  const order = await confirmedOrder(sales);
  const there = ctxOf({ workspaceId: harbor });
  const calls: Record<string, (ctx: TenantCtx) => Promise<unknown>> = {
    get: (ctx) => orders.get(ctx, order.id),
    update: (ctx) => orders.update(ctx, order.id, { due_on: null }),
    confirm: (ctx) => orders.confirm(ctx, order.id),
    start: (ctx) => orders.start(ctx, order.id),
    ready: (ctx) => orders.ready(ctx, order.id),
    ship: (ctx) => orders.ship(ctx, order.id),
    complete: (ctx) => orders.complete(ctx, order.id),
    cancel: (ctx) => orders.cancel(ctx, order.id, { reason: 'Not ours' }),
    history: (ctx) => orders.listHistory(ctx, order.id, {}),
    payments: (ctx) => orders.payments.list(ctx, order.id, {}),
    pay: (ctx) => orders.payments.create(ctx, order.id, pay('payment', '1')),
  };
  for (const [name, call] of Object.entries(calls)) await t.rejects(call(there), { code: 'not_found' }, name);
  const listed = read<{ items: { id: string }[] }>(await orders.list(there, { limit: 200 }));
  t.same(listed.items, []);
  t.same(read(await orders.get(ctxOf(), order.id)), order);
});
