import { type ScrapedDatabase, scrapeRows } from '@platen/chassis/db/scrape-rows';
import { statement } from '@platen/chassis/db/statement';
import { Gauge, type Registry } from 'prom-client';
import { jobDue } from './places.js';

/** Each job has one entry of due work, whose kind is the state that it is in; jobs themselves the system role cannot read. */
const countJobs = statement<{ kind: string; jobs: number }>(
  'jobs.count-by-state',
  'select kind, count(*)::int as jobs from due_work where kind = any($1::text[]) group by kind',
  { parse: { jobs: 'int' } },
);

/** Jobs by database and state, counted when somebody asks. A database that is away says nothing. */
export function addJobMetrics(registry: Registry, databases: readonly ScrapedDatabase[]): void {
  new Gauge({
    name: 'jobs',
    help: 'Jobs by state: queued, waiting (for others of their tenant), running, finished (and not deleted yet)',
    labelNames: ['database', 'state'],
    registers: [registry],
    async collect() {
      const found = await scrapeRows(databases, countJobs, [Object.values(jobDue)]);
      this.reset();
      for (const { database, rows } of found) {
        const counts = new Map(rows.map(({ kind, jobs }) => [kind, jobs]));
        for (const [state, kind] of Object.entries(jobDue)) this.set({ database, state }, counts.get(kind) ?? 0);
      }
    },
  });
}
