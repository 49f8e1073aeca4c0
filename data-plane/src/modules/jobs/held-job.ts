import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { type JobRow, jobRow, lockJob, parseJobRow } from './repo.js';

/** Who says that it has a job, and in which scope. */
export interface JobHolder {
  readonly owner: string;
  readonly attempt: number;
  /** The job's own: in a wider one, more would be read for it than whoever asked for it sees. */
  readonly workspaceId: string | null;
}

const find = statement<JobRow>('job.find_held', `select ${jobRow} from erp_jobs t where t.id = $1::uuid`, {
  parse: parseJobRow,
});

/** The job, while this attempt has it. @throws AppError not_found, lease_lost */
export const findHeldJob = async (db: Queryable, id: string, holder: JobHolder): Promise<JobRow> =>
  requireHeld((await db.query(find, [id]))[0], holder);

/** And has it to the end of the transaction. @throws AppError not_found, lease_lost */
export const lockHeldJob = async (tx: Tx, id: string, holder: JobHolder): Promise<JobRow> =>
  requireHeld(await lockJob(tx, id), holder);

function requireHeld(job: JobRow | undefined, { owner, attempt, workspaceId }: JobHolder): JobRow {
  if (job?.workspace_id !== workspaceId) throw new AppError('not_found');
  if (job.status === 'running' && job.lease_owner === owner && job.attempts === attempt) return job;
  throw leaseLost();
}

export const leaseLost = (): AppError => new AppError('lease_lost', 'The job is not in this attempt’s hands');
