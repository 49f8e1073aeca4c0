import { AppError } from '@platen/chassis/http/app-error';
import { platformTenant } from '@platen/chassis/http/platform-tenant';
import type { PlatformCtx } from '@platen/chassis/http/types';
import type { PlatformSession } from '@platen/schema/contracts/platform/auth';
import type { Static } from 'typebox';
import { recordAudit } from '../audit/index.js';
import { hashRefreshToken, isRefreshToken, newRefreshToken, normaliseEmail, successorOf } from '../auth/index.js';
import type { PlatformAuthDeps } from './deps.js';
import { describePlatformSession, type IssuedPlatformSession } from './issue-session.js';
import { createOwnAccount, type OwnAccount } from './own-account.js';
import { platformTokenOf } from './own-token.js';
import { countFailure, useOwnCode } from './prove.js';
import * as repo from './repo.js';

export interface PlatformSignedIn extends IssuedPlatformSession {
  readonly refreshToken: string;
}

export interface PlatformSignInInput {
  readonly email: string;
  readonly password: string;
  /** A code of the authenticator, or a recovery code. */
  readonly totp?: string | undefined;
  readonly userAgent: string | null;
}

export interface PlatformAuthService extends OwnAccount {
  /** @throws AppError invalid_credentials, totp_required, totp_invalid, too_many_attempts, sign_in_busy */
  signIn(ctx: PlatformCtx, input: PlatformSignInInput): Promise<PlatformSignedIn>;
  /** @throws AppError refresh_invalid */
  refreshSession(ctx: PlatformCtx, token: string): Promise<PlatformSignedIn>;
  signOut(ctx: PlatformCtx, sessionIds: readonly string[]): Promise<void>;
  /** The session that a refresh token belongs to, used or not. */
  findSessionOfToken(ctx: PlatformCtx, token: string): Promise<string | undefined>;
  readSession(ctx: PlatformCtx): Promise<Static<typeof PlatformSession>>;
}

export const createPlatformAuthService = (deps: PlatformAuthDeps): PlatformAuthService => ({
  ...createOwnAccount(deps),
  signIn: (ctx, input) => signIn(deps, ctx, input),
  refreshSession: (ctx, token) => refreshSession(deps, ctx, token),

  async signOut(ctx, sessionIds) {
    if (sessionIds.length === 0) return;
    await ctx.write(async (tx) => {
      for (const sessionId of [...sessionIds].sort()) {
        const adminId = await repo.updateSessionRevoked(tx, sessionId, 'logout');
        if (adminId !== undefined) recordSession(tx, ctx, adminId, sessionId, 'end');
      }
    });
  },

  async findSessionOfToken(ctx, token) {
    return isRefreshToken(token) ? repo.findSessionOfToken(ctx.db, hashRefreshToken(token)) : undefined;
  },

  async readSession(ctx) {
    const { id, claims } = platformTokenOf(ctx);
    const admin = await repo.findAdmin(ctx.db, id);
    if (admin === undefined) throw new AppError('token_revoked');
    return describePlatformSession(admin, claims.exp);
  },
});

const recordSession = (
  tx: Parameters<typeof recordAudit>[0],
  ctx: PlatformCtx,
  adminId: string,
  sessionId: string,
  verb: 'begin' | 'end' | 'reuse',
): void =>
  recordAudit(tx, ctx, null, {
    action: `platform_session.${verb}`,
    target: `platform_session:${sessionId}`,
    actor: { type: 'platform_admin', id: adminId },
  });

