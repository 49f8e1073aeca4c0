import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { type RoleScope, UserRole, userRoles } from '@platen/schema/contracts/control/user-roles';
import { type PermissionBits, parseBits, type Reach } from '../access/index.js';

export interface GrantTarget {
  readonly user_exists: boolean;
  readonly role: PermissionBits | null;
  readonly place_exists: boolean;
}

const findTarget = statement<GrantTarget>(
  'user_roles_find_target',
  `select exists (select from res_users where tenant_id = $1 and id = $2) as user_exists,
     (select coalesce((select json_agg(p.bit) from res_role_permissions rp join res_permissions p on p.id = rp.permission_id
        where rp.role_id = r.id), '[]')
      from res_roles r where r.id = $3 and (r.tenant_id is null or r.tenant_id = $1) and r.deleted_at is null) as role,
     case when $5::uuid is not null then exists (select from res_workspaces
         where tenant_id = $1 and organization_id = $4 and id = $5 and status = 'active')
       when $4::uuid is not null then exists (select from res_organizations
         where tenant_id = $1 and id = $4 and status = 'active')
       else true end as place_exists`,
  { parse: { user_exists: 'bool', place_exists: 'bool', role: parseBits } },
);

export interface Grant extends Reach {
  readonly userId: string;
  readonly roleId: string;
}

export async function findGrantTarget(tx: Tx, tenantId: string, grant: Grant): Promise<GrantTarget> {
  const values = [tenantId, grant.userId, grant.roleId, grant.organizationId, grant.workspaceId];
  const [row] = await tx.query(findTarget, values);
  return row ?? { user_exists: false, role: null, place_exists: false };
}

const deleteEnded = statement<never>(
  'user_roles_delete_ended',
  `delete from res_user_roles
   where tenant_id = $1 and user_id = $2 and role_id = $3
     and organization_id is not distinct from $4 and workspace_id is not distinct from $5 and expires_at <= now()`,
);
const insert = statement<never>(
  'user_roles_insert',
  `insert into res_user_roles
     (tenant_id, id, user_id, role_id, scope, organization_id, workspace_id, expires_at, created_at, updated_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`,
);

export interface NewUserRole extends Grant {
  readonly id: string;
  readonly expiresAt: string | null;
  readonly createdAt: Date;
}

/** An assignment that has ended gives way to its renewal; one that still holds is a duplicate. */
export function insertUserRole(tx: Tx, tenantId: string, row: NewUserRole): void {
  tx.defer(deleteEnded, [tenantId, row.userId, row.roleId, row.organizationId, row.workspaceId]);
  const place = [row.scope, row.organizationId, row.workspaceId];
  tx.defer(insert, [tenantId, row.id, row.userId, row.roleId, ...place, row.expiresAt, row.createdAt]);
}

export interface UserRoleRow {
  readonly user_id: string;
  readonly role_id: string;
  readonly role: PermissionBits;
  readonly scope: RoleScope;
  readonly organization_id: string | null;
  readonly workspace_id: string | null;
  readonly expires_at: Date | null;
  readonly created_at: Date;
}
const find = statement<UserRoleRow>(
  'user_roles_find',
  `select user_id, role_id, scope, organization_id, workspace_id, expires_at, created_at,
     coalesce((select json_agg(p.bit) from res_role_permissions rp join res_permissions p on p.id = rp.permission_id
       where rp.role_id = ur.role_id), '[]') as role
   from res_user_roles ur where tenant_id = $1 and id = $2`,
  { parse: { role: parseBits, expires_at: 'date', created_at: 'date' } },
);

export async function findUserRole(tx: Tx, tenantId: string, id: string): Promise<UserRoleRow | undefined> {
  const [row] = await tx.query(find, [tenantId, id]);
  return row;
}

const deleteOne = statement<never>('user_roles_delete', 'delete from res_user_roles where tenant_id = $1 and id = $2');

export function deleteUserRole(tx: Tx, tenantId: string, id: string): void {
  tx.defer(deleteOne, [tenantId, id]);
}

const item = jsonSelect(UserRole, {
  id: 't.id',
  user_id: 't.user_id',
  role_id: 't.role_id',
  scope: 't.scope',
  organization_id: 't.organization_id',
  workspace_id: 't.workspace_id',
  expires_at: 't.expires_at',
  created_at: 't.created_at',
});

/** Newest first, those that have ended too. Filters: what is visible (organization, workspace), user, role, organization, tenant. */
export const userRolePage = definePage({
  contract: userRoles.list,
  item,
  key: 't.id::text',
  rows: `select t.* from res_user_roles t
    where t.tenant_id = $8::uuid and t.id < $2::uuid
      and ($3::uuid is null or t.organization_id = $3::uuid) and ($4::uuid is null or t.workspace_id = $4::uuid)
      and ($5::uuid is null or t.user_id = $5::uuid) and ($6::uuid is null or t.role_id = $6::uuid)
      and ($7::uuid is null or t.organization_id = $7::uuid)
    order by t.id desc`,
  start: lastId,
});
