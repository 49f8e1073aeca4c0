import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { Product, products } from '@platen/schema/contracts/data/catalog';
import { type ChangeRow, type JsonRow, parseChangeRow, parseJsonRow } from '../../../stored-json.js';
import { moneyOf } from '../../documents/index.js';

const item = jsonSelect(Product, {
  id: 't.id',
  code: 't.code',
  name: 't.name',
  status: 't.status',
  kind: 't.kind',
  category_id: 't.category_id',
  tax_class: 't.tax_class',
  base_price: moneyOf('t')('base_price'),
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

/** Newest first. The category has an index of its own, so it has a statement of its own. */
const pageBy = (variant: string, condition: string) =>
  definePage({
    contract: products.list,
    variant,
    item,
    key: 't.id::text',
    rows: `select t.* from erp_products t
      where t.id < $2::uuid and ($3::text is null or t.status = $3::text)${condition} order by t.id desc`,
    start: lastId,
  });
/** Filter: status or null. */
export const productPage = pageBy('all', '');
/** Filters: status or null, category. */
export const productPageOfCategory = pageBy('category', ' and t.category_id = $4::uuid');

const find = statement<JsonRow>(
  'product.find',
  `select ${item} as json, t.version from erp_products t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);

export const findProduct = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

export interface NewProduct {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly status: string;
  readonly kind: string;
  readonly categoryId: string | null;
  readonly taxClass: string;
  readonly basePrice: string;
  readonly currency: string;
}

// No workspace: the catalogue belongs to the whole organization. The category is read again under row-level security.
const insert = statement<JsonRow>(
  'product.insert',
  `insert into erp_products as t
     (tenant_id, organization_id, id, code, name, status, kind, category_id, tax_class, base_price, currency)
   select $1::uuid, $2::uuid, $3::uuid, $4::text, $5::text, $6::text, $7::text, $8::uuid, $9::text, $10::numeric, $11::text
   where $8::uuid is null or exists (select from erp_categories c where c.id = $8::uuid)
   returning ${item} as json, t.version`,
  { parse: parseJsonRow },
);

/** undefined: the category is unknown. */
export const insertProduct = async (db: Queryable, row: NewProduct): Promise<JsonRow | undefined> =>
  (
    await db.query(insert, [
      row.tenantId,
      row.organizationId,
      row.id,
      row.code,
      row.name,
      row.status,
      row.kind,
      row.categoryId,
      row.taxClass,
      row.basePrice,
      row.currency,
    ])
  )[0];

/** Columns to change, under their own names; absent ones stay. */
export interface ProductPatch {
  readonly code?: string;
  readonly name?: string;
  readonly status?: string;
  readonly kind?: string;
  readonly category_id?: string | null;
  readonly tax_class?: string;
  readonly base_price?: string;
}

export interface ProductChange extends ChangeRow {
  readonly category_known: boolean;
  /** The product's own, which never changes: the amounts of its variants are in it. */
  readonly currency: string;
}

const update = statement<ProductChange>(
  'product.update',
  `with found as (select t.id, t.version, t.currency from erp_products t where t.id = $1::uuid),
   verdict as (
     select ($3::jsonb ->> 'category_id') is null
       or exists (select from erp_categories c where c.id = ($3::jsonb ->> 'category_id')::uuid) as category_known
   ),
   changed as (
     update erp_products t
     set (code, name, status, kind, category_id, tax_class, base_price) =
         (select n.code, n.name, n.status, n.kind, n.category_id, n.tax_class, n.base_price
          from jsonb_populate_record(t, $3::jsonb) n),
       version = t.version + 1, updated_at = now()
     from verdict
     where t.id = $1::uuid and ($2::int is null or t.version = $2::int) and verdict.category_known
       and ($4::text is null or t.currency::text = $4::text)
     returning ${item} as json, t.version
   )
   select found.version as version_before, found.currency, verdict.category_known, changed.json, changed.version
   from found cross join verdict left join changed on true`,
  { parse: { ...parseChangeRow, category_known: 'bool' } },
);

/** `currency`: of the amounts in the patch, null if there are none. */
export const updateProduct = async (
  db: Queryable,
  id: string,
  ifMatch: number | null,
  patch: ProductPatch,
  currency: string | null,
): Promise<ProductChange | undefined> => (await db.query(update, [id, ifMatch, JSON.stringify(patch), currency]))[0];
