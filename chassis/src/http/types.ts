import type { Readable } from 'node:stream';
import type { BodyOf, Contract, OutputOf, ParamsOf, PlatformRole, QueryOf, UploadSpec } from '@platen/schema/contract';
import type { PermissionCode } from '@platen/schema/permissions';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { ScopedDb, Tx } from '../db/types.js';
import type { Download } from './download.js';
import type { EventStream } from './event-stream.js';
import type { Upload } from './upload.js';

/** A storefront: its host stands for one organization of the tenant, and for one workspace if it names one. */
export interface StoreRef {
  readonly id: string;
  readonly organizationId: string;
  readonly workspaceId: string | null;
}

/** The tenant a host resolved to, as far as the chassis needs to know it; planes pass their own richer entry through. */
export interface TenantRef {
  readonly id: string;
  readonly slug: string;
  readonly status: string;
  /** Of the host that was asked; null or absent: a host of the whole tenant. */
  readonly store?: StoreRef | null;
}

/** Who is calling: set after the token is verified. */
export interface Principal {
  readonly kind: 'user' | 'api_key' | 'device' | 'platform_admin' | 'service';
  /** The user's, the key's, the device's, the administrator's or the service account's id. */
  readonly id: string;
  readonly sessionId: string | null;
  has(permission: PermissionCode): boolean;
}

/** A device that showed a credential of its own. It holds no permission: what lets it in, it may do for itself alone. */
export interface DevicePrincipal extends Principal {
  readonly kind: 'device';
  readonly organizationId: string;
  readonly workspaceId: string | null;
}

/** What every call knows, with or without a tenant. Made once per request; never stored. */
export interface CallCtx {
  readonly correlationId: string;
  readonly traceparent: string | null;
  /** null on public endpoints. */
  readonly principal: Principal | null;
  /** Address of the caller, behind trusted proxies; null where there is none. */
  readonly ip: string | null;
  /** Made on first use. */
  readonly log: Logger;
  now(): Date;
  /** UUIDv7. */
  newId(): string;
}

/** What a service method gets as its first argument. */
export interface Ctx<T extends TenantRef = TenantRef> extends CallCtx {
  readonly tenant: T;
  readonly organizationId: string | null;
  readonly workspaceId: string | null;
  /** Version from `If-Match: "7"`, else null. `*` is null. */
  readonly ifMatch: number | null;
  /** The database of this tenant, in this request's scope. */
  readonly db: ScopedDb;
  /**
   * For a public endpoint whose token names its organization: `db` and `write` are in that scope from here on. Before
   * either is used; whether the token holds is then the handler's to find out.
   */
  enter(scope: { readonly organizationId: string; readonly workspaceId: string | null }): void;
  /**
   * The one transaction of a write. With an Idempotency-Key, the key is checked in its first round trip and the result,
   * which must be the endpoint's answer, is stored with the effect (in the write that commits). A repeat runs no `work`:
   * this call then rejects with what the server turns into the first answer, so let it pass. Call it once a request.
   */
  write<R>(work: (tx: Tx) => Promise<R>): Promise<R>;
}

/** Who administers the platform: set after the token is verified and its session found open. */
export interface PlatformPrincipal extends Principal {
  readonly kind: 'platform_admin';
  readonly role: PlatformRole;
  readonly sessionId: string;
}

/** What a service method gets at the platform's host. */
export interface PlatformCtx extends CallCtx {
  /** null on public endpoints. */
  readonly principal: PlatformPrincipal | null;
  readonly ifMatch: number | null;
  /** The control-plane database as the role that sees every tenant. */
  readonly db: Pick<ScopedDb, 'query' | 'transaction'>;
  /** As a tenant's `Ctx.write`. */
  write<R>(work: (tx: Tx) => Promise<R>): Promise<R>;
}

/** What a handler receives; `input` parts are validated and typed by the contract. */
export interface Call<C extends Contract, X extends CallCtx = Ctx> {
  readonly ctx: X;
  readonly params: ParamsOf<C>;
  readonly query: QueryOf<C>;
  /** Not of an `upload` of JSON: that is the handler's to parse. */
  readonly body: C extends { readonly upload: { readonly mediaType: 'application/json' } } ? undefined : BodyOf<C>;
  /** Of a contract with an `upload`. */
  readonly upload: C extends { readonly upload: UploadSpec } ? Upload : undefined;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** JSON that Postgres built to the contract's response schema: sent as it is. */
export class RawJson {
  readonly text: string;
  readonly version: number | null;
  constructor(text: string, version: number | null = null) {
    this.text = text;
    this.version = version;
  }
}

/** A contract with a `mediaType` answers text, bytes or a stream of it. */
export type Answer<C extends Contract> =
  | (C extends { readonly events: object } ? never : OutputOf<C>)
  | RawJson
  | (C extends { readonly download: true }
      ? Download
      : C extends { readonly events: object }
        ? EventStream
        : C extends { readonly mediaType: string }
          ? Buffer | Readable
          : never);

export type Handler<C extends Contract, T extends TenantRef = TenantRef> = (
  call: Call<C, Ctx<T>>,
) => Promise<Answer<C>>;
export type PlatformHandler<C extends Contract> = (call: Call<C, PlatformCtx>) => Promise<Answer<C>>;
/** For what belongs to no tenant: internal listeners, and public documents such as key sets. */
export type SiteHandler<C extends Contract> = (call: Call<C, CallCtx>) => Promise<Answer<C>>;

export type AnyCall<X extends CallCtx> = Call<Contract, X>;
export type Implementation<T extends TenantRef = TenantRef> =
  | {
      readonly kind: 'tenant';
      readonly contract: Contract;
      readonly handler: (call: AnyCall<Ctx<T>>) => Promise<unknown>;
    }
  | PlatformImplementation
  | SiteImplementation;
export interface PlatformImplementation {
  readonly kind: 'platform';
  readonly contract: Contract;
  readonly handler: (call: AnyCall<PlatformCtx>) => Promise<unknown>;
}
export interface SiteImplementation {
  readonly kind: 'site';
  readonly contract: Contract;
  readonly handler: (call: AnyCall<CallCtx>) => Promise<unknown>;
}
