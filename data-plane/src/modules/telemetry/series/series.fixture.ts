import { statement } from '@platen/chassis/db/statement';
import { createLogger } from '@platen/chassis/log/logger';
import { type Engine, testDatabase } from '@platen/chassis/testkit/database';
import { openTestPlane, type TestPlane, type TestTenant, tenantOf } from '../../../testkit/test-plane.js';
import { createRollups, type Rollups } from '../rollups/index.js';

export interface Reading {
  readonly deviceNo: number;
  readonly metricNo: number;
  readonly atMs: number;
  readonly value: number;
}

/** A plane over a telemetry database of an engine, with roll-ups that another plane could have: of the test's own time. */
export interface SeriesShop extends TestPlane {
  readonly rollups: Rollups;
  addDevice(at: Place, code: string, no: number): Promise<void>;
  addMetric(at: Place, code: string, no: number, kind: string, intervalMs: number | null): Promise<void>;
  measured(tenant: TestTenant, readings: readonly Reading[]): Promise<void>;
  rollUp(tenant: TestTenant): Promise<void>;
}

export interface Place {
  readonly tenant: TestTenant;
  readonly organizationId?: string;
  readonly workspaceId?: string;
}

const insertDevice = statement<unknown>(
  'series_test.device',
  `insert into tel_devices (tenant_id, organization_id, workspace_id, id, code, name, kind, device_no)
   values ($1::uuid, $2::uuid, $3::uuid, gen_random_uuid(), $4, $4, 'press', $5::int)`,
);
const insertMetric = statement<unknown>(
  'series_test.metric',
  `insert into tel_metrics (tenant_id, organization_id, id, code, name, kind, metric_no, expected_interval_ms)
   values ($1::uuid, $2::uuid, gen_random_uuid(), $3, $3, $4, $5::int, $6::int)`,
);
const ensureDays = statement<unknown>('series_test.ensure', 'select tel_ensure_partitions($1::date[])');
const insertReadings = statement<unknown>(
  'series_test.store',
  `with stored as (
     insert into tel_own_readings (tenant_id, device_no, metric_no, ts, value)
     select $1::uuid, u.d, u.m, to_timestamp(u.t / 1000), u.v
     from unnest($2::int[], $3::int[], $4::float8[], $5::float8[]) u(d, m, t, v) order by u.d, u.m, u.t
     on conflict do nothing)
   insert into tel_dirty_buckets (tenant_id, id, device_no, metric_no, first_ts, last_ts, arrived_at)
   select $1::uuid, gen_random_uuid(), d, m, to_timestamp(min(t) / 1000), to_timestamp(max(t) / 1000), now()
   from unnest($2::int[], $3::int[], $4::float8[]) u(d, m, t) group by d, m, floor(t / 3600000)`,
);

export async function openSeriesShop(t: Parameters<typeof testDatabase>[0], engine: Engine): Promise<SeriesShop> {
  const database = await testDatabase(t, 'telemetry', engine);
  const plane = openTestPlane(t, { telemetry_1: { ...database, kind: 'telemetry' } });
  const log = createLogger({ service: 'data-plane', level: 'silent' });
  const find = (id: string) => tenantOf(plane.store, id);
  const rollups = createRollups({
    openTelemetryDb: plane.router.openTelemetry,
    feed: { tenantById: find },
    databases: [],
    log,
  });
  const open = ({ tenant, organizationId = tenant.organizationIds[0], workspaceId }: Place) =>
    plane.router.openTelemetry(find(tenant.id), {
      tenantId: tenant.id,
      organizationId,
      workspaceId: workspaceId ?? null,
    }).leased;
  const ids = ({ tenant, organizationId = tenant.organizationIds[0] }: Place) => [tenant.id, organizationId] as const;
  return {
    ...plane,
    rollups,
    async addDevice(at, code, no) {
      await open(at).query(insertDevice, [...ids(at), at.workspaceId ?? null, code, no]);
    },
    async addMetric(at, code, no, kind, intervalMs) {
      await open(at).query(insertMetric, [...ids(at), code, kind, no, intervalMs]);
    },
    async measured(tenant, readings) {
      const days = [...new Set(readings.map(({ atMs }) => new Date(atMs).toISOString().slice(0, 10)))];
      await open({ tenant }).query(ensureDays, [days]);
      await open({ tenant }).query(insertReadings, [
        tenant.id,
        readings.map(({ deviceNo }) => deviceNo),
        readings.map(({ metricNo }) => metricNo),
        readings.map(({ atMs }) => atMs),
        readings.map(({ value }) => value),
      ]);
    },
    async rollUp(tenant) {
      while ((await rollups.rollUp(find(tenant.id))).more);
    },
  };
}
