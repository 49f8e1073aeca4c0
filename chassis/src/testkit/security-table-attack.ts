import type { Contract, PlatformRole } from '@platen/schema/contract';
import type { ErrorCode } from '@platen/schema/errors';
import type { AccessClaims, PlatformClaims, ServiceClaims } from '../auth/claims.js';
import type { Forger } from './forger.js';

/** A valid call of a contract: without the attack it succeeds. */
export interface Sample {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as an attack leaves it. */
export interface TableRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  /** undefined: not sent, also where a client would add it. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: object | undefined;
}

/** Who attacks, and whom. Every claim is of the moment: tokens made of them are valid where nothing is changed. */
export interface SecurityWorld {
  readonly forger: Forger;
  /** A user who may call every endpoint at `hosts.own`. */
  readonly user: AccessClaims;
  /** A service that holds every scope. */
  readonly service: ServiceClaims;
  /** Somebody who may do all of it, at another tenant. */
  readonly otherTenantsUser: AccessClaims;
  readonly suspendedTenantsUser: AccessClaims;
  /** Of a tenant that has no module at all. */
  readonly bareTenantsUser: AccessClaims;
  /** A token of `hosts.own` whose session has ended. */
  readonly revokedToken: string;
  /** Of `hosts.own`, in an organization that the storefront at `hosts.store` is not for. */
  readonly outsideStore: AccessClaims;
  /** Administrators of the platform by role, each with a session that is open. */
  readonly admins: Readonly<Record<PlatformRole, PlatformClaims>>;
  readonly revokedAdminToken: string;
  readonly hosts: Readonly<
    Record<'own' | 'other' | 'suspended' | 'bare' | 'store' | 'unknown' | 'platform' | 'internal', string>
  >;
  readonly accessCookie: string;
  readonly platformCookie: string;
  /** `prm` of every permission but one. */
  readonly allPermissionsBut: (permission: string) => string;
  readonly isMember: (contract: Contract) => 'tenant' | 'platform' | 'internal';
}

export interface Attack {
  readonly name: string;
  readonly applies: (contract: Contract) => boolean;
  readonly change: (request: TableRequest, world: SecurityWorld, contract: Contract) => TableRequest;
  readonly code: ErrorCode;
  /** Members of the problem document beside the standard ones. */
  readonly members?: (contract: Contract) => object;
}
