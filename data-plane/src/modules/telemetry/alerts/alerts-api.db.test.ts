import { statement } from '@platen/chassis/db/statement';
import { testDatabase } from '@platen/chassis/testkit/database';
import { maxAlertRules } from '@platen/schema/contracts/data/telemetry-alert-rules';
import { permissionCodes } from '@platen/schema/permissions';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { openTestPlane, type TestTenant, tenantOf } from '../../../testkit/test-plane.js';
import { lookAtAll } from './look.js';

const [erp, telemetry] = await Promise.all([testDatabase(t, 'erp'), testDatabase(t, 'telemetry')]);
const plane = openTestPlane(t, { erp_1: erp, telemetry_1: { ...telemetry, kind: 'telemetry' } });

const insertDevice = statement<never>(
  'alerts_api_test.device',
  `insert into tel_devices (tenant_id, organization_id, workspace_id, id, code, name, kind, device_no)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, 'A dryer', 'dryer', $6::int)`,
);
const insertMetric = statement<never>(
  'alerts_api_test.metric',
  `insert into tel_metrics (tenant_id, organization_id, id, code, name, kind, metric_no)
   values ($1::uuid, $2::uuid, $3::uuid, 'temperature', 'Temperature', 'gauge', 1)`,
);
const disableDevice = statement<never>(
  'alerts_api_test.disable',
  `update tel_devices set status = 'disabled' where id = $1::uuid`,
);

interface Shop {
  readonly tenant: TestTenant;
  readonly deviceId: string;
  readonly ofWorkspace: string;
  readonly metricId: string;
}

const scopeOf = (tenant: TestTenant) => ({
  tenantId: tenant.id,
  organizationId: tenant.organizationIds[0],
  workspaceId: null,
});
const dbOf = (tenant: TestTenant) => plane.router.openTelemetry(tenantOf(plane.store, tenant.id), scopeOf(tenant));

async function addShop(slug: string): Promise<Shop> {
  const tenant = plane.addTenant(slug, 'erp_1', { telemetry_db_key: 'telemetry_1' });
  const [deviceId, ofWorkspace, metricId] = [uuidv7(), uuidv7(), uuidv7()];
  const owner = [tenant.id, tenant.organizationIds[0]];
  await dbOf(tenant).leased.query(insertDevice, [...owner, null, deviceId, 'dryer-1', 1]);
  await dbOf(tenant).leased.query(insertDevice, [...owner, tenant.workspaceIds[0], ofWorkspace, 'dryer-2', 2]);
  await dbOf(tenant).leased.query(insertMetric, [...owner, metricId]);
  return { tenant, deviceId, ofWorkspace, metricId };
}

const insertRules = statement<never>(
  'alerts_api_test.rules',
  `insert into tel_alert_rules (tenant_id, organization_id, id, code, name, metric_id, condition, threshold)
   select $1::uuid, $2::uuid, gen_random_uuid(), 'rule-' || n, 'Rule', $3::uuid, 'above', n from generate_series(1, $4::int) n`,
);

type Asked = { readonly ws?: string | null; readonly ifMatch?: number; readonly body?: object; readonly org?: string };

async function call({ tenant }: Shop, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, asked: Asked = {}) {
  const { ws = null, ifMatch, body, org } = asked;
  const token = plane.token(tenant, { ws, ...(org !== undefined && { org }) });
  return plane.call(tenant, token, {
    method,
    url: `/api/telemetry/${path}`,
    headers: { ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }) },
    ...(body && { payload: body }),
  });
}

/** A rule about silence, and the time at which it has lasted for too long. */
async function raiseSilence(shop: Shop, deviceId: string, code: string): Promise<{ ruleId: string }> {
  const body = {
    ...{ code, name: 'Silent', metric_id: shop.metricId, device_id: deviceId },
    ...{ condition: 'no_data', duration_seconds: 60 },
  };
  const { body: rule, status } = await call(shop, 'POST', 'alert-rules', { body });
  if (status !== 201) throw new Error(JSON.stringify(rule));
  await look(shop, 61_000);
  return { ruleId: rule.id };
}

const look = ({ tenant }: Shop, aheadMs: number) =>
  lookAtAll({
    ...{ tenant: tenantOf(plane.store, tenant.id), organizationId: tenant.organizationIds[0], workspaceId: null },
    ...{ correlationId: 'alerts-api-test', traceparent: null, db: dbOf(tenant) },
    now: () => new Date(Date.now() + aheadMs),
    newId: () => uuidv7(),
  });
const openOf = async (shop: Shop, ruleId: string) =>
  (await call(shop, 'GET', `alerts?rule_id=${ruleId}`)).body.items as { id: string; version: number; status: string }[];

