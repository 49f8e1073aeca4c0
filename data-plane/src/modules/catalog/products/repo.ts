import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { Product, products } from '@platen/schema/contracts/data/catalog';
import { type ChangeRow, type JsonRow, parseChangeRow, parseJsonRow } from '../../../stored-json.js';
import { listing, moneyOf } from '../../documents/index.js';
import { sayOptions } from '../options.js';

const item = jsonSelect(Product, {
  id: 't.id',
  code: 't.code',
  name: 't.name',
  status: 't.status',
  kind: 't.kind',
  category_id: 't.category_id',
  tax_class: 't.tax_class',
  brand: 't.brand',
  description: 't.description',
  options: jsonExpression('t.options'),
  base_price: moneyOf('t')('base_price'),
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

export const listProducts = listing({
  contract: products.list,
  table: 'erp_products',
  item,
  filters: { status: 'text', category_id: 'uuid', brand: 'text' },
});

const find = statement<JsonRow>(
  'product.find',
  `select ${item} as json, t.version from erp_products t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);

export const findProduct = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

/** The fields that come from elsewhere, held still: for who changes them by what they are. */
export interface LockedProduct {
  readonly code: string;
  readonly name: string;
  readonly brand: string | null;
  readonly status: string;
  readonly version: number;
}
const lock = statement<LockedProduct>(
  'product.lock',
  'select t.code, t.name, t.brand, t.status, t.version from erp_products t where t.id = $1::uuid for no key update',
  { parse: { version: 'int' } },
);
export const lockProduct = async (tx: Tx, id: string): Promise<LockedProduct | undefined> =>
  (await tx.query(lock, [id]))[0];

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
  readonly brand: string | null;
  readonly description: string | null;
  readonly options: readonly object[];
}

// No workspace: the catalogue belongs to the whole organization. The category is read again under row-level security.
const insert = statement<JsonRow>(
  'product.insert',
  `insert into erp_products as t
     (tenant_id, organization_id, id, code, name, status, kind, category_id, tax_class, base_price, currency,
      brand, description, options)
   select $1::uuid, $2::uuid, $3::uuid, $4::text, $5::text, $6::text, $7::text, $8::uuid, $9::text, $10::numeric, $11::text,
     $12::text, $13::text, $14::jsonb
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
      row.brand,
      row.description,
      JSON.stringify(row.options),
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
  readonly brand?: string | null;
  readonly description?: string | null;
  readonly options?: readonly object[];
}

export interface ProductChange extends ChangeRow {
  readonly category_known: boolean;
  /** The options given lack some that a variant in use has. */
  readonly options_in_use: boolean;
  /** The product's own, which never changes: the amounts of its variants are in it. */
  readonly currency: string;
}

const update = statement<ProductChange>(
  'product.update',
  `with found as (select t.id, t.version, t.currency from erp_products t where t.id = $1::uuid),
   verdict as (
     select ($3::jsonb ->> 'category_id') is null
       or exists (select from erp_categories c where c.id = ($3::jsonb ->> 'category_id')::uuid) as category_known,
       $3::jsonb ? 'options' and exists (
         select from erp_product_variants v where v.product_id = $1::uuid and v.status = 'active'
           and not ${sayOptions('v.option_values', `($3::jsonb -> 'options')`)}
       ) as options_in_use
   ),
   changed as (
     update erp_products t
     set (code, name, status, kind, category_id, tax_class, base_price, brand, description, options) =
         (select n.code, n.name, n.status, n.kind, n.category_id, n.tax_class, n.base_price, n.brand, n.description,
            n.options
          from jsonb_populate_record(t, $3::jsonb) n),
       version = t.version + 1, updated_at = now()
     from verdict
     where t.id = $1::uuid and ($2::int is null or t.version = $2::int) and verdict.category_known and not verdict.options_in_use
       and ($4::text is null or t.currency::text = $4::text)
     returning ${item} as json, t.version
   )
   select found.version as version_before, found.currency, verdict.category_known, verdict.options_in_use, changed.json, changed.version
   from found cross join verdict left join changed on true`,
  { parse: { ...parseChangeRow, category_known: 'bool', options_in_use: 'bool' } },
);

/** `currency`: of the amounts in the patch, null if there are none. */
export const updateProduct = async (
  db: Queryable,
  id: string,
  ifMatch: number | null,
  patch: ProductPatch,
  currency: string | null,
): Promise<ProductChange | undefined> => (await db.query(update, [id, ifMatch, JSON.stringify(patch), currency]))[0];
