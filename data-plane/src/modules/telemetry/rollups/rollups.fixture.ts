import { statement } from '@platen/chassis/db/statement';
import { systemDatabase } from '@platen/chassis/db/system-database';
import type { ScopedDb } from '@platen/chassis/db/types';
import { createLogger } from '@platen/chassis/log/logger';
import { type Engine, testDatabase } from '@platen/chassis/testkit/database';
import { patient } from '@platen/chassis/testkit/patient';
import { v7 as uuidv7 } from 'uuid';
import type { Tenant } from '../../../feed/tenant.js';
import { createRouter } from '../../../routing/router.js';
import { createRollups, type Rollups } from './rollups.js';

export interface Reading {
  readonly deviceNo: number;
  readonly metricNo: number;
  readonly tsMs: number;
  readonly value: number;
}

const ensureDays = statement<unknown>('rollups_test.ensure', 'select tel_ensure_partitions($1::date[])');
/** As ingest does: in one statement, a row for each series and hour. */
const insertReadings = statement<unknown>(
  'rollups_test.store',
  `with i as (
     insert into tel_own_readings (tenant_id, device_no, metric_no, ts, value)
     select $1::uuid, u.d, u.m, to_timestamp(u.t / 1000), u.v
     from unnest($2::int[], $3::int[], $4::float8[], $5::float8[]) u(d, m, t, v) order by u.d, u.m, u.t
     on conflict do nothing)
   insert into tel_dirty_buckets (tenant_id, id, device_no, metric_no, first_ts, last_ts, arrived_at)
   select $1::uuid, gen_random_uuid(), d, m, to_timestamp(min(t) / 1000), to_timestamp(max(t) / 1000), now()
   from unnest($2::int[], $3::int[], $4::float8[]) u(d, m, t) group by d, m, floor(t / 3600000)`,
);

/** Planes over one database of an engine: as many routers, each with roll-ups of its own. */
export async function openRollups(t: Parameters<typeof testDatabase>[0], engine: Engine, planes = 1) {
  const database = await testDatabase(t, 'telemetry', engine);
  const log = createLogger({ service: 'data-plane', level: 'silent' });
  const system = systemDatabase({ name: 'telemetry_1', url: database.systemUrl, poolSize: 2, ...patient });
  const catalogue = new Map([
    ['telemetry_1', { url: database.appUrl, system_url: database.systemUrl, kind: 'telemetry' as const, pool_size: 4 }],
  ]);
  const routers = Array.from({ length: planes }, () => createRouter({ catalogue, log, deadlines: patient }));
  t.teardown(async () => {
    await Promise.all([...routers.map((router) => router.close()), system.close()]);
  });
  const tenants = new Map<string, Tenant>();
  const all: Rollups[] = routers.map((router) =>
    createRollups({
      openTelemetryDb: router.openTelemetry,
      feed: { tenantById: (id) => tenants.get(id) },
      databases: [{ key: 'telemetry_1', system }],
      log,
    }),
  );
  const [rollups, router] = [all[0], routers[0]];
  if (rollups === undefined || router === undefined) throw new Error('no plane');
  const open = (tenant: Tenant): ScopedDb =>
    router.openTelemetry(tenant, { tenantId: tenant.id, organizationId: null, workspaceId: null });
  const ensured = new Set<string>();
  return {
    database,
    system,
    rollups,
    planes: all,
    addTenant(): Tenant {
      const id = uuidv7();
      // Of a tenant, what opens its database.
      const tenant = { id, status: 'active', telemetryDbKey: 'telemetry_1' } as Tenant;
      tenants.set(id, tenant);
      return tenant;
    },
    open,
    async store(tenant: Tenant, readings: readonly Reading[]): Promise<void> {
      const days = [...new Set(readings.map(({ tsMs }) => new Date(tsMs).toISOString().slice(0, 10)))];
      const missing = days.filter((day) => !ensured.has(day));
      if (missing.length > 0) await open(tenant).leased.query(ensureDays, [missing]);
      for (const day of missing) ensured.add(day);
      await open(tenant).leased.query(insertReadings, [
        tenant.id,
        readings.map(({ deviceNo }) => deviceNo),
        readings.map(({ metricNo }) => metricNo),
        readings.map(({ tsMs }) => tsMs),
        readings.map(({ value }) => value),
      ]);
    },
  };
}

/** Until nothing waits. How many transactions it took. */
export async function rollUpAll(rollups: Rollups, tenant: Tenant, limit?: number): Promise<number> {
  for (let count = 1; ; count += 1) if (!(await rollups.rollUp(tenant, limit)).more) return count;
}
