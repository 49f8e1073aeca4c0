import type { AccessVerifier, ServiceVerifier } from '@platen/chassis/auth/principals';
import type { OutboxDatabase } from '@platen/chassis/bus/outbox-service';
import { createTokenBuckets, type RateLimit, type RateLimits, rateLimit } from '@platen/chassis/cache/token-buckets';
import type { DbStats, Scope, ScopedDb } from '@platen/chassis/db/types';
import type { Cursors } from '@platen/chassis/http/cursor';
import { addStreamMetrics, type Metrics } from '@platen/chassis/http/metrics';
import type { Readiness } from '@platen/chassis/http/readiness';
import { createInternalServer, createServer, type ServerOptions } from '@platen/chassis/http/server';
import type { Logger } from '@platen/chassis/log/logger';
import type { Tracing } from '@platen/chassis/tracing/tracing';
import { listContracts, type RateClass } from '@platen/schema/contract';
import { dataContracts } from '@platen/schema/contracts/data/index';
import { dataInternalContracts } from '@platen/schema/contracts/internal/index';
import type { FastifyInstance } from 'fastify';
import { type Activity, createActivity } from './activity.js';
import type { DueLine } from './due-work/due-work.js';
import type { FeedReader } from './feed/store.js';
import { hasModule, isOpenContext, type Tenant } from './feed/tenant.js';
import { boardEventsModule } from './modules/board-events/index.js';
import { catalogModule } from './modules/catalog/index.js';
import { customersModule } from './modules/customers/index.js';
import { type DeconetworkSettings, deconetworkModule, requireDnRetry } from './modules/deconetwork/index.js';
import { createEventFeed } from './modules/event-streams/index.js';
import { exportsModule, requireExportedList } from './modules/exports/index.js';
import {
  createPictures,
  createReadPicture,
  deleteOwnedFiles,
  type FileSettings,
  filesModule,
  purgeFiles,
} from './modules/files/index.js';
import { inventoryModule } from './modules/inventory/index.js';
import { jobFilesModule } from './modules/job-files/index.js';
import { jobsModule } from './modules/jobs/index.js';
import { mockupsModule } from './modules/mockups/index.js';
import type { Background, Module } from './modules/module.js';
import { ordersModule } from './modules/orders/index.js';
import { type Linter, pricingModule, pricingServiceOf } from './modules/pricing/index.js';
import type { Printer } from './modules/printing/index.js';
import { productionModule } from './modules/production/index.js';
import { purchasingModule } from './modules/purchasing/index.js';
import { type QuoteLinks, quotesModule } from './modules/quotes/index.js';
import { repricingModule, requireRepricingRetry } from './modules/repricing/index.js';
import { suppliersModule } from './modules/suppliers/index.js';
import {
  createDeviceGuard,
  type DeviceGuard,
  type SystemTelemetryDatabase,
  telemetryModule,
} from './modules/telemetry/index.js';
import { tenantLifecycleModule } from './modules/tenant-lifecycle/index.js';
import { withoutDatabaseKeys } from './readiness.js';
import type { Catalogue } from './routing/catalogue.js';

/** Everything long-lived that requests use. Isolation tests replace single layers here; no setting does. */
export interface AppDeps {
  readonly production: boolean;
  readonly log: Logger;
  readonly feed: FeedReader;
  readonly accessVerifier: AccessVerifier;
  readonly serviceVerifier: ServiceVerifier;
  readonly cursors: Cursors;
  readonly quoteLinks: QuoteLinks;
  readonly printer: Printer;
  readonly linter: Linter;
  readonly files: FileSettings;
  readonly deconetwork: DeconetworkSettings;
  /** The router: the tenant's own database, in this scope. */
  readonly openDb: (tenant: Tenant, scope: Scope, stats?: DbStats) => ScopedDb;
  /** The same for its telemetry database. */
  readonly openTelemetryDb: (tenant: Tenant, scope: Scope, stats?: DbStats) => ScopedDb;
  /** The databases by key, for what concerns them rather than a request. Default: none. */
  readonly catalogue?: Catalogue;
  /** Whose outboxes are sequenced here, for streams of their events. Default: none. */
  readonly outboxes?: readonly OutboxDatabase[];
  /** Whose readings are rolled up here, and whose storage is looked after. Default: none. */
  readonly telemetryDatabases?: readonly SystemTelemetryDatabase[];
  /** Called when work has come due at once; it is found without, some seconds later. */
  readonly wakeDueWork?: () => void;
  readonly eventStreams?: ServerOptions<Tenant>['eventStreams'];
  readonly isFeatureEnabled: (flag: string) => boolean;
  readonly readiness: () => Readiness;
  /** Modules with dependencies of their own. */
  readonly modules?: readonly Module[];
  readonly metrics?: Metrics;
  readonly tracing?: Tracing | null;
  readonly limits?: RateLimits;
  readonly devOriginPorts?: readonly number[];
  readonly trustedProxies?: readonly string[];
  readonly clock?: () => number;
  readonly newId?: () => string;
  /** Default: the feed's hosts. */
  readonly resolveTenant?: ServerOptions<Tenant>['resolveTenant'];
  /** Default: the token's tenant is the host's. */
  readonly isTenantsToken?: ServerOptions<Tenant>['isTenantsToken'];
}

/** The listener at tenants' hosts, and the one for our own processes. */
export interface App {
  readonly tenant: FastifyInstance;
  readonly internal: FastifyInstance;
  /** What its modules do when its time has come: for whoever looks after that. */
  readonly dueWork: readonly DueLine[];
  /** What they do beside requests: nothing of it runs before somebody starts it. */
  readonly background: readonly Background[];
}

