import type { Cursors } from '@platen/chassis/http/cursor';
import { definePage, lastId, type Page, type PageQuery, readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import type { Contract } from '@platen/schema/contract';
import type { TenantCtx } from '../module.js';

export type ListFilters = Readonly<Record<string, string | undefined>>;

/** SQL of a condition over the alias `t`, made of the parameter's text: `$3`. */
export type FilterCondition = (parameter: string) => string;

/**
 * Documents in pages, newest first, by the index over (owner, [filter,] created_at, id). Each combination of filters has
 * a statement of its own, made on first use: a condition that might be absent would keep the planner from the index.
 */
export function newestFirst(spec: {
  readonly contract: Contract;
  readonly table: string;
  /** SQL of the item's JSON over the alias `t`. */
  readonly item: string;
  /** Columns that may be filtered by, with their SQL types; other filters by their condition on `t`. */
  readonly filters: Readonly<Record<string, 'text' | 'uuid' | FilterCondition>>;
}): (ctx: TenantCtx, cursors: Cursors, query: PageQuery, filters: ListFilters) => Promise<RawJson> {
  const pages = new Map<string, Page>();
  return (ctx, cursors, query, given) => {
    const used = Object.keys(spec.filters).filter((name) => given[name] !== undefined);
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
            ${used.map((name, index) => `and ${conditionOf(name, spec.filters[name] ?? 'text', index + 3)}`).join(' ')}
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
      used.map((name) => given[name] ?? null),
    );
  };
}

export const conditionOf = (name: string, filter: 'text' | 'uuid' | FilterCondition, parameter: number): string =>
  typeof filter === 'function' ? filter(`$${parameter}`) : `t.${name} = $${parameter}::${filter}`;

/**
 * Numbers that begin with the parameter. Compared byte by byte: these operators are leakproof, so that an index with
 * text_pattern_ops serves them under row-level security, which it would not do for LIKE.
 */
export const beginsWith =
  (column: string): FilterCondition =>
  (parameter) =>
    // Nothing that begins with the prefix sorts after the greatest code point.
    `t.${column} ~>=~ ${parameter}::text and t.${column} ~<~ (${parameter}::text || chr(1114111))`;
