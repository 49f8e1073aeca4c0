import { type AccessToken, createAccessVerifier, createServiceVerifier } from '@platen/chassis/auth/principals';
import type { Outbox } from '@platen/chassis/bus/outbox-pull';
import { type Cache, createMemoryCache } from '@platen/chassis/cache/cache';
import { type RateLimit, type RateLimits, rateLimit } from '@platen/chassis/cache/token-buckets';
import type { Database } from '@platen/chassis/db/database';
import type { SystemDatabase } from '@platen/chassis/db/system-database';
import { createCursors } from '@platen/chassis/http/cursor';
import { addStreamMetrics, type Metrics } from '@platen/chassis/http/metrics';
import type { Readiness } from '@platen/chassis/http/readiness';
import { createInternalServer, createServer } from '@platen/chassis/http/server';
import type { Logger } from '@platen/chassis/log/logger';
import type { Tracing } from '@platen/chassis/tracing/tracing';
import { listContracts, type RateClass } from '@platen/schema/contract';
import { controlContracts } from '@platen/schema/contracts/control/index';
import { controlInternalContracts } from '@platen/schema/contracts/internal/index';
import { platformContracts } from '@platen/schema/contracts/platform/index';
import type { FastifyInstance } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { accessReviewRoutes, createExplainService, createPreviewService } from './modules/access-review/index.js';
import { accountMailRoutes, createAccountMailService, createAccountMails } from './modules/account-mails/index.js';
import { apiKeyRoutes, createApiKeyService, createKeyExchange } from './modules/api-keys/index.js';
import { auditRoutes, createAuditService, platformAuditRoutes } from './modules/audit/index.js';
import {
  authRoutes,
  createAuthService,
  createSecondFactor,
  createSessionIssuer,
  createThrottles,
  type PasswordPool,
  sessionCookies,
} from './modules/auth/index.js';
import { availabilityRoutes, createAvailabilityService } from './modules/availability/index.js';
import { contextRoutes, createContextService } from './modules/context/index.js';
import { createDomainService, domainRoutes, type TxtResolver } from './modules/domains/index.js';
import {
  createFeedService,
  createHeartbeat,
  deleteInstance,
  type FeedService,
  feedRoutes,
  type Heartbeat,
  listenForChanges,
} from './modules/feed/index.js';
import { createAcceptInvitation, createInvitationService, invitationRoutes } from './modules/invitations/index.js';
import {
  createKeyring,
  createKeyService,
  createTextCipher,
  deriveKey,
  type Keyring,
  keyRoutes,
  keySetRoutes,
  signingKeyRoutes,
} from './modules/keys/index.js';
import { createMenuService, menuRoutes } from './modules/menu/index.js';
import {
  createOrganizationService,
  createSettingsService,
  createWorkspaceService,
  organizationRoutes,
} from './modules/organizations/index.js';
import { createPermissionOverrideService, permissionOverrideRoutes } from './modules/permission-overrides/index.js';
import { permissionRoutes } from './modules/permissions/index.js';
import {
  createPlanPreviewService,
  createPlanService,
  createProductService,
  planRoutes,
} from './modules/plans/index.js';
import { adminRoutes, createAdminService } from './modules/platform-admins/index.js';
import {
  createPlatformAuthService,
  createPlatformGuardRules,
  createPlatformSessionIssuer,
  platformAuthRoutes,
} from './modules/platform-auth/index.js';
import { dataPlaneRoutes } from './modules/platform-data-planes/index.js';
import {
  createTenantDatabasesClient,
  createTenantService,
  createTenantUserService,
  createTenantWork,
  platformTenantRoutes,
  type TenantDatabasesClient,
} from './modules/platform-tenants/index.js';
import { createRoleService, roleRoutes } from './modules/roles/index.js';
import { createServiceAccountService, serviceAccountRoutes } from './modules/service-accounts/index.js';
import { createServiceTokens, serviceTokenRoutes } from './modules/service-tokens/index.js';
import { createStoreService, storeRoutes, tenantHostRoutes } from './modules/stores/index.js';
import { createTenantEnablementService, tenantEnablementRoutes } from './modules/tenant-enablement/index.js';
import {
  createDirectory,
  type Directory,
  type Follower,
  followFeed,
  hasModule,
  type TenantEntry,
} from './modules/tenants/index.js';
import { createUserRoleService, userRoleRoutes } from './modules/user-roles/index.js';
import { createUserAccessService, createUserService, userRoutes } from './modules/users/index.js';

