import { test } from 'tap';
import { centsOf } from './money.js';
import type { VendorOrdersAnswer, VendorProductAnswer, VendorWriteAnswer } from './shapes.js';
import { allOrders, ask, post, startSite } from './site.fixture.js';

const orders = 'manage_orders/find';

test('The same seed makes the same site, another a different one, five thousand orders at once', async (t) => {
  const startedAt = performance.now();
  const big = await startSite(t, { orders: 5000, seed: 7 });
  t.comment(`measured: 5,000 orders in ${Math.round(performance.now() - startedAt)} ms`);
  const [again, other] = [await startSite(t, { orders: 5000, seed: 7 }), await startSite(t, { seed: 8 })];
  // As texts: a comparison that could say where they differ takes seconds for so many.
  t.ok(JSON.stringify(again.orders()) === JSON.stringify(big.orders()));
  t.strictNotSame(other.orders()[0], big.orders()[0]);
  t.equal(new Set(big.orders().map(({ id }) => id)).size, 5000);
});

test('Amounts add up exactly; the answer has floats that round to them', async (t) => {
  const site = await startSite(t, { orders: 60 });
  const { orders: rows } = await ask<VendorOrdersAnswer>(site, orders, allOrders);
  let spoilt = 0;
  for (const row of rows) {
    const order = site.order(row.order_id);
    const [item, shipping, tax, rush] = [
      row.item_amount,
      row.shipping_amount,
      row.tax_amount,
      row.rush_order_fee_amount,
    ];
    const less = row.discount_amount + row.coupon_discount_amount + row.gift_certificate_amount + row.credit_used;
    t.equal((item + shipping + tax + rush - less).toFixed(2), order.billableAmount);
    t.equal(row.billable_amount.toFixed(2), order.billableAmount);
    t.equal(row.taxes[0]?.amount.toFixed(4) ?? '0.0000', order.taxUnrounded);
    const lines = row.order_lines.reduce((sum, line) => sum + Math.round(line.total_price * 100), 0);
    t.equal(lines, centsOf(order.itemAmount));
    if (row.item_amount !== Number(order.itemAmount)) spoilt += 1;
  }
  t.ok(spoilt > 0, 'no float was off');
});

test('A page has a hundred rows at most, newest first, and the total', async (t) => {
  const site = await startSite(t, { orders: 130 });
  const [one, two] = [
    await ask<VendorOrdersAnswer>(site, orders, { ...allOrders, sortby: 1 }),
    await ask<VendorOrdersAnswer>(site, orders, { ...allOrders, sortby: 1, offset: 100 }),
  ];
  t.strictSame([one.orders.length, two.orders.length, one.total], [100, 30, 130]);
  t.strictSame(
    [...one.orders, ...two.orders].map((row) => row.order_id),
    site
      .orders()
      .map(({ id }) => id)
      .reverse(),
  );
});

test('Conditions are joined by AND, and refused by number', async (t) => {
  const site = await startSite(t);
  const code = async (parameters: Record<string, string | number>) =>
    (await ask<VendorOrdersAnswer>(site, orders, parameters)).response_status;
  const found = await ask<VendorOrdersAnswer>(site, orders, {
    'conditions[1][field]': 3,
    'conditions[1][condition]': 1,
    'conditions[1][string]': 'INV1003',
    'conditions[2][field]': 1,
    'conditions[2][condition]': 7,
    'conditions[2][date1]': '2000-01-01',
    'conditions[2][date2]': '2099-01-01 00:00:00',
  });
  t.strictSame(
    found.orders.map((row) => row.order_id),
    ['INV1003'],
  );
  t.equal((await code({})).code, 50002);
  t.strictSame(await code({ 'conditions[1][field]': 1 }), {
    code: 50003,
    severity: 'ERROR',
    description: "Condition 1 'condition' is missing",
  });
  t.equal((await code({ ...allOrders, date1: '2026-01-01T00:00:00Z' })).description, 'date1 is invalid');
  t.equal((await code({ ...allOrders, condition: 7 })).description, 'date2 is invalid');
  t.equal((await code({ ...allOrders, limit: 101 })).code, 50004);
  t.equal((await code({ ...allOrders, field: 77 })).code, 50005);
  t.equal((await code({ ...allOrders, password: 'wrong' })).code, 30001);
  site.setHabits({ apiEnabled: false });
  t.equal((await code(allOrders)).code, 31000);
});

test('Search fields 6 and 7 mean one thing or the other', async (t) => {
  const site = await startSite(t);
  const { id, modifiedAt } = site.changeOrder('INV1005', { jobName: 'Changed' });
  const ids = async (field: number) => {
    const answer = await ask<VendorOrdersAnswer>(site, orders, { field, condition: 1, date1: modifiedAt.slice(0, 19) });
    return answer.orders.map((row) => row.order_id);
  };
  t.strictSame([await ids(6), await ids(7)], [[id], []]);
  site.setHabits({ fieldMap: 'b' });
  t.strictSame([await ids(6), await ids(7)], [[], [id]]);
});

