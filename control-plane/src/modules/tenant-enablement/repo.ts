import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import type { LimitCode } from '@platen/schema/modules';
import type { EnablementSource } from '@platen/schema/tables/control/tenants';
import { countedUsers, type LimitFacts } from '../limits/index.js';

const lock = statement<{ id: string }>(
  'enablement_lock_tenant',
  'select id from tenants where id = $1 for no key update',
);

/** What is set about one tenant is set one after the other. Is there such a tenant? */
export async function lockTenant(tx: Tx, tenantId: string): Promise<boolean> {
  return (await tx.query(lock, [tenantId])).length === 1;
}

export interface NewEnablement {
  readonly tenantId: string;
  readonly code: string;
  readonly enabled: boolean;
  readonly source: EnablementSource;
  readonly validUntil: string | null;
}

const kinds = {
  product: { table: 'tenant_platform_products', key: 'product_id', of: 'platform_products' },
  module: { table: 'tenant_platform_product_modules', key: 'module_id', of: 'platform_product_modules' },
} as const;
export type Target = keyof typeof kinds;

const upsertOf = (target: Target) => {
  const { table, key, of } = kinds[target];
  return statement<never>(
    `enablement_upsert_${target}`,
    `insert into ${table} (tenant_id, ${key}, enabled, source, valid_until)
     select $1, id, $3, $4, $5 from ${of} where code = $2
     on conflict (tenant_id, ${key}) do update set enabled = excluded.enabled, source = excluded.source,
       valid_until = excluded.valid_until, updated_at = now()`,
  );
};
const deleteOf = (target: Target) => {
  const { table, key, of } = kinds[target];
  return statement<never>(
    `enablement_delete_${target}`,
    `delete from ${table} where tenant_id = $1 and ${key} = (select id from ${of} where code = $2)`,
  );
};
const upserts = { product: upsertOf('product'), module: upsertOf('module') };
const deletes = { product: deleteOf('product'), module: deleteOf('module') };

export function upsertEnablement(tx: Tx, target: Target, row: NewEnablement): void {
  tx.defer(upserts[target], [row.tenantId, row.code, row.enabled, row.source, row.validUntil]);
}

export function deleteEnablement(tx: Tx, target: Target, tenantId: string, code: string): void {
  tx.defer(deletes[target], [tenantId, code]);
}

export interface LimitRow extends LimitFacts {
  readonly code: LimitCode;
}
const listLimits = statement<{ limits: LimitRow[]; users: number }>(
  'enablement_list_limits',
  `select (select coalesce(json_agg(json_build_object('code', c.code, 'has_own', l.tenant_id is not null, 'own', l.value,
       'has_plan', p.plan_id is not null, 'plan', p.value) order by c.n), '[]')
     from unnest($2::text[]) with ordinality c(code, n)
     left join tenant_platform_limits l on l.tenant_id = t.id and l.limit_code = c.code
     left join platform_plan_limits p on p.plan_id = t.plan_id and p.limit_code = c.code) as limits,
     (select count(*) from res_users u where u.tenant_id = t.id and ${countedUsers('u')}) as users
   from tenants t where t.id = $1`,
  { parse: { limits: 'json', users: 'int' } },
);

/** Undefined: no such tenant. */
export async function listTenantLimits(
  db: Queryable,
  tenantId: string,
  codes: readonly LimitCode[],
): Promise<{ readonly limits: readonly LimitRow[]; readonly users: number } | undefined> {
  const [row] = await db.query(listLimits, [tenantId, codes]);
  return row;
}

const upsertLimit = statement<never>(
  'enablement_upsert_limit',
  `insert into tenant_platform_limits (tenant_id, limit_code, value) values ($1, $2, $3)
   on conflict (tenant_id, limit_code) do update set value = excluded.value, updated_at = now()`,
);
const deleteLimit = statement<never>(
  'enablement_delete_limit',
  'delete from tenant_platform_limits where tenant_id = $1 and limit_code = $2',
);

export function upsertTenantLimit(tx: Tx, tenantId: string, code: LimitCode, value: number | null): void {
  tx.defer(upsertLimit, [tenantId, code, value]);
}

export function deleteTenantLimit(tx: Tx, tenantId: string, code: LimitCode): void {
  tx.defer(deleteLimit, [tenantId, code]);
}
