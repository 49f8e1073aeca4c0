import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { permissionCodes } from '@platen/schema/permissions';
import t from 'tap';
import type { TestTenant } from '../../testkit/test-plane.js';
import { openSeriesShop } from './series/series.fixture.js';

/** What is measured of one scope, asked for from another; and bodies that are made to cost. */
const nowMs = Date.now();
const shop = await openSeriesShop(t, 'postgres');

/** Numbered as in the database: 1 of all of it, 2 and 3 of a workspace each, 4 of the second organization. */
async function addTenant(slug: string): Promise<TestTenant> {
  const tenant = shop.addTenant(slug, 'erp_1', { telemetry_db_key: 'telemetry_1' });
  const [room, otherRoom] = tenant.workspaceIds;
  const organizationId = tenant.organizationIds[1];
  await shop.addDevice({ tenant }, 'press', 1);
  await shop.addDevice({ tenant, workspaceId: room }, 'in-room', 2);
  await shop.addDevice({ tenant, workspaceId: otherRoom }, 'in-other-room', 3);
  await shop.addDevice({ tenant, organizationId }, 'elsewhere', 4);
  await shop.addMetric({ tenant }, 'speed', 1, 'gauge', 1_000);
  await shop.addMetric({ tenant, organizationId }, 'secret', 2, 'gauge', 1_000);
  const ofEach = [1, 2, 3, 4].flatMap((deviceNo) =>
    [1, 2].map((metricNo) => ({ deviceNo, metricNo, atMs: nowMs - 60_000, value: deviceNo * 10 + metricNo })),
  );
  await shop.measured(tenant, ofEach);
  await shop.rollUp(tenant);
  return tenant;
}

const [acme, globex] = [await addTenant('acme'), await addTenant('globex')];

type Place = { readonly org?: string; readonly ws?: string | null };
const get = (tenant: TestTenant, path: string, place: Place = {}) =>
  shop.call(tenant, shop.token(tenant, place), { method: 'GET', url: `/api/telemetry/${path}` });
const send = (tenant: TestTenant, type: string, payload: string | Buffer, headers: Record<string, string> = {}) =>
  shop.call(tenant, shop.token(tenant), {
    method: 'POST',
    url: '/api/telemetry/readings',
    headers: { 'content-type': type, ...headers },
    payload,
  });

interface LatestItem {
  readonly device: string;
  readonly readings: readonly { readonly metric: string; readonly value: number }[];
}
async function latest(place: Place): Promise<Record<string, string>> {
  const { body } = await get(acme, 'latest', place);
  const told = (body.items as LatestItem[]).map(({ device, readings }) => [
    device,
    readings.map(({ metric, value }) => `${metric} ${value}`).join(),
  ]);
  return Object.fromEntries(told);
}

t.test('what was measured is told to whom its device and its metric are there for', async (t) => {
  const [room, otherRoom] = acme.workspaceIds;
  const all = { press: 'speed 11', 'in-room': 'speed 21', 'in-other-room': 'speed 31' };
  t.same(await latest({}), all);
  t.same(await latest({ ws: room }), { press: all.press, 'in-room': all['in-room'] });
  t.same(await latest({ ws: otherRoom }), { press: all.press, 'in-other-room': all['in-other-room'] });
  t.same(await latest({ org: acme.organizationIds[1] }), { elsewhere: 'secret 42' });
  const from = new Date(nowMs - 120_000).toISOString();
  const places: [Place, string, string][] = [
    [{}, 'elsewhere', 'speed'],
    [{}, 'press', 'secret'],
    [{ ws: room }, 'in-other-room', 'speed'],
    [{ org: acme.organizationIds[1] }, 'press', 'secret'],
    [{ org: randomUUID() }, 'press', 'speed'],
  ];
  for (const [place, device, metric] of places) {
    const answer = await get(acme, `series?devices=${device}&metrics=${metric}&from=${from}`, place);
    if (place.org !== undefined && answer.status === 403) continue;
    t.match(answer, { status: 422, body: { code: 'unknown_reference' } }, `${device} ${metric}`);
  }
});