test('Links log their reader in unless told not to; dates have a zone or none', async (t) => {
  const site = await startSite(t);
  const first = async (more: Record<string, number>) => {
    const response = await post(site, orders, { ...allOrders, limit: 1, ...more });
    return response.text();
  };
  t.match(await first({}), new RegExp(`\\?user\\[id\\]=\\d+&key=${site.loginToken}`));
  t.notMatch(await first({ skip_login_token: 1 }), /key=/);
  t.match(await first({}), /"date_modified":"[\d-]+T[\d:]+\.000\+00:00"/);
  site.setHabits({ dates: 'bare' });
  t.match(await first({}), /"date_modified":"[\d-]+T[\d:]+"/);
});

test('Products that are not found are a warning beside those that are', async (t) => {
  const site = await startSite(t);
  const id = site.products()[0]?.id ?? 0;
  const some = await ask<VendorProductAnswer>(site, 'manage_products/get', { ids: `${id},1` });
  t.strictSame([some.response_status.severity, some.response_status.code], ['WARNING', 40004]);
  t.strictSame(
    some.products?.map((product) => product.product_id),
    [id],
  );
  const one = await ask<VendorProductAnswer>(site, 'manage_products/get', { id });
  t.equal(one.product?.product_id, id);
});

test('A status write moves forward only, and mails the customer unless it says no', async (t) => {
  const site = await startSite(t, { startAt: '2026-06-01T00:00:00.000Z' });
  const [order] = [site.addOrder({ status: 1 })];
  const write = async (more: Record<string, string | number>) => {
    const answer = await ask<VendorWriteAnswer>(site, 'manage_orders/update_order_status', {
      'changes[1][order_id]': order.id,
      ...more,
    });
    return answer.response_status.code;
  };
  t.equal(await write({ 'changes[1][new_status]': 2, 'changes[1][contact_customer]': 0 }), 10001);
  t.strictSame([site.order(order.id).status, site.state.mails], [2, []]);
  t.equal(await write({ 'changes[1][new_status]': 3, 'changes[1][shipping_code]': '1Z9' }), 10001);
  t.equal(await write({ 'changes[1][new_status]': 3 }), 10001);
  t.equal(await write({ 'changes[1][new_status]': 2 }), 50005);
  t.strictSame(site.state.mails, [{ to: order.customer.email, orderId: order.id, status: 3 }]);
  t.equal(site.order(order.id).shippingCode, '1Z9');
  t.strictSame(
    site.state.statusWrites.map(({ changed }) => changed),
    [true, true, false],
  );
});

test('A part of a line is produced by its workflow item', async (t) => {
  const site = await startSite(t);
  const order = site.addOrder({ status: 1 });
  const [line] = order.lines;
  const [size] = line?.sizes ?? [];
  if (line === undefined || size === undefined) throw new Error('The order has no line');
  const part = { order_id: order.id, order_line_id: line.id, workflow_item_id: size.id, new_status: 2 };
  await ask(site, 'manage_orders/update_order_status', { ...part, qty: 1 });
  t.equal(site.order(order.id).lines[0]?.sizes[0]?.produced, 1);
  const over = await ask<VendorWriteAnswer>(site, 'manage_orders/update_order_status', { ...part, qty: size.qty });
  t.equal(over.response_status.code, 50005);
  t.strictSame(site.state.mails, []);
});

test('Stock is received in parts and never beyond what was ordered', async (t) => {
  const site = await startSite(t);
  const order = site.purchaseOrders().find(({ status }) => status === 2);
  const [first, second] = order?.lines ?? [];
  if (order === undefined || first === undefined || second === undefined) throw new Error('No purchase order is open');
  const level = () => site.inventories().find(({ sku }) => sku.dnSkuId === first.sku.dnSkuId)?.onOrderPo;
  const receive = async (lines: { id?: number; dn_sku_id?: string; qty: number }[]) => {
    const response = await fetch(`${site.url}/api/json/manage_purchase_orders/receive_stock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...site.credentials, po_number: order.number, lines }),
    });
    // The envelope is all there is.
    return ((await response.json()) as VendorWriteAnswer).response_status.code;
  };
  const open = level() ?? 0;
  t.equal(await receive([{ id: first.id, qty: 1 }]), 10001);
  t.equal(level(), open - 1);
  t.equal(site.purchaseOrders().find(({ number }) => number === order.number)?.status, 4);
  t.equal(
    await receive([
      { id: second.id, qty: 1 },
      { id: first.id, qty: first.ordered },
    ]),
    50012,
  );
  t.equal(await receive([{ dn_sku_id: 'none', qty: 1 }]), 50011);
  t.equal(site.state.receipts.length, 1);
  site.setHabits({ brokenReceipts: true });
  t.equal(
    await receive([
      { id: second.id, qty: 1 },
      { id: first.id, qty: first.ordered },
    ]),
    50012,
  );
  t.equal(site.state.receipts.length, 2);
  const rest = order.lines.map(({ id, ordered }) => ({ id, qty: id === order.lines[2]?.id ? ordered : ordered - 1 }));
  t.equal(await receive(rest), 10001);
  t.equal(await receive([{ id: first.id, qty: 1 }]), 50010);
});
