import { lockNumber } from '@platen/chassis/db/advisory-locks';
import { statement } from '@platen/chassis/db/statement';
import type { Scope, ScopedDb, Tx } from '@platen/chassis/db/types';
import { v7 as uuidv7 } from 'uuid';
import type { Tenant } from '../../feed/tenant.js';
import { lookAtAll } from '../../modules/telemetry/alerts/index.js';
import { rollUpTenant } from '../../modules/telemetry/rollups/index.js';
import { insertRows } from '../insert-rows.js';
import { seedId } from '../random.js';
import { measure } from './curves.js';
import { devices, type MetricCode, metrics, rules } from './shop.js';

export interface TelemetryPlan {
  readonly tenant: Pick<Tenant, 'id' | 'slug'> & { readonly telemetryDbKey: string };
  readonly organizationId: string;
  /** Who saw the first alerts. */
  readonly managerId: string;
}

export interface SeededTelemetry {
  readonly devices: number;
  readonly readings: number;
  readonly alerts: number;
}

/** Everything but readings is older than they are. */
const historyMs = 31 * 86_400_000;
const batch = 10_000;
/** More than the service does at once: nobody else has to have a turn. */
const rolledAtOnce = { rows: 1_000, minutes: 60_000 } as const;

const lock = statement<{ there: boolean }>(
  'seed.telemetry_lock',
  `select pg_advisory_xact_lock(${lockNumber('telemetrySeed')}) is null as locked,
     exists (select from tel_devices) as there`,
  { parse: { there: 'bool' } },
);
const takeNumbers = statement<{ last_no: number }>(
  'seed.telemetry_numbers',
  `insert into tel_numbers as n (tenant_id, kind, last_no) values ($1, $2, $3)
   on conflict (tenant_id, kind) do update set last_no = n.last_no + excluded.last_no, updated_at = now()
   returning last_no::int`,
  { parse: { last_no: 'int' } },
);
const ensurePartitions = statement<never>('seed.telemetry_days', 'select from tel_ensure_partitions($1::date[])');
/** As ingest does it: what came where is told beside the readings. Each arrived when it was measured. */
const insertReadings = statement<never>(
  'seed.telemetry_readings',
  `with stored as (
     insert into tel_own_readings (tenant_id, device_no, metric_no, ts, value)
     select $1::uuid, d, m, to_timestamp(s), v from unnest($2::int[], $3::int[], $4::float8[], $5::float8[]) given(d, m, s, v)
     on conflict do nothing returning device_no, metric_no, ts)
   insert into tel_dirty_buckets (tenant_id, id, device_no, metric_no, first_ts, last_ts, arrived_at)
   select $1::uuid, gen_random_uuid(), device_no, metric_no, min(ts), max(ts), max(ts)
   from stored group by device_no, metric_no, date_trunc('hour', ts)`,
);
const acknowledgeOldest = statement<never>(
  'seed.telemetry_acknowledge',
  `update tel_alerts set acknowledged_at = raised_at + interval '4 minutes', acknowledged_by = $1, note = 'Sensor changed'
   where id in (select id from tel_alerts where severity = 'critical' order by raised_at limit 2)`,
);
const count = statement<{ alerts: number }>('seed.telemetry_count', 'select count(*)::int as alerts from tel_alerts', {
  parse: { alerts: 'int' },
});

/**
 * Machines, and what they measured in a month: stored as it would have come in, then rolled up and looked at by what does
 * it in the service. null: it has machines already.
 */
