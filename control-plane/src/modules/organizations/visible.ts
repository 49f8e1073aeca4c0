import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { PermissionCode } from '@platen/schema/permissions';
import {
  bitsOfCodes,
  compileReach,
  includesAll,
  type Reach,
  readCaller,
  readOwnReach,
  wholeTenant,
} from '../access/index.js';

export const wholeOrganization = (organizationId: string): Reach => ({
  scope: 'organization',
  organizationId,
  workspaceId: null,
});

/** The organization, or the workspace if there is one. */
export const reachOf = (organizationId: string, workspaceId: string | null): Reach =>
  workspaceId === null ? wholeOrganization(organizationId) : { scope: 'workspace', organizationId, workspaceId };

/**
 * Whether the caller holds the permission at the place where a thing lies, whatever context they came in.
 * @throws AppError token_revoked
 */
export async function holdsAt(ctx: Ctx, db: Queryable, permission: PermissionCode, reach: Reach): Promise<boolean> {
  const own = await readOwnReach(ctx, db, reach);
  return includesAll(own.bits, bitsOfCodes([permission]));
}

/** @throws AppError not_found: what lies outside their reach is not theirs to know of */
export async function requirePlace(ctx: Ctx, db: Queryable, permission: PermissionCode, reach: Reach): Promise<void> {
  if (!(await holdsAt(ctx, db, permission, reach))) throw new AppError('not_found');
}

const listIds = statement<{ id: string }>(
  'organizations_list_ids',
  'select id from res_organizations where tenant_id = $1',
);

/** The organizations where the caller holds the permission; null: everywhere. */
export async function listVisible(ctx: Ctx, permission: PermissionCode): Promise<readonly string[] | null> {
  const caller = await readCaller(ctx, ctx.db);
  const wanted = bitsOfCodes([permission]);
  const nowMs = ctx.now().getTime();
  const holds = (reach: Reach) => includesAll(compileReach({ ...caller, reach, nowMs }).bits, wanted);
  if (holds(wholeTenant)) return null;
  const rows = await ctx.db.query(listIds, [ctx.tenant.id]);
  return rows.map(({ id }) => id).filter((id) => holds(wholeOrganization(id)));
}
