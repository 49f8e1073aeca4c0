import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import type { JobFile } from '@platen/schema/contracts/internal/job-files';

const findFile = statement<JobFile>(
  'job-file.find',
  `select id as file_id, file_name, byte_size, sha256 from erp_files
   where owner_kind = 'job' and owner_id = $1::uuid and deleted_at is null order by id desc limit 1`,
  { parse: { byte_size: 'int' } },
);
export const findJobFile = async (db: Queryable, jobId: string): Promise<JobFile | undefined> =>
  (await db.query(findFile, [jobId]))[0];

export interface PartRow {
  readonly part: number;
  readonly storage_key: string;
  readonly byte_size: number;
  readonly row_count: number;
}
const parsePart = { part: 'int', byte_size: 'int', row_count: 'int' } as const;

const list = statement<PartRow>(
  'job-part.list',
  `select part, storage_key, byte_size, row_count from erp_job_parts where job_id = $1::uuid order by part`,
  { parse: parsePart },
);
export const listParts = (db: Queryable, jobId: string): Promise<PartRow[]> => db.query(list, [jobId]);

const find = statement<PartRow>(
  'job-part.find',
  `select part, storage_key, byte_size, row_count from erp_job_parts where job_id = $1::uuid and part = $2::int`,
  { parse: parsePart },
);
export const findPart = async (db: Queryable, jobId: string, part: number): Promise<PartRow | undefined> =>
  (await db.query(find, [jobId, part]))[0];

const remove = statement<{ storage_key: string }>(
  'job-part.delete',
  `delete from erp_job_parts where job_id = $1::uuid and ($2::int is null or part = $2::int) returning storage_key`,
);
/** All of them, or one. @returns where their bytes are */
export const deleteParts = async (tx: Tx, jobId: string, part: number | null = null): Promise<string[]> =>
  (await tx.query(remove, [jobId, part])).map((row) => row.storage_key);

const insert = statement<never>(
  'job-part.insert',
  `insert into erp_job_parts
     (tenant_id, organization_id, workspace_id, job_id, part, storage_key, byte_size, row_count)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::int, $6, $7::bigint, $8::int)`,
);
export const insertPart = (
  tx: Tx,
  row: PartRow & {
    readonly tenantId: string;
    readonly organizationId: string;
    readonly workspaceId: string | null;
    readonly jobId: string;
  },
): Promise<unknown> =>
  tx.query(insert, [
    row.tenantId,
    row.organizationId,
    row.workspaceId,
    row.jobId,
    row.part,
    row.storage_key,
    row.byte_size,
    row.row_count,
  ]);

const listKeys = statement<{ storage_key: string }>(
  'job-part.list_keys',
  'select storage_key from erp_job_parts where storage_key = any($1::text[])',
);
/** Which of these objects are parts of jobs of the scope. */
export const listPartKeys = async (db: Queryable, keys: readonly string[]): Promise<Set<string>> =>
  new Set((await db.query(listKeys, [keys])).map((row) => row.storage_key));
