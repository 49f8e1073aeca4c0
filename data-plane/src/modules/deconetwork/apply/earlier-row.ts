import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { ImportRow } from './call.js';
import { hasDoneSql } from './rows-repo.js';
import type { Undone } from './undoing.js';

const versionOf = (table: string) =>
  statement<{ version: number }>(
    `dn_undo.lock_version_${table}`,
    `select t.version from ${table} t where t.id = $1::uuid for no key update`,
    { parse: { version: 'int' } },
  );
const selectVersion = {
  order: versionOf('erp_orders'),
  customer: versionOf('erp_customers'),
  product: versionOf('erp_products'),
} as const;
type VersionedKind = keyof typeof selectVersion;
const isVersioned = (kind: string): kind is VersionedKind => kind in selectVersion;

// Only where that which went back is what the earlier row had left: between the two, somebody may have changed it here.
const handOn = (table: string) =>
  statement<never>(
    `dn_undo.hand_on_version_${table}`,
    `update dn_import_job_rows r set local_version = (select t.version from ${table} t where t.id = r.local_id), updated_at = now()
     where r.id = (select e.id from dn_import_job_rows e where e.map_id = $1::uuid and e.id < $2::uuid
         and ${hasDoneSql('e')} and e.settled_by_job_id is null
         and (select not i.dry_run from dn_import_jobs i where i.id = e.job_id)
       order by e.id desc limit 1)
     and not exists (select from jsonb_each($3::jsonb) b
       where b.key <> 'variants' and r.after -> b.key is distinct from b.value)`,
  );
const handOnVersion = {
  order: handOn('erp_orders'),
  customer: handOn('erp_customers'),
  product: handOn('erp_products'),
} as const;

/** Whether nobody has touched what a row changed; of its record, which is locked. */
export async function isUntouched(tx: Tx, row: ImportRow): Promise<boolean> {
  if (row.outcome !== 'updated' || row.local_id === null || !isVersioned(row.kind)) return false;
  const [local] = await tx.query(selectVersion[row.kind], [row.local_id]);
  return local !== undefined && local.version === row.local_version;
}

/**
 * A change that went back whole leaves the record as the row before made it: the version that this gave it is that row's,
 * or nothing that a synchronization once touched could be undone to its beginning.
 */
export function giveToEarlier(tx: Tx, row: ImportRow, undone: Undone): void {
  if (undone.outcome !== 'undone' || undone.error || !isVersioned(row.kind)) return;
  tx.defer(handOnVersion[row.kind], [row.map_id, row.id, JSON.stringify(row.before)]);
}
