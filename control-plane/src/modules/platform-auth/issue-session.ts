import { audiences, type PlatformClaims } from '@platen/chassis/auth/claims';
import type { PlatformCtx } from '@platen/chassis/http/types';
import type { PlatformRole } from '@platen/schema/contract';
import type { PlatformSession } from '@platen/schema/contracts/platform/auth';
import type { Static } from 'typebox';
import { accessTokenTtlMs } from '../access/index.js';
import type { Keyring } from '../keys/index.js';

export interface AdminIdentity {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: PlatformRole;
}

export interface IssuedPlatformSession {
  readonly accessToken: string;
  readonly session: Static<typeof PlatformSession>;
}

export type IssuePlatformSession = (
  ctx: Pick<PlatformCtx, 'now' | 'newId'>,
  admin: AdminIdentity,
  sessionId: string,
) => IssuedPlatformSession;

/** The one place where access tokens of the platform's administrators come from. */
export const createPlatformSessionIssuer =
  (deps: { readonly keyring: Keyring; readonly issuer: string }): IssuePlatformSession =>
  (ctx, admin, sessionId) => {
    const nowMs = ctx.now().getTime();
    const claims: PlatformClaims = {
      iss: deps.issuer,
      aud: audiences.platform,
      sub: admin.id,
      sid: sessionId,
      rol: admin.role,
      iat: Math.floor(nowMs / 1000),
      exp: Math.floor((nowMs + accessTokenTtlMs) / 1000),
      jti: ctx.newId(),
    };
    return { accessToken: deps.keyring.sign(claims), session: describePlatformSession(admin, claims.exp) };
  };

export const describePlatformSession = (
  { id, email, name, role }: AdminIdentity,
  expiresAtSeconds: number,
): Static<typeof PlatformSession> => ({
  admin: { id, email, name, role },
  expires_at: new Date(expiresAtSeconds * 1000).toISOString(),
});
