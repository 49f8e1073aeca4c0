import { lockNumberOf } from '@platen/chassis/db/advisory-locks';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { PermissionCode } from '@platen/schema/permissions';
import { bitsOfCodes, includesAll, type PermissionBits } from './bits.js';
import { type Assignment, compileReach, type Override } from './compile-access.js';
import type { Identity } from './repo.js';

/** Whoever may give and take roles in the whole tenant, for good, is its administrator. One of them always stays. */
export const administering: readonly PermissionCode[] = ['admin.user_role.create', 'admin.user_role.delete'];
const administeringBits = bitsOfCodes(administering);

const lock = statement<never>(
  'access_lock_assignments',
  `select pg_advisory_xact_lock(${lockNumberOf('userRoles', '$1')})`,
);

/**
 * Changes of who may do what in a tenant come one after the other: what one decides by (its own rights, the
 * administrators that remain) nobody changes meanwhile. Take it before anything else is read or locked; statements after
 * it see what the one before committed.
 */
export async function lockAssignments(tx: Tx, tenantId: string): Promise<void> {
  await tx.query(lock, [tenantId]);
}

/** As `isAdministrator`, in SQL: for each permission a lasting ground for the whole tenant, and no deny anywhere. */
const findAny = statement<{ found: boolean }>(
  'access_find_administrator',
  `select exists (
     select from res_users u
     where u.tenant_id = $1 and u.status = 'active'
       and not exists (
         select from unnest($2::text[]) wanted(code)
         join res_permissions p on p.code = wanted.code
         where not exists (
             select from res_user_roles ur
             join res_role_permissions rp on rp.role_id = ur.role_id and rp.permission_id = p.id
             where ur.tenant_id = u.tenant_id and ur.user_id = u.id and ur.scope = 'tenant' and ur.expires_at is null)
           and not exists (
             select from res_user_permission_overrides o
             where o.tenant_id = u.tenant_id and o.user_id = u.id and o.permission_id = p.id
               and o.effect = 'allow' and o.scope = 'tenant' and o.expires_at is null)
           or exists (
             select from res_user_permission_overrides o
             where o.tenant_id = u.tenant_id and o.user_id = u.id and o.permission_id = p.id
               and o.effect = 'deny' and (o.expires_at is null or o.expires_at > $3)))
   ) as found`,
  { parse: { found: 'bool' } },
);

/**
 * The last tenant administrator stays, whatever the way in which they would go: a role taken or changed, an override, a
 * user disabled. Call `lockAssignments` first in the transaction, make the change, then call this: it looks at what the
 * change has left, and its error rolls it back. Two that would each leave the other meet at the lock.
 * @throws AppError last_admin
 */
export async function requireAdministratorLeft(tx: Tx, tenantId: string, now: Date): Promise<void> {
  const [, [row]] = await Promise.all([
    lockAssignments(tx, tenantId),
    tx.query(findAny, [tenantId, administering, now]),
  ]);
  if (row?.found !== true) throw new AppError('last_admin');
}

/** The rule itself: roles and overrides that end count for nothing, denies that hold now count. */
export function isAdministrator(
  identity: Pick<Identity, 'assignments' | 'overrides' | 'rolePermissions'> & {
    readonly user: Pick<Identity['user'], 'status'>;
  },
  nowMs: number,
): boolean {
  if (identity.user.status !== 'active') return false;
  const lasting = (row: Assignment | Override) => row.expiresAtMs === null;
  const own = compileReach({
    assignments: identity.assignments.filter(lasting),
    overrides: identity.overrides.filter((row) => row.effect === 'deny' || lasting(row)),
    rolePermissions: identity.rolePermissions,
    reach: { scope: 'tenant', organizationId: null, workspaceId: null },
    nowMs,
  });
  return includesAll(own.bits, administeringBits);
}

/** Could taking these away leave the tenant without an administrator? */
export const touchesAdministration = (bits: PermissionBits): boolean =>
  bits.some((byte, index) => (byte & (administeringBits[index] ?? 0)) !== 0);