/** Each module's one line. */
function listModules(deps: AppDeps, limits: RateLimits, deviceGuard: DeviceGuard, activity: Activity): Module[] {
  const pricing = pricingServiceOf(deps);
  const pictures = createPictures();
  const events = createEventFeed({ ...deps, databases: deps.outboxes ?? [] });
  const printing = { printer: deps.printer, readPicture: createReadPicture(deps.files.storage, pictures) };
  return [
    catalogModule(deps),
    customersModule(deps),
    suppliersModule(deps),
    purchasingModule(deps),
    pricingModule(deps, pricing, deps.linter),
    repricingModule(deps, pricing),
    quotesModule(deps, { pricing, links: deps.quoteLinks, limits, printing }),
    inventoryModule(deps),
    ordersModule(deps, pricing),
    productionModule(deps),
    boardEventsModule(events),
    jobsModule(deps, {
      events,
      wakeDueWork: deps.wakeDueWork ?? (() => undefined),
      storage: deps.files.storage,
      deleteFiles: (db, jobId) => deleteOwnedFiles(deps.files.storage, db, 'job', jobId),
      requireRetry(ctx, job) {
        requireRepricingRetry(ctx, job);
        requireDnRetry(ctx, job);
      },
    }),
    jobFilesModule(deps, deps.files),
    exportsModule(deps),
    mockupsModule(deps, deps.files),
    deconetworkModule(deps, { ...deps.deconetwork, isFeatureEnabled: deps.isFeatureEnabled }),
    telemetryModule({ ...deps, deviceGuard, activity, events }),
    filesModule(deps, { ...deps.files, pictures, requireJobFile: requireExportedList }),
  ];
}

export function buildApp(deps: AppDeps): App {
  const limits = deps.limits ?? createTokenBuckets();
  const deviceGuard = createDeviceGuard({ ...deps, limits });
  const activity = createActivity();
  const modules = [
    ...listModules(deps, limits, deviceGuard, activity),
    tenantLifecycleModule(deps, deps.catalogue ?? new Map(), (tenantId) => purgeFiles(deps.files.storage, tenantId)),
    ...(deps.modules ?? []),
  ];
  const shared = {
    production: deps.production,
    log: deps.log,
    readiness: deps.readiness,
    ...(deps.metrics && { metrics: deps.metrics }),
    tracing: deps.tracing ?? null,
    ...(deps.clock && { clock: deps.clock }),
    ...(deps.newId && { newId: deps.newId }),
  };
  const { feed } = deps;
  const contracts = listContracts(dataContracts);
  const tenant = createServer<Tenant>({
    ...shared,
    contracts,
    documents: {
      name: 'data',
      title: 'Platen data plane',
      description:
        'The work of the shop. Sign in at the control plane, `POST /api/auth/login` at this host: its cookies are good here too.',
    },
    implementations: modules.flatMap((module) => module.implementations),
    readiness: () => withoutDatabaseKeys(deps.readiness()),
    resolveTenant: deps.resolveTenant ?? ((host) => feed.tenantByHost(host)),
    verifier: deps.accessVerifier,
    devices: deviceGuard,
    refusalOf: ({ claims }, { id }) =>
      feed.refusalOf(id, claims) ??
      // No organization: nothing of one is opened, and choosing one is the control plane's.
      (claims.org === null || isOpenContext(feed.organization(id, claims.org), claims.ws)
        ? null
        : 'context_not_allowed'),
    isModuleAvailable: hasModule,
    isFeatureEnabled: deps.isFeatureEnabled,
    limitOf: planLimits(activity),
    onAccessChanged: (listener) => feed.onChanged(listener),
    ...(deps.eventStreams && { eventStreams: deps.eventStreams }),
    openDb: (of, scope, stats, { name }) =>
      (name.startsWith('telemetry.') ? deps.openTelemetryDb : deps.openDb)(of, scope, stats),
    // Refreshing is the control plane's; cookies know no ports, so it may come here all the same.
    dropRefreshCookie: true,
    ...(deps.isTenantsToken && { isTenantsToken: deps.isTenantsToken }),
    limits,
    ...(deps.devOriginPorts && { devOriginPorts: deps.devOriginPorts }),
    ...(deps.trustedProxies && { trustedProxies: deps.trustedProxies }),
  });
  if (deps.metrics) addStreamMetrics(deps.metrics.registry, tenant.eventStreams);
  const internal = createInternalServer({
    ...shared,
    contracts: listContracts(dataInternalContracts),
    implementations: modules.flatMap((module) => module.internal ?? []),
    verifier: deps.serviceVerifier,
    ...(deps.metrics && { exposed: deps.metrics }),
  });
  return {
    tenant,
    internal,
    dueWork: modules.flatMap((module) => module.dueWork ?? []),
    background: modules.flatMap((module) => module.background ?? []),
  };
}

/** The plan's `requests_per_minute`, once for each class of endpoint; one object for each pair, as the guard asks for of every request. */
function planLimits(activity: Activity): (tenant: Tenant, rateClass: RateClass) => RateLimit | null {
  const known = new Map<RateClass, Map<number, RateLimit>>();
  return ({ id, limits: { requests_per_minute: quota } }, rateClass) => {
    activity.note(id);
    if (quota === undefined || quota === null) return null;
    const ofClass = known.get(rateClass) ?? new Map<number, RateLimit>();
    known.set(rateClass, ofClass);
    const limit = ofClass.get(quota) ?? rateLimit(rateClass, quota);
    ofClass.set(quota, limit);
    return limit;
  };
}
