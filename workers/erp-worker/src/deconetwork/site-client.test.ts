import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type SiteOptions, startDecoNetworkSite } from '@platen/deconetwork-site';
import t, { type Test } from 'tap';
import { newRun, openCalling, silentOnce } from './dn.fixture.js';
import { createSiteClient } from './site-client.js';
import { SiteError, type SiteErrorCode } from './site-error.js';

const all = {
  'conditions[1][field]': 1,
  'conditions[1][condition]': 6,
  'conditions[1][date1]': '2000-01-01T00:00:00',
  limit: 5,
  offset: 0,
};
const find = 'manage_orders/find';

async function open(t: Test, options: SiteOptions = {}) {
  const site = await startDecoNetworkSite({ orders: 12, products: 12, purchaseOrders: 5, ...options });
  t.teardown(() => site.close());
  const { calling, ends } = openCalling(t, site);
  const { run, log } = newRun();
  const access = { site_url: site.url, ...site.credentials };
  const client = createSiteClient(calling, access, run);
  return { site, calling, ends, run, log, access, client };
}

async function fails(t: Test, call: Promise<unknown>, code: SiteErrorCode): Promise<SiteError> {
  const error = await call.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!(error instanceof SiteError)) throw new Error(`no error of a site: ${String(error)}`);
  t.equal(error.code, code, error.message);
  return error;
}

t.test('calls are posts whose body alone has the credentials, one at a time', async (t) => {
  const { site, calling, access, run, client } = await open(t, { habits: { slow: { every: 1, delayMs: 15 } } });
  const other = createSiteClient(calling, access, run);
  await Promise.all([client, other, client, other].map((one) => one.call(find, all)));
  t.equal(site.log.calls.length, 4);
  t.equal(site.log.maxInFlight, 1);
  t.ok(site.log.calls.every(({ method, credentialsInUrl }) => method === 'POST' && !credentialsInUrl));
});

t.test('what may pass is tried again: cut, silent, unavailable and HTML answers', async (t) => {
  const { site, client, calling, access, run, ends } = await open(t);
  for (const fault of [
    { kind: 'cut' },
    { kind: 'html', status: 503, page: 'maintenance' },
    { kind: 'html', status: 200, page: 'login' },
  ] as const) {
    site.failNext(fault);
    t.equal((await client.call(find, all)).total, 12, fault.kind);
  }
  const patient = createSiteClient(silentOnce(site, calling), access, run);
  t.equal((await patient.call(find, all)).total, 12, 'silence');
  t.same(ends, [
    'site_unavailable',
    'answered',
    'site_unavailable',
    'answered',
    'not_a_site',
    'answered',
    'timeout',
    'answered',
  ]);
  site.failNext({ kind: 'html', status: 503, page: 'maintenance' }, { times: 6 });
  await fails(t, client.call(find, all), 'site_unavailable');
});

t.test('a write that must not be done twice is sent again only when the site can not have it', async (t) => {
  const { site, client, access, run } = await open(t);
  const { id } = site.addOrder({ status: 1 });
  site.failNext({ kind: 'cut' });
  const write = { order_id: id, new_status: 2, contact_customer: 0 };
  const error = await fails(t, client.call('manage_orders/update_order_status', write, 'once'), 'site_unavailable');
  t.equal(error.reached, true);
  t.equal(site.log.calls.length, 1);
  const nobody = { url: 'http://127.0.0.1:9' };
  const { calling, ends } = openCalling(t, nobody);
  const away = createSiteClient(calling, { ...access, site_url: nobody.url }, run);
  t.equal(
    (await fails(t, away.call('manage_orders/update_order_status', write, 'once'), 'site_unavailable')).reached,
    false,
  );
  t.equal(ends.length, 6);
});

