import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Statement, Value } from '@platen/chassis/db/types';
import { firstId } from '@platen/chassis/http/paging';
import type { ExportFilter } from '@platen/schema/contracts/data/exports';
import type { ExportPayload } from '@platen/schema/contracts/internal/export-rows';
import type { JobKind } from '@platen/schema/states/job';
import { sources } from './sources/index.js';
import { firstFilterParameter, parameters, type Source } from './sources/source.js';

interface PageRow {
  readonly rows: (string | null)[][];
  readonly last_id: string | null;
  readonly row_count: number;
}

interface Statements {
  readonly page: Statement<PageRow>;
  readonly count: Statement<{ row_count: number }>;
}
/**
 * One pair for each resource and combination of filters, made on first use, as lists have them. Columns are no part of
 * it: anybody chooses those, and each connection keeps what it has prepared.
 */
const known = new Map<string, Statements>();

function statementsOf(resource: ExportPayload['resource'], used: readonly (keyof ExportFilter)[]): Statements {
  const name = ['export', resource, ...used].join('.');
  const made = known.get(name) ?? {
    page: statement<PageRow>(`${name}.page`, pageSql(sources[resource], used), {
      parse: { rows: 'json', row_count: 'int' },
    }),
    count: statement<{ row_count: number }>(`${name}.count`, countSql(sources[resource], used), {
      parse: { row_count: 'int' },
    }),
  };
  known.set(name, made);
  return made;
}

const { limit, after, wanted, today, timeZone } = parameters;

function rowsSql({ table, filters }: Source, used: readonly (keyof ExportFilter)[]): string {
  const conditions = used.map((name, index) => `and (${filters[name]?.condition(`$${index + firstFilterParameter}`)})`);
  // Every parameter is named, or its type would be anybody's guess.
  return `from ${table} t
    where t.id > ${after}::uuid and ${today}::date is not null and ${timeZone}::text is not null ${conditions.join(' ')}`;
}

function pageSql(source: Source, used: readonly (keyof ExportFilter)[]): string {
  const cells = Object.values(source.columns).map(
    ({ sql }, index) => `case when (${wanted}::bool[])[${index + 1}] then ${sql} end`,
  );
  return `select coalesce(json_agg(p.cells order by p.id), '[]') as rows, count(*) as row_count,
      (array_agg(p.id order by p.id desc))[1] as last_id
    from (select t.id, json_build_array(${cells.join(', ')}) as cells
      from (select t.* ${rowsSql(source, used)} order by t.id limit ${limit}::int) t) p`;
}

const countSql = (source: Source, used: readonly (keyof ExportFilter)[]): string =>
  `select count(*) as row_count ${rowsSql(source, used)} and ${wanted}::bool[] is not null and ${limit}::int is not null`;

const usedFilters = (filter: ExportFilter): (keyof ExportFilter)[] =>
  // The keys of what was checked against the schema.
  (Object.keys(filter) as (keyof ExportFilter)[]).filter((name) => filter[name] !== undefined).sort();

function valuesOf(payload: ExportPayload, rowLimit: number, afterId: string): Value[] {
  const { filter } = payload;
  const chosen = new Set(payload.columns.map(({ key }) => key));
  const isWanted = Object.keys(sources[payload.resource].columns).map((key) => chosen.has(key));
  const filters = usedFilters(filter).map((name) => filter[name] ?? null);
  return [rowLimit, afterId, isWanted, payload.today, payload.time_zone, ...filters];
}

/** Cells of all columns of the resource, null where they were not chosen. */
export async function listRows(
  db: Queryable,
  payload: ExportPayload,
  rowLimit: number,
  afterId: string = firstId,
): Promise<PageRow> {
  const { page } = statementsOf(payload.resource, usedFilters(payload.filter));
  const [row] = await db.query(page, valuesOf(payload, rowLimit, afterId));
  return row ?? { rows: [], last_id: null, row_count: 0 };
}

export async function countRows(db: Queryable, payload: ExportPayload): Promise<number> {
  const { count } = statementsOf(payload.resource, usedFilters(payload.filter));
  return (await db.query(count, valuesOf(payload, 0, firstId)))[0]?.row_count ?? 0;
}

const findPayload = statement<{ kind: JobKind; workspace_id: string | null; payload: unknown }>(
  'export.job_payload',
  'select kind, workspace_id, payload from erp_jobs where id = $1::uuid',
  { parse: { payload: 'json' } },
);
export const findJobPayload = async (db: Queryable, jobId: string) => (await db.query(findPayload, [jobId]))[0];
