import { type AccessClaims, audiences } from '@platen/chassis/auth/claims';
import { encodeBits } from './bits.js';
import type { Access, Context } from './compile-access.js';

export const accessTokenTtlMs = 15 * 60_000;

export interface AccessTokenSubject {
  readonly tenant: { readonly id: string; readonly slug: string };
  readonly userId: string;
  readonly sessionId: string;
  readonly epochs: readonly [tenant: number, user: number];
  readonly context: Context;
  readonly access: Access;
}

/** Claims of security's list, exactly. It ends with the first role or override that the permissions rest on. */
export function accessClaims(
  subject: AccessTokenSubject,
  issue: { readonly issuer: string; readonly nowMs: number; readonly id: string },
): AccessClaims {
  const issuedAt = Math.floor(issue.nowMs / 1000);
  const endsAtMs = Math.min(issue.nowMs + accessTokenTtlMs, subject.access.expiresAtMs ?? Number.POSITIVE_INFINITY);
  return {
    iss: issue.issuer,
    aud: audiences.tenant,
    sub: subject.userId,
    tid: subject.tenant.id,
    tsl: subject.tenant.slug,
    org: subject.context.organizationId,
    ws: subject.context.workspaceId,
    sid: subject.sessionId,
    epo: subject.epochs,
    prm: encodeBits(subject.access.bits),
    iat: issuedAt,
    exp: Math.floor(endsAtMs / 1000),
    jti: issue.id,
  };
}