t.test('rules: what they may say, and what changes of them end', async (t) => {
  const shop = await addShop('acme');
  const fields = { code: 'Hot', name: 'Too hot', metric_id: shop.metricId, condition: 'above', threshold: 80 };
  const create = (parts: object) => call(shop, 'POST', 'alert-rules', { body: { ...fields, ...parts } });
  t.match(await create({ clear_threshold: 81 }), {
    status: 400,
    body: { errors: [{ path: '/body/clear_threshold' }] },
  });
  t.match(await create({ condition: 'below', clear_threshold: 79 }), { status: 400 });
  t.match(await create({ threshold: null }), { status: 400 });
  t.match(await create({ condition: 'no_data', threshold: null, duration_seconds: 5 }), { status: 400 });
  t.match(await create({ duration_seconds: 604_801 }), { status: 400 });
  const { body: rule } = await create({ clear_threshold: 70 });
  t.match(rule, { code: 'hot', clear_threshold: 70, severity: 'warning', enabled: true, version: 1 });
  t.match(await create({}), { status: 409, body: { code: 'duplicate' } });
  t.match(await call(shop, 'PATCH', `alert-rules/${rule.id}`, { body: { clear_threshold: 90 } }), { status: 400 });
  t.match(await call(shop, 'PATCH', `alert-rules/${rule.id}`, { ifMatch: 7, body: { name: 'x' } }), { status: 412 });
  t.match(await call(shop, 'PATCH', `alert-rules/${rule.id}`, { body: { name: 'Hot!' } }), {
    body: { version: 2, watched_from: rule.watched_from },
  });
  const { ruleId } = await raiseSilence(shop, shop.deviceId, 'silent');
  const { body: off } = await call(shop, 'PATCH', `alert-rules/${ruleId}`, { body: { enabled: false } });
  t.equal(off.enabled, false);
  t.match(await openOf(shop, ruleId), [{ status: 'resolved', resolution: 'rule_changed' }]);
  await call(shop, 'PATCH', `alert-rules/${ruleId}`, { body: { enabled: true } });
  await look(shop, 30_000);
  t.equal((await openOf(shop, ruleId)).length, 1, 'silence counts from when it was enabled again');
  await look(shop, 62_000);
  t.match(await openOf(shop, ruleId), [{ status: 'open' }, { status: 'resolved' }]);
  t.equal((await call(shop, 'DELETE', `alert-rules/${ruleId}`)).status, 204);
  t.match(await openOf(shop, ruleId), [{ resolution: 'rule_removed', rule: { code: 'silent' } }, {}]);
  t.equal((await call(shop, 'GET', `alert-rules/${ruleId}`)).status, 404);
  t.equal((await call(shop, 'POST', `alert-rules/${ruleId}/backtest`, { body: spanOfDay() })).status, 404);
  const again = await raiseSilence(shop, shop.deviceId, 'silent');
  t.match(await openOf(shop, again.ruleId), [{ status: 'open' }], 'its code is free again');
  await dbOf(shop.tenant).leased.query(disableDevice, [shop.deviceId]);
  await look(shop, 70_000);
  t.match(await openOf(shop, again.ruleId), [{ status: 'resolved', resolution: 'device_disabled' }]);
});

const spanOfDay = (days = 1) => ({
  from: new Date(Date.now() - days * 86_400_000).toISOString(),
  to: new Date().toISOString(),
});

t.test('acknowledged once, by one of two; ended by hand, it stays so until it has cleared', async (t) => {
  const shop = await addShop('globex');
  const { ruleId } = await raiseSilence(shop, shop.deviceId, 'silent');
  const [alert] = await openOf(shop, ruleId);
  if (alert === undefined) throw new Error('it was raised');
  const path = `alerts/${alert.id}/acknowledge`;
  const both = await Promise.all(
    ['one', 'two'].map((note) => call(shop, 'POST', path, { ifMatch: alert.version, body: { note } })),
  );
  t.same(both.map(({ status }) => status).sort(), [200, 412]);
  t.match(await call(shop, 'POST', path, { body: {} }), { status: 409, body: { code: 'illegal_transition' } });
  t.match((await call(shop, 'GET', `alerts/${alert.id}`)).body, { status: 'acknowledged', version: 2 });
  t.equal((await call(shop, 'POST', `alerts/${alert.id}/resolve`, { body: { note: 'unplugged' } })).status, 200);
  t.equal((await call(shop, 'POST', `alerts/${alert.id}/resolve`, { body: {} })).status, 409);
  await look(shop, 200_000);
  t.match(await openOf(shop, ruleId), [{ id: alert.id, resolution: 'by_hand', note: 'unplugged' }]);
  t.equal((await openOf(shop, ruleId)).length, 1);
  t.same((await call(shop, 'GET', 'alerts?status=open')).body.items, []);
  const span = `from=2020-01-01T00:00:00.000Z&to=${new Date(Date.now() + 1e6).toISOString()}`;
  t.equal((await call(shop, 'GET', `alerts?severity=warning&device_id=${shop.deviceId}&${span}`)).body.items.length, 1);
});

