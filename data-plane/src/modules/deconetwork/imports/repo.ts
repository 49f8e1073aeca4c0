import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { firstId, lastId } from '@platen/chassis/http/paging';
import { dnImportJobs } from '@platen/schema/contracts/data/dn-imports';
import type { DnImportTask, DnReadKind } from '@platen/schema/states/deconetwork';
import type { JobStatus } from '@platen/schema/states/job';
import { type JsonRow, parseJsonRow } from '../../../stored-json.js';
import { hasDoneSql } from '../apply/index.js';
import { filteredPages } from '../filtered-pages.js';
import { importJobJson, importRowDetailJson, importRowJson } from './json.js';

const select = statement<JsonRow>(
  'dn.get_import_job',
  `select ${importJobJson} as json, t.version from dn_import_jobs i join erp_jobs t on t.id = i.id where i.id = $1::uuid`,
  { parse: parseJsonRow },
);
export const findImportJob = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(select, [id]))[0];

/** Newest first. */
export const listImportJobs = filteredPages({
  contract: dnImportJobs.list,
  filters: { connection_id: 'i.connection_id = $N::uuid', task: 'i.task = $N', status: 'j.status = $N' },
  // The job's columns under `t`, as its JSON has them; the import's by its id.
  item: `(select ${importJobJson} from dn_import_jobs i where i.id = t.id)`,
  key: 't.id::text',
  rows: (conditions) => `select t.* from erp_jobs t where t.id = any(array(
      select i.id from dn_import_jobs i join erp_jobs j on j.id = i.id
      where i.id < $2::uuid ${conditions} order by i.id desc limit $1::int + 1))
    order by t.id desc`,
  start: lastId,
});

/** Of the job that is named first. */
export const listImportRows = filteredPages({
  contract: dnImportJobs.rows,
  filters: { outcome: 't.outcome = $N', kind: 't.kind = $N', dn_id: 't.dn_id = $N' },
  item: importRowJson,
  key: 't.id::text',
  rows: (conditions) =>
    `select t.* from dn_import_job_rows t where t.id > $2::uuid and t.job_id = $3::uuid ${conditions} order by t.id`,
  start: firstId,
});

const selectRow = statement<{ json: string }>(
  'dn.get_import_row',
  `select ${importRowDetailJson} as json from dn_import_job_rows t where t.job_id = $1::uuid and t.id = $2::uuid`,
);
export const findImportRow = async (db: Queryable, jobId: string, id: string): Promise<string | undefined> =>
  (await db.query(selectRow, [jobId, id]))[0]?.json;

/** What a retry or an undo has to know of an import. */
export interface ImportHead {
  readonly connection_id: string;
  readonly task: DnImportTask;
  readonly dry_run: boolean;
  readonly kinds: readonly DnReadKind[];
  readonly create_missing: readonly string[];
  readonly status: JobStatus;
}
const selectHead = statement<ImportHead>(
  'dn.get_import_head',
  `select i.connection_id, i.task, i.dry_run, i.kinds, i.create_missing, t.status
   from dn_import_jobs i join erp_jobs t on t.id = i.id where i.id = $1::uuid`,
  { parse: { dry_run: 'bool', kinds: 'json', create_missing: 'json' } },
);
export const findImportHead = async (db: Queryable, id: string): Promise<ImportHead | undefined> =>
  (await db.query(selectHead, [id]))[0];

/** SQL text: rows that a retry takes up, with their records, and those that an undo does. */
const reworked = {
  // What came with another record is tried again with that.
  retry: "r.outcome in ('failed', 'review') and r.record is not null",
  undo: hasDoneSql('r'),
} as const;
export type ReworkTask = keyof typeof reworked;

const countOf = (task: ReworkTask) =>
  statement<{ rows: number; settled: number }>(
    `dn.count_rows_to_${task}`,
    `select count(*) filter (where r.settled_by_job_id is null) as rows,
       count(*) filter (where r.settled_by_job_id = $2::uuid) as settled
     from dn_import_job_rows r where r.job_id = $1::uuid and ${reworked[task]}`,
    { parse: { rows: 'int', settled: 'int' } },
  );
const count = { retry: countOf('retry'), undo: countOf('undo') };
/** Still to be done, and done by this job. */
export async function countRowsToRework(
  db: Queryable,
  ofJobId: string,
  task: ReworkTask,
  jobId: string | null,
): Promise<{ readonly rows: number; readonly settled: number }> {
  const [found] = await db.query(count[task], [ofJobId, jobId]);
  return found ?? { rows: 0, settled: 0 };
}

// In the order in which they were read, whose records bring what came with them; undone the other way round.
const listUp = statement<{ id: string }>(
  'dn.list_rows_to_retry',
  `select r.id from dn_import_job_rows r where r.job_id = $1::uuid and ${reworked.retry}
     and r.settled_by_job_id is null and r.id > $2::uuid order by r.id limit $3::int`,
);
const listDown = statement<{ id: string }>(
  'dn.list_rows_to_undo',
  `select r.id from dn_import_job_rows r where r.job_id = $1::uuid and ${reworked.undo}
     and r.settled_by_job_id is null and r.id < $2::uuid order by r.id desc limit $3::int`,
);
export async function listRowsToRework(
  db: Queryable,
  ofJobId: string,
  task: ReworkTask,
  after: string | undefined,
  limit: number,
): Promise<string[]> {
  const rows =
    task === 'retry'
      ? await db.query(listUp, [ofJobId, after ?? firstId, limit])
      : await db.query(listDown, [ofJobId, after ?? lastId, limit]);
  return rows.map(({ id }) => id);
}
