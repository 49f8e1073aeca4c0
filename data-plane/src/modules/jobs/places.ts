import { lockNumberOf } from '@platen/chassis/db/advisory-locks';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';

/** Entries of due work, one for each job, by what it waits for. By them a tenant's jobs are counted over its organizations. */
export const jobDue = {
  /** To be announced: at its time, and again if nobody took it up. */
  queued: 'job_queued',
  /** Somebody would have taken it up, but as many of its tenant run as may. */
  waiting: 'job_waiting',
  /** Until its lease is over. */
  running: 'job_running',
  /** Until it is deleted. */
  finished: 'job_finished',
} as const;

/** One tenant's at a time; whoever asks for hundreds of jobs keeps no other waiting. */
export const maxRunningJobs = 2;
export const maxOpenJobs = 100;

const lock = statement<never>('job.lock_places', `select pg_advisory_xact_lock(${lockNumberOf('jobPlaces', '$1')})`);

/** Before any job's row: two that begin at once would not count each other. Held to the end of the transaction. */
export const lockPlaces = (tx: Tx, tenantId: string): Promise<unknown> => tx.query(lock, [tenantId]);

interface Places {
  readonly running: number;
  readonly open: number;
}
const count = statement<Places>(
  'job.count_places',
  `select count(*) filter (where kind = 'job_running') as running, count(*) as open
   from due_work where tenant_id = $1::uuid and kind = any('{job_queued,job_waiting,job_running}')`,
  { parse: { running: 'int', open: 'int' } },
);
export async function countPlaces(tx: Tx, tenantId: string): Promise<Places> {
  const [places] = await tx.query(count, [tenantId]);
  return places ?? { running: 0, open: 0 };
}

// By what it waits for and not by its row: it may be another organization's, which is not seen from here.
const callNext = statement<never>(
  'job.call_next',
  `update due_work d set kind = 'job_queued', due_at = clock_timestamp(), lease_until = null, attempts = 0, updated_at = now()
   from (select id from due_work where tenant_id = $1::uuid and kind = 'job_waiting'
     order by created_at, id limit 1 for update skip locked) next
   where d.tenant_id = $1::uuid and d.id = next.id`,
);

/** A place is free: the tenant's job that has waited longest is announced again. */
export function callNextJob(tx: Tx, tenantId: string): void {
  tx.defer(callNext, [tenantId]);
}
