import { jsonExpression, jsonSelect, writtenRow } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { Tenant, TenantDetails, tenants } from '@platen/schema/contracts/platform/tenants';
import type { Static } from 'typebox';
import { instanceLiveSeconds } from '../feed/index.js';

export type TenantRow = Static<typeof Tenant>;
export type TenantDetailsRow = Static<typeof TenantDetails>;

const columns = {
  id: 't.id',
  slug: 't.slug',
  name: 't.name',
  status: 't.status',
  status_changed_at: 't.status_changed_at',
  delete_after: 't.delete_after',
  provision_error: 't.provision_error',
  plan_id: 't.plan_id',
  plan_code: '(select p.code from platform_plans p where p.id = t.plan_id)',
  erp_db_key: 't.erp_db_key',
  telemetry_db_key: 't.telemetry_db_key',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
} as const;
const item = jsonSelect(Tenant, columns);
const parse = { row: 'json' } as const;

/** Newest first. Filters: status, plan, beginning of the slug, key of the ERP database. */
export const tenantPage = definePage({
  contract: tenants.list,
  item,
  key: 't.id::text',
  rows: `select t.* from tenants t
    where t.id < $2::uuid and ($3::text is null or t.status = $3) and ($4::uuid is null or t.plan_id = $4::uuid)
      and ($5::text is null or starts_with(t.slug, $5)) and ($6::text is null or t.erp_db_key = $6)
    order by t.id desc`,
  start: lastId,
});

const countUsers = (status: string) =>
  jsonExpression(`(select count(*) from res_users u where u.tenant_id = t.id and u.status = '${status}')`);
const lastChange = '(select max(c.seq) from control_changes c where c.tenant_id = t.id)';
const details = jsonSelect(TenantDetails, {
  ...columns,
  domains: jsonExpression(`(select coalesce(json_agg(json_build_object('domain', d.domain, 'is_primary', d.is_primary,
      'verified_at', to_char(d.verified_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by d.domain), '[]')
    from tenant_domains d where d.tenant_id = t.id)`),
  usage: {
    users: { active: countUsers('active'), invited: countUsers('invited'), disabled: countUsers('disabled') },
    organizations: jsonExpression(
      `(select count(*) from res_organizations o where o.tenant_id = t.id and o.status = 'active')`,
    ),
    workspaces: jsonExpression(
      `(select count(*) from res_workspaces w where w.tenant_id = t.id and w.status = 'active')`,
    ),
    api_keys: jsonExpression('(select count(*) from res_api_keys k where k.tenant_id = t.id and k.revoked_at is null)'),
    open_sessions: jsonExpression(
      '(select count(*) from res_sessions s where s.tenant_id = t.id and s.revoked_at is null and s.expires_at > now())',
    ),
  },
  feed: {
    last_change: `${lastChange}::text`,
    lagging_data_planes: jsonExpression(`(select count(*) from platform_instances i where i.kind = 'data-plane'
      and i.last_seen_at > now() - interval '${instanceLiveSeconds} seconds' and i.feed_position < coalesce(${lastChange}, 0))`),
  },
});
const findDetails = statement<{ row: TenantDetailsRow }>(
  'platform_tenants_find_details',
  `select ${details} as row from tenants t where t.id = $1`,
  { parse },
);

export const findTenantDetails = async (db: Queryable, id: string): Promise<TenantDetailsRow | undefined> =>
  (await db.query(findDetails, [id]))[0]?.row;

const exists = statement<{ id: string }>('platform_tenants_exists', 'select id from tenants where id = $1');

export const isTenant = async (db: Queryable, id: string): Promise<boolean> =>
  (await db.query(exists, [id])).length === 1;

const lock = statement<{ row: TenantRow; is_due: boolean }>(
  'platform_tenants_lock',
  `select ${item} as row, coalesce(t.delete_after <= clock_timestamp(), false) as is_due
   from tenants t where t.id = $1 for no key update`,
  { parse: { ...parse, is_due: 'bool' } },
);

export interface LockedTenant {
  readonly row: TenantRow;
  /** Is the grace period of its deletion over? By the database's clock, as everything that waits for it. */
  readonly is_due: boolean;
}

export const lockTenant = async (tx: Tx, id: string): Promise<LockedTenant | undefined> =>
  (await tx.query(lock, [id]))[0];

const insert = statement<{ row: TenantRow }>(
  'platform_tenants_insert',
  `insert into tenants as t (id, slug, name, status, plan_id, erp_db_key, telemetry_db_key)
   values ($1, $2, $3, 'provisioning', $4, $5, $6) returning ${item} as row`,
  { parse },
);

export interface NewTenant {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly planId: string;
  readonly erpDbKey: string;
  readonly telemetryDbKey: string | null;
}

export async function insertTenant(tx: Tx, row: NewTenant): Promise<TenantRow> {
  const values = [row.id, row.slug, row.name, row.planId, row.erpDbKey, row.telemetryDbKey];
  return writtenRow(await tx.query(insert, values));
}

const insertHost = statement<never>(
  'platform_tenants_insert_domain',
  `insert into tenant_domains (tenant_id, id, domain, kind, verified_at, is_primary)
   values ($1, $2, $3, 'subdomain', now(), true)`,
);
const insertEnablement = statement<never>(
  'platform_tenants_insert_products',
  `insert into tenant_platform_products (tenant_id, product_id, source) select $1, id, 'plan' from platform_products`,
);

/** Its own host, and what its plan gives. */
export function insertBelongings(
  tx: Tx,
  tenantId: string,
  host: { readonly id: string; readonly domain: string },
): void {
  tx.defer(insertHost, [tenantId, host.id, host.domain]);
  tx.defer(insertEnablement, [tenantId]);
}

const update = statement<{ row: TenantRow }>(
  'platform_tenants_update',
  `update tenants t set name = $2, plan_id = $3, erp_db_key = $4, telemetry_db_key = $5, updated_at = now()
   where t.id = $1 returning ${item} as row`,
  { parse },
);

export async function updateTenant(
  tx: Tx,
  row: Pick<TenantRow, 'id' | 'name' | 'plan_id' | 'erp_db_key' | 'telemetry_db_key'>,
): Promise<TenantRow> {
  return writtenRow(await tx.query(update, [row.id, row.name, row.plan_id, row.erp_db_key, row.telemetry_db_key]));
}

const setStatus = statement<{ row: TenantRow }>(
  'platform_tenants_set_status',
  `update tenants t set status = $2, status_changed_at = now(), provision_error = $3,
     delete_after = case when $4::float8 is null then null else clock_timestamp() + make_interval(secs => $4) end,
     updated_at = now()
   where t.id = $1 returning ${item} as row`,
  { parse },
);

export async function updateTenantStatus(
  tx: Tx,
  id: string,
  status: TenantRow['status'],
  more: { readonly error?: string; readonly graceSeconds?: number } = {},
): Promise<TenantRow> {
  return writtenRow(await tx.query(setStatus, [id, status, more.error ?? null, more.graceSeconds ?? null]));
}
