import { jsonSelect, writtenRow } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { ApiKey, apiKeys } from '@platen/schema/contracts/control/api-keys';
import type { Static } from 'typebox';
import { type PermissionBits, parseBits, type Reach } from '../access/index.js';

export type ApiKeyRow = Static<typeof ApiKey>;

const item = jsonSelect(ApiKey, {
  id: 't.id',
  name: 't.name',
  prefix: 't.prefix',
  role_id: 't.role_id',
  scope: 't.scope',
  organization_id: 't.organization_id',
  workspace_id: 't.workspace_id',
  created_by: 't.created_by',
  expires_at: 't.expires_at',
  last_used_at: 't.last_used_at',
  revoked_at: 't.revoked_at',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});
const parse = { row: 'json' } as const;

/** Newest first. Filters: tenant, what is visible (organization, workspace), revoked or not. */
export const apiKeyPage = definePage({
  contract: apiKeys.list,
  item,
  key: 't.id::text',
  rows: `select t.* from res_api_keys t
    where t.tenant_id = $3::uuid and t.id < $2::uuid
      and ($4::uuid is null or t.organization_id = $4::uuid) and ($5::uuid is null or t.workspace_id = $5::uuid)
      and ($6::boolean is null or $6::boolean = (t.revoked_at is not null))
    order by t.id desc`,
  start: lastId,
});

export interface KeyTarget {
  readonly role: PermissionBits | null;
  readonly place_exists: boolean;
}
const findTarget = statement<KeyTarget>(
  'api_keys_find_target',
  `select
     (select coalesce((select json_agg(p.bit) from res_role_permissions rp join res_permissions p on p.id = rp.permission_id
        where rp.role_id = r.id), '[]')
      from res_roles r where r.id = $2 and (r.tenant_id is null or r.tenant_id = $1) and r.deleted_at is null) as role,
     case when $4::uuid is not null then exists (select from res_workspaces
         where tenant_id = $1 and organization_id = $3 and id = $4 and status = 'active')
       when $3::uuid is not null then exists (select from res_organizations
         where tenant_id = $1 and id = $3 and status = 'active')
       else true end as place_exists`,
  { parse: { role: parseBits, place_exists: 'bool' } },
);

export async function findKeyTarget(tx: Tx, tenantId: string, roleId: string, place: Reach): Promise<KeyTarget> {
  const [row] = await tx.query(findTarget, [tenantId, roleId, place.organizationId, place.workspaceId]);
  return row ?? { role: null, place_exists: false };
}

const insert = statement<{ row: ApiKeyRow }>(
  'api_keys_insert',
  `insert into res_api_keys as t
     (tenant_id, id, name, prefix, key_hash, role_id, scope, organization_id, workspace_id, created_by, expires_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning ${item} as row`,
  { parse },
);

export interface NewApiKey extends Reach {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly hash: string;
  readonly roleId: string;
  readonly createdBy: string;
  readonly expiresAt: string | null;
}

export async function insertApiKey(tx: Tx, tenantId: string, key: NewApiKey): Promise<ApiKeyRow> {
  const place = [key.scope, key.organizationId, key.workspaceId];
  const values = [tenantId, key.id, key.name, key.prefix, key.hash, key.roleId, ...place, key.createdBy, key.expiresAt];
  return writtenRow(await tx.query(insert, values));
}

const lock = statement<{ row: ApiKeyRow }>(
  'api_keys_lock',
  `select ${item} as row from res_api_keys t where t.tenant_id = $1 and t.id = $2 for no key update`,
  { parse },
);

export async function lockApiKey(tx: Tx, tenantId: string, id: string): Promise<ApiKeyRow | undefined> {
  return (await tx.query(lock, [tenantId, id]))[0]?.row;
}

const revoke = statement<{ row: ApiKeyRow }>(
  'api_keys_revoke',
  `update res_api_keys t set revoked_at = now(), updated_at = now()
   where t.tenant_id = $1 and t.id = $2 returning ${item} as row`,
  { parse },
);

export const updateRevoked = async (tx: Tx, tenantId: string, id: string): Promise<ApiKeyRow> =>
  writtenRow(await tx.query(revoke, [tenantId, id]));

export interface PresentedKey {
  readonly id: string;
  readonly key_hash: string;
  /** Neither revoked nor past its end. */
  readonly usable: boolean;
  readonly used_lately: boolean;
  readonly tenant_epoch: number;
}
const findByPrefix = statement<PresentedKey>(
  'api_keys_find_by_prefix',
  `select k.id, k.key_hash, k.revoked_at is null and coalesce(k.expires_at > now(), true) as usable,
     coalesce(k.last_used_at > now() - interval '1 minute', false) as used_lately, t.authz_epoch as tenant_epoch
   from res_api_keys k join tenants t on t.id = k.tenant_id where k.tenant_id = $1 and k.prefix = $2`,
  { parse: { usable: 'bool', used_lately: 'bool', tenant_epoch: 'int' } },
);

export async function findPresentedKey(db: Queryable, tenantId: string, prefix: string) {
  return (await db.query(findByPrefix, [tenantId, prefix]))[0];
}

const touch = statement<never>(
  'api_keys_touch',
  `update res_api_keys set last_used_at = now()
   where tenant_id = $1 and id = $2 and (last_used_at is null or last_used_at <= now() - interval '1 minute')`,
);

/** At most once a minute: a machine that comes all the time writes no row each time. */
export async function updateLastUsed(db: Queryable, tenantId: string, id: string): Promise<void> {
  await db.query(touch, [tenantId, id]);
}
