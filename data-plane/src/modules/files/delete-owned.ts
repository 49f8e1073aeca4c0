import { DatabaseError, sqlstates } from '@platen/chassis/db/errors';
import { statement } from '@platen/chassis/db/statement';
import type { ScopedDb } from '@platen/chassis/db/types';
import type { FileOwnerKind } from '@platen/schema/contracts/data/files';
import type { StorageProvider } from '../../storage/storage.js';
import { markFile } from './repo.js';
import { finishDeletion } from './service.js';

const listOwned = statement<{ id: string }>(
  'file.list-owned',
  'select id from erp_files where owner_kind = $1 and owner_id = $2::uuid order by id',
);
const disown = statement<never>(
  'file.disown',
  `update erp_files set owner_kind = null, owner_id = null, updated_at = now()
   where id = $1::uuid and (owner_kind <> 'job' or media_type like 'image/%')`,
);

/**
 * The files of an owner that is about to go. One that something else refers to stays, and is nobody's; but not a list that
 * a job has exported: without its job, nobody knows any more who may read it, and so nobody does.
 */
export async function deleteOwnedFiles(
  storage: StorageProvider,
  db: ScopedDb,
  kind: FileOwnerKind,
  ownerId: string,
): Promise<void> {
  for (const { id } of await db.leased.query(listOwned, [kind, ownerId])) {
    try {
      const marked = await db.transaction((tx) => markFile(tx, id));
      if (marked) await finishDeletion(storage, db.leased, marked);
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.sqlstate !== sqlstates.foreignKeyViolation) throw error;
      await db.leased.query(disown, [id]);
    }
  }
}
