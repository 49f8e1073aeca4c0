import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import { type Assignment, type Context, findIdentity, type Identity } from '../access/index.js';
import { recordAudit } from '../audit/index.js';
import { chooseContext, isReachable, listReachable } from '../context/index.js';
import type { AccessCache } from './access-cache.js';
import type { AuthDeps } from './deps.js';
import { announceEnded } from './end-sessions.js';
import * as repo from './refresh-repo.js';
import { hashRefreshToken, isRefreshToken, sessionIdOf, successorOf } from './refresh-token.js';
import { findSignInState, updateSessionRevoked } from './repo.js';
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
  const nowMs = ctx.now().getTime();
  const identity = identityOf(deps, row, nowMs) ?? (await readIdentity(deps, ctx, row.user_id));
  const context = { organizationId: row.organization_id, workspaceId: row.workspace_id };
  if (mayStay(row, identity.assignments, nowMs)) return { identity, context, sessionId, refreshToken };
  const chosen = await chooseAgain(ctx, row.user_id, context);
  await repo.updateSessionContext(ctx.db.leased, tenantId, sessionId, chosen);
  return { identity, context: chosen, sessionId, refreshToken };
}

function identityOf(deps: Deps, row: repo.RotatedRow, nowMs: number): Identity | undefined {
  const epochs = [row.tenant_epoch, row.user_epoch] as const;
  const grounds = deps.accessCache.find(row.user_id, epochs, nowMs);
  if (grounds === undefined) return undefined;
  return {
    user: { id: row.user_id, email: row.email, name: row.user_name, status: row.status },
    tenantName: row.tenant_name,
    epochs,
    defaultContext: { organizationId: row.default_organization_id, workspaceId: row.default_workspace_id },
    ...grounds,
  };
}

async function readIdentity(deps: Deps, ctx: Ctx, userId: string): Promise<Identity> {
  const identity = await findIdentity(ctx.db, ctx.tenant.id, userId);
  if (identity?.user.status !== 'active') throw new AppError('refresh_invalid');
  deps.accessCache.keep(identity, ctx.now().getTime());
  return identity;
}

/** Is the session's context one that may still be chosen? By the rule for all of them, over the one place that it names. */
function mayStay(row: repo.RotatedRow, assignments: readonly Assignment[], nowMs: number): boolean {
  const { organization_id: organizationId, workspace_id: workspaceId } = row;
  if (organizationId === null || !row.place_open) return false;
  const unnamed = { code: '', name: '' };
  const workspaces = workspaceId === null ? [] : [{ id: workspaceId, ...unnamed }];
  const place = { id: organizationId, workspaceRequired: row.workspace_required, workspaces, ...unnamed };
  return isReachable(listReachable([place], assignments, nowMs), { organizationId, workspaceId });
}

async function chooseAgain(ctx: Ctx, userId: string, wish: Context): Promise<Context> {
  const state = await findSignInState(ctx.db, ctx.tenant.id, userId);
  if (state === undefined) throw new AppError('refresh_invalid');
  const reachable = listReachable(state.organizations, state.identity.assignments, ctx.now().getTime());
  return chooseContext(reachable, [wish, state.identity.defaultContext]);
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
    const context = chooseContext(reachable, [row.context, identity.defaultContext]);
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
