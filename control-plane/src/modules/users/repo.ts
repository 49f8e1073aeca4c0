import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { User, users } from '@platen/schema/contracts/control/users';
import type { Static } from 'typebox';
import { countedUsers } from '../limits/index.js';

export type UserRow = Static<typeof User>;

const item = jsonSelect(User, {
  id: 't.id',
  email: 't.email',
  name: 't.name',
  status: 't.status',
  default_organization_id: 't.default_organization_id',
  default_workspace_id: 't.default_workspace_id',
  totp_enabled: 't.totp_confirmed_at is not null',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});
const parse = { row: 'json' } as const;

/** Newest first. Filters: tenant, status, beginning of the e-mail, beginning of the name (both in lower case), role. */
export const userPage = definePage({
  contract: users.list,
  item,
  key: 't.id::text',
  rows: `select t.* from res_users t
    where t.tenant_id = $3::uuid and t.id < $2::uuid and ($4::text is null or t.status = $4)
      and ($5::text is null or starts_with(t.email, $5)) and ($6::text is null or starts_with(lower(t.name), $6))
      and ($7::uuid is null or exists (select from res_user_roles ur
        where ur.tenant_id = t.tenant_id and ur.user_id = t.id and ur.role_id = $7::uuid
          and (ur.expires_at is null or ur.expires_at > now())))
    order by t.id desc`,
  start: lastId,
});

const find = statement<{ row: UserRow }>(
  'users_find',
  `select ${item} as row from res_users t where t.tenant_id = $1 and t.id = $2`,
  { parse },
);

export async function findUser(db: Queryable, tenantId: string, id: string): Promise<UserRow | undefined> {
  return (await db.query(find, [tenantId, id]))[0]?.row;
}

export interface LockedUser {
  readonly row: UserRow;
  readonly has_password: boolean;
}
const lock = statement<LockedUser>(
  'users_lock',
  `select ${item} as row, t.password_hash is not null as has_password
   from res_users t where t.tenant_id = $1 and t.id = $2 for no key update`,
  { parse: { ...parse, has_password: 'bool' } },
);

export async function lockUser(tx: Tx, tenantId: string, id: string): Promise<LockedUser | undefined> {
  return (await tx.query(lock, [tenantId, id]))[0];
}

export interface UserPatch {
  readonly name: string;
  readonly default_organization_id: string | null;
  readonly default_workspace_id: string | null;
}
const update = statement<{ row: UserRow }>(
  'users_update',
  `update res_users t set name = $3, default_organization_id = $4, default_workspace_id = $5, updated_at = now()
   where t.tenant_id = $1 and t.id = $2 returning ${item} as row`,
  { parse },
);

export async function updateUser(tx: Tx, tenantId: string, id: string, patch: UserPatch): Promise<UserRow> {
  const values = [tenantId, id, patch.name, patch.default_organization_id, patch.default_workspace_id];
  return changed(await tx.query(update, values));
}

const findPlace = statement<{ exists: boolean }>(
  'users_find_place',
  `select exists (select from res_organizations o where o.tenant_id = $1 and o.id = $2 and o.status = 'active'
     and ($3::uuid is null or exists (select from res_workspaces w
       where w.tenant_id = o.tenant_id and w.organization_id = o.id and w.id = $3 and w.status = 'active'))) as exists`,
  { parse: { exists: 'bool' } },
);

export async function isPlace(db: Queryable, tenantId: string, organizationId: string, workspaceId: string | null) {
  return (await db.query(findPlace, [tenantId, organizationId, workspaceId]))[0]?.exists ?? false;
}

const setStatus = statement<{ row: UserRow }>(
  'users_set_status',
  `update res_users t set status = $3, updated_at = now() where t.tenant_id = $1 and t.id = $2 returning ${item} as row`,
  { parse },
);

export async function updateUserStatus(
  tx: Tx,
  tenantId: string,
  id: string,
  status: UserRow['status'],
): Promise<UserRow> {
  return changed(await tx.query(setStatus, [tenantId, id, status]));
}

function changed([found]: readonly { readonly row: UserRow }[]): UserRow {
  if (found === undefined) throw new Error('the user is locked and gone all the same');
  return found.row;
}

const countOthers = statement<{ count: number }>(
  'users_count',
  `select count(*) as count from res_users u
   where u.tenant_id = $1 and u.id is distinct from $2
     and ${countedUsers('u')}`,
  { parse: { count: 'int' } },
);

/** Those that the limit counts. */
export async function countUsers(tx: Tx, tenantId: string, exceptId: string | null): Promise<number> {
  return (await tx.query(countOthers, [tenantId, exceptId]))[0]?.count ?? 0;
}

const revokeInvitations = statement<never>(
  'users_revoke_invitations',
  `update res_user_invitations set revoked_at = now(), updated_at = now()
   where tenant_id = $1 and invited_by = $2 and accepted_at is null and revoked_at is null`,
);

/** Nobody comes in any more by the word of somebody who is out. */
export function updateInvitationsRevoked(tx: Tx, tenantId: string, invitedBy: string): void {
  tx.defer(revokeInvitations, [tenantId, invitedBy]);
}