t.test('another tenant, organization or workspace', async (t) => {
  const [shop, other] = [await addShop('initech'), await addShop('hooli')];
  const [first, second] = shop.tenant.workspaceIds;
  const { ruleId } = await raiseSilence(shop, shop.ofWorkspace, 'silent');
  const [alert] = await openOf(shop, ruleId);
  const names = { code: 'mine', name: 'Mine', condition: 'above', threshold: 1 };
  for (const [who, asked, from] of [
    ['another tenant', {}, other],
    ['another organization', { org: shop.tenant.organizationIds[1] }, shop],
  ] as const) {
    const missing = uuidv7();
    const see = async (path: string) => (await call(from, 'GET', path, asked)).status;
    t.same([await see(`alert-rules/${ruleId}`), await see(`alerts/${alert?.id}`)], [404, 404], who);
    for (const id of [alert?.id, missing]) {
      t.equal((await call(from, 'POST', `alerts/${id}/acknowledge`, { ...asked, body: {} })).status, 404);
      t.equal((await call(from, 'POST', `alerts/${id}/resolve`, { ...asked, body: {} })).status, 404);
    }
    t.equal((await call(from, 'PATCH', `alert-rules/${ruleId}`, { ...asked, body: { name: 'x' } })).status, 404);
    t.equal((await call(from, 'DELETE', `alert-rules/${ruleId}`, asked)).status, 404);
    const body = { rule: { metric_id: shop.metricId, condition: 'above', threshold: 1 }, ...spanOfDay() };
    t.match(await call(from, 'POST', 'alert-rules/backtest', { ...asked, body }), {
      status: 422,
      body: { errors: [{ path: '/body/rule/metric_id' }] },
    });
    t.same((await call(from, 'GET', 'alerts', asked)).body.items, []);
    t.same((await call(from, 'GET', 'alert-rules', asked)).body.items, []);
  }
  const foreign = { ...names, metric_id: other.metricId, device_id: shop.deviceId };
  t.match(await call(shop, 'POST', 'alert-rules', { body: foreign }), {
    status: 422,
    body: { errors: [{ path: '/body/metric_id' }] },
  });
  const unseen = { ...names, metric_id: shop.metricId, device_id: shop.ofWorkspace };
  t.match(await call(shop, 'POST', 'alert-rules', { ws: second, body: unseen }), {
    status: 422,
    body: { errors: [{ path: '/body/device_id' }] },
  });
  t.equal((await call(shop, 'GET', 'alerts', { ws: second })).body.items.length, 0, 'an alert is where its device is');
  t.equal((await call(shop, 'GET', 'alerts', { ws: first })).body.items.length, 1);
  t.equal((await call(shop, 'POST', `alerts/${alert?.id}/acknowledge`, { ws: second, body: {} })).status, 404);
  t.equal((await call(shop, 'DELETE', `alert-rules/${ruleId}`, { ws: first })).status, 403, 'a rule of all of it');
  t.equal((await call(shop, 'POST', `alerts/${alert?.id}/acknowledge`, { ws: first, body: {} })).status, 200);
  t.match(await call(shop, 'POST', `alert-rules/${ruleId}/backtest`, { body: spanOfDay(32) }), { status: 400 });
  t.match(await call(shop, 'POST', `alert-rules/${ruleId}/backtest`, { body: spanOfDay() }), {
    body: { count: 1, readings: 0, devices: 1 },
  });
});

t.test('no more rules than a look at them can be asked to take', async (t) => {
  const shop = await addShop('umbrella');
  const { tenant, metricId } = shop;
  const owner = [tenant.id, tenant.organizationIds[0]];
  await dbOf(tenant).leased.query(insertRules, [...owner, metricId, maxAlertRules - 1]);
  const create = (code: string) =>
    call(shop, 'POST', 'alert-rules', {
      body: { code, name: 'One more', metric_id: metricId, condition: 'above', threshold: 1 },
    });
  const racing = await Promise.all([create('one'), create('two')]);
  t.same(racing.map(({ status }) => status).sort(), [201, 422]);
  t.match(await create('three'), { status: 422, body: { code: 'limit_reached', allowed: maxAlertRules } });
  const [made] = racing.filter(({ status }) => status === 201);
  t.equal((await call(shop, 'DELETE', `alert-rules/${made?.body.id}`)).status, 204);
  t.equal((await create('four')).status, 201, 'what is removed takes no place');
});

t.test('who may not read readings does not learn them from back-tests', async (t) => {
  const shop = await addShop('tyrell');
  const { ruleId } = await raiseSilence(shop, shop.deviceId, 'silent');
  const rule = { metric_id: shop.metricId, condition: 'above', threshold: -1e9 };
  const permissions = permissionCodes.filter((code) => code !== 'telemetry.reading.read');
  const token = plane.token(shop.tenant, { permissions });
  for (const [url, payload] of [
    ['/api/telemetry/alert-rules/backtest', { rule, ...spanOfDay() }],
    [`/api/telemetry/alert-rules/${ruleId}/backtest`, spanOfDay()],
  ] as const) {
    t.match(await plane.call(shop.tenant, token, { method: 'POST', url, payload }), {
      status: 403,
      body: { code: 'permission_denied', permission: 'telemetry.reading.read' },
    });
  }
});
