import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { LimitCode } from '@platen/schema/modules';
import type { Enablement } from '../availability/index.js';
import { countedUsers } from '../limits/index.js';

/** What is set for one tenant, where it matters to a plan that loses modules. */
export interface TenantSettings {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly planId: string;
  /** Of the modules asked for, those about which something is set. */
  readonly settings: readonly {
    readonly code: string;
    readonly product: Enablement | null;
    readonly module: Enablement | null;
  }[];
  /** The tenant's own limits: a plan's does not count there. */
  readonly ownLimits: readonly LimitCode[];
}

const enablement = (alias: string) => `case when ${alias}.tenant_id is null then null else json_build_object(
  'enabled', ${alias}.enabled, 'source', ${alias}.source,
  'validUntilMs', floor(extract(epoch from ${alias}.valid_until) * 1000)) end`;

const tenantJson = `json_build_object('id', t.id, 'slug', t.slug, 'name', t.name, 'planId', t.plan_id,
  'settings', (select coalesce(json_agg(json_build_object('code', m.code, 'product', ${enablement('tp')},
      'module', ${enablement('tm')})), '[]')
    from platform_product_modules m
    left join tenant_platform_products tp on tp.tenant_id = t.id and tp.product_id = m.product_id
    left join tenant_platform_product_modules tm on tm.tenant_id = t.id and tm.module_id = m.id
    where m.code = any ($2) and (tp.tenant_id is not null or tm.tenant_id is not null)),
  'ownLimits', (select coalesce(json_agg(l.limit_code), '[]') from tenant_platform_limits l where l.tenant_id = t.id))`;

const ofPlan = statement<{ tenants: TenantSettings[] }>(
  'plans_list_tenant_settings',
  `select coalesce(json_agg(${tenantJson} order by t.slug), '[]') as tenants
   from tenants t where t.plan_id = $1 and t.status <> 'deleting'`,
  { parse: { tenants: 'json' } },
);
const ofTenant = statement<{ tenant: TenantSettings }>(
  'plans_find_tenant_settings',
  `select ${tenantJson} as tenant from tenants t where t.id = $1`,
  { parse: { tenant: 'json' } },
);

/** By slug. `modules`: those that anything is asked about. */
export async function listTenantsOfPlan(db: Queryable, planId: string, modules: readonly string[]) {
  const [row] = await db.query(ofPlan, [planId, modules]);
  return row?.tenants ?? [];
}

export async function findTenant(db: Queryable, tenantId: string, modules: readonly string[]) {
  const [row] = await db.query(ofTenant, [tenantId, modules]);
  return row?.tenant;
}

const planOf = statement<{ plan_id: string }>('plans_find_plan_of_tenant', 'select plan_id from tenants where id = $1');
export const findPlanOf = async (db: Queryable, tenantId: string): Promise<string | undefined> =>
  (await db.query(planOf, [tenantId]))[0]?.plan_id;

const over = statement<{ tenant_id: string; used: number }>(
  'plans_list_over_users',
  `select u.tenant_id, count(*) as used from res_users u
   where u.tenant_id = any ($1) and ${countedUsers('u')} group by u.tenant_id having count(*) > $2`,
  { parse: { used: 'int' } },
);

/** Tenants with more users than that, and how many. */
export async function listOverUsers(db: Queryable, tenantIds: readonly string[], limit: number) {
  const rows = await db.query(over, [tenantIds, limit]);
  return new Map(rows.map(({ tenant_id, used }) => [tenant_id, used]));
}

interface UseRow {
  readonly tenant_id: string;
  readonly module: string;
  readonly users: number;
  readonly api_keys: number;
}
const lasts = (alias: string) => `(${alias}.expires_at is null or ${alias}.expires_at > now())`;
const use = statement<UseRow>(
  'plans_list_module_use',
  `with wanted as (select m.code, p.id from platform_product_modules m join res_permissions p on p.module_id = m.id
     where m.code = any ($2)),
   of_roles as (select distinct rp.role_id, w.code from res_role_permissions rp join wanted w on w.id = rp.permission_id),
   held as (
     select ur.tenant_id, r.code, ur.user_id from res_user_roles ur join of_roles r on r.role_id = ur.role_id
     where ur.tenant_id = any ($1) and ${lasts('ur')}
     union
     select o.tenant_id, w.code, o.user_id from res_user_permission_overrides o join wanted w on w.id = o.permission_id
     where o.tenant_id = any ($1) and o.effect = 'allow' and ${lasts('o')}),
   users as (
     select h.tenant_id, h.code, count(*) as users from held h
     join res_users u on u.tenant_id = h.tenant_id and u.id = h.user_id and u.status = 'active'
     group by h.tenant_id, h.code),
   keys as (
     select k.tenant_id, r.code, count(*) as api_keys from res_api_keys k join of_roles r on r.role_id = k.role_id
     where k.tenant_id = any ($1) and k.revoked_at is null and ${lasts('k')}
     group by k.tenant_id, r.code)
   select coalesce(users.tenant_id, keys.tenant_id) as tenant_id, coalesce(users.code, keys.code) as module,
     coalesce(users.users, 0) as users, coalesce(keys.api_keys, 0) as api_keys
   from users full join keys on keys.tenant_id = users.tenant_id and keys.code = users.code`,
  { parse: { users: 'int', api_keys: 'int' } },
);

/** Users and API keys that hold a permission of each module, by tenant and module. */
export async function listModuleUse(db: Queryable, tenantIds: readonly string[], modules: readonly string[]) {
  const rows = await db.query(use, [tenantIds, modules]);
  return new Map(rows.map((row) => [`${row.tenant_id} ${row.module}`, row]));
}
