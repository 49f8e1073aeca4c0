import { statement } from '@platen/chassis/db/statement';
import type { ScopedDb } from '@platen/chassis/db/types';
import type { JobOrigin } from '../../jobs/index.js';
import { shareConnection } from '../connections/find.js';
import { resumeWrites } from './write-job.js';

/** After a worker's call about a job of a connection. */
export interface ResumeCall {
  readonly db: Pick<ScopedDb, 'transaction'>;
  readonly jobId: string;
  readonly origin: JobOrigin;
}

const connectionOf = statement<{ connection_id: string }>(
  'dn.connection_of_job',
  `select payload ->> 'connection_id' as connection_id from erp_jobs where id = $1::uuid and kind = 'dn_sync'`,
);

/**
 * A connection that is in use again has something to say that was kept meanwhile. In a transaction of its own: who holds
 * a job's row does not ask for another job. A repeat of the call finds the job of the first.
 * @throws AppError busy
 */
export const resumeWritesAfter = ({ db, jobId, origin }: ResumeCall): Promise<void> =>
  db.transaction(async (tx) => {
    const [job] = await tx.query(connectionOf, [jobId]);
    const connection = job && (await shareConnection(tx, job.connection_id));
    if (connection) await resumeWrites(tx, origin, connection);
  });
