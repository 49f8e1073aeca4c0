import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';

/** Small: a code stands for a category, its folded name too. */
export interface CategoryRow {
  readonly id: string;
  readonly code: string;
  readonly name: string;
}
const categories = statement<CategoryRow>(
  'transfer.categories',
  'select id, code, name from erp_categories order by code limit 10000',
);
export const listCategories = (db: Queryable): Promise<CategoryRow[]> => db.query(categories);

export interface ProductRow {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly brand: string | null;
  readonly description: string | null;
  readonly category_id: string | null;
  readonly status: string;
  readonly kind: string;
  readonly tax_class: string;
  readonly currency: string;
  readonly options: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly version: number;
}
/**
 * In a table that an import has just filled, the planner knows nothing yet and takes any index of the organization's
 * rows; a list of a thousand would then be gone through for each of them. This way each is looked up in a hash.
 */
const isAmong = (column: string, list: string): string =>
  `coalesce(${column} in (select unnest(${list}::text[])), false)`;

const products = statement<ProductRow>(
  'transfer.products',
  `select p.id, p.code, p.name, p.brand, p.description, p.category_id, p.status, p.kind, p.tax_class, p.currency, p.options,
     p.version
   from erp_products p where ${isAmong('p.code', '$1')}`,
  { parse: { options: 'json', version: 'int' } },
);
export const listProductsByCode = (db: Queryable, codes: readonly string[]): Promise<ProductRow[]> =>
  db.query(products, [codes]);

export interface VariantRow {
  readonly id: string;
  readonly product_id: string;
  readonly sku: string;
  readonly option_values: Readonly<Record<string, string>>;
  readonly gtin: string | null;
  readonly cost: string | null;
  /** What one costs to buy: the product's base price and the variant's difference. */
  readonly price: string;
  readonly weight_g: number | null;
  readonly status: string;
  readonly version: number;
}
const variants = statement<VariantRow>(
  'transfer.variants',
  `select v.id, v.product_id, v.sku, v.option_values, v.gtin, v.cost, p.base_price + v.price_delta as price, v.weight_g,
     v.status, v.version
   from erp_product_variants v join erp_products p on p.id = v.product_id
   where v.sku ~>=~ $2::text and v.sku ~<=~ $3::text and ${isAmong('v.sku', '$1')}`,
  { parse: { option_values: 'json', weight_g: 'int', version: 'int' } },
);
/** Files are mostly in the order of their SKUs: those of a step lie close together in the index. */
export function listVariantsBySku(db: Queryable, skus: readonly string[]): Promise<VariantRow[]> {
  const ordered = skus.map((sku) => Buffer.from(sku)).sort(Buffer.compare);
  const [first = '', last = ''] = [ordered[0]?.toString(), ordered.at(-1)?.toString()];
  return db.query(variants, [skus, first, last]);
}

export interface Owner {
  readonly tenantId: string;
  readonly organizationId: string;
}
export interface NewProduct extends Omit<ProductRow, 'version' | 'options'> {
  readonly base_price: string;
}
export interface NewVariant extends Omit<VariantRow, 'version' | 'price'> {
  readonly price: string | null;
}

/** Some forty to a step. Joined to the rows instead, each would be looked up for each of its variants, or all would be read. */
const priced = (list: string): string => `with priced as materialized (
     select p.id, p.base_price from erp_products p where p.id = any(${list}::uuid[]))`;

