import type { PlatformRole, ServiceScope } from '@platen/schema/contract';
import { type PermissionCode, permissions } from '@platen/schema/permissions';
import type { PlatformPrincipal, Principal } from '../http/types.js';
import {
  type AccessClaims,
  audiences,
  isAccessClaims,
  isPlatformClaims,
  isServiceClaims,
  type PlatformClaims,
  type ServiceClaims,
} from './claims.js';
import { decodePermissionBits, hasPermissionBit, type PermissionBits } from './permission-bits.js';
import { createVerifier, type KeySource, type Verifier } from './verifier.js';

/** A tenant's user as a verified token describes them. Made once per token and shared by its requests. */
export class AccessToken implements Principal {
  /** An API key's token names the key as subject and as session. */
  readonly kind: 'user' | 'api_key';
  readonly id: string;
  readonly sessionId: string;
  readonly claims: AccessClaims;
  readonly bits: PermissionBits;
  constructor(claims: AccessClaims) {
    this.claims = claims;
    this.kind = claims.sub === claims.sid ? 'api_key' : 'user';
    this.id = claims.sub;
    this.sessionId = claims.sid;
    this.bits = decodePermissionBits(claims.prm);
  }
  has(permission: PermissionCode): boolean {
    return hasPermissionBit(this.bits, permissions[permission].bit);
  }
}

/** One of our own processes. */
export class ServiceToken implements Principal {
  readonly kind = 'service';
  readonly id: string;
  readonly sessionId = null;
  readonly claims: ServiceClaims;
  readonly scopes: ReadonlySet<string>;
  constructor(claims: ServiceClaims) {
    this.claims = claims;
    this.id = claims.sub;
    this.scopes = new Set(claims.scope.split(' '));
  }
  has(): boolean {
    return false;
  }
  hasScope(scope: ServiceScope): boolean {
    return this.scopes.has(scope);
  }
}

/** An administrator of the platform. */
export class PlatformToken implements PlatformPrincipal {
  readonly kind = 'platform_admin';
  readonly id: string;
  readonly sessionId: string;
  readonly role: PlatformRole;
  readonly claims: PlatformClaims;
  constructor(claims: PlatformClaims) {
    this.claims = claims;
    this.id = claims.sub;
    this.sessionId = claims.sid;
    this.role = claims.rol;
  }
  has(): boolean {
    return false;
  }
}

export type PlatformVerifier = Verifier<PlatformToken>;
export type AccessVerifier = Verifier<AccessToken>;
export type ServiceVerifier = Verifier<ServiceToken>;

interface Options {
  readonly keys: KeySource;
  readonly issuer: string;
  readonly clockSkewMs?: number;
  readonly cacheSize?: number;
}

// The casts: `isComplete` has checked every claim before `accept` is called.
export const createAccessVerifier = (options: Options): AccessVerifier =>
  createVerifier({
    ...options,
    audience: audiences.tenant,
    isComplete: isAccessClaims,
    accept: (claims) => new AccessToken(claims as unknown as AccessClaims),
  });

export const createPlatformVerifier = (options: Options): PlatformVerifier =>
  createVerifier({
    ...options,
    audience: audiences.platform,
    isComplete: isPlatformClaims,
    accept: (claims) => new PlatformToken(claims as unknown as PlatformClaims),
  });

export const createServiceVerifier = (options: Options): ServiceVerifier =>
  createVerifier({
    ...options,
    audience: audiences.service,
    isComplete: isServiceClaims,
    accept: (claims) => new ServiceToken(claims as unknown as ServiceClaims),
  });
