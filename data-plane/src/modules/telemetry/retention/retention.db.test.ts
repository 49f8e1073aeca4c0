import { statement } from '@platen/chassis/db/statement';
import { systemDatabase } from '@platen/chassis/db/system-database';
import type { ScopedDb } from '@platen/chassis/db/types';
import { dayMs } from '@platen/chassis/durations';
import { createLogger } from '@platen/chassis/log/logger';
import { telemetryEngines, testDatabase } from '@platen/chassis/testkit/database';
import { withinOneDay } from '@platen/chassis/testkit/one-day';
import { patient } from '@platen/chassis/testkit/patient';
import t from 'tap';
import { openTestPlane, type TestTenant, tenantOf } from '../../../testkit/test-plane.js';
import { isTooOld, keptSince } from './delete-old.js';
import { createMaintenance } from './maintenance.js';

const path = '/api/telemetry/retention';

const ensureDays = statement<unknown>('retention_test.ensure', 'select tel_ensure_partitions($1::date[])');
const insertDevice = statement<unknown>(
  'retention_test.device',
  `insert into tel_devices (tenant_id, organization_id, id, code, name, kind, device_no)
   values ($1::uuid, $2::uuid, gen_random_uuid(), 'd' || $3::int, 'D', 'press', $3::int)`,
);
/** A reading at noon of each of these days, its minute, its hour and its day, and the latest. */
const insertDays = statement<unknown>(
  'retention_test.days',
  `with days as (select date_trunc('day', now(), 'UTC') - make_interval(days => d) + interval '12 hours' as ts
     from unnest($3::int[]) d),
   raw as (insert into tel_own_readings (tenant_id, device_no, metric_no, ts, value) select $1::uuid, $2::int, 1, ts, 1 from days),
   ${['1m', '1h', '1d']
     .map(
       (part) => `r${part} as (
     insert into tel_own_readings_${part} (tenant_id, device_no, metric_no, bucket, count, sum, min, max, first, last,
       first_ts, last_ts, increase, arrived_at)
     select $1::uuid, $2::int, 1, date_trunc('${part === '1d' ? 'day' : 'hour'}', ts, 'UTC'), 1, 1, 1, 1, 1, 1, ts, ts, 0, ts from days)`,
     )
     .join(', ')}
   insert into tel_own_latest (tenant_id, device_no, metric_no, ts, value, arrived_at)
   select $1::uuid, $2::int, 1, max(ts), 1, now() from days`,
);
const countDays = statement<{ raw: number[]; minutes: number; hours: number; days: number }>(
  'retention_test.count',
  `select (select coalesce(json_agg((date_trunc('day', now(), 'UTC')::date - (ts at time zone 'UTC')::date) order by ts desc), '[]')
       from tel_own_readings where device_no = $1::int) as raw,
     (select count(*)::int from tel_own_readings_1m where device_no = $1::int) as minutes,
     (select count(*)::int from tel_own_readings_1h where device_no = $1::int) as hours,
     (select count(*)::int from tel_own_readings_1d where device_no = $1::int) as days`,
  { parse: { raw: 'json', minutes: 'int', hours: 'int', days: 'int' } },
);

async function openPlane(t: Parameters<typeof openTestPlane>[0], engine: 'postgres' | 'timescaledb') {
  const erp = await testDatabase(t, 'erp');
  const telemetry = await testDatabase(t, 'telemetry', engine);
  const plane = openTestPlane(t, { erp_1: erp, telemetry_1: { ...telemetry, kind: 'telemetry' } });
  const system = systemDatabase({ name: 'telemetry_1', url: telemetry.systemUrl, poolSize: 2, ...patient });
  t.teardown(() => system.close());
  const maintenance = createMaintenance({
    openTelemetryDb: plane.router.openTelemetry,
    feed: plane.store,
    databases: [],
    log: createLogger({ service: 'data-plane', level: 'silent' }),
  });
  const addTenant = (slug: string) => plane.addTenant(slug, 'erp_1', { telemetry_db_key: 'telemetry_1' });
  const open = (tenant: TestTenant, organizationId: string | null): ScopedDb => {
    const scope = { tenantId: tenant.id, organizationId, workspaceId: null };
    return plane.router.openTelemetry(tenantOf(plane.store, tenant.id), scope);
  };
  return { plane, addTenant, open, maintain: () => maintenance.maintain({ key: 'telemetry_1', system }) };
}

