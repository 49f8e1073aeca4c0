import { statement } from '@platen/chassis/db/statement';
import { noStats } from '@platen/chassis/db/types';
import { createChecker } from '@platen/chassis/validation/checker';
import { purchaseReceipts as contracts } from '@platen/schema/contracts/data/purchase-receipts';
import { PurchaseOrderReceived } from '@platen/schema/events/purchase-order';
import t from 'tap';
import { Value } from 'typebox/value';
import type { OrderBody } from '../../../test/orders.fixture.js';
import { harbor, read } from '../../../test/sales.fixture.js';
import { levelsOf, stockFaults } from '../../../test/stock.fixture.js';
import { openBuying, type PurchaseOrderBody, type ReceiptBody } from '../buying.fixture.js';

const buying = await openBuying(t);
const { receipts, receiptsWithin, purchaseOrders, ctxOf, approved, variants, sales } = buying;
const { m, l, hoodie } = variants;
const line = (order: PurchaseOrderBody, quantity: string, at = 0) => ({
  purchase_order_line_id: order.lines[at]?.id ?? '',
  quantity,
});
/** A receipt of the first line. */
const receive = async (order: PurchaseOrderBody, quantity: string, by = receipts): Promise<ReceiptBody> =>
  read(await by.create(ctxOf(), order.id, { lines: [line(order, quantity)] }));
const allowed = (quantity: string) => ({
  code: 'over_receipt',
  extensions: { lines: [{ allowed_quantity: quantity }] },
});

const receivedEvents = statement<{ payload: object }>(
  'test.received_events',
  `select payload from outbox_events where type = 'erp.purchase_order.received' and right(key, 36) = $1 order by seq`,
  { parse: { payload: 'json' } },
);

t.test('in parts: state, quantities, stock, event; five round trips', async (t) => {
  const order = await approved({ [m]: '10', [l]: '4' });
  const stats = noStats();
  const body = { lines: [line(order, '6')], reference: ' DN-1 ', received_on: '2026-02-27' };
  const first = read<ReceiptBody>(await receipts.create(ctxOf({ stats, ifMatch: order.version }), order.id, body));
  t.equal(stats.roundTrips, 5, 'lock; who waits; their stock; the receipt; commit');
  t.ok(Value.Check(contracts.create.response, first));
  t.match(first, {
    receipt: { reference: 'DN-1', received_on: '2026-02-27', lines: [{ quantity: '6' }] },
    purchase_order: {
      status: 'partially_received',
      version: order.version + 1,
      lines: [{ received_quantity: '6' }, { received_quantity: '0' }],
    },
  });
  t.match(await levelsOf(ctxOf()), { [m]: [6, 0] });
  await t.rejects(purchaseOrders.cancel(ctxOf(), order.id, 'x'), { code: 'illegal_transition' });
  await t.rejects(receipts.create(ctxOf({ ifMatch: order.version }), order.id, body), { code: 'version_mismatch' });
  const rest = { lines: [line(order, '4'), line(order, '4', 1)] };
  t.match(read(await receipts.create(ctxOf(), order.id, rest)), { purchase_order: { status: 'received' } });
  t.match(await levelsOf(ctxOf()), { [m]: [10, 0], [l]: [4, 0] });
  const page = read<{ items: ReceiptBody['receipt'][] }>(await receipts.list(ctxOf(), order.id, {}));
  t.ok(Value.Check(contracts.list.response, page));
  t.same(page.items[0], first.receipt, 'oldest first, as it was answered');
  const events = await ctxOf().db.leased.query(receivedEvents, [order.id]);
  t.match(
    events.map(({ payload }) => payload),
    [{ status: 'partially_received' }, { status: 'received', receipt_id: page.items[1]?.id }],
  );
  for (const { payload } of events) t.ok(createChecker(PurchaseOrderReceived).check(payload));
  t.match(read(await purchaseOrders.close(ctxOf(), order.id)), { status: 'closed' });
  await t.rejects(receive(order, '1'), { code: 'illegal_transition' });
  t.same(await stockFaults(ctxOf()), []);
});

t.test('what is refused leaves nothing behind', async (t) => {
  const order = await approved({ [hoodie]: '5' });
  const other = await approved({ [hoodie]: '5' });
  const create = (body: Parameters<typeof receipts.create>[2], options = {}) =>
    receipts.create(ctxOf(options), order.id, body);
  for (const [refused, code] of [
    [() => create({ lines: [line(other, '1')] }), 'unknown_reference'],
    [() => create({ lines: [line(order, '1'), line(order, '1')] }), 'validation_failed'],
    [() => create({ lines: [line(order, '0.0')] }), 'amount_out_of_range'],
    [() => create({ lines: [line(order, '1')], location_id: order.id }), 'unknown_reference'],
    [() => create({ lines: [line(order, '1')] }, { workspaceId: harbor }), 'not_found'],
  ] as const) {
    await t.rejects(refused, { code });
  }
  const draft = await buying.draft({ [hoodie]: '5' });
  await t.rejects(receive(draft, '1'), { code: 'illegal_transition', extensions: { current: 'draft' } });
  t.notOk((await levelsOf(ctxOf()))[hoodie]);
});

