import { setTimeout as delay } from 'node:timers/promises';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { auth } from '@platen/schema/contracts/control/auth';
import { recordAudit } from '../audit/index.js';
import * as repo from './account-repo.js';
import type { AuthDeps } from './deps.js';
import { normaliseEmail } from './email.js';
import { announceEnded } from './end-sessions.js';
import { hashLinkToken, linkTtlMs, newLinkToken } from './link-token.js';
import { type PasswordOwner, requireAcceptablePassword } from './password-rules.js';
import { personOf } from './person.js';
import { lockProven, provePassword } from './prove-password.js';
import * as tokens from './user-tokens-repo.js';

export interface PasswordService {
  /** @throws AppError invalid_credentials, password_unacceptable, too_many_attempts, sign_in_busy */
  changePassword(ctx: Ctx, input: BodyOf<typeof auth.password.change>): Promise<void>;
  /** @throws AppError too_many_attempts */
  requestReset(ctx: Ctx, email: string): Promise<void>;
  /** @throws AppError link_invalid, password_unacceptable, sign_in_busy */
  confirmReset(ctx: Ctx, input: BodyOf<typeof auth.passwordReset.confirm>): Promise<void>;
}

type Deps = Pick<AuthDeps, 'passwords' | 'throttles' | 'mails'>;

export const createPasswordService = (deps: Deps): PasswordService => ({
  async changePassword(ctx, { current_password, new_password }) {
    const { id: userId, sessionId } = personOf(ctx);
    const { account } = await provePassword(deps, ctx, userId, current_password);
    await requireAcceptablePassword(new_password, ownerOf(ctx, account));
    const hash = await deps.passwords.hash(new_password, ctx.tenant.id);
    await ctx.write(async (tx) => {
      const locked = await lockProven(tx, ctx.tenant.id, account);
      const ended = await repo.updateSessionsEnded(tx, ctx.tenant.id, userId, sessionId, 'password_change');
      replacePassword(deps, tx, ctx, locked, hash);
      recordAudit(tx, ctx, ctx.tenant.id, { action: 'user.password_change', target: `user:${userId}` });
      announceEnded(tx, ctx, ended);
    });
  },

  requestReset: (ctx, email) => takeAsLong(sendResetLink(deps, ctx, normaliseEmail(email))),

  async confirmReset(ctx, { token, password }) {
    const tenantId = ctx.tenant.id;
    const tokenHash = hashLinkToken(token);
    const userId = await tokens.findTokenOwner(ctx.db, tenantId, 'password_reset', tokenHash);
    const found = userId === undefined ? undefined : await repo.findAccount(ctx.db, tenantId, userId);
    if (found?.active !== true) throw new AppError('link_invalid');
    await requireAcceptablePassword(password, ownerOf(ctx, found));
    const hash = await deps.passwords.hash(password, tenantId);
    await ctx.write(async (tx) => {
      const account = await repo.lockAccount(tx, tenantId, found.id);
      const used = await tokens.updateTokenUsed(tx, tenantId, 'password_reset', tokenHash, found.id);
      if (account?.active !== true || used === undefined) throw new AppError('link_invalid');
      const ended = await repo.updateSessionsEnded(tx, tenantId, account.id, null, 'password_reset');
      replacePassword(deps, tx, ctx, account, hash);
      recordAudit(tx, ctx, tenantId, {
        action: 'user.password_reset',
        target: `user:${account.id}`,
        actor: { type: 'user', id: account.id },
      });
      announceEnded(tx, ctx, ended);
    });
  },
});

const ownerOf = (ctx: Ctx, account: repo.Account): PasswordOwner => ({
  email: account.email,
  name: account.name,
  tenantName: account.tenant_name,
  tenantSlug: ctx.tenant.slug,
});

function replacePassword(deps: Deps, tx: Tx, ctx: Ctx, account: repo.Account, hash: string): void {
  const { id, email, name } = account;
  repo.updatePassword(tx, ctx.tenant.id, id, hash);
  tokens.updateTokensUsed(tx, ctx.tenant.id, id);
  deps.throttles.clearAccount(tx, ctx.tenant.id, email);
  deps.mails.queue(tx, ctx, {
    kind: 'password_changed',
    to: { email, name },
    userId: id,
    token: null,
    expiresAt: null,
  });
}

/** Longer than sending takes, so that the time of the answer does not tell whether something was sent. */
const answerAfterMs = 250;

/** Refusals too come no sooner. */
async function takeAsLong(work: Promise<void>): Promise<void> {
  await Promise.allSettled([work, delay(answerAfterMs)]);
  await work;
}

/** Counted for any mailbox, so each request writes, whether somebody has the e-mail or not. */
async function sendResetLink(deps: Deps, ctx: Ctx, email: string): Promise<void> {
  const tenantId = ctx.tenant.id;
  await ctx.write(async (tx) => {
    // The account first, as everywhere: a count that waited for it would hold up the whole network's.
    const account = await repo.lockAccountByEmail(tx, tenantId, email);
    const maySend = await deps.throttles.countMail(tx, ctx, tenantId, email);
    if (!maySend || account === undefined) return;
    const token = newLinkToken();
    const expiresAt = new Date(ctx.now().getTime() + linkTtlMs);
    const { id: userId, name } = account;
    const hash = hashLinkToken(token);
    tokens.insertUserToken(tx, tenantId, {
      id: ctx.newId(),
      userId,
      kind: 'password_reset',
      hash,
      newEmail: null,
      expiresAt,
    });
    // To the address that is stored, not to the one that was typed.
    deps.mails.queue(tx, ctx, { kind: 'password_reset', to: { email: account.email, name }, userId, token, expiresAt });
  });
}
