import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import { recordAudit } from '../audit/index.js';
import { chooseContextAt, listReachable } from '../context/index.js';
import type { AuthDeps } from './deps.js';
import { normaliseEmail } from './email.js';
import type { IssuedSession } from './issue-session.js';
import { hashRefreshToken, newRefreshToken } from './refresh-token.js';
import * as repo from './repo.js';
import { type Credentials, findCredentials, isKnownNetwork, lockCredentials } from './sign-in-repo.js';
import type { ThrottleKeys } from './throttle-keys.js';
import { refuseIfBlocked } from './throttles.js';

export interface SignedIn extends IssuedSession {
  readonly refreshToken: string;
}

export interface SignInInput {
  readonly email: string;
  readonly password: string;
  /** A code of the authenticator, or a recovery code. */
  readonly totp?: string | undefined;
  readonly userAgent: string | null;
}

/**
 * One way through for everyone: the look-up is by index alone and the hash is always checked, a decoy's for an e-mail
 * that nobody has, so neither answer nor time tells a wrong password from an unknown e-mail or a disabled user. Failures
 * are counted by what was tried, so neither does being blocked.
 */
export async function signIn(deps: AuthDeps, ctx: Ctx, input: SignInInput): Promise<SignedIn> {
  // A password that is changed while it is checked, or whose hash is renewed by somebody who signs in too, is checked anew.
  const outcome = (await tryOnce(deps, ctx, input)) ?? (await tryOnce(deps, ctx, input));
  if (outcome === null) throw new AppError('invalid_credentials');
  return outcome;
}

/** null: the credentials changed meanwhile. */
async function tryOnce(deps: AuthDeps, ctx: Ctx, input: SignInInput): Promise<SignedIn | null> {
  const tenantId = ctx.tenant.id;
  const email = normaliseEmail(input.email);
  const keys = deps.throttles.keysOf(ctx, email);
  const found = await findCredentials(ctx.db, tenantId, email, keys);
  refuseIfBlocked(found.blocked_seconds);
  // A flood from many networks, each too small to be blocked, must not keep out those whom it is not made of.
  const isFlooded = (found.tenant_blocked_seconds ?? 0) > 0;
  if (isFlooded && !(await isKnownNetwork(ctx.db.leased, tenantId, keys.network))) {
    refuseIfBlocked(found.tenant_blocked_seconds);
  }
  const refused = async (code: 'invalid_credentials' | 'totp_invalid') => {
    await deps.throttles.recordFailure(ctx.db, tenantId, keys);
    return new AppError(code);
  };
  const stored = found.active === true ? found.password_hash : null;
  const check = await deps.passwords.verify(input.password, stored, tenantId);
  if (!check.valid || found.id === null || stored === null) throw await refused('invalid_credentials');
  if (found.totp_secret !== null && input.totp === undefined) {
    await deps.throttles.requireStillOpen(ctx.db, tenantId, keys);
    throw new AppError('totp_required');
  }
  const rehashed = check.outdated ? await deps.passwords.hash(input.password, tenantId) : null;
  const credentials = { ...found, id: found.id, password_hash: stored };
  const granted = await openSession(deps, ctx, input, keys, credentials, rehashed);
  if (granted === 'code_refused') throw await refused('totp_invalid');
  return granted === null ? null : { ...deps.issueSession(ctx, granted), refreshToken: granted.refreshToken };
}

/** null: the credentials are others by now. */
async function openSession(
  deps: AuthDeps,
  ctx: Ctx,
  input: SignInInput,
  keys: ThrottleKeys,
  credentials: Credentials & { readonly id: string; readonly password_hash: string },
  rehashed: string | null,
) {
  const tenantId = ctx.tenant.id;
  const { id: userId, totp_secret } = credentials;
  const sessionId = ctx.newId();
  const refreshToken = newRefreshToken(sessionId);
  // Not `ctx.write`, which is for once in a request.
  return ctx.db.transaction(async (tx) => {
    const writesUser = totp_secret !== null || rehashed !== null;
    const [unchanged, state] = await Promise.all([
      // A password or an authenticator that changed while this one was checked opens nothing: the change ends sessions.
      lockCredentials(tx, tenantId, credentials, keys, writesUser),
      repo.findSignInState(tx, tenantId, userId),
    ]);
    if (unchanged === undefined || state === undefined) return null;
    // Many wrong ones may have been counted while this one was checked: it is told apart from them no more.
    refuseIfBlocked(unchanged.blocked_seconds);
    if (totp_secret !== null) {
      const user = { id: userId, totp_secret };
      const code = input.totp ?? '';
      if (!(await deps.secondFactor.useCode(tx, tenantId, user, code, ctx.now().getTime()))) {
        return 'code_refused';
      }
    }
    const { identity } = state;
    const reachable = listReachable(state.organizations, identity.assignments, ctx.now().getTime());
    const context = chooseContextAt(ctx.tenant, reachable, [identity.defaultContext]);
    const { userAgent } = input;
    repo.insertSession(tx, tenantId, { id: sessionId, userId, context, ip: ctx.ip, userAgent });
    repo.insertRefreshToken(tx, tenantId, { id: ctx.newId(), sessionId, hash: hashRefreshToken(refreshToken) });
    if (rehashed !== null) repo.updatePasswordHash(tx, tenantId, userId, rehashed, credentials.password_hash);
    if (credentials.has_failures) deps.throttles.clearAccount(tx, tenantId, identity.user.email);
    recordAudit(tx, ctx, tenantId, {
      action: 'session.sign_in',
      target: `session:${sessionId}`,
      actor: { type: 'user', id: userId },
    });
    return { identity, context, sessionId, refreshToken };
  });
}
