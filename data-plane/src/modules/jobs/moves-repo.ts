import { statement } from '@platen/chassis/db/statement';
import type { Statement, Tx, Value } from '@platen/chassis/db/types';
import type { JobError, JobResult } from '@platen/schema/contracts/data/job-shapes';
import type { JobStatus } from '@platen/schema/states/job';
import { type JobRow, jobRow, keptByKind, parseJobRow } from './repo.js';

const change = (name: string, assignments: string, condition = ''): Statement<JobRow> =>
  statement<JobRow>(
    name,
    `update erp_jobs t set ${assignments}, version = t.version + 1, updated_at = now()
     where t.id = $1::uuid ${condition} returning ${jobRow}`,
    { parse: parseJobRow },
  );

/** Of a row that is locked. */
async function changed(tx: Tx, declared: Statement<JobRow>, values: readonly Value[]): Promise<JobRow> {
  const [row] = await tx.query(declared, values);
  if (!row) throw new Error('A locked job is gone');
  return row;
}

const unheld = 'lease_owner = null, lease_until = null';
const leaseOf = (parameter: string) => `clock_timestamp() + make_interval(secs => ${parameter}::float8)`;

/** Cut to what the column keeps: rounded up, a job that may run now might not yet. */
const momentIn = (seconds: string) =>
  `date_trunc('milliseconds', clock_timestamp() + make_interval(secs => ${seconds}::float8))`;

const start = change(
  'job.start',
  `status = 'running', attempts = t.attempts + 1, lease_owner = $2::uuid, lease_until = ${leaseOf('$3')},
   started_at = coalesce(t.started_at, clock_timestamp())`,
);
export const startJob = (tx: Tx, id: string, owner: string, leaseSeconds: number): Promise<JobRow> =>
  changed(tx, start, [id, owner, leaseSeconds]);

const findExcluding = statement<{ id: string }>(
  'job.find_excluding',
  `select o.id from erp_jobs t join erp_jobs o on o.exclusive_key = t.exclusive_key and o.status = 'running'
   where t.id = $1::uuid limit 1`,
);
/** Does another run that excludes it? Decided under the lock of the places. */
export const isExcluded = async (tx: Tx, id: string): Promise<boolean> =>
  (await tx.query(findExcluding, [id])).length > 0;

// One moment for both times: between two looks at the clock the columns' rounding could make them a millisecond apart.
const finish = change(
  'job.finish',
  `status = $2, ${unheld}, result = $3::jsonb, error = $4::jsonb, failures = t.failures + $5::int,
   progress = case when $2 = 'succeeded' then greatest(t.progress, t.progress_total) else t.progress end,
   finished_at = statement_timestamp(), expires_at = statement_timestamp() + ${keptByKind}`,
);
export const finishJob = (
  tx: Tx,
  id: string,
  status: JobStatus,
  { result, error }: { readonly result?: JobResult; readonly error?: JobError } = {},
): Promise<JobRow> =>
  changed(tx, finish, [
    id,
    status,
    result === undefined ? null : JSON.stringify(result),
    error === undefined ? null : JSON.stringify(error),
    status === 'failed' ? 1 : 0,
  ]);

const requeue = change(
  'job.requeue',
  `status = 'queued', ${unheld}, run_after = ${momentIn('$2')}, error = coalesce($3::jsonb, t.error),
   failures = t.failures + ($3::jsonb is not null)::int`,
);
/** For a later time, after a failure; without one, at once. */
export const requeueJob = (tx: Tx, id: string, inSeconds: number, error: JobError | null): Promise<JobRow> =>
  changed(tx, requeue, [id, inSeconds, error === null ? null : JSON.stringify(error)]);

const reopen = change(
  'job.reopen',
  `status = 'queued', run_after = ${momentIn('0')}, failures = 0, error = null, cancel_requested_at = null,
   finished_at = null, expires_at = null`,
);
export const reopenJob = (tx: Tx, id: string): Promise<JobRow> => changed(tx, reopen, [id]);

const requestCancel = change('job.request_cancel', 'cancel_requested_at = clock_timestamp()');
export const requestCancelOfJob = (tx: Tx, id: string): Promise<JobRow> => changed(tx, requestCancel, [id]);

export interface Reported {
  readonly progress?: number;
  readonly progress_total?: number;
  readonly cursor?: string;
}

// The cursor belongs to the progress that it came with: neither goes back.
const report = statement<JobRow & { is_news: boolean }>(
  'job.report',
  `update erp_jobs t set lease_until = coalesce(${leaseOf('$7')}, t.lease_until),
     progress = greatest(t.progress, $4::int), progress_total = coalesce($5::int, t.progress_total),
     cursor = case when $4::int < t.progress then t.cursor else coalesce($6, t.cursor) end,
     version = t.version + o.is_news::int, updated_at = case when o.is_news then now() else t.updated_at end
   from (select o.id, coalesce(greatest(o.progress, $4::int) <> o.progress
       or coalesce($5::int, o.progress_total) is distinct from o.progress_total, false) as is_news
     from erp_jobs o where o.id = $1::uuid for update) o
   where t.id = o.id and t.status = 'running' and t.lease_owner = $2::uuid and t.attempts = $3::int
   returning ${jobRow}, o.is_news`,
  { parse: { ...parseJobRow, is_news: 'bool' } },
);
/** undefined: this attempt does not have the job. `leaseSeconds` null: the lease stays as it is. */
export const reportJob = async (
  tx: Tx,
  id: string,
  holder: { readonly owner: string; readonly attempt: number },
  told: Reported,
  leaseSeconds: number | null,
): Promise<(JobRow & { is_news: boolean }) | undefined> =>
  (
    await tx.query(report, [
      id,
      holder.owner,
      holder.attempt,
      told.progress ?? null,
      told.progress_total ?? null,
      told.cursor ?? null,
      leaseSeconds,
    ])
  )[0];
