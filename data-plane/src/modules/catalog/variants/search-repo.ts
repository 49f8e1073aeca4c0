import { definePage, type Page } from '@platen/chassis/http/paging';
import { variants } from '@platen/schema/contracts/data/catalog';
import { columns, itemIn } from './repo.js';

/**
 * By SKU, with its operators compared byte by byte: they are leakproof, so that the index is used under row-level
 * security too, which LIKE would not be. Archived ones have an index of their own, and so a statement that names them.
 * Filters: first SKU, first SKU beyond the prefix.
 */
const pageBySku = (variant: string, condition: string): Page =>
  definePage({
    contract: variants.search,
    variant,
    item: itemIn('t.currency'),
    key: 't.sku',
    rows: `select ${columns} from erp_product_variants t
      where t.sku ~>~ $2::text and t.sku ~>=~ $3::text and t.sku ~<~ $4::text${condition}
      order by t.sku using ~<~`,
    start: '',
  });

export const pagesBySku = {
  any: pageBySku('any', ''),
  active: pageBySku('active', ` and t.status = 'active'`),
  archived: pageBySku('archived', ` and t.status = 'archived'`),
} as const;

/**
 * Filters: words or null, first SKU, first SKU beyond the prefix, status, status and category of the product or null; of
 * words and what is about the product, one at least. The function looks past row-level security and keeps to the scope
 * by itself; what it names is read here like anything else.
 */
export const pageByWords = definePage({
  contract: variants.search,
  variant: 'words',
  item: itemIn('t.currency'),
  key: 't.sku',
  rows: `select ${columns}
    from search_variants($3::text, $2::text, $4::text, $5::text, $6::text, $7::text, $8::uuid, $1::int + 1) found(id)
    join erp_product_variants t on t.id = found.id
    order by t.sku using ~<~`,
  start: '',
});
