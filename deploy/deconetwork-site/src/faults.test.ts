import { test } from 'tap';
import type { VendorOrdersAnswer, VendorProductsAnswer } from './shapes.js';
import { allOrders, ask, post, startSite } from './site.fixture.js';

const orders = 'manage_orders/find';

test('Drift moves offsets: rows come twice, others are new, all of them are there in the end', async (t) => {
  const site = await startSite(t, { orders: 60, habits: { drift: { everyPages: 1, changed: 2, added: 1 } } });
  const seen: string[] = [];
  for (let offset = 0; ; offset += 10) {
    const { orders: rows, total } = await ask<VendorOrdersAnswer>(site, orders, {
      ...allOrders,
      sortby: 1,
      limit: 10,
      offset,
    });
    seen.push(...rows.map((row) => row.order_id));
    if (offset + 10 >= total) break;
  }
  t.ok(seen.length > new Set(seen).size, 'no row came twice');
  t.equal(site.orders().length, 60 + site.state.drifts.length);
});

test('A page begins with the last row of the page before', async (t) => {
  const site = await startSite(t, { orders: 30, habits: { duplicates: { everyPages: 2 } } });
  const [one, two] = [
    await ask<VendorOrdersAnswer>(site, orders, { ...allOrders, limit: 10 }),
    await ask<VendorOrdersAnswer>(site, orders, { ...allOrders, limit: 10, offset: 10 }),
  ];
  t.equal(two.orders.length, 11);
  t.equal(two.orders[0]?.order_id, one.orders[9]?.order_id);
});

test('A login page with 200, a maintenance page with 503, a 404 for what is not there: all HTML', async (t) => {
  const site = await startSite(t, { habits: { html: { every: 2, status: 200, page: 'login' } } });
  site.failNext({ kind: 'html', status: 503, page: 'maintenance' });
  const answers = [
    await post(site, orders, allOrders),
    await post(site, orders, allOrders),
    await post(site, 'none', {}),
  ];
  t.strictSame(
    answers.map(({ status }) => status),
    [503, 200, 404],
  );
  for (const answer of answers) {
    t.match(answer.headers.get('content-type') ?? '', /text\/html/);
    t.match(await answer.text(), /^<!DOCTYPE html>/);
  }
});

test('A reply is cut in its middle, and what was written stays written', async (t) => {
  const site = await startSite(t);
  const { id } = site.addOrder({ status: 1 });
  site.failNext({ kind: 'cut' }, { endpoint: 'manage_orders/update_order_status' });
  const response = await post(site, 'manage_orders/update_order_status', {
    order_id: id,
    new_status: 2,
    contact_customer: 0,
  });
  await t.rejects(response.text(), TypeError);
  t.equal(site.order(id).status, 2);
  t.equal(site.log.calls[0]?.outcome, 'cut');
});

test('A call that hangs counts as under way until its caller gives up', async (t) => {
  const site = await startSite(t);
  site.failNext({ kind: 'hang' });
  const body = new URLSearchParams({ ...site.credentials, field: '1', condition: '4', date1: '2000-01-01' });
  const giveUp = new AbortController();
  const hung = fetch(`${site.url}/api/json/${orders}`, { method: 'POST', body, signal: giveUp.signal });
  while (site.log.calls[0]?.outcome !== 'hung') await new Promise((resolve) => setImmediate(resolve));
  await ask(site, orders, allOrders);
  t.equal(site.log.maxInFlight, 2);
  giveUp.abort();
  await t.rejects(hung, { name: 'AbortError' });
});

test('Calls are logged without their credentials, which the URL may have had', async (t) => {
  const site = await startSite(t);
  const query = new URLSearchParams({ ...site.credentials, field: '1', condition: '4', date1: '2000-01-01' });
  t.equal((await fetch(`${site.url}/api/json/${orders}?${query}`)).status, 200);
  await ask(site, orders, allOrders);
  t.strictSame(
    site.log.calls.map((call) => call.credentialsInUrl),
    [true, false],
  );
  t.notMatch(JSON.stringify(site.log.calls), new RegExp(site.credentials.password));
  t.strictSame(
    site.log.calls.map(({ code, rows }) => [code, rows]),
    [
      [10001, 12],
      [10001, 12],
    ],
  );
});

test('Another process changes orders and habits over HTTP', async (t) => {
  const site = await startSite(t, { control: true });
  const send = (path: string, body: unknown) =>
    fetch(`${site.url}/__site/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  t.equal((await send('orders/INV1001', { jobName: 'From elsewhere' })).status, 200);
  t.equal(site.order('INV1001').jobName, 'From elsewhere');
  t.equal((await send('habits', { fieldMap: 'b' })).status, 200);
  t.equal(site.state.habits.fieldMap, 'b');
  t.equal((await send('habits', { nonsense: 1 })).status, 400);
  t.equal((await send('orders/none', {})).status, 400);
});

test('A warning comes beside good rows; a slow answer comes late, and whole', async (t) => {
  const site = await startSite(t, { habits: { warnings: { every: 2 }, slow: { every: 2, delayMs: 30 } } });
  const plain = await ask<VendorOrdersAnswer>(site, orders, allOrders);
  const warned = await ask<VendorOrdersAnswer>(site, orders, allOrders);
  t.strictSame(
    [plain, warned].map(({ response_status }) => response_status.severity),
    ['SUCCESS', 'WARNING'],
  );
  t.strictSame(
    [plain, warned].map((answer) => answer.orders.length),
    [12, 12],
  );
});

test('A product that changes shows it in its inventories', async (t) => {
  const site = await startSite(t);
  const id = site.products()[0]?.id ?? 0;
  const { modifiedAt } = site.changeProduct(id, { name: 'Renamed' });
  const found = await ask<VendorProductsAnswer>(site, 'manage_products/find', {
    field: 5,
    condition: 6,
    date1: modifiedAt.slice(0, 19),
  });
  t.strictSame(
    found.products.map((product) => [product.product_id, product.product_name]),
    [[id, 'Renamed']],
  );
  t.ok(site.inventories().some(({ product }) => product.name === 'Renamed'));
});
