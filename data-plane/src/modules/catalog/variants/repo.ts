import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { definePage, firstId } from '@platen/chassis/http/paging';
import { Variant, variants } from '@platen/schema/contracts/data/catalog';
import { type ChangeRow, type JsonRow, parseChangeRow, parseJsonRow } from '../../../stored-json.js';
import { type Option, sayOptions } from '../options.js';

/** A variant's amounts are in its product's currency. */
export const itemIn = (currency: string): string =>
  jsonSelect(Variant, {
    id: 't.id',
    product_id: 't.product_id',
    sku: 't.sku',
    option_values: jsonExpression('t.option_values'),
    gtin: 't.gtin',
    cost: { amount: 't.cost', currency },
    price_delta: { amount: 't.price_delta', currency },
    weight_g: 't.weight_g',
    status: 't.status',
    version: 't.version',
    created_at: 't.created_at',
    updated_at: 't.updated_at',
  });

/** What `itemIn('t.currency')` reads. */
export const columns = `t.*, (select p.currency from erp_products p where p.id = t.product_id) as currency`;

/** Filter: product. In the order in which they were added. */
export const variantPageOfProduct = definePage({
  contract: variants.list,
  item: itemIn('t.currency'),
  key: 't.id::text',
  rows: `select ${columns} from erp_product_variants t where t.id > $2::uuid and t.product_id = $3::uuid order by t.id`,
  start: firstId,
});

const productExists = statement<{ id: string }>('variant.product', 'select id from erp_products where id = $1::uuid');

export const isProductThere = async (db: Queryable, id: string): Promise<boolean> =>
  (await db.query(productExists, [id])).length > 0;

const find = statement<JsonRow>(
  'variant.find',
  `select ${itemIn('t.currency')} as json, t.version from (select ${columns} from erp_product_variants t where t.id = $1::uuid) t`,
  { parse: parseJsonRow },
);

export const findVariant = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

export interface NewVariant {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly id: string;
  readonly productId: string;
  readonly sku: string;
  readonly optionValues: object;
  readonly gtin: string | null;
  readonly cost: string | null;
  readonly priceDelta: string;
  readonly weightG: number | null;
  readonly status: string;
}

interface OfProduct {
  readonly currency: string;
  readonly options: readonly Option[];
}
const parseOfProduct = { options: 'json' } as const;

interface CreatedRow extends OfProduct {
  /** null: the currency is not the product's, or the options are not. */
  readonly version: number | null;
  readonly json: string | null;
}

const insert = statement<CreatedRow>(
  'variant.insert',
  `with product as (select p.id, p.currency, p.options from erp_products p where p.id = $4::uuid for share),
   t as (
     insert into erp_product_variants
       (tenant_id, organization_id, id, product_id, sku, option_values, gtin, cost, price_delta, weight_g, status)
     select $1::uuid, $2::uuid, $3::uuid, product.id, $5::text, $6::jsonb, $7::text, $8::numeric, $9::numeric, $10::int,
       $11::text
     from product where ($12::text is null or product.currency::text = $12::text)
       and ${sayOptions('$6::jsonb', 'product.options')}
     returning *
   )
   select product.currency, product.options, t.version, case when t.id is not null then ${itemIn('product.currency')} end as json
   from product left join t on true`,
  { parse: { version: 'int', ...parseOfProduct } },
);

/** `currency`: of the amounts given, null if there are none. undefined: no such product. */
export const insertVariant = async (
  db: Queryable,
  row: NewVariant,
  currency: string | null,
): Promise<CreatedRow | undefined> =>
  (
    await db.query(insert, [
      row.tenantId,
      row.organizationId,
      row.id,
      row.productId,
      row.sku,
      JSON.stringify(row.optionValues),
      row.gtin,
      row.cost,
      row.priceDelta,
      row.weightG,
      row.status,
      currency,
    ])
  )[0];

/** Columns to change, under their own names; absent ones stay. */
export interface VariantPatch {
  readonly sku?: string;
  readonly option_values?: object;
  readonly gtin?: string | null;
  readonly cost?: string | null;
  readonly price_delta?: string;
  readonly weight_g?: number | null;
  readonly status?: string;
}

export interface VariantChange extends ChangeRow, OfProduct {
  readonly options_known: boolean;
}

const update = statement<VariantChange>(
  'variant.update',
  `with found as (
     select t.id, t.version, p.currency, p.options,
       not $3::jsonb ? 'option_values' or ${sayOptions(`($3::jsonb -> 'option_values')`, 'p.options')} as options_known
     from erp_product_variants t join erp_products p on p.id = t.product_id
     where t.id = $1::uuid
   ),
   changed as (
     update erp_product_variants t
     set (sku, option_values, gtin, cost, price_delta, weight_g, status) =
         (select n.sku, n.option_values, n.gtin, n.cost, n.price_delta, n.weight_g, n.status
          from jsonb_populate_record(t, $3::jsonb) n),
       version = t.version + 1, updated_at = now()
     from found
     where t.id = found.id and ($2::int is null or t.version = $2::int)
       and ($4::text is null or found.currency::text = $4::text) and found.options_known
     returning ${itemIn('found.currency')} as json, t.version
   )
   select found.version as version_before, found.currency, found.options, found.options_known, changed.json, changed.version
   from found left join changed on true`,
  { parse: { ...parseChangeRow, ...parseOfProduct, options_known: 'bool' } },
);

export const updateVariant = async (
  db: Queryable,
  id: string,
  ifMatch: number | null,
  patch: VariantPatch,
  currency: string | null,
): Promise<VariantChange | undefined> => (await db.query(update, [id, ifMatch, JSON.stringify(patch), currency]))[0];
