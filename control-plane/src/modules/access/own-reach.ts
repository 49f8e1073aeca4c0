import type { Queryable } from '@platen/chassis/db/types';
import { AppError, permissionDenied } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { PermissionCode } from '@platen/schema/permissions';
import { bitsOfCodes, includesAll } from './bits.js';
import { type Access, compileReach, type Reach } from './compile-access.js';
import { findIdentity, findKeyHolder, type Holder } from './repo.js';

export const wholeTenant: Reach = { scope: 'tenant', organizationId: null, workspaceId: null };

/**
 * What decides about the caller. Read anew, not from the token: it may be minutes old, and it knows one context only.
 * @throws AppError token_revoked when the caller is gone or disabled
 */
export async function readCaller(ctx: Ctx, db: Queryable): Promise<Holder> {
  const { principal } = ctx;
  if (principal?.kind === 'api_key') {
    const key = await findKeyHolder(db, ctx.tenant.id, principal.id);
    if (key !== undefined) return key;
  } else if (principal !== null) {
    const identity = await findIdentity(db, ctx.tenant.id, principal.id);
    if (identity?.user.status === 'active') return identity;
  }
  throw new AppError('token_revoked');
}

/**
 * What the caller may do everywhere in the reach.
 * @throws AppError token_revoked
 */
export const readOwnReach = async (ctx: Ctx, db: Queryable, reach: Reach): Promise<Access> =>
  compileReach({ ...(await readCaller(ctx, db)), reach, nowMs: ctx.now().getTime() });

/**
 * The endpoint's permission where the effect is, not in the context that the caller came in: a role at one organization
 * must not reach another, or the tenant, through it.
 * @throws AppError permission_denied, token_revoked
 */
export async function requireReach(ctx: Ctx, db: Queryable, permission: PermissionCode, reach: Reach): Promise<Access> {
  const own = await readOwnReach(ctx, db, reach);
  if (!includesAll(own.bits, bitsOfCodes([permission]))) {
    throw permissionDenied(permission, `Needed at the scope ${reach.scope}`);
  }
  return own;
}

/** Rows of a list that are the caller's to see: null, the whole tenant's; else those that lie in the place. */
export interface VisiblePlace {
  readonly organizationId: string | null;
  readonly workspaceId: string | null;
}

/**
 * Where the caller may look with this permission: the whole tenant if they hold it there, else the context they are in.
 * @throws AppError permission_denied, token_revoked
 */
export async function readVisiblePlace(ctx: Ctx, db: Queryable, permission: PermissionCode): Promise<VisiblePlace> {
  const holder = await readCaller(ctx, db);
  const nowMs = ctx.now().getTime();
  const wanted = bitsOfCodes([permission]);
  const holds = (reach: Reach) => includesAll(compileReach({ ...holder, reach, nowMs }).bits, wanted);
  if (holds(wholeTenant)) return { organizationId: null, workspaceId: null };
  const { organizationId, workspaceId } = ctx;
  const reach: Reach = { scope: workspaceId === null ? 'organization' : 'workspace', organizationId, workspaceId };
  if (organizationId === null || !holds(reach)) {
    throw permissionDenied(permission);
  }
  return { organizationId, workspaceId };
}
