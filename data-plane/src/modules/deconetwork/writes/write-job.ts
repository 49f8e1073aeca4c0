import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { type JobOrigin, lockPlaces } from '../../jobs/index.js';
import type { DnConnectionRow } from '../connections/find.js';
import { exclusiveKeyOf, requestDnJob } from '../dn-jobs.js';
import { countOpenCalls } from './calls-repo.js';

// Held until the transaction ends: it is not taken up before what it is to send is there.
const holdQueued = statement<{ id: string }>(
  'dn.hold_queued_write',
  `select id from erp_jobs where exclusive_key = $1 and status = 'queued' and payload ->> 'task' = 'write'
   limit 1 for share`,
);

/**
 * Somebody who sends what was kept in this transaction: last in there. A running job may have passed the end. While the
 * connection is not in use nobody is called; what is kept waits.
 * @throws AppError busy
 */
export async function requireWriteJob(tx: Tx, origin: JobOrigin, connection: DnConnectionRow): Promise<void> {
  if (connection.status !== 'active') return;
  // Before a job's row, as everybody does.
  await lockPlaces(tx, connection.tenant_id);
  const [queued] = await tx.query(holdQueued, [exclusiveKeyOf(connection.id)]);
  if (!queued) await requestDnJob(tx, origin, connection, { task: 'write' });
}

/** The same, if something waits to be sent: for who has made the connection active again, or looks after it now and then. */
export async function resumeWrites(tx: Tx, origin: JobOrigin, connection: DnConnectionRow): Promise<void> {
  if (connection.status === 'active' && (await countOpenCalls(tx, connection.id)) > 0) {
    await requireWriteJob(tx, origin, connection);
  }
}
