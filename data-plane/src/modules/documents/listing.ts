import type { Cursors } from '@platen/chassis/http/cursor';
import { definePage, lastId, type Page, type PageQuery, readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import type { Contract } from '@platen/schema/contract';
import type { TenantCtx } from '../module.js';
import { conditionOf, type FilterCondition, type ListFilters } from './newest-first.js';

/** From the first text with this beginning to what lies beyond them all: nothing sorts after the greatest code point. */
export const beginningWith = (prefix: string): [first: string, beyond: string] => [prefix, `${prefix}\u{10ffff}`];

/**
 * Master data in pages: newest first, or by code where its beginning is given. As with documents, each combination of
 * filters has a statement of its own, made on first use, so that each finds its index.
 */
export function listing(spec: {
  readonly contract: Contract;
  readonly table: string;
  /** SQL of the item's JSON over the alias `t`. */
  readonly item: string;
  /** Columns that may be filtered by, with their SQL types; other filters by their condition on `t`. */
  readonly filters: Readonly<Record<string, 'text' | 'uuid' | FilterCondition>>;
}): (
  ctx: TenantCtx,
  cursors: Cursors,
  query: PageQuery,
  filters: ListFilters,
  codePrefix?: string,
) => Promise<RawJson> {
  const pages = new Map<string, Page>();
  return (ctx, cursors, query, given, codePrefix) => {
    const used = Object.keys(spec.filters).filter((column) => given[column] !== undefined);
    const byCode = codePrefix !== undefined;
    const variant = [...used, ...(byCode ? ['code_prefix'] : [])].join('+');
    const first = byCode ? 5 : 3;
    const conditions = used
      .map((name, index) => `and ${conditionOf(name, spec.filters[name] ?? 'text', index + first)}`)
      .join(' ');
    let page = pages.get(variant);
    if (!page) {
      page = definePage({
        contract: spec.contract,
        ...(variant !== '' && { variant }),
        item: spec.item,
        ...(byCode
          ? // Operators that compare byte by byte are leakproof, LIKE is not: under row-level security they reach the index.
            {
              key: 't.code',
              rows: `select t.* from ${spec.table} t
                where t.code ~>~ $2::text and t.code ~>=~ $3::text and t.code ~<~ $4::text ${conditions}
                order by t.code using ~<~`,
              start: '',
            }
          : {
              key: 't.id::text',
              rows: `select t.* from ${spec.table} t where t.id < $2::uuid ${conditions} order by t.id desc`,
              start: lastId,
            }),
      });
      pages.set(variant, page);
    }
    const values = used.map((column) => given[column] ?? null);
    return readPage(ctx, cursors, page, query, byCode ? [...beginningWith(codePrefix), ...values] : values);
  };
}