export async function seedTelemetry(
  open: (scope: Scope) => ScopedDb,
  plan: TelemetryPlan,
  now: Date,
): Promise<SeededTelemetry | null> {
  const { tenant, organizationId } = plan;
  const db = open({ tenantId: tenant.id, organizationId, workspaceId: null });
  const measured = devices.flatMap((device, n) =>
    measure(device, now.getTime()).map(({ metric, tsMs, value }) => ({ device: n, metric, tsMs, value })),
  );
  const days = new Set(measured.map(({ tsMs }) => new Date(tsMs).toISOString().slice(0, 10)));
  await db.leased.query(ensurePartitions, [[...days]]);
  const isNew = await db.transaction(async (tx) => {
    const [found] = await tx.query(lock);
    if (found?.there === true) return false;
    const [firstDevice, firstMetric] = await writeMachines(tx, plan, now);
    const codes = Object.keys(metrics);
    for (let at = 0; at < measured.length; at += batch) {
      const part = measured.slice(at, at + batch);
      tx.defer(insertReadings, [
        tenant.id,
        part.map(({ device }) => firstDevice + device),
        part.map(({ metric }) => firstMetric + codes.indexOf(metric)),
        part.map(({ tsMs }) => tsMs / 1_000),
        part.map(({ value }) => value),
      ]);
    }
    return true;
  });
  if (!isNew) return null;
  const whole = asTenant(plan);
  const openTelemetryDb = (_tenant: Tenant, scope: Scope): ScopedDb => open(scope);
  while ((await rollUpTenant({ openTelemetryDb }, whole, rolledAtOnce.rows, rolledAtOnce.minutes)).more);
  const ctx = { tenant: whole, organizationId, workspaceId: null, correlationId: 'seed', traceparent: null };
  await lookAtAll({ ...ctx, db, now: () => now, newId: () => uuidv7() });
  await db.transaction(async (tx) => tx.defer(acknowledgeOldest, [plan.managerId]));
  const [counted] = await db.query(count);
  return { devices: devices.length, readings: measured.length, alerts: counted?.alerts ?? 0 };
}

/** Devices, metrics, rules, how long it is kept. Answers the numbers of the first device and the first metric. */
async function writeMachines(tx: Tx, plan: TelemetryPlan, now: Date): Promise<[device: number, metric: number]> {
  const { tenant, organizationId } = plan;
  const madeMs = now.getTime() - historyMs;
  const owner = { tenant_id: tenant.id, organization_id: organizationId };
  const made = { ...owner, created_at: new Date(madeMs).toISOString(), updated_at: new Date(madeMs).toISOString() };
  const idOf = (name: string, order = 0) => seedId(`${tenant.slug} telemetry ${name}`, madeMs, order);
  const entries = Object.entries(metrics);
  const first = async (kind: 'device' | 'metric', wanted: number): Promise<number> => {
    const [taken] = await tx.query(takeNumbers, [tenant.id, kind, wanted]);
    return (taken?.last_no ?? wanted) - wanted + 1;
  };
  const [firstDevice, firstMetric] = [await first('device', devices.length), await first('metric', entries.length)];
  const device = devices.map(({ code, name, kind, workspaceId }, n) => ({
    ...{ ...made, workspace_id: workspaceId, id: idOf(`device ${code}`, n), code, name, kind },
    ...{ device_no: firstDevice + n, status: 'active', last_seen_at: now.toISOString(), clock_skew_ms: -80 - n },
    ...{ attributes: {}, version: 1 },
  }));
  const metric = entries.map(([code, { name, unit, kind, expectedIntervalMs }], n) => ({
    ...{ ...made, workspace_id: null, id: idOf(`metric ${code}`, n), code, name, unit, kind },
    ...{ metric_no: firstMetric + n, expected_interval_ms: expectedIntervalMs, version: 1 },
  }));
  const idOfMetric = (code: MetricCode) => idOf(`metric ${code}`, Object.keys(metrics).indexOf(code));
  const rule = rules.map(({ code, name, metric: of, condition, severity, ...terms }, n) => ({
    ...{ ...made, workspace_id: null, id: idOf(`rule ${code}`, n), code, name, metric_id: idOfMetric(of) },
    ...{ device_id: null, condition, threshold: terms.threshold, clear_threshold: terms.clearThreshold },
    ...{ duration_seconds: terms.durationSeconds, severity, enabled: true, watched_from: made.created_at, version: 1 },
  }));
  insertRows(tx, 'tel_devices', device);
  insertRows(tx, 'tel_metrics', metric);
  insertRows(tx, 'tel_alert_rules', rule);
  insertRows(tx, 'tel_retention_policies', [
    { ...made, workspace_id: null, id: idOf('retention'), raw_days: 60, rollup_days: 730, version: 1 },
  ]);
  return [firstDevice, firstMetric];
}

const asTenant = ({ tenant }: TelemetryPlan): Tenant => ({
  ...{ ...tenant, name: tenant.slug, status: 'active', domains: [], primaryDomain: null, stores: [], store: null },
  ...{ erpDbKey: '', authzEpoch: 0, modules: [], limits: {} },
});
