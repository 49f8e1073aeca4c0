import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { PermissionCode } from '@platen/schema/permissions';
import { bitsOfCodes, includesAll } from './bits.js';
import { type Access, compileReach, type Reach } from './compile-access.js';
import { findIdentity } from './repo.js';

export const wholeTenant: Reach = { scope: 'tenant', organizationId: null, workspaceId: null };

/**
 * What the caller may do everywhere in the reach. Read anew, not from the token: it may be minutes old, and it knows one
 * context only.
 * @throws AppError token_revoked when the caller is gone or disabled
 */
export async function readOwnReach(ctx: Ctx, db: Queryable, reach: Reach): Promise<Access> {
  const identity = ctx.principal === null ? undefined : await findIdentity(db, ctx.tenant.id, ctx.principal.id);
  if (identity === undefined || identity.user.status !== 'active') throw new AppError('token_revoked');
  return compileReach({ ...identity, reach, nowMs: ctx.now().getTime() });
}

/**
 * The endpoint's permission where the effect is, not in the context that the caller came in: a role at one organization
 * must not reach another, or the tenant, through it.
 * @throws AppError permission_denied, token_revoked
 */
export async function requireReach(ctx: Ctx, db: Queryable, permission: PermissionCode, reach: Reach): Promise<Access> {
  const own = await readOwnReach(ctx, db, reach);
  if (!includesAll(own.bits, bitsOfCodes([permission]))) {
    throw new AppError('permission_denied', `Needed at the scope ${reach.scope}`, { extensions: { permission } });
  }
  return own;
}