t.test('what the site says has a type, and is not tried again', async (t) => {
  const { site, client, calling, access, run } = await open(t);
  const wrong = createSiteClient(calling, { ...access, password: 'canary-of-a-password' }, run);
  await fails(t, wrong.call(find, all), 'authentication_failed');
  site.setHabits({ apiEnabled: false });
  await fails(t, client.call(find, all), 'api_disabled');
  site.setHabits({ apiEnabled: true });
  t.equal((await fails(t, client.call(find, { limit: 5 }), 'invalid_request')).status?.code, 50_002);
  const refused = await fails(
    t,
    client.call('manage_purchase_orders/receive_stock', { po_number: 'none' }, 'once'),
    'refused',
  );
  t.same(refused.status, { code: 50_010, severity: 'ERROR', description: 'Purchase order not found or not open' });
  site.failNext({ kind: 'html', status: 404, page: 'login' });
  await fails(t, client.call(find, all), 'not_a_site');
  t.equal(site.log.calls.length, 5, 'each was asked once');
});

t.test('a warning comes beside rows', async (t) => {
  const { client, log } = await open(t, { habits: { warnings: { every: 1 } } });
  const answer = await client.call(find, all);
  t.match(answer.status, { code: 40_004, severity: 'WARNING' });
  t.equal(Array.isArray(answer.body['orders']) && answer.body['orders'].length, 5);
  t.match(log.lines, [{ message: 'a site answered with a warning', data: { endpoint: find, vendor_code: 40_004 } }]);
});

t.test('a server that gives away what it was sent puts it nowhere', async (t) => {
  const password = 'canary+of a/password';
  const key = '0123456789abcdef0123456789abcdef01234567';
  const words = (body: string) =>
    `denied for ${body} and ${password}, see https://shop.example/x?user[id]=1&key=${key}`;
  const answers = [
    (body: string) =>
      JSON.stringify({ response_status: { code: 30_001, severity: 'ERROR', description: words(body) } }),
    (body: string) =>
      JSON.stringify({ response_status: { code: 50_005, severity: 'ERROR', description: words(body) } }),
    (body: string) => JSON.stringify({ response_status: { code: 'x', severity: words(body) } }),
    (body: string) => `<html>${words(body)}</html>`,
    () => '{"response_status":{"code":10001',
  ];
  let turn = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => response.end(answers[turn % answers.length]?.(body)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo; // it listens at a port
  const site = { url: `http://127.0.0.1:${port}` };
  const { calling } = openCalling(t, site);
  const { run, log } = newRun();
  const client = createSiteClient(
    calling,
    { site_url: site.url, username: 'canary-user', password },
    { ...run, retries: 1 },
  );
  for (turn = 0; turn < answers.length; turn += 1) {
    const error: unknown = await client.call(find, all).catch((caught: unknown) => caught);
    t.ok(error instanceof SiteError);
    run.log.error({ error }, 'a test logs it');
    const text = `${log.text()} ${JSON.stringify(error, Object.getOwnPropertyNames(error))}`;
    for (const secret of [password, encodeURIComponent(password), 'canary%2Bof+a%2Fpassword', 'canary-user', key]) {
      t.notOk(text.includes(secret), `${turn}: ${secret}`);
    }
  }
});

t.test('a password that no form can carry is a wrong one', async (t) => {
  const { calling, access, run } = await open(t);
  const client = createSiteClient(calling, { ...access, password: '\ud800 of a pair' }, run);
  await fails(t, client.call(find, all), 'authentication_failed');
});

t.test('numbers that are none of an answer are the nearest that are', async (t) => {
  const server = createServer((_, response) =>
    response.end('{"response_status":{"code":-5.5,"severity":"WARNING"},"total":1e300,"orders":[]}'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo; // it listens at a port
  const site = { url: `http://127.0.0.1:${port}` };
  const client = createSiteClient(
    openCalling(t, site).calling,
    { site_url: site.url, username: 'me', password: 'none' },
    newRun().run,
  );
  const { status, total } = await client.call(find, all);
  t.same([status.code, total], [0, 2_147_483_647]);
});
