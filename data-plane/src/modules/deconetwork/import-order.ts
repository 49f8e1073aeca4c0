import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { DnImportTask, DnReadKind } from '@platen/schema/states/deconetwork';

/** What an import was asked to do. */
export interface ImportOrder {
  readonly task: DnImportTask;
  readonly of_job_id: string | null;
  readonly dry_run: boolean;
  readonly kinds: readonly DnReadKind[];
  readonly create_missing: readonly string[];
  readonly modified_from: string | null;
  readonly modified_to: string | null;
}

const at = (column: string) => `to_char(t.${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}`;
const select = statement<ImportOrder>(
  'dn.find_import_order',
  `select t.task, t.of_job_id, t.dry_run, t.kinds, t.create_missing, ${at('modified_from')}, ${at('modified_to')}
   from dn_import_jobs t where t.id = $1::uuid and t.connection_id = $2::uuid`,
  { parse: { dry_run: 'bool', kinds: 'json', create_missing: 'json' } },
);
export const findImportOrder = async (
  db: Queryable,
  jobId: string,
  connectionId: string,
): Promise<ImportOrder | undefined> => (await db.query(select, [jobId, connectionId]))[0];
