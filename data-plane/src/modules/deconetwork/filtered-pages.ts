import type { Cursors } from '@platen/chassis/http/cursor';
import { definePage, type Page, type PageQuery, type PageSpec, readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';

type Reader = Parameters<typeof readPage>[0];

/**
 * A list in pages by `filters`, each the SQL of a condition, `$N` for its value. A statement for each combination, made on
 * first use: a condition that might be absent would keep the planner from the index. `rows`: of `PageSpec`, with the
 * conditions in their place; `of`: values of its own before those of the filters.
 */
export function filteredPages<F extends string>(
  spec: Omit<PageSpec, 'variant' | 'rows'> & {
    readonly filters: Readonly<Record<F, string>>;
    readonly rows: (conditions: string) => string;
  },
): (
  ctx: Reader,
  cursors: Cursors,
  query: PageQuery,
  given: Readonly<Partial<Record<F, string | undefined>>>,
  of?: readonly string[],
) => Promise<RawJson> {
  const { filters, rows, ...rest } = spec;
  const pages = new Map<string, Page>();
  // Names of an object's own members, which its type says.
  const names = Object.keys(filters) as F[];
  return (ctx, cursors, query, given, of = []) => {
    const used = names.filter((name) => given[name] !== undefined);
    const variant = used.join('+');
    const conditions = used.map((name, index) => `and ${filters[name].replaceAll('$N', `$${index + of.length + 3}`)}`);
    const page =
      pages.get(variant) ??
      definePage({ ...rest, ...(variant !== '' && { variant }), rows: rows(conditions.join(' ')) });
    pages.set(variant, page);
    return readPage(ctx, cursors, page, query, [...of, ...used.map((name) => given[name] ?? null)]);
  };
}
