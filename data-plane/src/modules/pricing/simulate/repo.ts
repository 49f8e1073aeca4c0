import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { RequestLine } from '../service.js';

export interface PastLine extends RequestLine {
  readonly line_total: string;
}
export interface PastQuote {
  readonly id: string;
  readonly number: string | null;
  readonly created_at: string;
  readonly due_on: string | null;
  readonly customer: { readonly id: string; readonly group: string | null };
  readonly lines: readonly PastLine[];
}
export interface PastQuery {
  readonly currency: string;
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
  readonly customerId: string | null;
  /** Of the last quote before, as `created_at` and id. */
  readonly after: readonly [createdAt: string, id: string];
  readonly limit: number;
}

// By the index over (owner, created_at, id). Amounts leave as text: JSON numbers would go through a double.
const selectQuotes = statement<{ quotes: readonly PastQuote[] }>(
  'simulate.quotes',
  `select coalesce(json_agg(json_build_object('id', q.id, 'number', q.number, 'due_on', q.due_on,
      'created_at', to_char(q.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'customer', (select json_build_object('id', c.id, 'group', c.customer_group) from erp_customers c
        where c.id = q.customer_id),
      'lines', (select coalesce(json_agg(json_build_object('product_id', l.product_id, 'design_id', l.design_id,
          'decorations', l.decorations, 'line_total', l.line_total::text,
          'sizes', (select json_agg(json_build_object('variant_id', s.variant_id, 'quantity', trunc(s.quantity))
            order by s.id) from erp_quote_line_sizes s where s.quote_line_id = l.id)) order by l.position), '[]')
        from erp_quote_lines l where l.quote_id = q.id)) order by q.created_at, q.id), '[]') as quotes
   from (select * from erp_quotes where currency = $1 and status not in ('draft', 'superseded')
     and created_at >= $2::date::timestamp at time zone $4 and created_at < ($3::date + 1)::timestamp at time zone $4
     and ($5::uuid is null or customer_id = $5::uuid) and (created_at, id) > ($6::timestamptz, $7::uuid)
     order by created_at, id limit $8::int) q`,
  { parse: { quotes: 'json' } },
);

export async function listPastQuotes(db: Queryable, query: PastQuery): Promise<readonly PastQuote[]> {
  const { currency, from, to, timeZone, customerId, after, limit } = query;
  const [row] = await db.query(selectQuotes, [currency, from, to, timeZone, customerId, ...after, limit]);
  return row?.quotes ?? [];
}

export interface TodaysProduct {
  readonly id: string;
  readonly category_id: string | null;
  readonly base_price: string;
  readonly currency: string;
}
export interface TodaysVariant {
  readonly id: string;
  readonly price_delta: string;
  readonly cost: string | null;
  readonly option_values: Readonly<Record<string, string>>;
}

const selectCatalogue = statement<{
  products: readonly TodaysProduct[];
  variants: readonly TodaysVariant[];
}>(
  'simulate.catalogue',
  `select
    coalesce((select json_agg(json_build_object('id', id, 'category_id', category_id, 'base_price', base_price::text,
      'currency', currency)) from erp_products where id = any($1::uuid[])), '[]') as products,
    coalesce((select json_agg(json_build_object('id', id, 'price_delta', price_delta::text, 'cost', cost::text,
      'option_values', option_values)) from erp_product_variants where id = any($2::uuid[])), '[]') as variants`,
  { parse: { products: 'json', variants: 'json' } },
);

/** What was quoted, as it is sold today; whether it still is does not matter. */
export async function findTodays(db: Queryable, quotes: readonly PastQuote[]) {
  const lines = quotes.flatMap((quote) => quote.lines);
  const variantIds = lines.flatMap((line) => line.sizes.map((size) => size.variant_id));
  const [row] = await db.query(selectCatalogue, [
    [...new Set(lines.map((line) => line.product_id))],
    [...new Set(variantIds)],
  ]);
  return {
    products: new Map((row?.products ?? []).map((product) => [product.id, product])),
    variants: new Map((row?.variants ?? []).map((variant) => [variant.id, variant])),
  };
}
export type Todays = Awaited<ReturnType<typeof findTodays>>;

const selectVersion = statement<{ id: string; hash: string; currency: string }>(
  'simulate.version',
  `select v.id, v.hash, s.currency from erp_pricing_rule_set_versions v
   join erp_pricing_rule_sets s on s.tenant_id = v.tenant_id and s.organization_id = v.organization_id
     and s.id = v.rule_set_id where v.id = $1::uuid`,
);
export const findVersionHead = async (
  db: Queryable,
  id: string,
): Promise<{ id: string; hash: string; currency: string } | undefined> => (await db.query(selectVersion, [id]))[0];
