import { statement } from '@platen/chassis/db/statement';
import type { ColumnParser, Queryable, Tx } from '@platen/chassis/db/types';
import type { DnSyncResult } from '@platen/schema/contracts/data/job-shapes';
import type { DnRecord } from '@platen/schema/contracts/internal/deconetwork';
import type { DnImportTask, DnRecordKind } from '@platen/schema/states/deconetwork';
import type { WorkCtx } from '../../module.js';
import { outcomeCounts } from '../outcome-counts.js';
import type { ImportRow, RowDraft } from './call.js';

// A dry run makes the same with each record that names it, which an import does with the first; a customer is then as the
// latest of its orders has it.
const afterBothSql = `case when t.outcome = 'created' and excluded.outcome = 'created'
    and (t.kind = 'product' or excluded.dn_modified_at < t.dn_modified_at)
  then excluded.after || t.after else t.after || excluded.after end`;
const allVariantsSql = `(select coalesce(jsonb_agg(d.value order by d.first), '[]') from (
    select distinct on (v.value ->> 'sku') v.value, min(v.n) over (partition by v.value ->> 'sku') as first
    from jsonb_array_elements((t.after -> 'variants') || (excluded.after -> 'variants')) with ordinality v (value, n)
    order by v.value ->> 'sku', v.n desc) d)`;

// What comes with other records, such as a customer with its orders, may come again in a job: its row then says how it was
// before the first time and is after the last.
const insert = statement<never>(
  'dn_row.insert',
  `insert into dn_import_job_rows as t (tenant_id, organization_id, workspace_id, job_id, id, kind, dn_id, outcome, map_id,
     local_id, local_version, before, after, loser, error, record, raw, dn_modified_at)
   select $1::uuid, $2::uuid, $3::uuid, $4::uuid, n.id, n.kind, n.dn_id, n.outcome, n.map_id, n.local_id, n.local_version,
     n.before, n.after, n.loser, n.error, n.record, n.raw, n.dn_modified_at
   from jsonb_to_recordset($5::jsonb) as n (id uuid, kind text, dn_id text, outcome text, map_id uuid, local_id uuid,
     local_version int, before jsonb, after jsonb, loser jsonb, error jsonb, record jsonb, raw text, dn_modified_at timestamptz)
   on conflict on constraint dn_import_job_rows_record_key do update
   set outcome = case when t.outcome = 'created' then t.outcome else excluded.outcome end,
     map_id = coalesce(excluded.map_id, t.map_id), local_id = coalesce(excluded.local_id, t.local_id),
     local_version = coalesce(excluded.local_version, t.local_version),
     after = case when t.after is null or excluded.after is null then coalesce(excluded.after, t.after)
       else ${afterBothSql} || case when t.after ? 'variants' and excluded.after ? 'variants'
         then jsonb_build_object('variants', ${allVariantsSql}) else '{}' end end,
     loser = coalesce(excluded.loser, t.loser), error = excluded.error, dn_modified_at = greatest(excluded.dn_modified_at, t.dn_modified_at),
     updated_at = now()`,
);

/** SQL text: whether a row tells of something that was done here. Beside a conflict, what was none was done. */
export const hasDoneSql = (row: string): string =>
  `(${row}.outcome in ('created', 'updated')
    or ${row}.outcome = 'review' and ${row}.local_version is not null and ${row}.before is distinct from ${row}.after)`;

/** A row with the record that it tells of. */
export interface NewRow extends RowDraft {
  readonly record?: DnRecord | null;
  readonly modifiedAt: string | null;
}

/** Travels with the COMMIT. In this order: an undo goes the other way. */
export function insertRows(tx: Tx, ctx: WorkCtx, jobId: string, rows: readonly NewRow[]): void {
  if (rows.length === 0) return;
  const values = rows.map(({ record = null, ...row }) => {
    const { raw = null, ...said } = record ?? {};
    return {
      id: ctx.newId(),
      kind: row.kind,
      dn_id: row.dnId,
      outcome: row.outcome,
      map_id: row.mapId ?? null,
      local_id: row.localId ?? null,
      local_version: row.localVersion ?? null,
      before: row.before ?? null,
      after: row.after ?? null,
      loser: row.loser ?? null,
      error: row.error ?? null,
      record: record === null ? null : said,
      raw,
      dn_modified_at: row.modifiedAt,
    };
  });
  tx.defer(insert, [ctx.tenant.id, ctx.organizationId, ctx.workspaceId, jobId, JSON.stringify(values)]);
}

const known = statement<{ kind: DnRecordKind; dn_id: string }>(
  'dn_row.list_known',
  `select t.kind, t.dn_id from dn_import_job_rows t
   where t.job_id = $1::uuid and t.kind = any($2::text[]) and t.dn_id = any($3::text[])`,
);
/** What a row is about. */
interface RecordRef {
  readonly kind: DnRecordKind;
  readonly dn_id: string;
}
/** Those of the records that this job has a row of, as `kind dn_id`. */
export async function listKnownRows(db: Queryable, jobId: string, records: readonly RecordRef[]): Promise<Set<string>> {
  const kinds = [...new Set(records.map(({ kind }) => kind))];
  const rows = await db.query(known, [jobId, kinds, records.map(({ dn_id: dnId }) => dnId)]);
  return new Set(rows.map(({ kind, dn_id: dnId }) => `${kind} ${dnId}`));
}

const parseRow: Readonly<Record<string, ColumnParser>> = {
  local_version: 'int',
  before: 'json',
  after: 'json',
  record: 'json',
};
const lock = statement<ImportRow & { settled_by_job_id: string | null }>(
  'dn_row.lock',
  `select t.id, t.job_id, t.kind, t.dn_id, t.outcome, t.map_id, t.local_id, t.local_version, t.before, t.after, t.record,
     t.raw, t.settled_by_job_id
   from dn_import_job_rows t where t.id = $1::uuid for update`,
  { parse: parseRow },
);
export const lockRow = async (
  tx: Tx,
  id: string,
): Promise<(ImportRow & { settled_by_job_id: string | null }) | undefined> => (await tx.query(lock, [id]))[0];

const settle = statement<never>(
  'dn_row.settle',
  'update dn_import_job_rows set settled_by_job_id = $2::uuid, updated_at = now() where id = $1::uuid',
);
/** The row of an earlier job was seen to by this one. */
export const settleRow = (tx: Tx, id: string, byJobId: string): void => tx.defer(settle, [id, byJobId]);

const tally = statement<Omit<DnSyncResult, 'kind' | 'written' | 'task'> & { task: DnImportTask }>(
  'dn_row.tally',
  `select i.task, i.unchanged, ${outcomeCounts.map(([name, count]) => `${count} as ${name}`).join(', ')}
   from dn_import_jobs i left join dn_import_job_rows r on r.job_id = i.id
   where i.id = $1::uuid group by i.task, i.unchanged`,
  { parse: { unchanged: 'int', ...Object.fromEntries(outcomeCounts.map(([name]) => [name, 'int' as const])) } },
);
/** What became of all records of the job so far. */
export async function countRows(db: Queryable, jobId: string): Promise<DnSyncResult> {
  const [counts] = await db.query(tally, [jobId]);
  if (!counts) throw new Error(`The job ${jobId} has no import`);
  return { kind: 'dn_sync', ...counts, written: 0 };
}
