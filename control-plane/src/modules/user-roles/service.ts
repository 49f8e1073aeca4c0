import type { Tx } from '@platen/chassis/db/types';
import { AppError, type FieldError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import type { userRoles } from '@platen/schema/contracts/control/user-roles';
import type { PermissionCode } from '@platen/schema/permissions';
import { bitsOfCodes, includesAll, mayHandOn, raiseUserEpoch, readOwnReach } from '../access/index.js';
import { type AuditEntry, recordAudit } from '../audit/index.js';
import { appendChange } from '../feed/index.js';
import * as repo from './repo.js';

export interface UserRoleService {
  /** @throws AppError grant_exceeds_own, unknown_reference, duplicate */
  createUserRole(ctx: Ctx, input: BodyOf<typeof userRoles.create>): Promise<OutputOf<typeof userRoles.create>>;
  /** @throws AppError not_found, grant_exceeds_own, last_admin */
  deleteUserRole(ctx: Ctx, id: string): Promise<void>;
}

const giving: PermissionCode = 'admin.user_role.create';
const taking: PermissionCode = 'admin.user_role.delete';
/** Whoever holds these for the whole tenant can give back everything else. */
const administering = [giving, taking];

export const createUserRoleService = (): UserRoleService => ({
  async createUserRole(ctx, input) {
    const grant = grantOf(input, ctx.now());
    const tenantId = ctx.tenant.id;
    return ctx.write(async (tx) => {
      const [, own, target] = await Promise.all([
        repo.lockAssignments(tx, tenantId),
        readOwnReach(ctx, tx, grant),
        repo.findGrantTarget(tx, tenantId, grant),
      ]);
      // The place of the grant decides, not the context that the caller came in.
      if (!includesAll(own.bits, bitsOfCodes([giving]))) throw exceedsOwn();
      if (!target.user_exists || target.role === null || !target.place_exists) throw new AppError('unknown_reference');
      const untilMs = grant.expiresAt === null ? null : Date.parse(grant.expiresAt);
      if (!mayHandOn(own, target.role, untilMs)) throw exceedsOwn();
      const row = { ...grant, id: ctx.newId(), createdAt: ctx.now() };
      repo.insertUserRole(tx, tenantId, row);
      const answer = {
        id: row.id,
        user_id: row.userId,
        role_id: row.roleId,
        scope: row.scope,
        organization_id: row.organizationId,
        workspace_id: row.workspaceId,
        expires_at: row.expiresAt,
        created_at: row.createdAt.toISOString(),
      };
      await announce(ctx, tx, grant.userId, {
        action: 'user_role.create',
        target: `user_role:${row.id}`,
        after: answer,
      });
      return answer;
    });
  },

  async deleteUserRole(ctx, id) {
    const tenantId = ctx.tenant.id;
    await ctx.write(async (tx) => {
      const [, found] = await Promise.all([repo.lockAssignments(tx, tenantId), repo.findUserRole(tx, tenantId, id)]);
      if (found === undefined) throw new AppError('not_found');
      const { scope, organization_id: organizationId, workspace_id: workspaceId } = found;
      const own = await readOwnReach(ctx, tx, { scope, organizationId, workspaceId });
      // What lies outside their reach is not theirs to know of.
      if (!includesAll(own.bits, bitsOfCodes([taking]))) throw new AppError('not_found');
      if (!includesAll(own.bits, found.role)) throw exceedsOwn();
      const administers = scope === 'tenant' && found.permanent && includesAll(found.role, bitsOfCodes(administering));
      if (administers && !(await repo.hasOtherAdministrator(tx, tenantId, id, administering))) {
        throw new AppError('last_admin');
      }
      repo.deleteUserRole(tx, tenantId, id);
      const { user_id, role_id, workspace_id } = found;
      const before = { user_id, role_id, scope, organization_id: organizationId, workspace_id };
      await announce(ctx, tx, user_id, { action: 'user_role.delete', target: `user_role:${id}`, before });
    });
  },
});

const exceedsOwn = () => new AppError('grant_exceeds_own');

/** Tokens issued before are stale from the commit on. */
async function announce(ctx: Ctx, tx: Tx, userId: string, entry: AuditEntry): Promise<void> {
  const tenantId = ctx.tenant.id;
  const epoch = await raiseUserEpoch(tx, tenantId, userId);
  recordAudit(tx, ctx, tenantId, entry);
  appendChange(tx, tenantId, { kind: 'user_epoch', tenant_id: tenantId, user_id: userId, authz_epoch: epoch });
}

type Grant = repo.Grant & { readonly expiresAt: string | null };

/** @throws AppError validation_failed */
function grantOf(input: BodyOf<typeof userRoles.create>, now: Date): Grant {
  const { scope, organization_id: organizationId = null, workspace_id: workspaceId = null, expires_at = null } = input;
  const fields: FieldError[] = [];
  if ((organizationId !== null) !== (scope !== 'tenant')) {
    fields.push({ path: '/body/organization_id', message: scope === 'tenant' ? 'must be absent' : 'is required' });
  }
  if ((workspaceId !== null) !== (scope === 'workspace')) {
    fields.push({ path: '/body/workspace_id', message: scope === 'workspace' ? 'is required' : 'must be absent' });
  }
  // The pattern lets 31 February through.
  if (expires_at !== null && !(Date.parse(expires_at) > now.getTime())) {
    fields.push({ path: '/body/expires_at', message: 'must be a time to come' });
  }
  if (fields.length > 0) throw new AppError('validation_failed', undefined, { fields });
  const expiresAt = expires_at === null ? null : new Date(expires_at).toISOString();
  return { userId: input.user_id, roleId: input.role_id, scope, organizationId, workspaceId, expiresAt };
}
