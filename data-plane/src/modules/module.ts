import type { DbStats, Scope, ScopedDb } from '@platen/chassis/db/types';
import type { Cursors } from '@platen/chassis/http/cursor';
import { implementer } from '@platen/chassis/http/implement';
import type { Ctx, Implementation, SiteImplementation } from '@platen/chassis/http/types';
import type { DueLine } from '../due-work/due-work.js';
import type { FeedReader } from '../feed/store.js';
import type { Tenant } from '../feed/tenant.js';

/** What `app.ts` hands to every module. */
export interface ModuleDeps {
  readonly feed: FeedReader;
  readonly cursors: Cursors;
  /** For internal endpoints, which name their scope: enters it in the tenant's own database. Requests have `ctx.db`. */
  readonly openDb: (tenant: Tenant, scope: Scope, stats?: DbStats) => ScopedDb;
  /** The same for its telemetry database, which `ctx.db` of the contracts `telemetry.*` is. */
  readonly openTelemetryDb: (tenant: Tenant, scope: Scope, stats?: DbStats) => ScopedDb;
}

/** The endpoints of a noun: at tenants' hosts, and on the internal listener. */
export interface Module {
  readonly implementations: readonly Implementation<Tenant>[];
  readonly internal?: readonly SiteImplementation[];
  /** What it does when its time has come. */
  readonly dueWork?: readonly DueLine[];
  /** What it does beside requests, from when the plane listens until it no longer does. */
  readonly background?: readonly Background[];
}

export interface Background {
  /** For the log. */
  readonly name: string;
  start(): void;
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

/** The context of a request at a tenant's host. */
export type TenantCtx = Ctx<Tenant>;

/** What work on documents needs of it: a worker's call names the same. */
export type WorkCtx = Pick<
  TenantCtx,
  'tenant' | 'organizationId' | 'workspaceId' | 'correlationId' | 'traceparent' | 'now' | 'newId'
>;

/** The same for what a person answers for: a request's user, or whoever asked for the job that is done here. */
export type ActorCtx = WorkCtx & Pick<TenantCtx, 'ifMatch'> & { readonly principal: { readonly id: string } | null };

export const implement = implementer<Tenant>();
