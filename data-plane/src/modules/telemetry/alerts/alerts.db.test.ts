import { statement } from '@platen/chassis/db/statement';
import type { ScopedDb } from '@platen/chassis/db/types';
import { minuteMs } from '@platen/chassis/durations';
import { createLogger } from '@platen/chassis/log/logger';
import { type Engine, telemetryEngines } from '@platen/chassis/testkit/database';
import { patient } from '@platen/chassis/testkit/patient';
import t, { type Test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import type { Tenant } from '../../../feed/tenant.js';
import { createRouter } from '../../../routing/router.js';
import type { TenantCtx } from '../../module.js';
import type { OrganizationCtx } from '../each-organization.js';
import { openRollups, rollUpAll } from '../rollups/rollups.fixture.js';
import { createBacktester } from './backtest.js';
import { createLiveLooks } from './live-looks.js';
import { lookAtAll, lookAtSeries } from './look.js';
import { insertRule } from './rules-repo.js';
import { putLook } from './watched-organizations.js';

const insertDevice = statement<never>(
  'alerts_test.device',
  `insert into tel_devices (tenant_id, organization_id, id, code, name, kind, device_no)
   values ($1::uuid, $2::uuid, $3::uuid, 'dryer-' || $4::int, 'A dryer', 'dryer', $4::int)`,
);
const insertMetric = statement<never>(
  'alerts_test.metric',
  `insert into tel_metrics (tenant_id, organization_id, id, code, name, kind, metric_no, unit)
   values ($1::uuid, $2::uuid, $3::uuid, 'temperature', 'Temperature', 'gauge', 1, 'Cel')`,
);
const selectAlerts = statement<{ device_id: string; raised: number; resolved: number | null; status: string }>(
  'alerts_test.alerts',
  `select device_id, extract(epoch from raised_at) * 1000 as raised, extract(epoch from resolved_at) * 1000 as resolved, status
   from tel_alerts order by raised_at, device_id`,
  { parse: { raised: Number, resolved: Number } },
);
const selectEvents = statement<{ type: string }>('alerts_test.events', `select type from outbox_events order by id`);
const silence = statement<never>(
  'alerts_test.arrived',
  'update tel_own_latest set arrived_at = to_timestamp($1::float8 / 1000)',
);

/** A shop with a dryer whose temperature is watched, from an hour ago on. */
async function openShop(t: Test, engine: Engine) {
  const plane = await openRollups(t, engine);
  const { appUrl: url, systemUrl: system_url } = plane.database;
  const catalogue = new Map([['telemetry_1', { url, system_url, kind: 'telemetry' as const, pool_size: 3 }]]);
  const log = createLogger({ service: 'test', level: 'silent' });
  const routers = [0, 1].map(() => createRouter({ catalogue, log, deadlines: patient }));
  t.teardown(() => Promise.all(routers.map((router) => router.close())).then(() => undefined));
  const tenant: Tenant = {
    ...plane.addTenant(),
    modules: [{ code: 'telemetry.alerts', valid_until: null }],
    limits: {},
  };
  const [organizationId, deviceId, metricId] = [uuidv7(), uuidv7(), uuidv7()];
  const startMs = Date.now() - 60 * minuteMs;
  const [router, otherRouter] = routers;
  if (router === undefined || otherRouter === undefined) throw new Error('there are two');
  const scope = { tenantId: tenant.id, organizationId, workspaceId: null };
  const db = router.openTelemetry(tenant, scope);
  await db.leased.query(insertDevice, [tenant.id, organizationId, deviceId, 1]);
  await db.leased.query(insertMetric, [tenant.id, organizationId, metricId]);
  let nowMs = startMs;
  const ctxOf = (own: ScopedDb = db): OrganizationCtx => ({
    ...{ tenant, organizationId, workspaceId: null, correlationId: 'alerts-test', traceparent: null, db: own },
    now: () => new Date(nowMs),
    newId: () => uuidv7(),
  });
  return {
    ...{ plane, organizationId, deviceId, metricId, startMs, db, ctxOf, router },
    /** The database as another plane has it. */
    otherDb: otherRouter.openTelemetry(tenant, scope),
    at(ms: number) {
      nowMs = ms;
    },
    async addRule(parts: Partial<Parameters<typeof insertRule>[2]> = {}) {
      const rule = {
        ...{ id: uuidv7(), code: `r-${uuidv7()}`, name: 'Too hot', metric_id: metricId, device_id: null },
        ...({ condition: 'above', threshold: 80, clear_threshold: 70, duration_seconds: 120 } as const),
        ...({ severity: 'critical', enabled: true } as const),
        ...parts,
      };
      await db.transaction((tx) => insertRule(tx, ctxOf(), rule));
      return rule.id;
    },
    /** Temperatures at minutes of the hour. */
    async store(...readings: readonly (readonly [minute: number, value: number])[]) {
      await plane.store(
        tenant,
        readings.map(([minute, value]) => ({ deviceNo: 1, metricNo: 1, tsMs: startMs + minute * minuteMs, value })),
      );
      await rollUpAll(plane.rollups, tenant);
    },
    alerts: async () =>
      (await db.query(selectAlerts)).map(({ raised, resolved, status }) => [
        (raised - startMs) / minuteMs,
        resolved === null ? null : (resolved - startMs) / minuteMs,
        status,
      ]),
    events: async () => (await db.query(selectEvents)).map(({ type }) => type.replace('telemetry.alert.', '')),
  };
}
const one = [{ deviceNo: 1, metricNo: 1 }];

for (const { engine, skip } of telemetryEngines) {
  t.test(`a day of a dryer, on ${engine}`, { skip }, async (t) => {
    const shop = await openShop(t, engine);
    await shop.addRule();
    shop.at(shop.startMs + 60 * minuteMs);
    await shop.store([1, 20], [2, 81], [3, 85]);
    await lookAtSeries(shop.ctxOf(), one);
    t.same(await shop.alerts(), [], 'not for long enough');
    await shop.store([4, 90]);
    // Two planes at once look at the same: one raises it.
    await Promise.all([
      lookAtSeries(shop.ctxOf(), one),
      lookAtSeries(shop.ctxOf(shop.otherDb), one),
      lookAtAll(shop.ctxOf()),
    ]);
    t.same(await shop.alerts(), [[4, null, 'open']]);
    await shop.store([2.5, 10], [3.5, 10]);
    await lookAtAll(shop.ctxOf());
    t.same(await shop.alerts(), [[4, null, 'open']], 'what comes late does not open the past again');
    await shop.store([5, 75], [6, 95], [7, 71], [8, 70], [9, 90]);
    await lookAtSeries(shop.ctxOf(), one, { looks: 1, readings: 2 });
    t.same(await shop.alerts(), [[4, 8, 'resolved']], 'until it is cleared, in pages of whatever size');
    t.same(await shop.events(), ['raised', 'resolved']);

    const tester = createBacktester(3);
    // Of a context, what a back-test uses.
    const ctx = shop.ctxOf() as unknown as TenantCtx;
    const draft = {
      ...({ condition: 'above', threshold: 80, clear_threshold: 70, duration_seconds: 0 } as const),
      metric_id: shop.metricId,
    };
    const span = {
      from: new Date(shop.startMs).toISOString(),
      to: new Date(shop.startMs + 60 * minuteMs).toISOString(),
    };
    const tested = await tester.ofDraft(ctx, draft, span);
    t.match(
      tested,
      { readings: 11, devices: 1, count: 4, minutes_in_alert: 56 },
      'readings that came late are there for it',
    );
    t.match(tested.alerts.slice(2), [
      { value: 90, peak: 95 },
      { value: 90, resolved_at: null },
    ]);
  });

  t.test(`silence and its end, on ${engine}`, { skip }, async (t) => {
    const shop = await openShop(t, engine);
    const silent = { condition: 'no_data', threshold: null, clear_threshold: null, duration_seconds: 600 } as const;
    await shop.addRule({ ...silent, device_id: shop.deviceId });
    const arrive = (minute: number) => shop.db.leased.query(silence, [shop.startMs + minute * minuteMs]);
    const lookAt = async (minute: number) => {
      shop.at(shop.startMs + minute * minuteMs);
      await lookAtAll(shop.ctxOf());
    };
    await lookAt(9);
    t.same(await shop.alerts(), []);
    await lookAt(11);
    t.same(await shop.alerts(), [[10, null, 'open']], 'one that never sent is silent since the rule is there');
    await shop.store([12, 20]);
    await arrive(12);
    await lookAtSeries(shop.ctxOf(), one);
    t.same(await shop.alerts(), [[10, 12, 'resolved']]);
    await lookAt(21);
    await lookAt(21.9);
    t.equal((await shop.alerts()).length, 1);
    await lookAt(23);
    await lookAt(24);
    t.same(await shop.alerts(), [
      [10, 12, 'resolved'],
      [22, null, 'open'],
    ]);
    t.same(await shop.events(), ['raised', 'resolved', 'raised']);
  });
}

t.test('a look that dies between is taken again, with the same effects once', async (t) => {
  const shop = await openShop(t, 'postgres');
  await shop.addRule({ duration_seconds: 0 });
  shop.at(shop.startMs + 60 * minuteMs);
  await shop.store([1, 90], [2, 60], [3, 91]);
  const dying: ScopedDb = {
    query: (...asked) => shop.db.query(...asked),
    leased: shop.db.leased,
    transaction: (work) =>
      shop.db.transaction(async (tx) => {
        const done = await work(tx);
        await tx.query(selectEvents);
        if (done !== undefined) throw new Error('the end');
        return done;
      }),
  };
  await t.rejects(lookAtSeries(shop.ctxOf(dying), one), { message: 'the end' });
  t.same([await shop.alerts(), await shop.events()], [[], []]);
  await lookAtAll(shop.ctxOf());
  await lookAtAll(shop.ctxOf());
  t.same(await shop.alerts(), [
    [1, 2, 'resolved'],
    [3, null, 'open'],
  ]);
  t.same(await shop.events(), ['raised', 'resolved', 'raised']);
});

t.test('what a back-test raises is what was raised live, over the same readings', async (t) => {
  const shop = await openShop(t, 'postgres');
  await shop.addRule();
  await shop.addRule({ condition: 'below', threshold: 60, clear_threshold: null, duration_seconds: 60 });
  shop.at(shop.startMs + 60 * minuteMs);
  // A wave with a step: every value is told by its minute.
  const readings = Array.from(
    { length: 240 },
    (_, n) => [0.25 * (n + 1), 70 + 25 * Math.sin(n / 9) + (n % 7)] as const,
  );
  for (let n = 0; n < readings.length; n += 50) {
    await shop.store(...readings.slice(n, n + 50));
    await lookAtSeries(shop.ctxOf(), one, { looks: 1, readings: 17 });
  }
  const ctx = shop.ctxOf() as unknown as TenantCtx; // what a back-test uses of it
  const span = { from: new Date(shop.startMs).toISOString(), to: new Date(shop.startMs + 60 * minuteMs).toISOString() };
  const drafts = [
    { condition: 'above', threshold: 80, clear_threshold: 70, duration_seconds: 120 },
    { condition: 'below', threshold: 60, clear_threshold: null, duration_seconds: 60 },
  ] as const;
  const tested = await Promise.all(
    drafts.map((draft) => createBacktester(19).ofDraft(ctx, { ...draft, metric_id: shop.metricId }, span)),
  );
  const told = tested.flatMap(({ alerts }) =>
    alerts.map(({ raised_at, resolved_at }) => [raised_at, resolved_at].map((at) => at && Date.parse(at))),
  );
  const live = (await shop.db.query(selectAlerts)).map(({ raised, resolved }) => [raised, resolved]);
  t.ok(live.length > 3);
  t.same(told.sort(), live.sort());
});

t.test('looks follow roll-ups, where there are rules', async (t) => {
  const shop = await openShop(t, 'postgres');
  await shop.addRule({ duration_seconds: 0 });
  shop.plane.rollups.onRolled(createLiveLooks({ openTelemetryDb: shop.router.openTelemetry }));
  await shop.store([1, 90]);
  t.same(await shop.alerts(), [], 'nothing says that this organization has some');
  await shop.db.transaction(async (tx) => putLook(tx, shop.ctxOf(), shop.organizationId));
  await shop.store([2, 95]);
  t.same(await shop.alerts(), [[1, null, 'open']]);
});
