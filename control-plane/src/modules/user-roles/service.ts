import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { Ctx, RawJson } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf, QueryOf } from '@platen/schema/contract';
import type { userRoles } from '@platen/schema/contracts/control/user-roles';
import {
  bitsOfCodes,
  includesAll,
  lockAssignments,
  mayGiveRole,
  mayTakeRole,
  raiseUserEpoch,
  readOwnReach,
  readPlacement,
  readVisiblePlace,
  requireAdministratorLeft,
  touchesAdministration,
} from '../access/index.js';
import { type AuditEntry, recordAudit } from '../audit/index.js';
import { appendChange } from '../feed/index.js';
import * as repo from './repo.js';

export interface UserRoleService {
  listUserRoles(ctx: Ctx, query: QueryOf<typeof userRoles.list>): Promise<RawJson>;
  /** @throws AppError grant_exceeds_own, unknown_reference, duplicate */
  createUserRole(ctx: Ctx, input: BodyOf<typeof userRoles.create>): Promise<OutputOf<typeof userRoles.create>>;
  /** @throws AppError not_found, grant_exceeds_own, last_admin */
  deleteUserRole(ctx: Ctx, id: string): Promise<void>;
}

const giving = bitsOfCodes(['admin.user_role.create']);
const taking = bitsOfCodes(['admin.user_role.delete']);

export const createUserRoleService = (deps: { readonly cursors: Cursors }): UserRoleService => ({
  async listUserRoles(ctx, { user_id, role_id, organization_id, ...query }) {
    const { organizationId, workspaceId } = await readVisiblePlace(ctx, ctx.db, 'admin.user_role.read');
    const filters = [
      organizationId,
      workspaceId,
      user_id ?? null,
      role_id ?? null,
      organization_id ?? null,
      ctx.tenant.id,
    ];
    return readPage(ctx, deps.cursors, repo.userRolePage, query, filters);
  },

  async createUserRole(ctx, input) {
    const grant = { ...readPlacement(input, ctx.now()), userId: input.user_id, roleId: input.role_id };
    const tenantId = ctx.tenant.id;
    return ctx.write(async (tx) => {
      const [, own, target] = await Promise.all([
        lockAssignments(tx, tenantId),
        readOwnReach(ctx, tx, grant),
        repo.findGrantTarget(tx, tenantId, grant),
      ]);
      // The place of the grant decides, not the context that the caller came in.
      if (!includesAll(own.bits, giving)) throw exceedsOwn();
      if (!target.user_exists || target.role === null || !target.place_exists) throw new AppError('unknown_reference');
      const untilMs = grant.expiresAt === null ? null : Date.parse(grant.expiresAt);
      if (!mayGiveRole(own, target.role, untilMs)) throw exceedsOwn();
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
      const [, found] = await Promise.all([lockAssignments(tx, tenantId), repo.findUserRole(tx, tenantId, id)]);
      if (found === undefined) throw new AppError('not_found');
      const { scope, organization_id: organizationId, workspace_id: workspaceId } = found;
      const own = await readOwnReach(ctx, tx, { scope, organizationId, workspaceId });
      // What lies outside their reach is not theirs to know of.
      if (!includesAll(own.bits, taking)) throw new AppError('not_found');
      if (!mayTakeRole(own, found.role)) throw exceedsOwn();
      repo.deleteUserRole(tx, tenantId, id);
      if (scope === 'tenant' && touchesAdministration(found.role)) {
        await requireAdministratorLeft(tx, tenantId, ctx.now());
      }
      const { user_id, role_id } = found;
      const before = {
        id,
        user_id,
        role_id,
        scope,
        organization_id: organizationId,
        workspace_id: workspaceId,
        expires_at: found.expires_at?.toISOString() ?? null,
        created_at: found.created_at.toISOString(),
      };
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
