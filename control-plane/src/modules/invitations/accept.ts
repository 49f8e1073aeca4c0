import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { auth } from '@platen/schema/contracts/control/auth';
import { lockAssignments, type PermissionBits, raiseUserEpoch } from '../access/index.js';
import { recordAudit } from '../audit/index.js';
import {
  hashLinkToken,
  type IssueSession,
  openSessionFor,
  type PasswordPool,
  requireAcceptablePassword,
} from '../auth/index.js';
import { appendChange } from '../feed/index.js';
import { requireRoomForUser } from '../users/index.js';
import { isInviterStillAble } from './inviter.js';
import * as repo from './repo.js';

/** Null: who accepted has an account already, and signs in as ever. */
export type Accepted = (ReturnType<IssueSession> & { readonly refreshToken: string }) | null;

export interface AcceptDeps {
  readonly passwords: PasswordPool;
  readonly issueSession: IssueSession;
}

type Input = BodyOf<typeof auth.invitations.accept> & { readonly userAgent: string | null };

/**
 * The link proves the mailbox and nothing more: it makes the account that waits for its owner, and adds a role to one
 * that is there. It is no way to sign in to an account, or to change its password.
 * @throws AppError link_invalid, password_unacceptable, validation_failed, limit_reached, sign_in_busy
 */
export const createAcceptInvitation =
  (deps: AcceptDeps) =>
  async (ctx: Ctx, input: Input): Promise<Accepted> => {
    const tenantId = ctx.tenant.id;
    const tokenHash = hashLinkToken(input.token);
    const found = usable(await repo.findInvitationByToken(ctx.db, tenantId, tokenHash));
    const person = found.user_status === 'invited' ? await personOf(deps, ctx, found, input) : null;
    const opened = await ctx.write(async (tx) => {
      await lockAssignments(tx, tenantId);
      const locked = usable(await repo.lockInvitationByToken(tx, tenantId, tokenHash));
      const { row, user_id: userId, user_status } = locked;
      if (!(await isInviterStillAble(ctx, tx, row, locked.role))) {
        await withdraw(ctx, tx, row);
        return 'withdrawn';
      }
      // By another invitation meanwhile: with its password, which this link has no business with.
      if (user_status !== found.user_status) throw new AppError('conflict');
      const actor = { type: 'user', id: userId } as const;
      if (person !== null) {
        await requireRoomForUser(tx, tenantId, userId);
        repo.updateUserActive(tx, tenantId, { id: userId, ...person });
      }
      repo.insertGivenRole(tx, tenantId, ctx.newId(), userId, row);
      repo.updateAccepted(tx, tenantId, row.id);
      const epoch = await raiseUserEpoch(tx, tenantId, userId);
      const session = person === null ? null : await openSessionFor(tx, ctx, userId, input.userAgent);
      recordAudit(tx, ctx, tenantId, {
        action: 'invitation.accept',
        target: `invitation:${row.id}`,
        before: row,
        after: { user_id: userId, role_id: row.role_id, activated: person !== null },
        actor,
      });
      appendChange(tx, tenantId, { kind: 'user_epoch', tenant_id: tenantId, user_id: userId, authz_epoch: epoch });
      return session;
    });
    // Only now: thrown inside, it would undo the withdrawal.
    if (opened === 'withdrawn') throw new AppError('link_invalid');
    return opened === null ? null : { ...deps.issueSession(ctx, opened), refreshToken: opened.refreshToken };
  };

/** Used, replaced, revoked, run out, of a role or a user that is gone: all the same. */
function usable(found: repo.OpenInvitation | undefined): repo.OpenInvitation & { readonly role: PermissionBits } {
  if (found?.row.status !== 'open' || found.role === null || found.user_status === 'disabled') {
    throw new AppError('link_invalid');
  }
  return { ...found, role: found.role };
}

/** What its inviter could not give any more: whoever may, invites anew. */
async function withdraw(ctx: Ctx, tx: Tx, before: repo.InvitationRow): Promise<void> {
  const after = await repo.updateRevoked(tx, ctx.tenant.id, before.id);
  recordAudit(tx, ctx, ctx.tenant.id, {
    action: 'invitation.revoke',
    target: `invitation:${before.id}`,
    before,
    after,
    actor: { type: 'system', id: null },
  });
}

async function personOf(deps: AcceptDeps, ctx: Ctx, { row, tenant_name }: repo.OpenInvitation, input: Input) {
  const { name, password } = input;
  if (name === undefined || password === undefined) {
    const missing = [...(name === undefined ? ['name'] : []), ...(password === undefined ? ['password'] : [])];
    const fields = missing.map((field) => ({ path: `/body/${field}`, message: 'is required for a new account' }));
    throw new AppError('validation_failed', undefined, { fields });
  }
  await requireAcceptablePassword(password, {
    email: row.email,
    name,
    tenantName: tenant_name,
    tenantSlug: ctx.tenant.slug,
  });
  return { name, passwordHash: await deps.passwords.hash(password, ctx.tenant.id) };
}
