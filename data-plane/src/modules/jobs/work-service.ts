import type { ScopedDb, Tx } from '@platen/chassis/db/types';
import { replaceDueWork } from '@platen/chassis/due-work/entries';
import { AppError } from '@platen/chassis/http/app-error';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import type { ClaimedJob, ClaimRefusal, jobs } from '@platen/schema/contracts/internal/jobs';
import type { JobStatus } from '@platen/schema/states/job';
import { afterFailure } from './failures.js';
import { leaseLost } from './held-job.js';
import { finishJob, isExcluded, reportJob, requeueJob, startJob } from './moves-repo.js';
import { callNextJob, countPlaces, jobDue, lockPlaces, maxRunningJobs } from './places.js';
import { findJob, type JobRow, lockJob } from './repo.js';
import { foundRow } from './service.js';
import { announceAgainSeconds, dueEntryOf, type Ids, tell, tellMove } from './tell.js';

/** A job in the scope that its worker names, which is its event's. */
export interface WorkCall {
  readonly db: Pick<ScopedDb, 'transaction'>;
  readonly tenantId: string;
  readonly id: string;
  readonly ids: Ids;
}

/** What workers do with jobs. Every method but `claim` throws AppError lease_lost for who does not have the job; all: not_found. */
export interface JobWork {
  claim(call: WorkCall, body: BodyOf<typeof jobs.claim>): Promise<OutputOf<typeof jobs.claim>>;
  progress(call: WorkCall, body: BodyOf<typeof jobs.progress>): Promise<OutputOf<typeof jobs.progress>>;
  complete(call: WorkCall, body: BodyOf<typeof jobs.complete>): Promise<OutputOf<typeof jobs.complete>>;
  fail(call: WorkCall, body: BodyOf<typeof jobs.fail>): Promise<OutputOf<typeof jobs.fail>>;
  release(call: WorkCall, body: BodyOf<typeof jobs.release>): Promise<OutputOf<typeof jobs.release>>;
}

type Holder = Pick<BodyOf<typeof jobs.progress>, 'owner' | 'attempt'>;
const defaultLeaseSeconds = 30;

/** `wake`: due work has come. */
export function createJobWork(wake: () => void): JobWork {
  return {
    claim: ({ db, tenantId, id, ids }, { owner, lease_seconds: leaseSeconds = defaultLeaseSeconds }) =>
      db.transaction(async (tx) => {
        const job = await lockBoth(tx, tenantId, id);
        if (job.status === 'running' && job.lease_owner === owner) {
          await reportJob(tx, id, { owner, attempt: job.attempts }, {}, leaseSeconds);
          return { job: claimedOf(job, leaseSeconds), refused: null };
        }
        if (job.status !== 'queued') return refused(job.status === 'running' ? 'taken' : 'finished');
        if (job.run_in > 0) return refused('later');
        const { running } = await countPlaces(tx, tenantId);
        if (running >= maxRunningJobs) {
          replaceDueWork(tx, dueEntryOf(job, jobDue.waiting), { inSeconds: announceAgainSeconds });
          return refused('tenant_share');
        }
        if (await isExcluded(tx, id)) {
          replaceDueWork(tx, dueEntryOf(job, jobDue.waiting), { inSeconds: announceAgainSeconds });
          return refused('exclusive');
        }
        const started = await startJob(tx, id, owner, leaseSeconds);
        tellMove(tx, ids, started);
        return { job: claimedOf(started, leaseSeconds), refused: null };
      }),

    progress: ({ db, id, ids }, { owner, attempt, lease_seconds: leaseSeconds = defaultLeaseSeconds, ...told }) =>
      db.transaction(async (tx) => {
        const job = await reportJob(tx, id, { owner, attempt }, told, leaseSeconds);
        if (!job) throw (await findJob(tx, id)) ? leaseLost() : new AppError('not_found');
        if (job.is_news) tell(tx, ids, job, 'erp.job.progressed');
        return { cancel: job.is_cancelling };
      }),

    complete: (call, { result, ...holder }) =>
      end(call, holder, 'succeeded', async (tx, job) => {
        if (result.kind !== job.kind) {
          const fields = [{ path: '/body/result/kind', message: `This is a job of the kind ${job.kind}` }];
          throw new AppError('validation_failed', undefined, { fields });
        }
        return finishJob(tx, job.id, 'succeeded', { result });
      }),

    async fail(call, { error, retry, ...holder }) {
      const job = await end(call, holder, 'failed', (tx, held) => afterFailure(tx, held, error, retry));
      return { status: job.status, run_after: job.run_after };
    },

    release: (call, { owner, attempt, organization_id: _organization, workspace_id: _workspace, ...told }) =>
      end(call, { owner, attempt }, 'cancelled', async (tx, job) => {
        await reportJob(tx, job.id, { owner, attempt }, told, null);
        return job.is_cancelling ? finishJob(tx, job.id, 'cancelled') : requeueJob(tx, job.id, 0, null);
      }),
  };

  /** Of a job that is held; one that this attempt ended the same way before is left as it is. */
  async function end(
    { db, tenantId, id, ids }: WorkCall,
    { owner, attempt }: Holder,
    ended: JobStatus,
    move: (tx: Tx, job: JobRow) => Promise<JobRow>,
  ): Promise<{ status: JobStatus; run_after: string | null }> {
    const moved = await db.transaction(async (tx) => {
      const job = await lockBoth(tx, tenantId, id);
      if (job.attempts !== attempt) throw leaseLost();
      if (job.status === ended) return job;
      if (job.status !== 'running' || job.lease_owner !== owner) throw leaseLost();
      const after = await move(tx, job);
      tellMove(tx, ids, after);
      callNextJob(tx, tenantId);
      return after;
    });
    wake();
    return { status: moved.status, run_after: moved.status === 'queued' ? moved.run_after : null };
  }
}

async function lockBoth(tx: Tx, tenantId: string, id: string): Promise<JobRow> {
  const [, job] = await Promise.all([lockPlaces(tx, tenantId), lockJob(tx, id)]);
  return foundRow(job);
}

const refused = (reason: ClaimRefusal) => ({ job: null, refused: reason });

const claimedOf = (job: JobRow, leaseSeconds: number): ClaimedJob => ({
  attempt: job.attempts,
  kind: job.kind,
  title: job.title,
  payload: job.payload,
  requested_by: job.requested_by,
  progress: job.progress,
  progress_total: job.progress_total,
  cursor: job.cursor,
  lease_seconds: leaseSeconds,
});
