import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { OutputOf } from '@platen/schema/contract';
import type { users } from '@platen/schema/contracts/control/users';
import {
  findIdentity,
  isAdministrator,
  lockAssignments,
  raiseUserEpoch,
  readCaller,
  requireAdministratorLeft,
  requireReach,
  wholeTenant,
} from '../access/index.js';
import { recordAudit } from '../audit/index.js';
import { announceEnded, endSessionsOf, removeSecondFactor } from '../auth/index.js';
import { appendChange } from '../feed/index.js';
import { holdsAllOf } from './holds-all-of.js';
import * as repo from './repo.js';
import { requireRoomForUser } from './room.js';
import { found } from './service.js';

type User = OutputOf<typeof users.get>;

/** What an administrator does to somebody's way in. */
export interface UserAccessService {
  /** @throws AppError not_found, self_change, last_admin, grant_exceeds_own */
  disableUser(ctx: Ctx, id: string): Promise<User>;
  /** @throws AppError not_found, limit_reached, grant_exceeds_own */
  enableUser(ctx: Ctx, id: string): Promise<User>;
  /** @throws AppError not_found, self_change, grant_exceeds_own */
  resetTotp(ctx: Ctx, id: string): Promise<void>;
  /** @throws AppError not_found */
  endSessions(ctx: Ctx, id: string): Promise<void>;
}

export const createUserAccessService = (): UserAccessService => ({
  async disableUser(ctx, id) {
    const tenantId = ctx.tenant.id;
    if (ctx.principal?.id === id) throw new AppError('self_change');
    return ctx.write(async (tx) => {
      const { before, identity } = await openUser(ctx, tx, id);
      if (before.row.status === 'disabled') return before.row;
      const after = await repo.updateUserStatus(tx, tenantId, id, 'disabled');
      if (isAdministrator(identity, ctx.now().getTime())) await requireAdministratorLeft(tx, tenantId, ctx.now());
      const epoch = await raiseUserEpoch(tx, tenantId, id);
      const ended = await endSessionsOf(tx, tenantId, id, 'user_disabled');
      repo.updateInvitationsRevoked(tx, tenantId, id);
      recordAudit(tx, ctx, tenantId, {
        action: 'user.disable',
        target: `user:${id}`,
        before: before.row,
        after,
      });
      appendChange(tx, tenantId, { kind: 'user_epoch', tenant_id: tenantId, user_id: id, authz_epoch: epoch });
      announceEnded(tx, ctx, ended);
      return after;
    });
  },

  async enableUser(ctx, id) {
    const tenantId = ctx.tenant.id;
    return ctx.write(async (tx) => {
      const { before } = await openUser(ctx, tx, id);
      if (before.row.status !== 'disabled') return before.row;
      if (before.has_password) await requireRoomForUser(tx, tenantId, id);
      const status = before.has_password ? 'active' : 'invited';
      const after = await repo.updateUserStatus(tx, tenantId, id, status);
      const epoch = await raiseUserEpoch(tx, tenantId, id);
      recordAudit(tx, ctx, tenantId, { action: 'user.enable', target: `user:${id}`, before: before.row, after });
      appendChange(tx, tenantId, { kind: 'user_epoch', tenant_id: tenantId, user_id: id, authz_epoch: epoch });
      return after;
    });
  },

  async resetTotp(ctx, id) {
    const tenantId = ctx.tenant.id;
    if (ctx.principal?.id === id) throw new AppError('self_change');
    await ctx.write(async (tx) => {
      const { before } = await openUser(ctx, tx, id);
      removeSecondFactor(tx, tenantId, id);
      recordAudit(tx, ctx, tenantId, {
        action: 'user.totp_reset',
        target: `user:${id}`,
        before: { totp_enabled: before.row.totp_enabled },
        after: { totp_enabled: false },
      });
    });
  },

  async endSessions(ctx, id) {
    const tenantId = ctx.tenant.id;
    await ctx.write(async (tx) => {
      await requireReach(ctx, tx, 'admin.user.write', wholeTenant);
      found(await repo.lockUser(tx, tenantId, id));
      const ended = await endSessionsOf(tx, tenantId, id, 'ended_by_admin');
      recordAudit(tx, ctx, tenantId, { action: 'user.end_sessions', target: `user:${id}` });
      announceEnded(tx, ctx, ended);
    });
  },
});

/** The user, locked, if the caller may decide about their way in. */
async function openUser(ctx: Ctx, tx: Tx, id: string) {
  const tenantId = ctx.tenant.id;
  await lockAssignments(tx, tenantId);
  await requireReach(ctx, tx, 'admin.user.write', wholeTenant);
  const before = found(await repo.lockUser(tx, tenantId, id));
  const [caller, identity] = await Promise.all([readCaller(ctx, tx), findIdentity(tx, tenantId, id)]);
  if (identity === undefined) throw new AppError('not_found');
  if (!holdsAllOf(caller, identity, ctx.now().getTime())) throw new AppError('grant_exceeds_own');
  return { before, identity };
}