// In the order of their keys: two imports that meet wait for each other instead of locking each other out.
const insertNewProducts = statement<unknown>(
  'transfer.insertProducts',
  `insert into erp_products (tenant_id, organization_id, id, code, name, brand, description, category_id, status, kind,
     tax_class, currency, base_price)
   select $1::uuid, $2::uuid, r.id, r.code, r.name, r.brand, r.description, r.category_id, r.status, r.kind, r.tax_class,
     r.currency, r.base_price
   from json_to_recordset($3::json) r(id uuid, code text, name text, brand text, description text, category_id uuid,
     status text, kind text, tax_class text, currency text, base_price numeric)
   order by r.code
   on conflict (tenant_id, organization_id, code) do nothing returning 1`,
);
const insertNewVariants = statement<unknown>(
  'transfer.insertVariants',
  `${priced('$4')}
   insert into erp_product_variants (tenant_id, organization_id, id, product_id, sku, option_values, gtin, cost,
     price_delta, weight_g, status)
   select $1::uuid, $2::uuid, r.id, r.product_id, r.sku, r.option_values, r.gtin, r.cost, coalesce(r.price - p.base_price, 0),
     r.weight_g, r.status
   from json_to_recordset($3::json) r(id uuid, product_id uuid, sku text, option_values jsonb, gtin text, cost numeric,
     price numeric, weight_g int, status text)
   join priced p on p.id = r.product_id
   order by r.sku
   on conflict (tenant_id, organization_id, sku) do nothing returning 1`,
);
const updateFoundProducts = statement<unknown>(
  'transfer.updateProducts',
  `update erp_products t
   set name = r.name, brand = r.brand, description = r.description, category_id = r.category_id, status = r.status,
     kind = r.kind, tax_class = r.tax_class, version = t.version + 1, updated_at = now()
   from json_to_recordset($1::json) r(id uuid, version int, name text, brand text, description text, category_id uuid,
     status text, kind text, tax_class text)
   where t.id = r.id and t.version = r.version returning 1`,
);
const updateFoundVariants = statement<unknown>(
  'transfer.updateVariants',
  `${priced('$2')}
   update erp_product_variants t
   set option_values = r.option_values, gtin = r.gtin, cost = r.cost, price_delta = r.price - p.base_price,
     weight_g = r.weight_g, status = r.status, version = t.version + 1, updated_at = now()
   from json_to_recordset($1::json) r(id uuid, product_id uuid, version int, option_values jsonb, gtin text, cost numeric,
     price numeric, weight_g int, status text)
   join priced p on p.id = r.product_id
   where t.id = r.id and t.version = r.version returning 1`,
);

export interface Step {
  readonly newProducts: readonly NewProduct[];
  readonly changedProducts: readonly ProductRow[];
  readonly newVariants: readonly NewVariant[];
  readonly changedVariants: readonly VariantRow[];
}

const productsOf = (variants: readonly { readonly product_id: string }[]): string[] => [
  ...new Set(variants.map(({ product_id }) => product_id)),
];

/** All that a step makes of the catalogue, in one write. false: somebody was there first, so none of it may stay. */
export async function writeStep(db: Queryable, { tenantId, organizationId }: Owner, step: Step): Promise<boolean> {
  const { newProducts, changedProducts, newVariants, changedVariants } = step;
  const run = async (rows: readonly object[], writing: (json: string) => Promise<unknown[]>): Promise<boolean> =>
    rows.length === 0 || (await writing(JSON.stringify(rows))).length === rows.length;
  const done = await Promise.all([
    run(newProducts, (json) => db.query(insertNewProducts, [tenantId, organizationId, json])),
    run(changedProducts, (json) => db.query(updateFoundProducts, [json])),
    run(newVariants, (json) => db.query(insertNewVariants, [tenantId, organizationId, json, productsOf(newVariants)])),
    run(changedVariants, (json) => db.query(updateFoundVariants, [json, productsOf(changedVariants)])),
  ]);
  return done.every(Boolean);
}

export interface ExportRow {
  readonly product_id: string;
  readonly id: string;
  readonly cells: readonly (string | null)[];
}
const exported = statement<ExportRow>(
  'transfer.export',
  `select v.product_id, v.id, json_build_array(p.code, p.name, p.brand, p.description, c.code, p.status, p.kind, p.tax_class,
     v.sku, v.gtin, v.option_values ->> 'colour', v.option_values ->> 'size',
     nullif(v.option_values - 'colour' - 'size', '{}')::text, (p.base_price + v.price_delta)::text, v.cost::text, p.currency,
     v.weight_g::text, v.status) as cells
   from erp_product_variants v join erp_products p on p.id = v.product_id left join erp_categories c on c.id = p.category_id
   where (v.product_id, v.id) > ($1::uuid, $2::uuid)
     and ($3::text is null or p.status = $3::text) and ($4::uuid is null or p.category_id = $4::uuid)
   order by v.product_id, v.id limit $5::int`,
  { parse: { cells: 'json' } },
);
export interface ExportFilter {
  readonly productStatus: string | null;
  readonly categoryId: string | null;
}
export const listExportRows = (
  db: Queryable,
  after: Pick<ExportRow, 'product_id' | 'id'>,
  { productStatus, categoryId }: ExportFilter,
  limit: number,
): Promise<ExportRow[]> => db.query(exported, [after.product_id, after.id, productStatus, categoryId, limit]);
