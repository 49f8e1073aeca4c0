import type { Tx } from '@platen/chassis/db/types';
import type { JobError } from '@platen/schema/contracts/data/job-shapes';
import { finishJob, requeueJob } from './moves-repo.js';
import type { JobRow } from './repo.js';

/** Afterwards a person has to say that it is tried again. */
export const maxFailures = 5;
const firstWaitSeconds = 10;
const longestWaitSeconds = 600;

/** What becomes of a running job that failed: nothing more where it was to be cancelled anyway. */
export function afterFailure(tx: Tx, job: JobRow, error: JobError, mayRetry: boolean): Promise<JobRow> {
  if (job.is_cancelling) return finishJob(tx, job.id, 'cancelled');
  if (!mayRetry || job.failures + 1 >= maxFailures) return finishJob(tx, job.id, 'failed', { error });
  return requeueJob(tx, job.id, waitSecondsAfter(job.failures), error);
}

/** Half of the step to all of it: what failed together does not come back together. */
const waitSecondsAfter = (failures: number): number =>
  Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** failures) * (0.5 + Math.random() / 2);

const workerLost: JobError = { code: 'worker_lost', message: 'Its worker was heard of no more' };

/** Its lease is over: another may go on at once, unless it has been the end of too many. */
export function afterLapse(tx: Tx, job: JobRow): Promise<JobRow> {
  if (job.is_cancelling) return finishJob(tx, job.id, 'cancelled');
  if (job.failures + 1 >= maxFailures) return finishJob(tx, job.id, 'failed', { error: workerLost });
  return requeueJob(tx, job.id, 0, workerLost);
}
