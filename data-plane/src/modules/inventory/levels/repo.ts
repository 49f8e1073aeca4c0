import { jsonSelect } from '@platen/chassis/db/json-select';
import type { Cursors } from '@platen/chassis/http/cursor';
import { definePage, firstId, lastId, type Page, type PageQuery, readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import { StockLevel, stock } from '@platen/schema/contracts/data/stock';
import { beginningWith } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { incomingSql, variantColumns } from '../variant-sql.js';

const item = jsonSelect(StockLevel, {
  id: 't.id',
  location_id: 't.location_id',
  ...variantColumns('t'),
  on_hand: 't.on_hand',
  reserved: 't.reserved::text',
  available: '(t.on_hand - t.reserved)',
  incoming: incomingSql('t', 'and p.location_id = t.location_id'),
  updated_at: 't.updated_at',
});

const conditions = {
  location_id: (parameter: string) => `and t.location_id = ${parameter}::uuid`,
  variant_id: (parameter: string) => `and t.variant_id = ${parameter}::uuid`,
  below: (parameter: string) => `and t.on_hand - t.reserved < ${parameter}::numeric`,
} as const;
type Filter = keyof typeof conditions;
const filterNames = Object.keys(conditions) as Filter[]; // the keys of the object above

export interface LevelFilters extends Readonly<Partial<Record<Filter, string>>> {
  readonly skuPrefix?: string;
}

const pages = new Map<string, Page>();

/** Each combination of filters has a statement of its own, made on first use, so that each finds its index. */
function pageOf(used: readonly Filter[], bySku: boolean): Page {
  const variant = [...used, ...(bySku ? ['sku_prefix'] : [])].join('+');
  const known = pages.get(variant);
  if (known) return known;
  const where = used.map((name, index) => conditions[name](`$${index + (bySku ? 5 : 3)}`)).join(' ');
  const page = definePage({
    contract: stock.levels,
    ...(variant !== '' && { variant }),
    item,
    ...(bySku
      ? {
          // No SKU has a space.
          key: `concat(t.sku, ' ', t.id)`,
          rows: `select t.*, v.sku from erp_product_variants v join erp_stock_levels t on t.variant_id = v.id
            where v.sku ~>=~ $3::text and v.sku ~<~ $4::text and v.sku ~>=~ split_part($2, ' ', 1)
              and (v.sku ~>~ split_part($2, ' ', 1) or t.id > split_part($2, ' ', 2)::uuid) ${where}
            order by v.sku using ~<~, t.id`,
          start: ` ${firstId}`,
        }
      : {
          key: 't.id::text',
          rows: `select t.* from erp_stock_levels t where t.id < $2::uuid ${where} order by t.id desc`,
          start: lastId,
        }),
  });
  pages.set(variant, page);
  return page;
}

/** Newest first, or by SKU where its beginning is given. What is below a quantity is looked for in all: in the slow lane. */
export function listLevels(
  ctx: TenantCtx,
  cursors: Cursors,
  query: PageQuery,
  { skuPrefix, ...given }: LevelFilters,
): Promise<RawJson> {
  const used = filterNames.filter((name) => given[name] !== undefined);
  const values = used.map((name) => given[name] ?? null);
  return readPage(
    { ...scopeOf(ctx), db: ctx.db.leased },
    cursors,
    pageOf(used, skuPrefix !== undefined),
    query,
    skuPrefix === undefined ? values : [...beginningWith(skuPrefix), ...values],
  );
}

const scopeOf = ({ tenant, organizationId, workspaceId }: TenantCtx) => ({ tenant, organizationId, workspaceId });
