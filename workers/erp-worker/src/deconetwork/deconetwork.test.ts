import { type DecoNetworkSite, type SiteOptions, startDecoNetworkSite } from '@platen/deconetwork-site';
import type { DnOrderRecord, DnReading } from '@platen/schema/contracts/internal/deconetwork';
import t, { type Test } from 'tap';
import { JobFailure } from '../jobs/processor.js';
import { deconetworkProcessor } from './deconetwork.js';
import { fakePlane, newJob, newRun, openCalling, silentOnce } from './dn.fixture.js';

const everything = (...kinds: readonly DnReading['kind'][]): DnReading[] =>
  kinds.map((kind) => ({ kind, modified_from: null, modified_to: null }));
const fieldMaps = {
  a: { order_date_modified: 6 },
  b: { order_date_modified: 7 },
} as const;
const masters = {
  product_date_modified: 5,
  inventory_date_modified: 5,
  purchase_order_date_modified: 3,
} as const;

async function startSite(t: Test, options: SiteOptions): Promise<DecoNetworkSite> {
  const site = await startDecoNetworkSite({ products: 12, customers: 20, purchaseOrders: 5, ...options });
  t.teardown(() => site.close());
  return site;
}

const amount = (text: string) => Number(text).toFixed(4);

/** By what the site itself knows, not by what it answered. */
function checkOrders(t: Test, site: DecoNetworkSite, records: ReadonlyMap<string, unknown>) {
  const read = [...records.values()].filter(
    (record) => (record as { kind: string }).kind === 'order',
  ) as DnOrderRecord[];
  t.equal(read.length, site.orders().length);
  const wrong = site.orders().filter((order) => {
    const record = records.get(`order ${order.id}`) as DnOrderRecord | undefined;
    return (
      record === undefined ||
      record.modified_at !== order.modifiedAt ||
      record.billable !== amount(order.billableAmount) ||
      record.items !== amount(order.itemAmount) ||
      record.tax !== amount(order.taxAmount) ||
      record.customer.email !== order.customer.email ||
      record.lines.length !== order.lines.length ||
      record.lines.some((line, index) => line.line_total !== amount(order.lines[index]?.totalPrice ?? 'NaN'))
    );
  });
  t.same(
    wrong.map(({ id }) => id),
    [],
  );
}

t.test(
  'every record of a site that drifts, repeats rows, warns, cuts and is silent; the reader dies and another goes on',
  async (t) => {
    for (const [map, sort] of [
      ['a', 'newest'],
      ['b', 'oldest'],
    ] as const) {
      const site = await startSite(t, {
        orders: 420,
        habits: {
          fieldMap: map,
          sort,
          dates: map === 'a' ? 'zoned' : 'bare',
          drift: { everyPages: 2, changed: 3, added: 1 },
          duplicates: { everyPages: 3 },
          warnings: { every: 4 },
          cut: { every: 7 },
          html: { every: 11, status: 200, page: 'login' },
        },
      });
      const killed = new AbortController();
      const { plane, got } = fakePlane(site, {
        readings: everything('product', 'order', 'inventory', 'purchase_order'),
        fieldMap: { ...fieldMaps[map], ...masters },
        onRecords: (step) => {
          if (step === 17 && !killed.signal.aborted) {
            killed.abort('drained');
            throw new Error('killed');
          }
        },
      });
      const { calling } = openCalling(t, site);
      const first = newRun(killed.signal);
      await t.rejects(deconetworkProcessor(plane, calling).run(newJob('sync'), first.run));
      const second = newRun();
      const job = newJob('sync', first.said.cursor);
      const result = await deconetworkProcessor(plane, silentOnce(site, calling)).run(job, second.run);
      t.match(result, { kind: 'dn_sync', task: 'sync' });
      // Both attempts began page 17 of the job, which is counted once.
      t.equal(got.steps.filter((step) => step === 17).length, 1);
      t.same(
        got.finished.map(({ kind }) => kind),
        ['product', 'order', 'inventory', 'purchase_order'],
      );
      const drifting = [...site.state.drifts];
      t.ok(drifting.length > 2, 'it did drift');
      site.setHabits({ drift: null });
      // What was still changing at the end is the next reading's: from where the first began.
      const next = fakePlane(site, {
        readings: [{ kind: 'order', modified_from: got.finished[1]?.read_to ?? null, modified_to: null }],
        fieldMap: fieldMaps[map],
      });
      const third = newRun();
      await deconetworkProcessor(next.plane, calling).run(newJob('sync'), third.run);
      checkOrders(t, site, new Map([...got.records, ...next.got.records]));
      t.ok(next.got.records.size < 100, `${next.got.records.size} of the second reading`);
      const count = (kind: string) => [...got.records.values()].filter((record) => record.kind === kind).length;
      t.equal(count('product'), site.products().length);
      t.equal(count('inventory'), site.inventories().length);
      t.equal(count('purchase_order'), site.purchaseOrders().length);
      t.same(got.unreadable, []);
      t.equal(site.log.maxInFlight, 1);
      t.ok(site.log.calls.every(({ method, credentialsInUrl }) => method === 'POST' && !credentialsInUrl));
      const said =
        [first, second, third].map(({ log }) => log.text()).join('\n') + JSON.stringify([...got.records.values()]);
      t.ok(said.includes('a site answered with a warning'));
      for (const secret of [site.credentials.password, site.loginToken]) t.notOk(said.includes(secret));
      t.ok((first.said.cursor?.length ?? 0) < 1_000);
    }
  },
);

