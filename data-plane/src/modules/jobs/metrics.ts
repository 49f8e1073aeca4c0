import { pause } from '@platen/chassis/bus/back-off';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { Gauge, type Registry } from 'prom-client';
import { jobDue } from './places.js';

/** A scrape does not wait longer for a database: what is known of the others is told. */
const limitMs = 2_000;

/** Each job has one entry of due work, whose kind is the state that it is in; jobs themselves the system role cannot read. */
const countJobs = statement<{ kind: string; jobs: number }>(
  'jobs.count-by-state',
  'select kind, count(*)::int as jobs from due_work where kind = any($1::text[]) group by kind',
  { parse: { jobs: 'int' } },
);

/** Jobs by database and state, counted when somebody asks. A database that is away says nothing. */
export function addJobMetrics(
  registry: Registry,
  databases: readonly { readonly key: string; readonly system: Queryable }[],
): void {
  new Gauge({
    name: 'jobs',
    help: 'Jobs by state: queued, waiting (for others of their tenant), running, finished (and not deleted yet)',
    labelNames: ['database', 'state'],
    registers: [registry],
    async collect() {
      const found = await Promise.all(databases.map(countJobsOf));
      this.reset();
      for (const { database, rows } of found) {
        if (rows === null) continue;
        const counts = new Map(rows.map(({ kind, jobs }) => [kind, jobs]));
        for (const [state, kind] of Object.entries(jobDue)) this.set({ database, state }, counts.get(kind) ?? 0);
      }
    },
  });
}

async function countJobsOf({ key: database, system }: { readonly key: string; readonly system: Queryable }) {
  const over = new AbortController();
  const rows = await Promise.race([
    system.query(countJobs, [Object.values(jobDue)]).catch(() => null),
    pause(limitMs, over.signal).then(() => null),
  ]);
  over.abort();
  return { database, rows };
}
