import type { KeyObject } from 'node:crypto';
import { AccessToken } from '@platen/chassis/auth/principals';
import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { Session } from '@platen/schema/contracts/control/auth';
import type { Static } from 'typebox';
import { codesOf, findIdentity } from '../access/index.js';
import { chooseContext, listReachable } from '../context/index.js';
import { appendChange, revokedSession } from '../feed/index.js';
import { normaliseEmail } from './email.js';
import { describeSession, type IssuedSession, type IssueSession } from './issue-session.js';
import type { PasswordPool } from './password-pool.js';
import { hashRefreshToken, isRefreshToken, newRefreshToken, successorOf } from './refresh-token.js';
import * as repo from './repo.js';

export interface SignedIn extends IssuedSession {
  readonly refreshToken: string;
}

export interface SignInInput {
  readonly email: string;
  readonly password: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

export interface AuthService {
  /** @throws AppError invalid_credentials, sign_in_busy */
  signIn(ctx: Ctx, input: SignInInput): Promise<SignedIn>;
  /** @throws AppError refresh_invalid */
  refreshSession(ctx: Ctx, token: string): Promise<SignedIn>;
  signOut(ctx: Ctx, sessionIds: readonly string[]): Promise<void>;
  /** The session that a refresh token belongs to, used or not. */
  findSessionOfToken(ctx: Ctx, token: string): Promise<string | undefined>;
  readSession(ctx: Ctx): Promise<Static<typeof Session>>;
}

export interface AuthDeps {
  readonly passwords: PasswordPool;
  readonly issueSession: IssueSession;
  readonly refreshKey: KeyObject;
}

export const createAuthService = (deps: AuthDeps): AuthService => ({
  signIn: (ctx, input) => signIn(deps, ctx, input),
  refreshSession: (ctx, token) => refreshSession(deps, ctx, token),

  async signOut(ctx, sessionIds) {
    if (sessionIds.length === 0) return;
    await ctx.write(async (tx) => {
      const ended: string[] = [];
      for (const sessionId of [...sessionIds].sort()) {
        if (await repo.updateSessionRevoked(tx, ctx.tenant.id, sessionId, 'logout')) ended.push(sessionId);
      }
      // Only now: every row is locked, so nobody waits for the feed's log while this waits for a row.
      for (const id of ended) appendChange(tx, ctx.tenant.id, revokedSession(ctx.tenant.id, id, ctx.now().getTime()));
    });
  },

  async findSessionOfToken(ctx, token) {
    if (!isRefreshToken(token)) return undefined;
    return repo.findSessionOfToken(ctx.db, ctx.tenant.id, hashRefreshToken(token));
  },

  async readSession(ctx) {
    const { claims, bits, id } = tokenOf(ctx);
    const identity = await findIdentity(ctx.db, ctx.tenant.id, id);
    if (identity === undefined) throw new AppError('token_revoked');
    const context = { organizationId: claims.org, workspaceId: claims.ws };
    return describeSession(ctx, identity, context, codesOf(bits), claims.exp);
  },
});

/** Endpoints that say `self` are only reached with a user's token. */
export function tokenOf(ctx: Ctx): AccessToken {
  if (ctx.principal instanceof AccessToken) return ctx.principal;
  throw new AppError('authentication_required');
}

/**
 * One way through for everyone: the look-up is by index alone and the hash is always checked, a decoy's for an e-mail
 * that nobody has, so neither answer nor time tells a wrong password from an unknown e-mail or a disabled user.
 */
async function signIn(deps: AuthDeps, ctx: Ctx, input: SignInInput): Promise<SignedIn> {
  const tenantId = ctx.tenant.id;
  const found = await repo.findCredentials(ctx.db, tenantId, normaliseEmail(input.email));
  const stored = found?.active === true ? found.password_hash : null;
  const check = await deps.passwords.verify(input.password, stored);
  if (!check.valid || found === undefined || stored === null) throw new AppError('invalid_credentials');
  const rehashed = check.outdated ? await deps.passwords.hash(input.password) : null;
  const sessionId = ctx.newId();
  const refreshToken = newRefreshToken();
  const granted = await ctx.write(async (tx) => {
    const state = await repo.findSignInState(tx, tenantId, found.id);
    if (state === undefined || state.identity.user.status !== 'active') throw new AppError('invalid_credentials');
    const { identity } = state;
    const reachable = listReachable(state.organizations, identity.assignments, ctx.now().getTime());
    const context = chooseContext(reachable, [identity.defaultContext]);
    const { ip, userAgent } = input;
    repo.insertSession(tx, tenantId, { id: sessionId, userId: found.id, context, ip, userAgent });
    repo.insertRefreshToken(tx, tenantId, { id: ctx.newId(), sessionId, hash: hashRefreshToken(refreshToken) });
    if (rehashed !== null) repo.updatePasswordHash(tx, tenantId, found.id, rehashed, stored);
    return { identity, context };
  });
  return { ...deps.issueSession(ctx, { ...granted, sessionId }), refreshToken };
}

/**
 * Refusals that change something are decided inside the transaction and thrown after it: a throw would undo them.
 */
async function refreshSession(deps: AuthDeps, ctx: Ctx, token: string): Promise<SignedIn> {
  if (!isRefreshToken(token)) throw new AppError('refresh_invalid');
  const tenantId = ctx.tenant.id;
  const outcome = await ctx.write(async (tx) => {
    const row = await repo.lockRefreshToken(tx, tenantId, hashRefreshToken(token));
    if (row === undefined || row.session_ended || row.identity.user.status !== 'active') return null;
    const sessionId = row.session_id;
    const refreshToken = successorOf(deps.refreshKey, sessionId, token);
    const hash = hashRefreshToken(refreshToken);
    if (row.used) {
      const isSecondTab = row.just_used && (await repo.isUnusedRefreshToken(tx, tenantId, sessionId, hash));
      if (!isSecondTab) {
        ctx.log.warn({ session_id: sessionId }, 'a used refresh token came again; its session is ended');
        await repo.updateSessionRevoked(tx, tenantId, sessionId, 'token_reuse');
        appendChange(tx, tenantId, revokedSession(tenantId, sessionId, ctx.now().getTime()));
        return null;
      }
    } else if (row.expired) {
      return null;
    }
    const { identity } = row;
    const reachable = listReachable(row.organizations, identity.assignments, ctx.now().getTime());
    const context = chooseContext(reachable, [row.context, identity.defaultContext]);
    if (!row.used) {
      repo.updateRefreshTokenUsed(tx, tenantId, row.token_id);
      repo.insertRefreshToken(tx, tenantId, { id: ctx.newId(), sessionId, hash });
    }
    repo.updateSessionContext(tx, tenantId, sessionId, context);
    return { identity, context, sessionId, refreshToken };
  });
  if (outcome === null) throw new AppError('refresh_invalid');
  return { ...deps.issueSession(ctx, outcome), refreshToken: outcome.refreshToken };
}