export interface AppDeps {
  /** As `control_tenant`. */
  readonly tenantDb: Database;
  /** As `control_platform`. */
  readonly platformDb: SystemDatabase;
  readonly passwords: PasswordPool;
  /** Of this database: whoever made it stops it, after `close`. */
  readonly outbox: Pick<Outbox, 'implementations' | 'endPolls'>;
  /** Where tenants prove their domains. */
  readonly dns: TxtResolver;
  readonly log: Logger;
  readonly metrics?: Metrics;
  readonly tracing?: Tracing | null;
  readonly isDraining?: () => boolean;
  /** Default: of this instance alone. */
  readonly cache?: Cache;
  /** Default: of this instance alone. */
  readonly limits?: RateLimits;
  /** Feature flags of the installation. */
  readonly isFeatureEnabled: (flag: string) => boolean;
  /** Default: the data plane at `dataInternalUrl`. */
  readonly tenantDatabases?: TenantDatabasesClient;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** Is this token for the tenant that the host names? Default: its `tid` is the tenant's id. */
  readonly isTenantsToken?: (token: AccessToken, tenant: TenantEntry) => boolean;
  readonly settings: AppSettings;
}

export interface AppSettings {
  readonly production: boolean;
  readonly issuer: string;
  readonly baseDomain: string;
  /** 32 bytes in base64. */
  readonly keyEncryptionKey: string;
  readonly devOriginPorts: readonly number[];
  /** Port of links in mails on a developer's machine. */
  readonly devLinkPort: number;
  readonly trustedProxies: readonly string[];
  readonly authRequestsPerMinute: number;
  /** A data plane's internal listener. */
  readonly dataInternalUrl: string;
  /** How long a tenant's deletion can be taken back. */
  readonly deletionGraceMs: number;
  /** Of a new tenant that names none; null: it has no telemetry. */
  readonly defaultTelemetryDbKey: string | null;
}

export interface App {
  /** At tenants' hosts. */
  readonly tenant: FastifyInstance;
  /** For our own processes. */
  readonly internal: FastifyInstance;
  readonly feed: FeedService;
  /** Resolves when tenants and keys are in memory, or at once if the database is away: readiness tells then. */
  start(): Promise<void>;
  /** Databases and the password pool are left to whoever made them. */
  close(): Promise<void>;
}

