import type { Tx } from '@platen/chassis/db/types';
import type { Ctx } from '@platen/chassis/http/types';
import {
  type Access,
  bitsOfCodes,
  compileReach,
  findIdentity,
  findKeyHolder,
  type Holder,
  includesAll,
  mayGiveRole,
  type PermissionBits,
  type Reach,
} from '../access/index.js';
import { type InvitationRow, isOfTenant } from './repo.js';

export const inviting = bitsOfCodes(['admin.invitation.write']);

export const placeOf = (row: InvitationRow): Reach => ({
  scope: row.scope,
  organizationId: row.organization_id,
  workspaceId: row.workspace_id,
});

/** `own`: what the inviter may do everywhere in the invitation's place. */
export const mayInvite = (own: Access, role: PermissionBits): boolean =>
  includesAll(own.bits, inviting) && mayGiveRole(own, role, null);

/**
 * Could the inviter still give the role, as it is now? Up to a week lies between the word and the act, and who has lost
 * the right must not have kept it in an envelope. Under `lockAssignments`, as giving is.
 */
export async function isInviterStillAble(ctx: Ctx, tx: Tx, row: InvitationRow, role: PermissionBits): Promise<boolean> {
  const holder = await findInviter(tx, ctx.tenant.id, row.invited_by);
  // Nobody of the tenant: the platform invites a tenant's first administrator.
  if (holder === 'platform') return true;
  if (holder === null) return false;
  return mayInvite(compileReach({ ...holder, reach: placeOf(row), nowMs: ctx.now().getTime() }), role);
}

/** null: disabled or revoked. Users and keys of a tenant keep their rows for as long as it is there. */
async function findInviter(tx: Tx, tenantId: string, id: string): Promise<Holder | 'platform' | null> {
  const [identity, key, ofTenant] = await Promise.all([
    findIdentity(tx, tenantId, id),
    findKeyHolder(tx, tenantId, id),
    isOfTenant(tx, tenantId, id),
  ]);
  if (identity !== undefined) return identity.user.status === 'active' ? identity : null;
  return key ?? (ofTenant ? null : 'platform');
}
