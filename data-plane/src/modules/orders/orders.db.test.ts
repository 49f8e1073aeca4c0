import { statement } from '@platen/chassis/db/statement';
import { noStats } from '@platen/chassis/db/types';
import { orderPayments } from '@platen/schema/contracts/data/order-payments';
import { Order, orders as orderContracts } from '@platen/schema/contracts/data/orders';
import t from 'tap';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { harbor, openSales, read, type Sales } from '../../test/sales.fixture.js';

type OrderBody = Static<typeof Order>;
type Paid = Static<typeof orderPayments.create.response>;

const basket = statement<{ customer: string; product: string; variant: string }>(
  'test.basket',
  `select (select id from erp_customers where not tax_exempt order by code limit 1) as customer, p.id as product,
    (select id from erp_product_variants where product_id = p.id order by sku limit 1) as variant
  from erp_products p order by code limit 1`,
);

async function draftOrder({ quotes, ctxOf }: Sales): Promise<OrderBody> {
  const [row] = await ctxOf().db.leased.query(basket);
  if (!row) throw new Error('no seeds');
  const lines = [{ product_id: row.product, sizes: [{ variant_id: row.variant, quantity: 30 }] }];
  const { id } = read<{ id: string }>(await quotes.create(ctxOf(), { customer_id: row.customer, lines }));
  await quotes.send(ctxOf(), id);
  await quotes.accept(ctxOf(), id);
  return read(await quotes.convert(ctxOf(), id, null));
}

const pay = (kind: 'payment' | 'refund', amount: string, currency = 'EUR') => ({
  kind,
  method: 'cash' as const,
  amount: { amount, currency },
});
const cents = (amount: string) => Math.round(Number(amount) * 100);
const text = (amount: number) => (amount / 100).toFixed(2);

t.test('confirm, pay, refund', async (t) => {
  const sales = await openSales(t);
  const { orders, ctxOf } = sales;
  const draft = await draftOrder(sales);
  await t.rejects(orders.payments.create(ctxOf(), draft.id, pay('payment', '1')), {
    code: 'illegal_transition',
    extensions: { allowed: ['confirmed', 'in_production', 'ready', 'shipped', 'completed'] },
  });
  await t.rejects(orders.confirm(ctxOf({ ifMatch: 7 }), draft.id), { code: 'version_mismatch' });
  const stats = noStats();
  const confirmed = read<OrderBody>(await orders.confirm(ctxOf({ stats, ifMatch: 1 }), draft.id));
  t.equal(stats.roundTrips, 3, 'lock, number, commit');
  t.ok(Value.Check(Order, confirmed));
  t.match(confirmed, { status: 'confirmed', version: 2, number: /^SO-2026-\d{5}$/ });
  t.same(read(await orders.get(ctxOf(), draft.id)), confirmed);
  await t.rejects(orders.confirm(ctxOf(), draft.id), { code: 'illegal_transition' });
  await t.rejects(orders.get(ctxOf({ workspaceId: harbor }), draft.id), { code: 'not_found' });
  await t.rejects(orders.payments.list(ctxOf({ workspaceId: harbor }), draft.id, {}), { code: 'not_found' });

  const total = cents(confirmed.total.amount);
  const half = Math.floor(total / 2);
  const first = read<Paid>(await orders.payments.create(ctxOf(), draft.id, pay('payment', text(half))));
  t.ok(Value.Check(orderPayments.create.response, first));
  t.match(first, { payment: { order_id: draft.id }, order: { payment_status: 'partial', version: 3 } });
  await t.rejects(orders.payments.create(ctxOf(), draft.id, pay('payment', text(total))), {
    code: 'payment_exceeds_balance',
  });
  await t.rejects(orders.payments.create(ctxOf(), draft.id, pay('refund', text(half + 1))), {
    code: 'refund_exceeds_paid',
  });
  await t.rejects(orders.payments.create(ctxOf(), draft.id, pay('payment', '1', 'USD')), { code: 'currency_mismatch' });
  await t.rejects(orders.payments.create(ctxOf(), draft.id, pay('payment', '0')), { code: 'amount_out_of_range' });
  await t.rejects(orders.payments.create(ctxOf(), draft.id, pay('payment', '0.001')), { code: 'amount_out_of_range' });
  t.match(read(await orders.payments.create(ctxOf(), draft.id, pay('payment', text(total - half)))), {
    order: { payment_status: 'paid' },
  });
  t.match(read(await orders.payments.create(ctxOf(), draft.id, pay('refund', text(total)))), {
    order: { payment_status: 'refunded' },
  });
  const page = read<Static<typeof orderPayments.list.response>>(await orders.payments.list(ctxOf(), draft.id, {}));
  t.ok(Value.Check(orderPayments.list.response, page));
  t.same(
    page.items.map((item) => item.kind),
    ['payment', 'payment', 'refund'],
  );
});

t.test('payments at the same time never exceed the total', async (t) => {
  const sales = await openSales(t);
  const { orders, ctxOf } = sales;
  const { id, total } = await draftOrder(sales);
  await orders.confirm(ctxOf(), id);
  const third = text(Math.ceil(cents(total.amount) / 3) + 1);
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, () => orders.payments.create(ctxOf(), id, pay('payment', third))),
  );
  t.equal(results.filter((result) => result.status === 'fulfilled').length, 2);
});

t.test('hot reads go by index, as the application', async (t) => {
  const sales = await openSales(t, 60);
  const { orders, ctxOf } = sales;
  const page = read<Static<typeof orderContracts.list.response>>(await orders.list(ctxOf(), { limit: 5 }));
  t.ok(Value.Check(orderContracts.list.response, page));
  t.equal(page.items.length, 5);
  const id = page.items[0]?.id ?? '';
  const stats = noStats();
  await orders.get(ctxOf({ stats }), id);
  t.equal(stats.roundTrips, 1);
  const plans = await ctxOf().db.transaction(async (tx) => {
    await tx.query(statement('test.no_seqscan', 'set local enable_seqscan = off'));
    const explain = (name: string, sql: string) =>
      tx.query(statement<{ 'QUERY PLAN': string }>(`test.explain_${name}`, `explain (costs off) ${sql}`));
    return Promise.all([
      explain('get', `select * from erp_orders o where id = '${id}'`),
      explain('lines', `select * from erp_order_lines l where l.order_id = '${id}' order by position`),
      explain(
        'list',
        `select * from erp_orders t where (created_at, id) < (now(), '${id}') order by created_at desc, id desc limit 50`,
      ),
    ]);
  });
  const [get, lines, list] = plans.map((rows) => rows.map((row) => row['QUERY PLAN']).join('\n'));
  t.match(get, /Index Cond:.*organization_id.*id = /);
  t.match(lines, /Index Cond:.*organization_id.*order_id = /);
  t.match(list, /Index Scan Backward using erp_orders_created_idx/);
  t.match(list, /Index Cond:.*ROW\(created_at, id\)/);
  t.notMatch(list, /Sort/);
});
