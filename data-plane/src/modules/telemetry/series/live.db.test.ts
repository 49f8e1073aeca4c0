import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import type { TestTenant } from '../../../testkit/test-plane.js';
import { openSeriesShop, type SeriesShop } from './series.fixture.js';

/** What is rolled up here was rolled up by another plane, as far as the streams know. On one engine: it is one table. */
interface LiveEvent {
  readonly id: string;
  readonly type: string;
  readonly data: { readonly readings?: readonly { device: string; value: number }[] };
}

const nowMs = Date.now();
const shop = await openSeriesShop(t, 'postgres');
await shop.app.tenant.listen({ host: '127.0.0.1', port: 0 });

async function addTenant(slug: string): Promise<TestTenant> {
  const tenant = shop.addTenant(slug, 'erp_1', { telemetry_db_key: 'telemetry_1' });
  for (const no of [1, 2]) await shop.addDevice({ tenant }, `press-${no}`, no);
  await shop.addDevice({ tenant, workspaceId: tenant.workspaceIds[0] }, 'room-press', 3);
  await shop.addMetric({ tenant }, 'speed', 1, 'gauge', 1_000);
  return tenant;
}

async function follow(of: SeriesShop, tenant: TestTenant, query: string, parts = {}) {
  const { port } = of.app.tenant.server.address() as AddressInfo; // listening on TCP
  const headers = { host: `${tenant.slug}.localhost`, authorization: `Bearer ${of.token(tenant, parts)}` };
  const asked = request({ host: '127.0.0.1', port, path: `/api/telemetry/live${query}`, headers });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]; // what a request's `response` comes with
  t.teardown(() => asked.destroy());
  let text = '';
  answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  answer.on('error', () => undefined);
  const read = (): LiveEvent[] =>
    [...text.matchAll(/^id: (.*)\nevent: (.*)\ndata: (.*)$/gm)].map(([, id = '', type = '', data = '']) => ({
      id,
      type,
      data: JSON.parse(data),
    }));
  const until = async <T>(find: () => T | undefined | false): Promise<T> => {
    for (;;) {
      const found = find();
      if (found !== undefined && found !== false) return found;
      await once(answer, 'data');
    }
  };
  return {
    live: () => until(() => text.includes(':live')),
    /** The last value of each device so far, once `value` is among them. */
    async reaches(value: number): Promise<{ values: Record<string, number>; position: string }> {
      return until(() => {
        const events = read();
        const readings = events.flatMap(({ data }) => data.readings ?? []);
        const values = Object.fromEntries(readings.map((one) => [one.device, one.value]));
        return Object.values(values).includes(value) && { values, position: events.at(-1)?.id ?? '' };
      });
    },
    reset: () => until(() => read().find(({ type }) => type === 'reset')),
    close: () => asked.destroy(),
  };
}

let at = 0;
async function measure(tenant: TestTenant, deviceNo: number, value: number): Promise<void> {
  at += 1;
  await shop.measured(tenant, [{ deviceNo, metricNo: 1, atMs: nowMs - 100_000 + at, value }]);
  await shop.rollUp(tenant);
}

t.test('readings as they come in, and what came meanwhile', async (t) => {
  const tenant = await addTenant('acme');
  await measure(tenant, 1, 10);
  const { body } = await shop.call(tenant, shop.token(tenant), { method: 'GET', url: '/api/telemetry/latest' });
  await measure(tenant, 2, 20);
  const reader = await follow(shop, tenant, `?last_event_id=${body.position}`);
  t.same(
    (await reader.reaches(20)).values,
    { 'press-2': 20 },
    'what came between the list and the stream, and no more',
  );
  await reader.live();
  await measure(tenant, 1, 11);
  const seen = await reader.reaches(11);
  reader.close();
  for (const [deviceNo, value] of [
    [1, 12],
    [1, 13],
    [2, 21],
    [3, 30],
  ] as const) {
    await measure(tenant, deviceNo, value);
  }
  const again = await follow(shop, tenant, `?last_event_id=${seen.position}`);
  t.same((await again.reaches(30)).values, { 'press-1': 13, 'press-2': 21, 'room-press': 30 }, 'each as it is by now');
  again.close();
});

t.test('what is not asked for, or another’s, is not told', async (t) => {
  const [tenant, other] = [await addTenant('one'), await addTenant('two')];
  const filtered = await follow(shop, tenant, '?devices=press-2&metrics=speed');
  const roomless = await follow(shop, tenant, '', { ws: tenant.workspaceIds[1] });
  await Promise.all([filtered.live(), roomless.live()]);
  await measure(other, 2, 99);
  await measure(tenant, 3, 30);
  await measure(tenant, 1, 10);
  await measure(tenant, 2, 20);
  t.same((await filtered.reaches(20)).values, { 'press-2': 20 });
  t.same((await roomless.reaches(20)).values, { 'press-1': 10, 'press-2': 20 });
  for (const reader of [filtered, roomless]) reader.close();
});

t.test('a position that was never given begins anew', async (t) => {
  const tenant = await addTenant('three');
  const reader = await follow(shop, tenant, '?last_event_id=4711');
  t.match(await reader.reset(), { data: { position: /^\d+$/ } });
  reader.close();
});
