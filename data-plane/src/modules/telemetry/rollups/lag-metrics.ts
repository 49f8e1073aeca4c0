import { pause } from '@platen/chassis/bus/back-off';
import { statement } from '@platen/chassis/db/statement';
import { Gauge, type Registry } from 'prom-client';
import type { SystemTelemetryDatabase } from './rollups.js';

/** Counting stops here: beyond, "far behind" is all that matters. */
const maxRows = 100_000;
/** A scrape does not wait longer for a database: what is known of the others is told. */
const limitMs = 2_000;

// The oldest of each tenant is the first of it in the index.
const lag = statement<{ rows: number; oldest_s: number }>(
  'telemetry_rollups.lag',
  `with recursive tenants as (
     (select tenant_id from tel_dirty_buckets order by tenant_id limit 1)
     union all
     select (select d.tenant_id from tel_dirty_buckets d where d.tenant_id > t.tenant_id order by d.tenant_id limit 1)
     from tenants t where t.tenant_id is not null)
   select (select count(*)::int from (select from tel_dirty_buckets limit ${maxRows}) some) as rows,
     coalesce(extract(epoch from clock_timestamp() - min(oldest.arrived_at)), 0)::float8 as oldest_s
   from tenants t cross join lateral (
     select d.arrived_at from tel_dirty_buckets d where d.tenant_id = t.tenant_id order by d.arrived_at limit 1) oldest`,
  { parse: { rows: 'int', oldest_s: Number } },
);

/** What waits for its roll-up, read when somebody asks. A database that is away says nothing. */
export function addRollupMetrics(registry: Registry, databases: readonly SystemTelemetryDatabase[]): void {
  const labelNames = ['database'] as const;
  const registers = [registry];
  const oldest = new Gauge({
    name: 'rollups_oldest_seconds',
    help: 'Since the oldest readings that are in no roll-up came in',
    labelNames,
    registers,
  });
  new Gauge({
    name: 'rollups_waiting_spans',
    help: `Batches by series and hour that are in no roll-up, counted up to ${maxRows}`,
    labelNames,
    registers,
    async collect() {
      const found = await Promise.all(databases.map(readLag));
      this.reset();
      oldest.reset();
      for (const { database, row } of found) {
        if (row === undefined) continue;
        this.set({ database }, row.rows);
        oldest.set({ database }, row.oldest_s);
      }
    },
  });
}

async function readLag({ key: database, system }: SystemTelemetryDatabase) {
  const over = new AbortController();
  const rows = await Promise.race([system.query(lag).catch(() => []), pause(limitMs, over.signal).then(() => [])]);
  over.abort();
  return { database, row: rows[0] };
}
