import type { Cursors } from '@platen/chassis/http/cursor';
import { definePage, lastId, type Page, type PageQuery, readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import type { Contract } from '@platen/schema/contract';
import type { TenantCtx } from '../module.js';

export type ListFilters = Readonly<Record<string, string | undefined>>;

/**
 * Documents in pages, newest first, by the index over (owner, [filter,] created_at, id). Each combination of filters has
 * a statement of its own, made on first use: a condition that might be absent would keep the planner from the index.
 */
export function newestFirst(spec: {
  readonly contract: Contract;
  readonly table: string;
  /** SQL of the item's JSON over the alias `t`. */
  readonly item: string;
  /** Columns that may be filtered by, with their SQL types. */
  readonly filters: Readonly<Record<string, 'text' | 'uuid'>>;
}): (ctx: TenantCtx, cursors: Cursors, query: PageQuery, filters: ListFilters) => Promise<RawJson> {
  const pages = new Map<string, Page>();
  return (ctx, cursors, query, given) => {
    const used = Object.keys(spec.filters).filter((column) => given[column] !== undefined);
    const variant = used.join('+');
    let page = pages.get(variant);
    if (!page) {
      page = definePage({
        contract: spec.contract,
        ...(used.length > 0 && { variant }),
        item: spec.item,
        key: `concat(to_char(t.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), ' ', t.id)`,
        rows: `select t.* from ${spec.table} t
          where (t.created_at, t.id) < (split_part($2, ' ', 1)::timestamptz, split_part($2, ' ', 2)::uuid)
            ${used.map((column, index) => `and t.${column} = $${index + 3}::${spec.filters[column]}`).join(' ')}
          order by t.created_at desc, t.id desc`,
        start: `infinity ${lastId}`,
      });
      pages.set(variant, page);
    }
    return readPage(
      ctx,
      cursors,
      page,
      query,
      used.map((column) => given[column] ?? null),
    );
  };
}
