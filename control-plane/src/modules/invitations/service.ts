import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { Ctx, RawJson } from '@platen/chassis/http/types';
import { normalizeEmail } from '@platen/chassis/validation/normalize';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { invitations } from '@platen/schema/contracts/control/invitations';
import {
  includesAll,
  lockAssignments,
  type Reach,
  readOwnReach,
  readPlacement,
  readVisiblePlace,
} from '../access/index.js';
import type { AccountMails, NewAccountMail } from '../account-mails/index.js';
import { recordAudit } from '../audit/index.js';
import { hashLinkToken, newLinkToken } from '../auth/index.js';
import { requireRoomForUser } from '../users/index.js';
import { inviting, mayInvite, placeOf } from './inviter.js';
import * as repo from './repo.js';

export interface InvitationService {
  listInvitations(ctx: Ctx, query: QueryOf<typeof invitations.list>): Promise<RawJson>;
  /** @throws AppError unknown_reference, grant_exceeds_own, duplicate, illegal_transition, limit_reached */
  createInvitation(ctx: Ctx, body: BodyOf<typeof invitations.create>): Promise<repo.InvitationRow>;
  /** @throws AppError not_found, grant_exceeds_own, illegal_transition, limit_reached */
  resendInvitation(ctx: Ctx, id: string): Promise<repo.InvitationRow>;
  /** @throws AppError not_found, illegal_transition */
  revokeInvitation(ctx: Ctx, id: string): Promise<repo.InvitationRow>;
}

export const invitationLifetimeMs = 7 * 86_400_000;

export const createInvitationService = (deps: {
  readonly cursors: Cursors;
  readonly mails: AccountMails;
}): InvitationService => ({
  async listInvitations(ctx, { status, ...query }) {
    const { organizationId, workspaceId } = await readVisiblePlace(ctx, ctx.db, 'admin.invitation.read');
    return readPage(ctx, deps.cursors, repo.invitationPage, query, [
      ctx.tenant.id,
      organizationId,
      workspaceId,
      status ?? null,
    ]);
  },

  async createInvitation(ctx, body) {
    const email = normalizeEmail(body.email, '/body/email');
    const wanted = { ...readPlacement(body, ctx.now()), email, roleId: body.role_id };
    const tenantId = ctx.tenant.id;
    return ctx.write(async (tx) => {
      const target = await openTarget(ctx, tx, wanted);
      if (target.is_invited) throw new AppError('duplicate', 'There is an open invitation to the same role');
      if (target.has_role) throw new AppError('duplicate', 'The user has this role');
      // Only a user who is out of the count needs room: those who are in have had it.
      if (target.user_status !== 'active') await requireRoomForUser(tx, tenantId, target.user_id);
      if (target.user_id === null) repo.insertInvitedUser(tx, tenantId, { id: ctx.newId(), email });
      const token = newLinkToken();
      const row = await repo.insertInvitation(tx, tenantId, {
        ...wanted,
        id: ctx.newId(),
        tokenHash: hashLinkToken(token),
        invitedBy: callerId(ctx),
        expiresAt: new Date(ctx.now().getTime() + invitationLifetimeMs),
      });
      deps.mails.queue(tx, ctx, invitationMail(row, token));
      recordAudit(tx, ctx, tenantId, { action: 'invitation.create', target: `invitation:${row.id}`, after: row });
      return row;
    });
  },

  async resendInvitation(ctx, id) {
    const tenantId = ctx.tenant.id;
    return ctx.write(async (tx) => {
      await lockAssignments(tx, tenantId);
      const before = await openInvitation(ctx, tx, id);
      if (before.status === 'accepted' || before.status === 'revoked') throw new AppError('illegal_transition');
      const target = await openTarget(ctx, tx, { ...placeOf(before), email: before.email, roleId: before.role_id });
      if (target.user_status !== 'active') await requireRoomForUser(tx, tenantId, target.user_id);
      const token = newLinkToken();
      const row = await repo.updateToken(tx, tenantId, id, {
        tokenHash: hashLinkToken(token),
        expiresAt: new Date(ctx.now().getTime() + invitationLifetimeMs),
        invitedBy: callerId(ctx),
      });
      deps.mails.queue(tx, ctx, invitationMail(row, token));
      recordAudit(tx, ctx, tenantId, { action: 'invitation.resend', target: `invitation:${id}`, before, after: row });
      return row;
    });
  },

  async revokeInvitation(ctx, id) {
    const tenantId = ctx.tenant.id;
    return ctx.write(async (tx) => {
      const before = await openInvitation(ctx, tx, id);
      if (before.status === 'accepted') throw new AppError('illegal_transition', 'It was accepted');
      if (before.status === 'revoked') return before;
      const row = await repo.updateRevoked(tx, tenantId, id);
      recordAudit(tx, ctx, tenantId, { action: 'invitation.revoke', target: `invitation:${id}`, before, after: row });
      return row;
    });
  },
});

const callerId = (ctx: Ctx): string => {
  if (ctx.principal === null) throw new AppError('authentication_required');
  return ctx.principal.id;
};

/**
 * What the invitation would lead to, if the caller may give that: the rule by which roles are given.
 * @throws AppError unknown_reference, grant_exceeds_own, illegal_transition
 */
async function openTarget(ctx: Ctx, tx: Tx, wanted: Reach & { readonly email: string; readonly roleId: string }) {
  const tenantId = ctx.tenant.id;
  const [, own, target] = await Promise.all([
    lockAssignments(tx, tenantId),
    readOwnReach(ctx, tx, wanted),
    repo.findInvitationTarget(tx, tenantId, wanted),
  ]);
  if (!includesAll(own.bits, inviting)) throw new AppError('grant_exceeds_own');
  if (target.role === null || !target.place_exists) throw new AppError('unknown_reference');
  if (!mayInvite(own, target.role)) throw new AppError('grant_exceeds_own');
  if (target.user_status === 'disabled') throw new AppError('illegal_transition', 'This user is disabled');
  return target;
}

export const invitationMail = (row: repo.InvitationRow, token: string, name = ''): NewAccountMail => ({
  kind: 'invitation',
  to: { email: row.email, name },
  userId: row.id,
  token,
  expiresAt: new Date(row.expires_at),
});

/** Locked; what lies outside of the caller's reach is not theirs to know of. */
async function openInvitation(ctx: Ctx, tx: Tx, id: string): Promise<repo.InvitationRow> {
  const row = await repo.lockInvitation(tx, ctx.tenant.id, id);
  if (row === undefined) throw new AppError('not_found');
  const own = await readOwnReach(ctx, tx, placeOf(row));
  if (!includesAll(own.bits, inviting)) throw new AppError('not_found');
  return row;
}