t.test('more than ordered: to the tolerance and not a ten-thousandth beyond', async (t) => {
  const none = await approved({ [m]: '10' });
  await t.rejects(receive(none, '10.0001'), allowed('10'));
  await receive(none, '10');
  await t.rejects(receive(none, '0.0001'), allowed('0'));

  const five = receiptsWithin('5.00');
  const order = await approved({ [m]: '10' });
  await t.rejects(receive(order, '10.5001', five), allowed('10.5'));
  t.match(await receive(order, '10', five), { purchase_order: { status: 'received' } });
  await t.rejects(receive(order, '0.5001', five), allowed('0.5'));
  t.match(await receive(order, '0.5', five), { purchase_order: { lines: [{ received_quantity: '10.5' }] } });
  await t.rejects(receive(order, '0.0001', five), allowed('0'));

  // 33.3333 with 2.75 % is 34.24996575: what no quantity can say is not rounded up.
  const fraction = receiptsWithin('2.75');
  const odd = await approved({ [m]: '33.3333' });
  await t.rejects(receive(odd, '34.25', fraction), allowed('34.2499'));
  await receive(odd, '34.2499', fraction);
});

t.test('deliveries at once never pass the tolerance together', async (t) => {
  const order = await approved({ [l]: '10' });
  const instances = [sales.connect(), sales.connect()];
  const five = receiptsWithin('5');
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) => {
      const on = instances[index % 2];
      return five.create(ctxOf(on ? { on } : {}), order.id, { lines: [line(order, '3.5')] });
    }),
  );
  t.equal(results.filter(({ status }) => status === 'fulfilled').length, 3);
  for (const each of results) if (each.status === 'rejected') t.match(each.reason, allowed('0'));
  t.match(read(await purchaseOrders.get(ctxOf(), order.id)), {
    status: 'received',
    lines: [{ received_quantity: '10.5' }],
  });
  t.same(await stockFaults(ctxOf()), []);
});

t.test('what comes is promised to the order that is due first', async (t) => {
  const { orders } = sales;
  const confirmed = async (due_on: string | null) => {
    const [, hoodies] = buying.basket.lines;
    if (!hoodies) throw new Error('no hoodies');
    const made = await orders.create(ctxOf(), { ...buying.basket, lines: [hoodies], due_on });
    return read<OrderBody>(await orders.confirm(ctxOf(), read<OrderBody>(made).id)).id;
  };
  const [whenever, late, soon] = [await confirmed(null), await confirmed('2026-05-01'), await confirmed('2026-04-01')];
  const reserved = statement<{ order_id: string; reserved: number }>(
    'test.reserved_of_orders',
    `select l.order_id, sum(s.reserved_quantity)::float8 as reserved from erp_order_lines l
    join erp_order_line_sizes s on s.order_line_id = l.id where l.order_id = any ($1::uuid[]) group by l.order_id`,
    { parse: { reserved: Number } },
  );
  const promises = async () => {
    const rows = await ctxOf().db.leased.query(reserved, [[soon, late, whenever]]);
    return [soon, late, whenever].map((id) => rows.find((row) => row.order_id === id)?.reserved);
  };
  t.same(await promises(), [0, 0, 0]);
  const order = await approved({ [hoodie]: '30' });
  await receive(order, '9');
  t.same(await promises(), [7, 2, 0], 'each needs seven');
  await receive(order, '13');
  t.same(await promises(), [7, 7, 7]);
  t.match(await levelsOf(ctxOf()), { [hoodie]: [22, 21] });
  t.same(await stockFaults(ctxOf()), []);
});

const idle = statement<{ variant_id: string }>(
  'test.idle_stock',
  `select distinct s.variant_id from erp_order_line_sizes s join erp_stock_levels v on v.variant_id = s.variant_id
  where s.open_quantity > s.reserved_quantity and v.on_hand > v.reserved`,
);

t.test('deliveries and confirmations of the same variants at once', async (t) => {
  for (const round of [1, 2, 3]) {
    const before = (await levelsOf(ctxOf()))[m]?.[0] ?? 0;
    const bought = await Promise.all([
      approved({ [m]: '20', [l]: '20' }),
      approved({ [l]: '20', [m]: '20' }),
      approved({ [m]: '20', [l]: '20' }),
    ]);
    const sold = await Promise.all(
      Array.from({ length: 4 }, async () => read<OrderBody>(await sales.orders.create(ctxOf(), buying.basket)).id),
    );
    const results = await Promise.allSettled([
      ...bought.flatMap((order) =>
        [0, 1].map(() => receipts.create(ctxOf(), order.id, { lines: [line(order, '10', 1), line(order, '10')] })),
      ),
      ...sold.map((id) => sales.orders.confirm(ctxOf(), id)),
    ]);
    t.same(
      results.filter(({ status }) => status === 'rejected'),
      [],
      `round ${round}: nobody waits in a circle`,
    );
    t.equal((await levelsOf(ctxOf()))[m]?.[0], before + 60, 'nothing is lost');
    t.same(await ctxOf().db.leased.query(idle), [], 'nothing lies there that somebody lacks');
  }
  t.same(await stockFaults(ctxOf()), []);
});

t.test('a tenant without stock counts what comes, and nothing else', async (t) => {
  const order = await approved({ [m]: '3' });
  const before = await levelsOf(ctxOf());
  const made = await receipts.create(ctxOf({ hasStock: false }), order.id, { lines: [line(order, '3')] });
  t.match(read(made), { purchase_order: { status: 'received' } });
  t.same(await levelsOf(ctxOf()), before);
});
