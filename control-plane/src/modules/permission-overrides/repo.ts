import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { PermissionOverride, permissionOverrides } from '@platen/schema/contracts/control/permission-overrides';
import type { OverrideEffect } from '@platen/schema/tables/control/roles';
import type { Scope } from '../access/index.js';

const item = jsonSelect(PermissionOverride, {
  id: 't.id',
  user_id: 't.user_id',
  permission: 't.permission',
  effect: 't.effect',
  scope: 't.scope',
  organization_id: 't.organization_id',
  workspace_id: 't.workspace_id',
  reason: 't.reason',
  expires_at: 't.expires_at',
  created_at: 't.created_at',
});

/** Newest first, those that have ended too. Filters: what is visible (organization, workspace), user, permission, organization, tenant. */
export const overridePage = definePage({
  contract: permissionOverrides.list,
  item,
  key: 't.id::text',
  rows: `select t.*, p.code as permission
    from res_user_permission_overrides t join res_permissions p on p.id = t.permission_id
    where t.tenant_id = $8::uuid and t.id < $2::uuid
      and ($3::uuid is null or t.organization_id = $3::uuid) and ($4::uuid is null or t.workspace_id = $4::uuid)
      and ($5::uuid is null or t.user_id = $5::uuid) and ($6::text is null or p.code = $6::text)
      and ($7::uuid is null or t.organization_id = $7::uuid)
    order by t.id desc`,
  start: lastId,
});

export interface Override {
  readonly id: string;
  readonly user_id: string;
  readonly permission: string;
  readonly effect: OverrideEffect;
  readonly scope: Scope;
  readonly organization_id: string | null;
  readonly workspace_id: string | null;
  readonly reason: string;
  readonly expires_at: Date | null;
  readonly created_at: Date;
}

const findTarget = statement<{ found: boolean }>(
  'permission_overrides_find_target',
  `select exists (select from res_users where tenant_id = $1 and id = $2)
     and case when $4::uuid is not null then exists (select from res_workspaces
         where tenant_id = $1 and organization_id = $3 and id = $4 and status = 'active')
       when $3::uuid is not null then exists (select from res_organizations
         where tenant_id = $1 and id = $3 and status = 'active')
       else true end as found`,
  { parse: { found: 'bool' } },
);

/** Are there such a user and such a place? */
export async function hasTarget(
  tx: Tx,
  tenantId: string,
  target: { readonly userId: string; readonly organizationId: string | null; readonly workspaceId: string | null },
): Promise<boolean> {
  const [row] = await tx.query(findTarget, [tenantId, target.userId, target.organizationId, target.workspaceId]);
  return row?.found ?? false;
}

const deleteEnded = statement<never>(
  'permission_overrides_delete_ended',
  `delete from res_user_permission_overrides o using res_permissions p
   where o.tenant_id = $1 and o.user_id = $2 and p.id = o.permission_id and p.code = $3 and o.effect = $4
     and o.organization_id is not distinct from $5 and o.workspace_id is not distinct from $6 and o.expires_at <= $7`,
);
const insert = statement<never>(
  'permission_overrides_insert',
  `insert into res_user_permission_overrides (tenant_id, id, user_id, permission_id, effect, scope,
     organization_id, workspace_id, reason, expires_at, created_at, updated_at)
   select $1, $2, $3, p.id, $5, $6, $7, $8, $9, $10, $11, $11 from res_permissions p where p.code = $4`,
);

/** One that has ended gives way to its renewal; one that still holds is a duplicate. */
export function insertOverride(tx: Tx, tenantId: string, row: Override): void {
  const place = [row.organization_id, row.workspace_id];
  tx.defer(deleteEnded, [tenantId, row.user_id, row.permission, row.effect, ...place, row.created_at]);
  const rest = [row.reason, row.expires_at, row.created_at];
  tx.defer(insert, [tenantId, row.id, row.user_id, row.permission, row.effect, row.scope, ...place, ...rest]);
}

const find = statement<Override & { readonly bit: number }>(
  'permission_overrides_find',
  `select o.id, o.user_id, p.code as permission, p.bit, o.effect, o.scope, o.organization_id, o.workspace_id,
     o.reason, o.expires_at, o.created_at
   from res_user_permission_overrides o join res_permissions p on p.id = o.permission_id
   where o.tenant_id = $1 and o.id = $2`,
  { parse: { bit: 'int', expires_at: 'date', created_at: 'date' } },
);

export async function findOverride(tx: Tx, tenantId: string, id: string) {
  const [row] = await tx.query(find, [tenantId, id]);
  return row;
}

const deleteOne = statement<never>(
  'permission_overrides_delete',
  'delete from res_user_permission_overrides where tenant_id = $1 and id = $2',
);

export function deleteOverride(tx: Tx, tenantId: string, id: string): void {
  tx.defer(deleteOne, [tenantId, id]);
}
