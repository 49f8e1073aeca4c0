import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { Cursors } from '@platen/chassis/http/cursor';
import { definePage, lastId, type Page, readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import type { QueryOf } from '@platen/schema/contract';
import { StockMove, stockMoves } from '@platen/schema/contracts/data/stock';
import type { TenantCtx } from '../../module.js';
import { productNameSql, skuSql } from '../variant-sql.js';

const item = jsonSelect(StockMove, {
  id: 't.id',
  variant_id: 't.variant_id',
  sku: skuSql('t'),
  product_name: productNameSql('t'),
  from_location_id: 't.from_location_id',
  to_location_id: 't.to_location_id',
  quantity: 't.quantity::text',
  kind: 't.kind',
  source_type: 't.source_type',
  source_id: 't.source_id',
  order_id: 't.order_id',
  order_line_size_id: 't.order_line_size_id',
  reason: 't.reason',
  made_by: 't.made_by',
  created_at: 't.created_at',
});

const columns = { variant_id: 'uuid', order_id: 'uuid', source_id: 'uuid', kind: 'text' } as const;
type Filter = keyof typeof columns;
const filterNames = Object.keys(columns) as Filter[]; // the keys of the object above
const pages = new Map<string, Page>();

/** Each combination of filters has a statement of its own, made on first use, so that each finds its index. */
function pageOf(used: readonly Filter[], atLocation: boolean): Page {
  const variant = [...used, ...(atLocation ? ['location_id'] : [])].join('+');
  const known = pages.get(variant);
  if (known) return known;
  const where = used.map((name, index) => `and t.${name} = $${index + 3}::${columns[name]}`).join(' ');
  const rows = (condition: string) =>
    `select t.* from erp_stock_moves t where t.id < $2::uuid ${where} ${condition} order by t.id desc`;
  const end = (column: string) => `(${rows(`and t.${column} = $${used.length + 3}::uuid`)} limit $1::int + 1)`;
  const page = definePage({
    contract: stockMoves.list,
    ...(variant !== '' && { variant }),
    item,
    key: 't.id::text',
    rows: atLocation
      ? // No entry has the same location at both ends. Each end has its index.
        `select t.* from (${end('from_location_id')} union all ${end('to_location_id')}) t order by t.id desc`
      : rows(''),
    start: lastId,
  });
  pages.set(variant, page);
  return page;
}

/** In the slow lane: filters together may walk past many rows that only one of them names. */
export function listMoves(
  { tenant, organizationId, workspaceId, db }: TenantCtx,
  cursors: Cursors,
  { limit, cursor, location_id: locationId, ...given }: QueryOf<typeof stockMoves.list>,
): Promise<RawJson> {
  const used = filterNames.filter((name) => given[name] !== undefined);
  const values = used.map((name) => given[name] ?? null);
  return readPage(
    { tenant, organizationId, workspaceId, db: db.leased },
    cursors,
    pageOf(used, locationId !== undefined),
    { ...(limit && { limit }), ...(cursor && { cursor }) },
    locationId === undefined ? values : [...values, locationId],
  );
}

const selectOfSource = statement<{ json: string }>(
  'stock_move.of_source',
  `select concat('[', string_agg(${item}, ',' order by t.id), ']') as json from erp_stock_moves t
  where t.source_id = $1::uuid`,
);

/** JSON of the entries that were made together. */
export async function listMovesJson(tx: Tx, sourceId: string): Promise<string> {
  const [row] = await tx.query(selectOfSource, [sourceId]);
  return row?.json ?? '[]';
}
