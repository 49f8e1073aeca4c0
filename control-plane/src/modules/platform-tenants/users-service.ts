import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import { platformTenant } from '@platen/chassis/http/platform-tenant';
import type { PlatformCtx, RawJson } from '@platen/chassis/http/types';
import type { QueryOf } from '@platen/schema/contract';
import type { tenantUsers } from '@platen/schema/contracts/platform/tenant-users';
import {
  findIdentity,
  isAdministrator,
  lockAssignments,
  raiseUserEpoch,
  requireAdministratorLeft,
} from '../access/index.js';
import type { AccountMails } from '../account-mails/index.js';
import { recordAudit } from '../audit/index.js';
import { announceEnded, endSessionsOf } from '../auth/index.js';
import { appendChange } from '../feed/index.js';
import { requireRoomForUser } from '../users/index.js';
import { sendInvitation } from './first-admin.js';
import { isTenant } from './repo.js';
import * as repo from './users-repo.js';

export interface TenantUserService {
  /** @throws AppError not_found */
  listUsers(ctx: PlatformCtx, tenantId: string, query: QueryOf<typeof tenantUsers.list>): Promise<RawJson>;
  /** @throws AppError not_found, last_admin */
  disableUser(ctx: PlatformCtx, tenantId: string, userId: string): Promise<repo.TenantUserRow>;
  /** @throws AppError not_found, limit_reached */
  enableUser(ctx: PlatformCtx, tenantId: string, userId: string): Promise<repo.TenantUserRow>;
  /** @throws AppError not_found, illegal_transition */
  resendInvitation(ctx: PlatformCtx, tenantId: string, userId: string): Promise<repo.TenantUserRow>;
}

export interface TenantUserDeps {
  readonly cursors: Cursors;
  readonly mails: AccountMails;
}

export const createTenantUserService = ({ cursors, mails }: TenantUserDeps): TenantUserService => ({
  async listUsers(ctx, tenantId, { status, ...query }) {
    if (!(await isTenant(ctx.db, tenantId))) throw new AppError('not_found');
    const site = { db: ctx.db, tenant: platformTenant, organizationId: null, workspaceId: null };
    return readPage(site, cursors, repo.userPage, query, [tenantId, status ?? null]);
  },

  disableUser: (ctx, tenantId, userId) =>
    ctx.write(async (tx) => {
      const before = await openUser(tx, tenantId, userId);
      if (before.row.status === 'disabled') return before.row;
      const identity = await findIdentity(tx, tenantId, userId);
      const wasAdministrator = identity !== undefined && isAdministrator(identity, ctx.now().getTime());
      const after = await repo.updateUserStatus(tx, tenantId, userId, 'disabled');
      if (wasAdministrator) await requireAdministratorLeft(tx, tenantId, ctx.now());
      const ended = await endSessionsOf(tx, tenantId, userId, 'user_disabled');
      await tell(tx, ctx, tenantId, 'disable', before.row, after);
      announceEnded(tx, { tenant: { ...site, id: tenantId }, now: () => ctx.now() }, ended);
      return after;
    }),

  enableUser: (ctx, tenantId, userId) =>
    ctx.write(async (tx) => {
      const before = await openUser(tx, tenantId, userId);
      if (before.row.status !== 'disabled') return before.row;
      if (before.has_password) await requireRoomForUser(tx, tenantId, userId);
      const status = before.has_password ? 'active' : 'invited';
      const after = await repo.updateUserStatus(tx, tenantId, userId, status);
      await tell(tx, ctx, tenantId, 'enable', before.row, after);
      return after;
    }),

  resendInvitation: (ctx, tenantId, userId) =>
    ctx.write(async (tx) => {
      const { row } = await openUser(tx, tenantId, userId);
      const sent = await sendInvitation(tx, ctx, mails, tenantId, userId);
      if (sent === undefined)
        throw new AppError('illegal_transition', 'No invitation of this user waits to be accepted');
      recordAudit(tx, ctx, tenantId, {
        action: 'invitation.resend',
        target: `invitation:${sent.id}`,
        after: sent,
      });
      return row;
    }),
});

const site = { slug: '', status: 'active' } as const;

/** Locked, and with it the tenant's access: what one decides by nobody changes meanwhile. */
async function openUser(tx: Tx, tenantId: string, userId: string): Promise<repo.LockedUser> {
  await lockAssignments(tx, tenantId);
  const found = await repo.lockUser(tx, tenantId, userId);
  if (found === undefined) throw new AppError('not_found');
  return found;
}

async function tell(
  tx: Tx,
  ctx: PlatformCtx,
  tenantId: string,
  verb: 'disable' | 'enable',
  before: repo.TenantUserRow,
  after: repo.TenantUserRow,
): Promise<void> {
  const epoch = await raiseUserEpoch(tx, tenantId, after.id);
  recordAudit(tx, ctx, tenantId, { action: `user.${verb}`, target: `user:${after.id}`, before, after });
  appendChange(tx, tenantId, { kind: 'user_epoch', tenant_id: tenantId, user_id: after.id, authz_epoch: epoch });
}
