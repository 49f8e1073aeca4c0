import type { BodyOf, Contract, OutputOf, ParamsOf, QueryOf } from '@platen/schema/contract';
import type { PermissionCode } from '@platen/schema/permissions';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { ScopedDb, Tx } from '../db/types.js';

/** The tenant a host resolved to, as far as the chassis needs to know it; planes pass their own richer entry through. */
export interface TenantRef {
  readonly id: string;
  readonly slug: string;
  readonly status: string;
}

/** Who is calling: set after the token is verified. */
export interface Principal {
  readonly kind: 'user' | 'service';
  /** The user's or the service account's id. */
  readonly id: string;
  readonly sessionId: string | null;
  has(permission: PermissionCode): boolean;
}

/** What a service method gets as its first argument. Made once per request; never stored. */
export interface Ctx<T extends TenantRef = TenantRef> {
  readonly correlationId: string;
  readonly traceparent: string | null;
  readonly tenant: T;
  readonly organizationId: string | null;
  readonly workspaceId: string | null;
  /** null on public endpoints. */
  readonly principal: Principal | null;
  readonly log: Logger;
  /** Version from `If-Match: "7"`, else null. `*` is null. */
  readonly ifMatch: number | null;
  now(): Date;
  /** UUIDv7. */
  newId(): string;
  /** The database of this tenant, in this request's scope. */
  readonly db: ScopedDb;
  /**
   * The one transaction of a write. With an Idempotency-Key, the key is checked in its first round trip and the result,
   * which must be the endpoint's answer, is stored with the effect (in the write that commits); a repeat answers from
   * there without running `work`. Call it once a request.
   */
  write<R>(work: (tx: Tx) => Promise<R>): Promise<R>;
}

/** What a handler receives; `input` parts are validated and typed by the contract. */
export interface Call<C extends Contract, T extends TenantRef = TenantRef> {
  readonly ctx: Ctx<T>;
  readonly params: ParamsOf<C>;
  readonly query: QueryOf<C>;
  readonly body: BodyOf<C>;
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

export type Handler<C extends Contract, T extends TenantRef = TenantRef> = (call: Call<C, T>) => Promise<OutputOf<C> | RawJson>;

export interface Implementation<T extends TenantRef = TenantRef> {
  readonly contract: Contract;
  readonly handler: (call: Call<Contract, T>) => Promise<unknown>;
}

