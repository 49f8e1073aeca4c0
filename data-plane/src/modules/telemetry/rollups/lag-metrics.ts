import { type ScrapedDatabase, scrapeRows } from '@platen/chassis/db/scrape-rows';
import { statement } from '@platen/chassis/db/statement';
import { Gauge, type Registry } from 'prom-client';
import { withWaiting } from './waiting-tenants.js';

/** Counting stops here: beyond, "far behind" is all that matters. */
const maxRows = 100_000;

// The oldest of each tenant is the first of it in the index.
const lag = statement<{ spans: number; oldest_s: number }>(
  'telemetry_rollups.lag',
  `${withWaiting}
   select (select count(*)::int from (select from tel_dirty_buckets limit ${maxRows}) some) as spans,
     coalesce(extract(epoch from clock_timestamp() - min(oldest.arrived_at)), 0)::float8 as oldest_s
   from waiting w cross join lateral (
     select d.arrived_at from tel_dirty_buckets d where d.tenant_id = w.tenant_id order by d.arrived_at limit 1) oldest`,
  { parse: { spans: 'int', oldest_s: Number } },
);

/** What waits for its roll-up, read when somebody asks. A database that is away says nothing. */
export function addRollupMetrics(registry: Registry, databases: readonly ScrapedDatabase[]): void {
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
      const found = await scrapeRows(databases, lag);
      this.reset();
      oldest.reset();
      for (const { database, rows } of found) {
        for (const { spans, oldest_s } of rows) {
          this.set({ database }, spans);
          oldest.set({ database }, oldest_s);
        }
      }
    },
  });
}