t.test('numbers, and names that every object has, name nothing', async (t) => {
  for (const name of ['1', '2', '__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const { status } = await get(acme, `latest?devices=${name}`);
    t.ok(status === 422 || status === 400, name);
    const body = JSON.stringify({ readings: [{ device: name, metric: name, value: 1 }] });
    t.match(await send(acme, 'application/json', body), { body: { refused: [{ code: 'unknown_device' }] } }, name);
    const line = await send(acme, 'text/plain', `${name} ${name}=1`);
    t.match(line, { body: { accepted: 0, refused: [{ code: 'unknown_device' }] } }, name);
  }
  const poisoned = '{"readings":[{"__proto__":{"device":"press","metric":"speed"},"value":1}]}';
  t.match(await send(acme, 'application/json', poisoned), { body: { accepted: 0, refused: [{ code: 'malformed' }] } });
});

t.test('a cursor is good where it was given', async (t) => {
  const { body } = await get(acme, 'latest?limit=1');
  const refused = { status: 400, body: { code: 'invalid_cursor' } };
  const path = `latest?limit=1&cursor=${body.next_cursor}`;
  t.match((await get(acme, path)).body.items, [{ device: 'in-room' }]);
  for (const ws of acme.workspaceIds) t.match(await get(acme, path, { ws }), refused);
  t.match(await get(acme, path, { org: acme.organizationIds[1] }), refused);
  t.match(await get(globex, path), refused);
  t.match(await get(acme, `${path}&metrics=speed`), refused, 'of other filters');
  t.match(await get(acme, `latest?limit=1&cursor=${Buffer.from('["0"]').toString('base64url')}`), refused, 'made up');
});

t.test('bodies that unpack to more than is taken, or are made to be slow', async (t) => {
  const tooLarge = { status: 413, body: { code: 'body_too_large' } };
  const packed = { 'content-encoding': 'gzip' };
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 10));
  for (const type of ['text/plain', 'application/x-ndjson', 'application/json']) {
    t.match(await send(acme, type, bomb, packed), tooLarge, type);
  }
  const fields = Array.from({ length: 7_000 }, (_, n) => `f${n}=1`).join();
  t.match(await send(acme, 'text/plain', `press ${fields}\npress ${fields}`), tooLarge, 'metrics by the thousand');
  t.match((await send(acme, 'text/plain', `press ${fields}`)).body, { accepted: 0, refused_count: 7_000 });
  const deep = `{"readings":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`;
  t.match((await send(acme, 'application/json', deep)).body, { accepted: 0, refused_count: 1 });
  const digits = `press speed=${'1'.repeat(60_000)}x\n`.repeat(60);
  t.match(await send(acme, 'text/plain', gzipSync(digits), packed), tooLarge, 'nothing real packs to so little');
  const answer = await send(acme, 'text/plain', digits);
  t.match(answer, { status: 200, body: { accepted: 0, refused_count: 60 } }, answer.text.slice(0, 200));
});

t.test('whoever may not move cards does not have a machine move one', async (t) => {
  const missing = 'erp.production_job.move';
  const token = shop.token(acme, { permissions: permissionCodes.filter((code) => code !== missing) });
  const [device_id, metric_id, job_id, next_stage_id] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const answer = await shop.call(acme, token, {
    method: 'POST',
    url: '/api/telemetry/job-runs',
    payload: { device_id, metric_id, job_id, next_stage_id },
  });
  t.match(answer, { status: 403, body: { code: 'permission_denied', permission: missing } });
});

t.test('events of a tenant that is not served leave nothing', async (t) => {
  const write = (tenant: TestTenant, organizationId: string) =>
    shop.app.internal.inject({
      method: 'POST',
      url: `/internal/tenants/${tenant.id}/readings`,
      headers: {
        authorization: `Bearer ${shop.issuer.serviceToken(['telemetry'])}`,
        'x-correlation-id': 'test-attack-1',
      },
      payload: {
        organization_id: organizationId,
        event_id: randomUUID(),
        readings: [{ device: 'press', metric: 'speed', value: 1 }],
      },
    });
  t.match((await write(acme, globex.organizationIds[0])).json(), {
    accepted: 0,
    refused: [{ code: 'unknown_device' }],
  });
  const feed = {
    ...{ kind: 'tenant' as const, id: globex.id, slug: 'globex', name: 'globex', domains: [], erp_db_key: 'erp_1' },
    ...{ telemetry_db_key: 'telemetry_1', authz_epoch: 0, limits: {} },
  };
  const modules = [{ code: 'telemetry.readings' as const, valid_until: null }];
  shop.apply({ ...feed, status: 'suspended', modules });
  t.equal((await write(globex, globex.organizationIds[0])).statusCode, 404, 'suspended');
  shop.apply({ ...feed, status: 'active', modules: [] });
  t.equal((await write(globex, globex.organizationIds[0])).statusCode, 404, 'without the module');
  shop.apply({ ...feed, status: 'active', modules });
  t.equal((await write(globex, globex.organizationIds[0])).json().accepted, 1);
});
