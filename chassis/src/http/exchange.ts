import type { Contract } from '@platen/schema/contract';
import type { Logger } from 'pino';
import type { DbStats, Scope, ScopedDb, Tx } from '../db/types.js';
import { type LogScope, withScope } from '../log/logger.js';
import type { OpenSpan } from '../tracing/tracing.js';
import { type IdempotencyKey, writeOnce } from './idempotency.js';
import type { RoutePlan } from './plan.js';
import { platformTenant } from './platform-tenant.js';
import type { StartRequestSpan } from './request-span.js';
import type { CallCtx, Ctx, Principal, TenantRef } from './types.js';

/** What the server lends to every request. */
export interface Lent<T extends TenantRef> {
  readonly log: Logger;
  readonly clock: () => number;
  readonly newId: () => string;
  /** Null: no tracing. */
  readonly startSpan: StartRequestSpan | null;
  /** For a call of this contract: a tenant may have a database for each kind of work. */
  readonly openDb: (tenant: T, scope: Scope, stats: DbStats, contract: Contract) => ScopedDb;
}

/**
 * One request from its first hook to its log line, and the `ctx` that services see. One object, its members filled in
 * on the way; the logger and the database are made when something asks for them.
 */
export class Exchange<T extends TenantRef = TenantRef> implements Ctx<T>, CallCtx {
  readonly correlationId: string;
  /** What this request causes is caused by: its own span where there is tracing, else what came along. */
  readonly traceparent: string | null;
  readonly span: OpenSpan | null;
  readonly ip: string | null;
  readonly startedAtMs = performance.now();
  readonly plan: RoutePlan;
  principal: Principal | null = null;
  organizationId: string | null = null;
  workspaceId: string | null = null;
  ifMatch: number | null = null;
  idempotencyKey: IdempotencyKey | null = null;
  /** Milliseconds since 1970 when the request came in; checks of one request agree on the time. */
  readonly nowMs: number;
  /** Milliseconds since 1970 when the token ends; null: there is none. */
  expiresAtMs: number | null = null;
  /** Of an event stream, which lasts longer: fails as the guard would refuse it now. A promise if keys must be asked for. */
  guardAgain: ((nowMs: number) => Promise<void> | undefined) | null = null;
  /** The answer is an event stream, which tells of its own end. */
  isStreaming = false;
  readonly stats: DbStats = { queries: 0, roundTrips: 0, waitedMs: 0 };
  #lent: Lent<T>;
  #tenant: T | null = null;
  #log: Logger | null = null;
  #db: ScopedDb | null = null;
  #written = false;

  constructor(lent: Lent<T>, plan: RoutePlan, call: Pick<CallCtx, 'correlationId' | 'traceparent' | 'ip'>) {
    this.#lent = lent;
    this.plan = plan;
    this.correlationId = call.correlationId;
    this.span = lent.startSpan === null ? null : lent.startSpan(plan, call.traceparent);
    this.traceparent = this.span === null ? call.traceparent : this.span.traceparent;
    this.ip = call.ip;
    this.nowMs = lent.clock();
  }

  /** Services are only reached with a tenant; asking for one before is a fault of the server. */
  get tenant(): T {
    if (this.#tenant === null) throw new Error('This endpoint belongs to no tenant');
    return this.#tenant;
  }

  set tenant(tenant: T) {
    this.#tenant = tenant;
  }

  get tenantId(): string | null {
    return this.#tenant === null ? null : this.#tenant.id;
  }

  get logScope(): LogScope {
    const { principal } = this;
    return {
      correlationId: this.correlationId,
      tenantId: this.#tenant === null || this.#tenant.id === platformTenant.id ? null : this.#tenant.id,
      context:
        principal === null
          ? null
          : { organization_id: this.organizationId, workspace_id: this.workspaceId, user_id: principal.id },
    };
  }

  get log(): Logger {
    this.#log ??= withScope(this.#lent.log, this.logScope);
    return this.#log;
  }

  get db(): ScopedDb {
    this.#db ??= this.#lent.openDb(
      this.tenant,
      { tenantId: this.tenant.id, organizationId: this.organizationId, workspaceId: this.workspaceId },
      this.stats,
      this.plan.contract,
    );
    return this.#db;
  }

  enter(scope: { readonly organizationId: string; readonly workspaceId: string | null }): void {
    // A verified token has its context: nothing that a caller sends may move it.
    if (this.plan.access !== 'public' || this.principal !== null) throw new Error('Only a public endpoint is entered');
    if (this.#db !== null) throw new Error('The scope is in use');
    this.organizationId = scope.organizationId;
    this.workspaceId = scope.workspaceId;
  }

  now(): Date {
    return new Date(this.#lent.clock());
  }

  newId(): string {
    return this.#lent.newId();
  }

  async write<R>(work: (tx: Tx) => Promise<R>): Promise<R> {
    if (this.#written) throw new Error('A request writes once');
    this.#written = true;
    const { db, idempotencyKey } = this;
    return idempotencyKey === null ? db.transaction(work) : writeOnce(db, idempotencyKey, work);
  }
}
