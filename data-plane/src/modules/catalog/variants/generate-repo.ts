import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { Option } from '../options.js';
import { itemIn } from './repo.js';

interface ProductRow {
  readonly id: string;
  readonly code: string;
  readonly currency: string;
  readonly options: readonly Option[];
}

const lockProduct = statement<ProductRow>(
  'variant.lock_product',
  'select id, code, currency, options from erp_products where id = $1::uuid for no key update',
  { parse: { options: 'json' } },
);

/** Two that fill in one product take turns: the second finds what the first has made. */
export const lockProductForVariants = async (db: Queryable, id: string): Promise<ProductRow | undefined> =>
  (await db.query(lockProduct, [id]))[0];

interface TakenRow {
  readonly option_values: Readonly<Record<string, string>>;
}
const listTaken = statement<TakenRow>(
  'variant.list_option_values',
  'select option_values from erp_product_variants where product_id = $1::uuid',
  { parse: { option_values: 'json' } },
);

export const listOptionValues = (db: Queryable, productId: string): Promise<TakenRow[]> =>
  db.query(listTaken, [productId]);

export interface NewVariants {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly productId: string;
  readonly currency: string;
  readonly cost: string | null;
  readonly priceDelta: string;
  readonly cells: readonly { readonly id: string; readonly sku: string; readonly option_values: object }[];
}

const insertMany = statement<{ items: string }>(
  'variant.insert_many',
  `with t as (
     insert into erp_product_variants (tenant_id, organization_id, id, product_id, sku, option_values, cost, price_delta)
     select $1::uuid, $2::uuid, cell.id, $3::uuid, cell.sku, cell.option_values, $4::numeric, $5::numeric
     from jsonb_to_recordset($6::jsonb) cell(id uuid, sku text, option_values jsonb)
     returning *
   )
   select concat('[', string_agg(${itemIn('$7::text')}, ',' order by t.id), ']') as items from t`,
);

/** JSON of what was made, in the order given. */
export const insertVariants = async (db: Queryable, made: NewVariants): Promise<string> => {
  const { tenantId, organizationId, productId, cost, priceDelta, cells, currency } = made;
  const values = [tenantId, organizationId, productId, cost, priceDelta, JSON.stringify(cells), currency];
  return (await db.query(insertMany, values))[0]?.items ?? '[]';
};