t.test('links that log in are cut also where the site does not care for what it is asked', async (t) => {
  const site = await startSite(t, { orders: 3 });
  const { plane, got } = fakePlane(site, { readings: everything('order'), fieldMap: fieldMaps.a });
  const { calling } = openCalling(t, site);
  const outbound: typeof calling.outbound = {
    ...calling.outbound,
    post: (url, call) => calling.outbound.post(url, { ...call, body: call.body.replace('skip_login_token=1', '') }),
  };
  await deconetworkProcessor(plane, { ...calling, outbound }).run(newJob('import'), newRun().run);
  const raw = [...got.records.values()].map((record) => record.raw).join('');
  t.equal(got.records.size, 3);
  t.ok(raw.includes('/bh/orders/download_quote/'));
  t.notOk(raw.includes(site.loginToken));
});

t.test('a test finds out by which number a site searches for changes', async (t) => {
  for (const map of ['a', 'b'] as const) {
    const site = await startSite(t, { orders: 12, habits: { fieldMap: map, dates: map === 'a' ? 'bare' : 'zoned' } });
    const { plane, got } = fakePlane(site);
    const { calling } = openCalling(t, site);
    const at = new Date('2026-06-02T00:00:00Z');
    await deconetworkProcessor(plane, calling, () => at).run(newJob('test'), newRun().run);
    t.match(got.tested, [
      {
        test: { at: at.toISOString(), code: 'ok', checks: [{ name: 'manage_orders/find', ok: true }] },
        field_map: {
          order_number: 3,
          order_date_modified: map === 'a' ? 6 : 7,
          product_date_modified: 5,
          inventory_date_modified: 5,
          purchase_order_number: 4,
          purchase_order_date_modified: 3,
        },
      },
    ]);
  }
});

t.test('a test says what is wrong', async (t) => {
  const site = await startSite(t, { orders: 2 });
  const { calling } = openCalling(t, site);
  const test = async (at: Pick<DecoNetworkSite, 'url' | 'credentials'>, timeoutMs = calling.timeoutMs) => {
    const { plane, got } = fakePlane(at);
    await deconetworkProcessor(plane, { ...calling, timeoutMs }).run(newJob('test'), newRun().run);
    return got.tested[0]?.test.code;
  };
  const { url, credentials } = site;
  t.equal(await test({ url, credentials: { ...credentials, password: 'another' } }), 'authentication_failed');
  site.setHabits({ apiEnabled: false });
  t.equal(await test(site), 'api_disabled');
  site.setHabits({ apiEnabled: true, html: { every: 1, status: 404, page: 'login' } });
  t.equal(await test(site), 'not_a_site');
  site.setHabits({ html: null, hang: { every: 1 } });
  t.equal(await test(site, 50), 'timeout');
  site.setHabits({ hang: null });
  t.equal(await test({ credentials, url: 'http://10.0.0.1' }), 'address_refused');
  const empty = await startSite(t, { orders: 0, purchaseOrders: 0 });
  const { plane, got } = fakePlane(empty);
  await deconetworkProcessor(plane, openCalling(t, empty).calling).run(newJob('test'), newRun().run);
  t.match(got.tested, [{ test: { code: 'ok' } }]);
  t.notMatch(got.tested, [{ field_map: { order_date_modified: Number } }], 'nothing is guessed');
});

t.test('refused credentials reject the connection; what may pass is left for later', async (t) => {
  const site = await startSite(t, { orders: 2 });
  const { plane, got } = fakePlane(site, { readings: everything('order'), fieldMap: fieldMaps.a });
  const { calling } = openCalling(t, site);
  const sync = () => deconetworkProcessor(plane, calling).run(newJob('sync'), newRun().run);
  site.setHabits({ refuseCredentials: true });
  await t.rejects(sync(), { code: 'authentication_failed', mayRetry: false });
  t.match(got.rejected, [{ code: 'authentication_failed' }]);
  site.setHabits({ refuseCredentials: false, html: { every: 1, status: 503, page: 'maintenance' } });
  const failure = await sync().catch((error: unknown) => error);
  t.ok(failure instanceof JobFailure);
  t.match(failure, { code: 'site_unavailable', mayRetry: true });
});

t.test('where nobody knows the number, all is read', async (t) => {
  const site = await startSite(t, { orders: 130 });
  const { plane, got } = fakePlane(site, { readings: everything('order', 'product') });
  await deconetworkProcessor(plane, openCalling(t, site).calling).run(newJob('sync'), newRun().run);
  checkOrders(t, site, got.records);
});

t.test('rows of an earlier job are the plane’s alone', async (t) => {
  const { plane } = fakePlane({ url: 'http://127.0.0.1:9', credentials: { username: '', password: '' } });
  const { calling } = openCalling(t, { url: 'http://127.0.0.1:9' });
  const { run, said } = newRun();
  await deconetworkProcessor(plane, calling).run(newJob('undo'), run);
  t.match(said, { done: 60, total: 60, cursor: 'next' });
});