/** One way through for everyone, as at a tenant's host: neither answer nor time tells an unknown e-mail. */
async function signIn(deps: PlatformAuthDeps, ctx: PlatformCtx, input: PlatformSignInInput): Promise<PlatformSignedIn> {
  const email = normaliseEmail(input.email);
  const keys = deps.throttles.keysOf(ctx, email);
  // As at a tenant's host: a flood from many networks must not keep out those whom it is not made of.
  const isKnown = await repo.isKnownNetwork(ctx.db, keys.network);
  await deps.throttles[isKnown ? 'requireOwnOpen' : 'requireOpen'](ctx.db, platformTenant.id, keys);
  const refused = async (code: 'invalid_credentials' | 'totp_invalid') => {
    await countFailure(deps, ctx.db, keys);
    return new AppError(code);
  };
  const found = await repo.findCredentials(ctx.db, email);
  const stored = found?.active === true ? found.password_hash : null;
  const check = await deps.passwords.verify(input.password, stored);
  await deps.throttles.requireStillOpen(ctx.db, platformTenant.id, keys);
  if (!check.valid || found === undefined || stored === null) throw await refused('invalid_credentials');
  const secret = found.totp_confirmed ? found.totp_secret : null;
  if (secret !== null && input.totp === undefined) throw new AppError('totp_required');
  const rehashed = check.outdated ? await deps.passwords.hash(input.password) : null;
  const sessionId = ctx.newId();
  const refreshToken = newRefreshToken(sessionId);
  const admin = await ctx.write(async (tx) => {
    const current = await repo.lockCredentials(tx, found.id);
    // Disabled, or other credentials, since they were read.
    const isSame =
      current?.active === true && current.password_hash === stored && current.totp_secret === found.totp_secret;
    if (!isSame) throw new AppError('invalid_credentials');
    if (secret !== null) {
      const own = { id: found.id, totp_secret: secret };
      if (!(await useOwnCode(tx, deps.secondFactor, own, input.totp ?? '', ctx.now().getTime()))) return null;
    }
    repo.insertSession(tx, { id: sessionId, adminId: found.id, ip: ctx.ip, userAgent: input.userAgent });
    repo.insertRefreshToken(tx, { id: ctx.newId(), sessionId, hash: hashRefreshToken(refreshToken) });
    if (rehashed !== null) repo.updatePasswordHash(tx, found.id, rehashed);
    deps.throttles.clearAccount(tx, platformTenant.id, email);
    recordSession(tx, ctx, found.id, sessionId, 'begin');
    return current;
  });
  if (admin === null) throw await refused('totp_invalid');
  return { ...deps.issueSession(ctx, admin, sessionId), refreshToken };
}

/** Refusals that change something are decided inside the transaction and thrown after it: a throw would undo them. */
async function refreshSession(deps: PlatformAuthDeps, ctx: PlatformCtx, token: string): Promise<PlatformSignedIn> {
  if (!isRefreshToken(token)) throw new AppError('refresh_invalid');
  const outcome = await ctx.write(async (tx) => {
    const row = await repo.lockRefreshToken(tx, hashRefreshToken(token));
    if (row === undefined || row.ended) return null;
    const sessionId = row.session_id;
    const refreshToken = successorOf(deps.refreshKey, sessionId, token);
    const hash = hashRefreshToken(refreshToken);
    if (row.used) {
      const isSecondTab = row.just_used && (await repo.isUnusedRefreshToken(tx, sessionId, hash));
      if (!isSecondTab) {
        ctx.log.warn({ session_id: sessionId }, 'a used refresh token came again; its session is ended');
        await repo.updateSessionRevoked(tx, sessionId, 'token_reuse');
        recordSession(tx, ctx, row.admin.id, sessionId, 'reuse');
        return null;
      }
    } else if (row.expired) {
      return null;
    } else {
      repo.updateRefreshTokenUsed(tx, row.token_id);
      repo.insertRefreshToken(tx, { id: ctx.newId(), sessionId, hash });
    }
    repo.updateSessionSeen(tx, sessionId);
    return { admin: row.admin, sessionId, refreshToken };
  });
  if (outcome === null) throw new AppError('refresh_invalid');
  const issued = deps.issueSession(ctx, outcome.admin, outcome.sessionId);
  return { ...issued, refreshToken: outcome.refreshToken };
}
