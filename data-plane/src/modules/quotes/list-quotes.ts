import type { Cursors } from '@platen/chassis/http/cursor';
import { definePage, lastId, type Page, type PageQuery, readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import { quotes } from '@platen/schema/contracts/data/quotes';
import type { QuoteStatus } from '@platen/schema/states/quote';
import { beginsWith } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import { quoteSummaryJson } from './json.js';
import { statusSql } from './status.js';

export interface QuoteFilters {
  readonly status?: QuoteStatus;
  readonly customer_id?: string;
  readonly number_prefix?: string;
}

/** The kinds of stored rows that have a status as of `today`: what each has to fulfil, over the alias `t`. */
function kindsOf(status: QuoteStatus | undefined, today: string): readonly string[] {
  if (status === undefined) return [''];
  const stored = 'and t.status = $3::text';
  if (status === 'sent') return [`${stored} and t.valid_until >= ${today}`];
  if (status !== 'expired') return [stored];
  return [stored, `and t.status = 'sent' and t.valid_until < ${today}`];
}

const conditions = {
  customer_id: (parameter: string) => `t.customer_id = ${parameter}::uuid`,
  number_prefix: beginsWith('number'),
} as const;
type Condition = keyof typeof conditions;
const names = Object.keys(conditions) as Condition[];

const pages = new Map<string, Page>();

/** Newest first, as `today` has their status. Each combination of filters is a statement of its own, made on first use. */
export function listQuotes(
  ctx: TenantCtx,
  cursors: Cursors,
  query: QuoteFilters & PageQuery,
  today: string,
): Promise<RawJson> {
  const used = names.filter((name) => query[name] !== undefined);
  const variant = [query.status ?? 'all', ...used].join('+');
  let page = pages.get(variant);
  if (page === undefined) {
    page = pageOf(query.status, used, variant);
    pages.set(variant, page);
  }
  const filters = [...(query.status === undefined ? [] : [query.status]), ...used.map((name) => query[name] ?? null)];
  return readPage(ctx, cursors, page, query, filters, [today]);
}

function pageOf(status: QuoteStatus | undefined, used: readonly Condition[], variant: string): Page {
  const first = status === undefined ? 3 : 4;
  const today = `$${first + used.length}::date`;
  const given = used.map((name, index) => `and ${conditions[name](`$${first + index}`)}`).join(' ');
  const rows = kindsOf(status, today).map(
    (kind) => `select t.* from erp_quotes t
      where (t.created_at, t.id) < (split_part($2, ' ', 1)::timestamptz, split_part($2, ' ', 2)::uuid) ${kind} ${given}
      ${newest}`,
  );
  return definePage({
    contract: quotes.list,
    variant,
    item: quoteSummaryJson(statusSql('t', today)),
    key: `concat(to_char(t.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), ' ', t.id)`,
    rows: rows.length === 1 ? `${rows[0]}` : merged(rows),
    start: `infinity ${lastId}`,
  });
}

const newest = 'order by t.created_at desc, t.id desc';

/** Each kind of rows by its index and no longer than the page, in one order. */
const merged = (rows: readonly string[]): string =>
  `select t.* from (${rows.map((kind) => `(${kind} limit $1::int + 1)`).join(' union all ')}) t ${newest}`;
