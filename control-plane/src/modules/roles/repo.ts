import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, firstId } from '@platen/chassis/http/paging';
import { roles } from '@platen/schema/contracts/control/roles';
import type { PermissionCode } from '@platen/schema/permissions';
import { bitsOf, type PermissionBits } from '../access/index.js';

// Parameters 3 and 4: the organization and workspace that the caller may see, or null.
const count = (table: string, living: string) =>
  `(select count(*) from ${table} r where r.tenant_id = $6::uuid and r.role_id = t.id and ${living}
     and ($3::uuid is null or r.organization_id = $3::uuid) and ($4::uuid is null or r.workspace_id = $4::uuid))`;
const lasts = '(r.expires_at is null or r.expires_at > now())';
const assignmentHolds = lasts;
const invitationIsOpen = `r.accepted_at is null and r.revoked_at is null and ${lasts}`;
const keyLives = `r.revoked_at is null and ${lasts}`;

const summary = jsonSelect(roles.list.response.properties.items.items, {
  id: 't.id',
  code: 't.code',
  name: 't.name',
  system: 't.tenant_id is null',
  permission_count: '(select count(*) from res_role_permissions rp where rp.role_id = t.id)',
  user_role_count: count('res_user_roles', assignmentHolds),
  invitation_count: count('res_user_invitations', invitationIsOpen),
  api_key_count: count('res_api_keys', keyLives),
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

/** The tenant's own roles and those of the system. Filters: what is visible, system or not, the tenant. */
export const rolePage = definePage({
  contract: roles.list,
  item: summary,
  key: 't.id::text',
  rows: `select t.* from res_roles t
    where (t.tenant_id is null or t.tenant_id = $6::uuid) and t.id > $2::uuid and t.deleted_at is null and ($5::boolean is null or (t.tenant_id is null) = $5::boolean)
    order by t.id`,
  start: firstId,
});

export interface RoleRow {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly system: boolean;
  readonly bits: PermissionBits;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const find = statement<RoleRow>(
  'roles_find',
  `select r.id, r.code, r.name, r.tenant_id is null as system, r.created_at, r.updated_at,
     coalesce((select json_agg(p.bit) from res_role_permissions rp join res_permissions p on p.id = rp.permission_id
       where rp.role_id = r.id), '[]') as bits
   from res_roles r where r.id = $2 and (r.tenant_id is null or r.tenant_id = $1) and r.deleted_at is null`,
  {
    parse: {
      system: 'bool',
      created_at: 'date',
      updated_at: 'date',
      bits: (text) => bitsOf(JSON.parse(text) as number[]),
    },
  },
);

export async function findRole(db: Queryable, tenantId: string, id: string): Promise<RoleRow | undefined> {
  const [row] = await db.query(find, [tenantId, id]);
  return row;
}

const insert = statement<{ id: string }>(
  'roles_insert',
  `insert into res_roles (id, tenant_id, code, name, created_at, updated_at) values ($2, $1, $3, $4, $5, $5)
   on conflict (tenant_id, code) do nothing returning id`,
);

/** Is the code still free? */
export async function insertRole(
  tx: Tx,
  tenantId: string,
  row: { readonly id: string; readonly code: string; readonly name: string; readonly now: Date },
): Promise<boolean> {
  return (await tx.query(insert, [tenantId, row.id, row.code, row.name, row.now])).length === 1;
}

const rename = statement<never>(
  'roles_update',
  'update res_roles set name = $3, updated_at = $4 where tenant_id = $1 and id = $2',
);

export function updateRole(tx: Tx, tenantId: string, id: string, name: string, now: Date): void {
  tx.defer(rename, [tenantId, id, name, now]);
}

const add = statement<never>(
  'roles_insert_permissions',
  `insert into res_role_permissions (tenant_id, role_id, permission_id)
   select $1, $2, p.id from res_permissions p where p.code = any ($3::text[])`,
);
const remove = statement<never>(
  'roles_delete_permissions',
  `delete from res_role_permissions rp using res_permissions p
   where rp.tenant_id = $1 and rp.role_id = $2 and p.id = rp.permission_id and p.code = any ($3::text[])`,
);

/** By name, so that a permission of a newer release, which this one does not know, stays as it is. */
export function updatePermissions(
  tx: Tx,
  tenantId: string,
  id: string,
  change: { readonly added: readonly PermissionCode[]; readonly removed: readonly PermissionCode[] },
): void {
  if (change.removed.length > 0) tx.defer(remove, [tenantId, id, change.removed]);
  if (change.added.length > 0) tx.defer(add, [tenantId, id, change.added]);
}

export interface RoleUse {
  readonly user_roles: number;
  readonly invitations: number;
  readonly api_keys: number;
}
const countUses = statement<RoleUse>(
  'roles_count_uses',
  `select
     (select count(*) from res_user_roles r where r.tenant_id = $1 and r.role_id = $2 and ${assignmentHolds}) as user_roles,
     (select count(*) from res_user_invitations r where r.tenant_id = $1 and r.role_id = $2 and ${invitationIsOpen}) as invitations,
     (select count(*) from res_api_keys r where r.tenant_id = $1 and r.role_id = $2 and ${keyLives}) as api_keys`,
  { parse: { user_roles: 'int', invitations: 'int', api_keys: 'int' } },
);

export async function findRoleUse(tx: Tx, tenantId: string, id: string): Promise<RoleUse> {
  const [row] = await tx.query(countUses, [tenantId, id]);
  return row ?? { user_roles: 0, invitations: 0, api_keys: 0 };
}

const deleteEnded = statement<never>(
  'roles_delete_ended_assignments',
  'delete from res_user_roles where tenant_id = $1 and role_id = $2',
);
const deletePermissions = statement<never>(
  'roles_delete_all_permissions',
  'delete from res_role_permissions where tenant_id = $1 and role_id = $2',
);
const markDeleted = statement<never>(
  'roles_delete',
  'update res_roles set deleted_at = $3, updated_at = $3, code = id::text where tenant_id = $1 and id = $2',
);

/** Revoked keys and old invitations still name it: it stays for them, without a permission, and its code is free again. */
export function deleteRole(tx: Tx, tenantId: string, id: string, now: Date): void {
  tx.defer(deleteEnded, [tenantId, id]);
  tx.defer(deletePermissions, [tenantId, id]);
  tx.defer(markDeleted, [tenantId, id, now]);
}
