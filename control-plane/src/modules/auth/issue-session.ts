import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { Session } from '@platen/schema/contracts/control/auth';
import type { Static } from 'typebox';
import { accessClaims, type Context, codesOf, compileAccess, type Identity } from '../access/index.js';
import type { Keyring } from '../keys/index.js';

export interface IssuedSession {
  readonly accessToken: string;
  readonly session: Static<typeof Session>;
}

export type IssueSession = (
  ctx: Pick<Ctx, 'tenant' | 'now' | 'newId'>,
  subject: {
    readonly identity: Identity;
    readonly context: Context;
    readonly sessionId: string;
    /** Where a token is exchanged for another, the end of the one that was shown. */
    readonly notAfterMs?: number;
  },
) => IssuedSession;

/** Compiles what the user may do in the context, and signs it. The one place where access tokens of users come from. */
export const createSessionIssuer =
  (deps: { readonly keyring: Keyring; readonly issuer: string }): IssueSession =>
  (ctx, { identity, context, sessionId, notAfterMs = Number.POSITIVE_INFINITY }) => {
    const { user, epochs } = identity;
    const { tenant } = ctx;
    if (user.status !== 'active') throw new AppError('token_revoked');
    const nowMs = ctx.now().getTime();
    const compiled = compileAccess({ ...identity, context, nowMs });
    const access = { ...compiled, expiresAtMs: Math.min(compiled.expiresAtMs ?? Number.POSITIVE_INFINITY, notAfterMs) };
    const claims = accessClaims(
      { tenant, userId: user.id, sessionId, epochs, context, access },
      { issuer: deps.issuer, nowMs, id: ctx.newId() },
    );
    return {
      accessToken: deps.keyring.sign(claims),
      session: describeSession(ctx, identity, context, codesOf(access.bits), claims.exp),
    };
  };

export const describeSession = (
  { tenant }: Pick<Ctx, 'tenant'>,
  { user, tenantName }: Identity,
  context: Context,
  permissions: string[],
  expiresAtSeconds: number,
): Static<typeof Session> => ({
  user: { id: user.id, email: user.email, name: user.name },
  tenant: { id: tenant.id, slug: tenant.slug, name: tenantName },
  context: { organization_id: context.organizationId, workspace_id: context.workspaceId },
  permissions,
  expires_at: new Date(expiresAtSeconds * 1000).toISOString(),
});
