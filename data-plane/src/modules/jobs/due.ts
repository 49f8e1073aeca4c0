import { finishDueWork, postponeDueWork } from '@platen/chassis/due-work/entries';
import type { DueCall } from '../../due-work/due-work.js';
import { afterLapse } from './failures.js';
import { callNextJob, lockPlaces } from './places.js';
import { lockJob } from './repo.js';
import { announceAgainSeconds, tell, tellMove } from './tell.js';

const longestAnnounceSeconds = 3_600;

/** A queued or running job whose entry is due, in its own scope: announced, or taken from a worker that is gone. */
export async function runDueJob(call: DueCall): Promise<void> {
  const { db, work } = call;
  await db.transaction(async (tx) => {
    const [, job] = await Promise.all([lockPlaces(tx, work.tenant_id), lockJob(tx, work.ref_id)]);
    if (!job) return finishDueWork(tx, work);
    if (job.status === 'queued') {
      if (job.run_in > 0) return postponeDueWork(tx, work, job.run_in);
      await postponeDueWork(
        tx,
        work,
        Math.min(longestAnnounceSeconds, announceAgainSeconds * 2 ** (work.attempts - 1)),
      );
      return tell(tx, call, job);
    }
    if (job.status !== 'running') return postponeDueWork(tx, work, Math.max(0, job.expires_in ?? 0));
    if ((job.lease_left ?? 0) > 0) return postponeDueWork(tx, work, job.lease_left ?? 0);
    tellMove(tx, call, await afterLapse(tx, job));
    callNextJob(tx, work.tenant_id);
  });
}
