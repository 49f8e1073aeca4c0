import { statement } from '@platen/chassis/db/statement';
import { finishDueWork, postponeDueWork } from '@platen/chassis/due-work/entries';
import type { DueCall } from '../../due-work/due-work.js';
import type { StorageProvider } from '../../storage/storage.js';
import { lockJob } from './repo.js';

/** The files of a job that is about to go. */
export type DeleteFiles = (db: DueCall['db'], jobId: string) => Promise<void>;

// What another job was answered with is that job's from now on.
const passOn = statement<never>(
  'job.pass_on_files',
  `update erp_files f set owner_id = o.id, updated_at = now()
   from erp_jobs j join erp_jobs o on o.kind = j.kind and o.content_hash = j.content_hash and o.id <> j.id
     and o.status = 'succeeded' and o.expires_at > clock_timestamp()
   where j.id = $1::uuid and f.owner_kind = 'job' and f.owner_id = j.id and o.result ->> 'file_id' = f.id::text`,
);
const listParts = statement<{ storage_key: string }>(
  'job.list_part_keys',
  'select storage_key from erp_job_parts where job_id = $1::uuid order by part',
);
// Its parts and the rows of its report go with it.
const remove = statement<never>('job.delete', 'delete from erp_jobs where id = $1::uuid');

/**
 * A finished job whose time is over goes, with what it made. The bytes first: after a failure the job is still there to
 * say what is left.
 */
export async function expireJob(
  { db, work }: DueCall,
  { storage, deleteFiles }: { readonly storage: StorageProvider; readonly deleteFiles: DeleteFiles },
): Promise<void> {
  const isOver = await db.transaction(async (tx) => {
    const job = await lockJob(tx, work.ref_id);
    // Opened again meanwhile: its entry is another by now.
    if (job?.expires_in == null || job.expires_in > 0) {
      await (job ? postponeDueWork(tx, work, job.expires_in ?? 0) : finishDueWork(tx, work));
      return false;
    }
    tx.defer(passOn, [job.id]);
    return true;
  });
  if (!isOver) return;
  await deleteFiles(db, work.ref_id);
  for (const part of await db.leased.query(listParts, [work.ref_id])) await storage.delete(part.storage_key);
  await db.transaction(async (tx) => {
    await finishDueWork(tx, work);
    tx.defer(remove, [work.ref_id]);
  });
}