export function buildApp(deps: AppDeps): App {
  const { settings, log, platformDb, tenantDb } = deps;
  const { issuer, production } = settings;
  const clock = deps.clock ?? Date.now;
  const cache = deps.cache ?? createMemoryCache();
  const cipher = createTextCipher(deriveKey(settings.keyEncryptionKey, 'signing-keys'));
  const keyring = createKeyring({ db: platformDb, cipher, clock, onChange: () => heartbeat.now() });
  const directory = createDirectory(settings.baseDomain);
  const wakeUp = listenForChanges(platformDb, log);
  const feed = createFeedService({ db: platformDb, wakeUp });
  const follower = follow({ feed, directory, keyring, log, clock });
  const heartbeat = reportSelf({ db: platformDb, feed, follower, keyring, log });
  const readiness = () => describeReadiness({ keyring, follower, isDraining: deps.isDraining ?? (() => false) });
  const verifier = createAccessVerifier({ keys: keyring, issuer });
  const cookies = sessionCookies(production);
  const issueSession = createSessionIssuer({ keyring, issuer });
  const mailCipher = createTextCipher(deriveKey(settings.keyEncryptionKey, 'account-mails'));
  const links = { production, devPort: settings.devLinkPort };
  const refreshKey = deriveKey(settings.keyEncryptionKey, 'refresh-tokens');
  const cursors = createCursors(deriveKey(settings.keyEncryptionKey, 'cursors'));
  const audit = createAuditService({ cursors });
  const domains = createDomainService({ baseDomain: settings.baseDomain, dns: deps.dns });
  const stores = createStoreService();
  const mails = createAccountMails({ cipher: mailCipher });
  const throttles = createThrottles({ key: deriveKey(settings.keyEncryptionKey, 'sign-in-throttles') });
  const secondFactor = createSecondFactor({
    cipher: createTextCipher(deriveKey(settings.keyEncryptionKey, 'second-factors')),
    key: deriveKey(settings.keyEncryptionKey, 'recovery-codes'),
  });
  const auth = createAuthService({
    passwords: deps.passwords,
    issueSession,
    refreshKey,
    cursors,
    mails,
    throttles,
    secondFactor,
  });
  const shared = {
    log,
    production,
    readiness,
    clock,
    trustedProxies: settings.trustedProxies,
    ...(deps.metrics === undefined ? {} : { metrics: deps.metrics }),
    tracing: deps.tracing ?? null,
  };

  const platform = createPlatformGuardRules({
    db: platformDb,
    keys: keyring,
    issuer,
    baseDomain: settings.baseDomain,
    authLimit: rateLimit('auth', settings.authRequestsPerMinute),
  });
  const platformAuth = createPlatformAuthService({
    passwords: deps.passwords,
    issueSession: createPlatformSessionIssuer({ keyring, issuer }),
    refreshKey,
    throttles,
    secondFactor,
  });
  const platformCookies = sessionCookies(production, 'platform');

  const databases =
    deps.tenantDatabases ?? createTenantDatabasesClient({ baseUrl: settings.dataInternalUrl, keyring, issuer, clock });
  const tenantWork = createTenantWork({ db: platformDb, databases, mails, log, clock });
  const tenantService = createTenantService({
    cursors,
    baseDomain: settings.baseDomain,
    deletionGraceMs: settings.deletionGraceMs,
    defaultTelemetryDbKey: settings.defaultTelemetryDbKey,
    databases,
    wakeWork: tenantWork.wake,
  });

  const contracts = [...listContracts(controlContracts), ...listContracts(platformContracts)];
  const tenant = createServer<TenantEntry>({
    ...shared,
    contracts,
    documents: {
      name: 'control',
      title: 'Platen control plane',
      description:
        'Who may do what, and where. Sign in with the first endpoint below: the session lives in cookies that the page sends along, here and on the data plane.',
    },
    implementations: [
      ...authRoutes({ service: auth, cookies, verifier }),
      ...contextRoutes({
        service: createContextService({ issueSession }),
        setAccessCookie: (reply, access) => cookies.set(reply, { access }),
      }),
      ...menuRoutes(createMenuService({ isFeatureEnabled: deps.isFeatureEnabled, cache })),
      ...availabilityRoutes(createAvailabilityService(deps)),
      ...userRoutes({ ...createUserService({ cursors }), ...createUserAccessService() }),
      ...invitationRoutes({
        service: createInvitationService({ cursors, mails }),
        accept: createAcceptInvitation({ passwords: deps.passwords, issueSession }),
        cookies,
      }),
      ...apiKeyRoutes({
        service: createApiKeyService({ cursors }),
        exchange: createKeyExchange({ keyring, issuer, throttles }),
      }),
      ...userRoleRoutes(createUserRoleService({ cursors })),
      ...roleRoutes(createRoleService({ cursors })),
      ...permissionOverrideRoutes(createPermissionOverrideService({ cursors })),
      ...accessReviewRoutes({ ...createExplainService(deps), ...createPreviewService() }),
      ...permissionRoutes({ isModuleAvailable: hasModule }),
      ...keyRoutes(keyring),
      ...auditRoutes(audit),
      ...platformAuditRoutes(audit),
      ...signingKeyRoutes(createKeyService({ cipher })),
      ...organizationRoutes({
        organizations: createOrganizationService({ cursors }),
        settings: createSettingsService(),
        workspaces: createWorkspaceService({ cursors }),
      }),
      ...domainRoutes(domains, cursors),
      ...storeRoutes(stores, cursors),
      ...tenantHostRoutes({ domains, stores }, cursors),
      ...planRoutes({
        plans: createPlanService({ cursors }),
        previews: createPlanPreviewService(),
        products: createProductService(deps),
      }),
      ...tenantEnablementRoutes(createTenantEnablementService(deps)),
      ...platformAuthRoutes({ service: platformAuth, cookies: platformCookies, verifier: platform.verifier }),
      ...adminRoutes(createAdminService({ cursors, passwords: deps.passwords })),
      ...serviceAccountRoutes(createServiceAccountService({ cursors })),
      ...dataPlaneRoutes(),
      ...platformTenantRoutes(tenantService, createTenantUserService({ cursors, mails })),
    ],
    platform,
    verifier,
    resolveTenant: (host) => directory.find(host),
    refusalOf: (token, entry) => directory.refusalOf(token, entry),
    ...(deps.isTenantsToken && { isTenantsToken: deps.isTenantsToken }),
    isModuleAvailable: hasModule,
    isFeatureEnabled: deps.isFeatureEnabled,
    limitOf: createLimits(settings.authRequestsPerMinute),
    ...(deps.limits && { limits: deps.limits }),
    openDb: (_entry, scope, stats) => tenantDb.scoped(scope, stats),
    devOriginPorts: settings.devOriginPorts,
  });

  if (deps.metrics) addStreamMetrics(deps.metrics.registry, tenant.eventStreams);
  const internal = createInternalServer({
    ...shared,
    contracts: listContracts(controlInternalContracts),
    implementations: [
      ...serviceTokenRoutes(createServiceTokens({ db: platformDb, keyring, issuer })),
      ...feedRoutes(feed),
      ...keySetRoutes(keyring),
      ...deps.outbox.implementations,
      ...accountMailRoutes(createAccountMailService({ db: platformDb, cipher: mailCipher, links })),
    ],
    verifier: createServiceVerifier({ keys: keyring, issuer }),
    ...(deps.metrics === undefined ? {} : { exposed: deps.metrics }),
  });

  return {
    tenant,
    internal,
    feed,
    async start() {
      // Compiling schemas holds the process up, and what it connects to meanwhile would seem slow.
      await tenant.ready();
      await internal.ready();
      await follower.start();
      heartbeat.start();
      tenantWork.start();
    },
    async close() {
      // What waits for a change is answered, or closing would wait for it.
      deps.outbox.endPolls();
      await wakeUp.close();
      await Promise.all([tenant.close(), internal.close(), follower.close(), heartbeat.stop(), tenantWork.stop()]);
    },
  };
}

