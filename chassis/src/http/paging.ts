import type { Contract } from '@platen/schema/contract';
import { statement } from '../db/statement.js';
import type { Queryable, Statement, Value } from '../db/types.js';
import type { Cursors, CursorUse } from './cursor.js';
import { type Ctx, RawJson } from './types.js';

interface PageRow {
  readonly items: string | null;
  readonly last_key: string | null;
  readonly more: string;
}

/** A list in pages: one row with the JSON of the items, built by Postgres. */
export interface Page {
  readonly list: Contract['name'];
  readonly statement: Statement<PageRow>;
  /** What stands for the cursor on the first page: before every key, in the list's order. */
  readonly start: string;
}

export interface PageSpec {
  readonly contract: Contract;
  /** Appended to the contract's name, where a list has several statements. */
  readonly variant?: string;
  /** By jsonSelect, over the alias `t`. */
  readonly item: string;
  /** The sort key as text; unique within the list, or rows between pages would get lost. */
  readonly key: string;
  /**
   * A select with the alias `t`, its condition on the cursor ($2), its filters (from $3) and its `order by`, which an
   * index should serve. The limit ($1) is added.
   */
  readonly rows: string;
  readonly start: string;
}

/** Smaller and greater than every UUIDv7: the first page of a list by id, upwards and downwards. */
export const firstId = '00000000-0000-0000-0000-000000000000';
export const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export function definePage({ contract, variant, item, key, rows, start }: PageSpec): Page {
  // The rows are sorted and cut inside, so that they are numbered in the order of the list. What is built of a row stands
  // in the aggregates, behind their filters: the key is made of one row only, and nothing of the row beyond the page.
  const text = `select string_agg(${item}, ',') filter (where t.n <= $1::int) as items,
      min(${key}) filter (where t.n = $1::int) as last_key, count(*) > $1::int as more
    from (select row_number() over () as n, t.* from (${rows} limit $1::int + 1) t) t`;
  const name = variant === undefined ? contract.name : `${contract.name}.${variant}`;
  return { list: contract.name, statement: statement<PageRow>(name, text), start };
}

export interface PageQuery {
  readonly limit?: number;
  readonly cursor?: string;
}

type Filter = string | number | boolean | null;

/**
 * One round trip on the pipelined lane. Filters are part of what a cursor is good for; `context` is not: values that the
 * statement takes after them and that may differ from page to page, such as today's date.
 */
export async function readPage(
  ctx: Pick<Ctx, 'tenant' | 'organizationId' | 'workspaceId'> & { readonly db: Queryable },
  cursors: Cursors,
  page: Page,
  { limit = 50, cursor }: PageQuery,
  filters: readonly Filter[] = [],
  context: readonly Filter[] = [],
): Promise<RawJson> {
  const use: CursorUse = {
    list: page.list,
    tenantId: ctx.tenant.id,
    organizationId: ctx.organizationId,
    workspaceId: ctx.workspaceId,
    filters,
  };
  const [after = page.start] = cursor === undefined ? [] : cursors.decode(use, cursor);
  const values: Value[] = [limit, after, ...filters, ...context];
  const [row] = await ctx.db.query(page.statement, values);
  const next = row?.more === 't' && row.last_key !== null ? cursors.encode(use, [row.last_key]) : null;
  return new RawJson(`{"items":[${row?.items ?? ''}],"next_cursor":${JSON.stringify(next)}}`);
}
