import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { Context, Identity } from '../access/index.js';
import { recordAudit } from '../audit/index.js';
import { chooseContextAt, isReachable, listReachable, withinStore } from '../context/index.js';
import type { AccessCache } from './access-cache.js';
import type { AuthDeps } from './deps.js';
import { announceEnded } from './end-sessions.js';
import * as repo from './refresh-repo.js';
import { hashRefreshToken, isRefreshToken, sessionIdOf, successorOf } from './refresh-token.js';
import { findSignInState, type SignInState, updateSessionRevoked } from './repo.js';
import type { SignedIn } from './sign-in.js';

interface Refreshed {
  readonly identity: Identity;
  readonly context: Context;
  readonly sessionId: string;
  readonly refreshToken: string;
}
type Deps = Pick<AuthDeps, 'issueSession' | 'refreshKey'> & { readonly accessCache: AccessCache };

/** @throws AppError refresh_invalid */
export async function refreshSession(deps: Deps, ctx: Ctx, token: string): Promise<SignedIn> {
  if (!isRefreshToken(token)) throw new AppError('refresh_invalid');
  const outcome = (await rotate(deps, ctx, token)) ?? (await answerAgain(deps, ctx, token));
  if (outcome === null) throw new AppError('refresh_invalid');
  return { ...deps.issueSession(ctx, outcome), refreshToken: outcome.refreshToken };
}

/**
 * Undefined: the token is not one to use, or its session has ended. What comes after the rotation may fail: the token
 * that was used then gives the same successor for ten seconds more.
 */
async function rotate(deps: Deps, ctx: Ctx, token: string): Promise<Refreshed | undefined> {
  const tenantId = ctx.tenant.id;
  const sessionId = sessionIdOf(token);
  const refreshToken = successorOf(deps.refreshKey, sessionId, token);
  const next = { id: ctx.newId(), hash: hashRefreshToken(refreshToken) };
  const row = await repo.updateTokenRotated(ctx.db.leased, tenantId, hashRefreshToken(token), next);
  if (row === undefined) return undefined;
  if (row.status !== 'active') throw new AppError('refresh_invalid');
  const granted = stay(deps, ctx, row) ?? (await chooseAgain(deps, ctx, row, sessionId));
  return { ...granted, sessionId, refreshToken };
}

type Granted = Pick<Refreshed, 'identity' | 'context'>;

/** In the session's context, by what is known; undefined: something has changed, or nothing is known. */
function stay(deps: Deps, ctx: Ctx, row: repo.RotatedRow): Granted | undefined {
  const nowMs = ctx.now().getTime();
  const context = { organizationId: row.organization_id, workspaceId: row.workspace_id };
  const epochs = [row.tenant_epoch, row.user_epoch] as const;
  const grounds = deps.accessCache.find(ctx.tenant.id, row.user_id, epochs, context, nowMs);
  if (grounds === undefined) return undefined;
  // Roles end with time too.
  const reachable = withinStore(listReachable([grounds.place], grounds.assignments, nowMs), ctx.tenant.store);
  if (!isReachable(reachable, context)) return undefined;
  const identity = {
    user: { id: row.user_id, email: row.email, name: row.user_name, status: row.status },
    tenantName: row.tenant_name,
    epochs,
    defaultContext: { organizationId: row.default_organization_id, workspaceId: row.default_workspace_id },
    ...grounds,
  };
  return { identity, context };
}

async function chooseAgain(deps: Deps, ctx: Ctx, row: repo.RotatedRow, sessionId: string): Promise<Granted> {
  const state = await findSignInState(ctx.db, ctx.tenant.id, row.user_id);
  if (state?.identity.user.status !== 'active') throw new AppError('refresh_invalid');
  const { identity } = state;
  const was = { organizationId: row.organization_id, workspaceId: row.workspace_id };
  const context = choose(ctx, state, was);
  deps.accessCache.keep(ctx.tenant.id, state, context, ctx.now().getTime());
  if (context.organizationId !== was.organizationId || context.workspaceId !== was.workspaceId) {
    await repo.updateSessionContext(ctx.db.leased, ctx.tenant.id, sessionId, context);
  }
  return { identity, context };
}

function choose(ctx: Ctx, { identity, organizations }: SignInState, wish: Context): Context {
  const reachable = listReachable(organizations, identity.assignments, ctx.now().getTime());
  return chooseContextAt(ctx.tenant, reachable, [wish, identity.defaultContext]);
}

/**
 * A token that was used: the same successor for a second tab; anybody else holds a copy, and that ends the session. The
 * refusal is decided inside the transaction and thrown after it: a throw would undo what it changes.
 */
function answerAgain(deps: Deps, ctx: Ctx, token: string): Promise<Refreshed | null> {
  const tenantId = ctx.tenant.id;
  const refreshToken = successorOf(deps.refreshKey, sessionIdOf(token), token);
  return ctx.write(async (tx) => {
    const row = await repo.lockUsedToken(tx, tenantId, hashRefreshToken(token));
    if (row === undefined || row.session_ended || !row.used) return null;
    const { session_id: sessionId, user_id: userId } = row;
    const isSecondTab =
      row.just_used && (await repo.isUnusedRefreshToken(tx, tenantId, sessionId, hashRefreshToken(refreshToken)));
    if (!isSecondTab) {
      await endForReuse(ctx, tx, sessionId);
      return null;
    }
    const state = await findSignInState(tx, tenantId, userId);
    if (state?.identity.user.status !== 'active') return null;
    const { identity, organizations } = state;
    const reachable = listReachable(organizations, identity.assignments, ctx.now().getTime());
    const context = chooseContextAt(ctx.tenant, reachable, [row.context, identity.defaultContext]);
    return { identity, context, sessionId, refreshToken };
  });
}

async function endForReuse(ctx: Ctx, tx: Tx, sessionId: string): Promise<void> {
  ctx.log.warn({ session_id: sessionId }, 'a used refresh token came again; its session is ended');
  await updateSessionRevoked(tx, ctx.tenant.id, sessionId, 'token_reuse');
  recordAudit(tx, ctx, ctx.tenant.id, {
    action: 'session.revoke',
    target: `session:${sessionId}`,
    after: { reason: 'token_reuse' },
    actor: { type: 'system', id: null },
  });
  announceEnded(tx, ctx, [sessionId]);
}
