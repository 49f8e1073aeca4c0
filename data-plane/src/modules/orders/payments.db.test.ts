import { statement } from '@platen/chassis/db/statement';
import { orderPayments } from '@platen/schema/contracts/data/order-payments';
import t from 'tap';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { cents, confirmedOrder, euros, orderBasket, pay } from '../../test/orders.fixture.js';
import { openSales, read } from '../../test/sales.fixture.js';

const sales = await openSales(t);
const { orders, ctxOf } = sales;
type Paid = Static<typeof orderPayments.create.response>;
type Page = Static<typeof orderPayments.list.response>;

t.test('paid in parts, refunded in parts', async (t) => {
  const draft = read<{ id: string }>(await orders.create(ctxOf(), await orderBasket(sales)));
  await t.rejects(orders.payments.create(ctxOf(), draft.id, pay('payment', '1')), {
    code: 'illegal_transition',
    extensions: { allowed: ['confirmed', 'in_production', 'ready', 'shipped', 'completed'] },
  });
  const order = await confirmedOrder(sales);
  const record = async (kind: 'payment' | 'refund', amount: string, currency?: string) =>
    read<Paid>(await orders.payments.create(ctxOf(), order.id, pay(kind, amount, currency)));
  const total = cents(order.total.amount);
  const half = Math.floor(total / 2);
  const first = await record('payment', euros(half));
  t.ok(Value.Check(orderPayments.create.response, first));
  t.match(first, { payment: { order_id: order.id }, order: { payment_status: 'partial', version: 3 } });
  await t.rejects(record('payment', euros(total)), { code: 'payment_exceeds_balance' });
  await t.rejects(record('refund', euros(half + 1)), { code: 'refund_exceeds_paid' });
  await t.rejects(record('payment', '1', 'USD'), { code: 'currency_mismatch' });
  await t.rejects(record('payment', '0'), { code: 'amount_out_of_range' });
  await t.rejects(record('payment', '0.001'), { code: 'amount_out_of_range' });
  t.match(await record('payment', euros(total - half)), { order: { payment_status: 'paid' } });
  t.match(await record('refund', euros(half)), { order: { payment_status: 'partial' } });
  t.match(await record('refund', euros(total - half)), { order: { payment_status: 'refunded' } });
  t.match(await record('payment', euros(total)), { order: { payment_status: 'paid' } }, 'paid again');
  const page = read<Page>(await orders.payments.list(ctxOf(), order.id, {}));
  t.ok(Value.Check(orderPayments.list.response, page));
  t.same(
    page.items.map((item) => item.kind),
    ['payment', 'payment', 'refund', 'refund', 'payment'],
  );
  await t.rejects(orders.payments.create(ctxOf({ ifMatch: 1 }), order.id, pay('refund', '1')), {
    code: 'version_mismatch',
  });
});

const sums = statement<{ paid: string }>(
  'test.paid',
  `select coalesce(sum(case kind when 'payment' then amount else -amount end), 0)::text as paid
  from erp_order_payments where order_id = $1`,
);

t.test('twenty at once never exceed the total, nor what was paid', async (t) => {
  const order = await confirmedOrder(sales);
  const total = cents(order.total.amount);
  // Seven fit.
  const part = Math.floor(total / 7);
  const other = sales.connect();
  const at = (index: number) => ctxOf(index % 2 === 0 ? {} : { on: other });
  const twenty = async (kind: 'payment' | 'refund') => {
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => orders.payments.create(at(n), order.id, pay(kind, euros(part)))),
    );
    const codes = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    const [row] = await ctxOf().db.leased.query(sums, [order.id]);
    return { codes, paid: cents(row?.paid ?? '') };
  };
  const fits = Math.floor(total / part);
  t.same(await twenty('payment'), { codes: Array(20 - fits).fill('payment_exceeds_balance'), paid: fits * part });
  t.same(await twenty('refund'), { codes: Array(20 - fits).fill('refund_exceeds_paid'), paid: 0 });
  t.match(read(await orders.get(ctxOf(), order.id)), { payment_status: 'refunded', version: 2 + 2 * fits });
});