function follow(parts: {
  readonly feed: FeedService;
  readonly directory: Directory;
  readonly keyring: Keyring;
  readonly log: Logger;
  readonly clock: () => number;
}) {
  const { feed, directory, keyring, log, clock } = parts;
  return followFeed({
    source: feed,
    log,
    async replaceAll(entities) {
      directory.replaceAll(entities, clock());
      await keyring.load();
    },
    async apply(entity) {
      directory.apply(entity, clock());
      if (entity.kind === 'signing_keys') await keyring.load();
    },
  });
}

/** Rotation waits for every control plane too: one that lacks the next key could not sign with it. */
function reportSelf(parts: {
  readonly db: SystemDatabase;
  readonly feed: FeedService;
  readonly follower: Pick<Follower, 'position'>;
  readonly keyring: Keyring;
  readonly log: Logger;
}): Heartbeat {
  const { db, feed, follower, keyring, log } = parts;
  const id = uuidv7();
  return createHeartbeat({
    report: async () => {
      const position = follower.position();
      if (position === null) return;
      await feed.reportInstance({
        instance_id: id,
        kind: 'control-plane',
        feed_position: position,
        key_ids: keyring.heldKeyIds(),
      });
    },
    leave: () => deleteInstance(db, id, 'control-plane'),
    log,
  });
}

function describeReadiness(parts: {
  readonly keyring: Keyring;
  readonly follower: { isCurrent(): boolean };
  readonly isDraining: () => boolean;
}): Readiness {
  const dependencies = { database: parts.follower.isCurrent() ? 'ok' : 'degraded' } as const;
  if (parts.isDraining()) return { ready: false, reason: 'shutting down', dependencies };
  if (!parts.follower.isCurrent()) return { ready: false, reason: 'the database is away', dependencies };
  if (!parts.keyring.canSign()) return { ready: false, reason: 'there is no signing key; run db:seed', dependencies };
  return { ready: true, dependencies };
}

/** By the tenant's plan; signing in has a limit of its own, per address. */
function createLimits(authRequestsPerMinute: number) {
  const auth = rateLimit('auth', authRequestsPerMinute);
  const byQuota = new Map<number, RateLimit>();
  return (tenant: TenantEntry, rateClass: RateClass): RateLimit | null => {
    if (rateClass === 'auth') return auth;
    const quota = tenant.limits.requests_per_minute;
    if (quota === undefined || quota === null) return null;
    const limit = byQuota.get(quota) ?? rateLimit('requests', quota);
    byQuota.set(quota, limit);
    return limit;
  };
}