for (const { engine, skip } of telemetryEngines) {
  t.test(`each organization keeps what it keeps, on ${engine}`, { skip }, async (t) => {
    const { plane, addTenant, open, maintain } = await openPlane(t, engine);
    await withinOneDay();
    const [ours, theirs] = [addTenant('ours'), addTenant('theirs')];
    const ages = [0, 9, 10, 11, 89, 90, 91, 200, 400];
    const put = async (tenant: TestTenant, organizationId: string, deviceNo: number) => {
      const db = open(tenant, organizationId);
      await db.leased.query(insertDevice, [tenant.id, organizationId, deviceNo]);
      await db.leased.query(ensureDays, [
        ages.map((age) => new Date(Date.now() - age * dayMs).toISOString().slice(0, 10)),
      ]);
      await db.leased.query(insertDays, [tenant.id, deviceNo, ages]);
    };
    const left = async (tenant: TestTenant, deviceNo: number) =>
      (await open(tenant, null).leased.query(countDays, [deviceNo]))[0];
    const [short, unsaid] = ours.organizationIds;
    const [long] = theirs.organizationIds;
    await put(ours, short, 1);
    await put(ours, unsaid, 2);
    await put(theirs, long, 1);
    const say = (tenant: TestTenant, organizationId: string, raw_days: number, rollup_days: number) =>
      plane.call(tenant, plane.token(tenant, { org: organizationId }), {
        method: 'PUT',
        url: path,
        payload: { raw_days, rollup_days },
      });
    t.match(await say(ours, short, 10, 90), { status: 200, body: { raw_days: 10, rollup_days: 90, version: 2 } });
    t.match(await say(theirs, long, 365, 3660), { status: 200 });

    t.ok((await maintain()) > 0);
    t.same(await left(ours, 1), { raw: [0, 9, 10], minutes: 6, hours: 6, days: 6 }, 'as little as it says');
    t.same(
      await left(ours, 2),
      { raw: [0, 9, 10, 11, 89, 90], minutes: 9, hours: 9, days: 9 },
      'or what holds for all',
    );
    t.same(
      await left(theirs, 1),
      { raw: [0, 9, 10, 11, 89, 90, 91, 200], minutes: 9, hours: 9, days: 9 },
      'or as much',
    );
    t.equal(await maintain(), 0, 'once');

    t.match(await say(theirs, long, 20, 100), { status: 200, body: { version: 3 } });
    await maintain();
    t.same((await left(theirs, 1))?.raw, [0, 9, 10, 11], 'whole days go when nobody keeps them');
    t.equal((await left(ours, 2))?.raw.length, 6);
  });
}

t.test('what an organization says of it', async (t) => {
  const { plane, addTenant } = await openPlane(t, 'postgres');
  const shop = addTenant('shop');
  const token = plane.token(shop);
  const put = (payload: object, headers = {}, of = token) =>
    plane.call(shop, of, { method: 'PUT', url: path, payload, headers });
  t.match(await plane.call(shop, token, { url: path }), {
    status: 200,
    headers: { etag: '"1"' },
    body: { raw_days: 90, rollup_days: 1100, version: 1, updated_at: null },
  });
  t.match(await put({ raw_days: 30, rollup_days: 20 }), {
    status: 400,
    body: { errors: [{ path: '/body/rollup_days' }] },
  });
  t.match(await put({ raw_days: 1, rollup_days: 20 }), { status: 400 }, 'a day is too little to compute from');
  t.match(await put({ raw_days: 30, rollup_days: 3661 }), { status: 400 });
  t.match(await put({ raw_days: 30 }), { status: 400 });
  t.match(await put({ raw_days: 30, rollup_days: 60 }, { 'if-match': '"2"' }), { status: 412 });
  t.match(await put({ raw_days: 30, rollup_days: 60 }, { 'if-match': '"1"' }), { status: 200, body: { version: 2 } });
  t.match(await put({ raw_days: 31, rollup_days: 60 }, { 'if-match': '"1"' }), { status: 412 });
  const inWorkspace = plane.token(shop, { ws: shop.workspaceIds[0] });
  t.match(await put({ raw_days: 31, rollup_days: 60 }, { 'if-match': '"2"' }, inWorkspace), { body: { version: 3 } });
  t.match(await plane.call(shop, inWorkspace, { url: path }), { body: { raw_days: 31, version: 3 } });
  const reader = plane.token(shop, { permissions: ['telemetry.reading.read'] });
  t.match(await plane.call(shop, reader, { url: path }), { status: 200 });
  t.match(await put({ raw_days: 31, rollup_days: 60 }, {}, reader), { status: 403 });
  const other = plane.token(shop, { org: shop.organizationIds[1] });
  t.match(await plane.call(shop, other, { url: path }), { body: { raw_days: 90, version: 1 } }, 'each its own');
});

t.test('whole days in UTC', async (t) => {
  const now = Date.parse('2026-03-10T15:00:00Z');
  t.equal(keptSince(now, 2).toISOString(), '2026-03-08T00:00:00.000Z');
  t.ok(isTooOld(Date.parse('2026-03-07T23:59:59.999Z'), now, 2));
  t.notOk(isTooOld(Date.parse('2026-03-08T00:00:00Z'), now, 2));
});
