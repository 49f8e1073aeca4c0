import { AccessToken } from '@platen/chassis/auth/principals';
import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { CallerSession } from '@platen/schema/contracts/control/session';
import type { Static } from 'typebox';
import { codesOf, findIdentity } from '../access/index.js';
import { recordAudit } from '../audit/index.js';
import { createAccessCache } from './access-cache.js';
import type { AuthDeps } from './deps.js';
import { createEmailService, type EmailService } from './email-service.js';
import { announceEnded } from './end-sessions.js';
import { describeSession } from './issue-session.js';
import { readKeySession } from './key-session.js';
import { createOwnSessions, type OwnSessions } from './own-sessions.js';
import { createPasswordService, type PasswordService } from './password-service.js';
import { personOf } from './person.js';
import { refreshSession } from './refresh.js';
import { hashRefreshToken, isRefreshToken } from './refresh-token.js';
import * as repo from './repo.js';
import { type SignedIn, type SignInInput, signIn } from './sign-in.js';
import { createTotpService, type TotpService } from './totp-service.js';

export interface AuthService extends OwnSessions, PasswordService, EmailService, TotpService {
  /** @throws AppError invalid_credentials, totp_required, totp_invalid, too_many_attempts, sign_in_busy */
  signIn(ctx: Ctx, input: SignInInput): Promise<SignedIn>;
  /** @throws AppError refresh_invalid */
  refreshSession(ctx: Ctx, token: string): Promise<SignedIn>;
  signOut(ctx: Ctx, sessionIds: readonly string[]): Promise<void>;
  /** The session that a refresh token belongs to, used or not. */
  findSessionOfToken(ctx: Ctx, token: string): Promise<string | undefined>;
  readSession(ctx: Ctx): Promise<Static<typeof CallerSession>>;
}

export function createAuthService(deps: AuthDeps): AuthService {
  const accessCache = createAccessCache();
  return {
    ...createOwnSessions(deps),
    ...createPasswordService(deps),
    ...createEmailService(deps),
    ...createTotpService(deps),
    signIn: (ctx, input) => signIn(deps, ctx, input),
    refreshSession: (ctx, token) => refreshSession({ ...deps, accessCache }, ctx, token),
    signOut,

    async findSessionOfToken(ctx, token) {
      if (!isRefreshToken(token)) return undefined;
      return repo.findSessionOfToken(ctx.db, ctx.tenant.id, hashRefreshToken(token));
    },

    async readSession(ctx) {
      if (ctx.principal instanceof AccessToken && ctx.principal.kind === 'api_key') {
        return readKeySession(ctx, ctx.principal);
      }
      const { claims, bits, id } = personOf(ctx);
      const identity = await findIdentity(ctx.db, ctx.tenant.id, id);
      if (identity === undefined) throw new AppError('token_revoked');
      const context = { organizationId: claims.org, workspaceId: claims.ws };
      return { ...describeSession(ctx, identity, context, codesOf(bits), claims.exp), api_key: null };
    },
  };
}

async function signOut(ctx: Ctx, sessionIds: readonly string[]): Promise<void> {
  if (sessionIds.length === 0) return;
  await ctx.write(async (tx) => {
    const ended: { readonly id: string; readonly userId: string }[] = [];
    for (const id of [...sessionIds].sort()) {
      const userId = await repo.updateSessionRevoked(tx, ctx.tenant.id, id, 'logout');
      if (userId !== undefined) ended.push({ id, userId });
    }
    // Only now: every row is locked, so nobody waits for the audit's chain or the feed's log while this waits for a row.
    for (const { id, userId } of ended) {
      recordAudit(tx, ctx, ctx.tenant.id, {
        action: 'session.sign_out',
        target: `session:${id}`,
        actor: { type: 'user', id: userId },
      });
    }
    announceEnded(
      tx,
      ctx,
      ended.map(({ id }) => id),
    );
  });
}
