import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { Enablement, ModuleFacts } from './decide-module.js';

/** A module of the catalogue with what is set about it for one tenant. */
export interface ModuleRow extends Omit<ModuleFacts, 'featureEnabled'> {
  readonly code: string;
  readonly name: string;
  readonly featureFlag: string | null;
  readonly productCode: string;
  readonly productName: string;
}

const enablement = (alias: string) => `case when ${alias}.tenant_id is null then null else json_build_object(
  'enabled', ${alias}.enabled, 'source', ${alias}.source,
  'validUntilMs', floor(extract(epoch from ${alias}.valid_until) * 1000)) end`;

const list = statement<{ modules: ModuleRow[] }>(
  'availability_list_modules',
  `select (select coalesce(json_agg(json_build_object('code', m.code, 'name', m.name, 'featureFlag', m.feature_flag,
       'productCode', p.code, 'productName', p.name, 'inPlan', pm.module_id is not null,
       'product', ${enablement('tp')}, 'module', ${enablement('tm')}) order by p.position, p.code, m.code), '[]')
     from platform_product_modules m
     join platform_products p on p.id = m.product_id
     left join platform_plan_modules pm on pm.plan_id = t.plan_id and pm.module_id = m.id
     left join tenant_platform_product_modules tm on tm.tenant_id = t.id and tm.module_id = m.id
     left join tenant_platform_products tp on tp.tenant_id = t.id and tp.product_id = m.product_id) as modules
   from tenants t where t.id = $1`,
  { parse: { modules: 'json' } },
);

/** Undefined: no such tenant. */
export async function listModules(db: Queryable, tenantId: string): Promise<ModuleRow[] | undefined> {
  const [row] = await db.query(list, [tenantId]);
  return row?.modules;
}

/** A product with what is set about it for one tenant. */
export interface ProductRow {
  readonly code: string;
  readonly name: string;
  readonly product: Enablement | null;
}

const listOfProducts = statement<{ products: ProductRow[] }>(
  'availability_list_products',
  `select (select coalesce(json_agg(json_build_object('code', p.code, 'name', p.name, 'product', ${enablement('tp')})
       order by p.position, p.code), '[]')
     from platform_products p
     left join tenant_platform_products tp on tp.tenant_id = t.id and tp.product_id = p.id) as products
   from tenants t where t.id = $1`,
  { parse: { products: 'json' } },
);

/** Undefined: no such tenant. */
export async function listProducts(db: Queryable, tenantId: string): Promise<ProductRow[] | undefined> {
  const [row] = await db.query(listOfProducts, [tenantId]);
  return row?.products;
}
