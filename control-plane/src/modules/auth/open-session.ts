import type { Tx } from '@platen/chassis/db/types';
import type { Ctx } from '@platen/chassis/http/types';
import type { Context, Identity } from '../access/index.js';
import { chooseContextAt, listReachable } from '../context/index.js';
import { hashRefreshToken, newRefreshToken } from './refresh-token.js';
import * as repo from './repo.js';

export interface OpenedSession {
  readonly identity: Identity;
  readonly context: Context;
  readonly sessionId: string;
  readonly refreshToken: string;
}

/** A session for somebody who has just proven who they are by another way than a password, as they are in this transaction. */
export async function openSessionFor(
  tx: Tx,
  ctx: Ctx,
  userId: string,
  userAgent: string | null,
): Promise<OpenedSession> {
  const tenantId = ctx.tenant.id;
  const state = await repo.findSignInState(tx, tenantId, userId);
  if (state === undefined) throw new Error('a session is opened for a user who is there');
  const { identity, organizations } = state;
  const reachable = listReachable(organizations, identity.assignments, ctx.now().getTime());
  const context = chooseContextAt(ctx.tenant, reachable, [identity.defaultContext]);
  const sessionId = ctx.newId();
  const refreshToken = newRefreshToken(sessionId);
  repo.insertSession(tx, tenantId, { id: sessionId, userId, context, ip: ctx.ip, userAgent });
  repo.insertRefreshToken(tx, tenantId, { id: ctx.newId(), sessionId, hash: hashRefreshToken(refreshToken) });
  return { identity, context, sessionId, refreshToken };
}
