import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { definePage, firstId, type PageQuery, readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import type { QueryOf } from '@platen/schema/contract';
import { productionJobs } from '@platen/schema/contracts/data/production-jobs';
import { foundJson, type JsonRow, parseJsonRow } from '../../stored-json.js';
import { newestFirst } from '../documents/index.js';
import { keepsStock } from '../inventory/index.js';
import type { TenantCtx } from '../module.js';
import { cardJson, jobEventJson, jobJson, jobSources, jobSummaryJson } from './job-json.js';

const selectJob = statement<JsonRow>(
  'production.job',
  `select ${jobJson} as json, j.version from erp_production_jobs j ${jobSources('$2::bool')} where j.id = $1::uuid`,
  { parse: parseJsonRow },
);
const selectCards = statement<JsonRow & { readonly id: string }>(
  'production.cards',
  `select j.id, ${cardJson} as json, j.version from erp_production_jobs j ${jobSources('$2::bool')}
  where j.id = any ($1::uuid[]) order by j.number`,
  { parse: parseJsonRow },
);

/** @throws AppError not_found */
export async function readJob(db: Queryable, ctx: TenantCtx, id: string): Promise<RawJson> {
  const [row] = await db.query(selectJob, [id, keepsStock(ctx)]);
  return foundJson(row);
}

/** In the order of their numbers. */
export const readCards = (db: Queryable, ctx: TenantCtx, ids: readonly string[]): Promise<JsonRow[]> =>
  db.query(selectCards, [ids, keepsStock(ctx)]);

const listJobs = newestFirst({
  contract: productionJobs.list,
  table: 'erp_production_jobs',
  item: jobSummaryJson,
  filters: {
    status: 'text',
    stage_id: 'uuid',
    order_id: 'uuid',
    due_from: (parameter) => `t.due_on >= ${parameter}::date`,
    due_to: (parameter) => `t.due_on <= ${parameter}::date`,
  },
});

const historyPage = definePage({
  contract: productionJobs.history,
  item: jobEventJson,
  key: 't.id::text',
  rows: 'select t.* from erp_production_job_events t where t.job_id = $3::uuid and t.id > $2::uuid order by t.id',
  start: firstId,
});
const selectExists = statement<{ found: string }>(
  'production.job_exists',
  'select 1 as found from erp_production_jobs where id = $1::uuid',
);

export interface JobReader {
  list(ctx: TenantCtx, query: QueryOf<typeof productionJobs.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  listHistory(ctx: TenantCtx, id: string, query: PageQuery): Promise<RawJson>;
}

export const createJobReader = (cursors: Cursors): JobReader => ({
  list: (ctx, { limit, cursor, ...filters }) =>
    listJobs(ctx, cursors, { ...(limit && { limit }), ...(cursor && { cursor }) }, filters),

  get: (ctx, id) => readJob(ctx.db, ctx, id),

  async listHistory(ctx, id, query) {
    const [page, found] = await Promise.all([
      readPage(ctx, cursors, historyPage, query, [id]),
      ctx.db.query(selectExists, [id]),
    ]);
    if (found.length === 0) throw new AppError('not_found');
    return page;
  },
});
