import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { TenantUser, tenantUsers } from '@platen/schema/contracts/platform/tenant-users';
import type { Static } from 'typebox';

export type TenantUserRow = Static<typeof TenantUser>;

const item = jsonSelect(TenantUser, {
  id: 't.id',
  email: 't.email',
  name: 't.name',
  status: 't.status',
  totp_enabled: 't.totp_confirmed_at is not null',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

/** Newest first. Filters: tenant, status. */
export const userPage = definePage({
  contract: tenantUsers.list,
  item,
  key: 't.id::text',
  rows: `select t.* from res_users t
    where t.tenant_id = $3::uuid and t.id < $2::uuid and ($4::text is null or t.status = $4) order by t.id desc`,
  start: lastId,
});

export interface LockedUser {
  readonly row: TenantUserRow;
  readonly has_password: boolean;
}
const lock = statement<LockedUser>(
  'platform_tenants_lock_user',
  `select ${item} as row, t.password_hash is not null as has_password
   from res_users t where t.tenant_id = $1 and t.id = $2 for no key update`,
  { parse: { row: 'json', has_password: 'bool' } },
);

export async function lockUser(tx: Tx, tenantId: string, id: string): Promise<LockedUser | undefined> {
  return (await tx.query(lock, [tenantId, id]))[0];
}

const setStatus = statement<{ row: TenantUserRow }>(
  'platform_tenants_set_user_status',
  `update res_users t set status = $3, updated_at = now() where t.tenant_id = $1 and t.id = $2 returning ${item} as row`,
  { parse: { row: 'json' } },
);

export async function updateUserStatus(
  tx: Tx,
  tenantId: string,
  id: string,
  status: TenantUserRow['status'],
): Promise<TenantUserRow> {
  const [changed] = await tx.query(setStatus, [tenantId, id, status]);
  if (changed === undefined) throw new Error('the user is locked and gone all the same');
  return changed.row;
}
