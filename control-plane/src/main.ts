import { addLetterMetrics } from '@platen/chassis/bus/letters-metrics';
import { addOutboxMetrics } from '@platen/chassis/bus/outbox-metrics';
import { startOutbox } from '@platen/chassis/bus/outbox-pull';
import { outboxSweep } from '@platen/chassis/bus/outbox-sweep';
import { startRelays } from '@platen/chassis/bus/relays';
import { openSharedState } from '@platen/chassis/cache/shared-state';
import { openDatabase } from '@platen/chassis/db/database';
import { addPoolMetrics } from '@platen/chassis/db/pool-metrics';
import { startSweeps } from '@platen/chassis/db/sweeps';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { idempotencySweep } from '@platen/chassis/http/idempotency-sweep';
import { createMetrics } from '@platen/chassis/http/metrics';
import { createLifecycle } from '@platen/chassis/lifecycle/lifecycle';
import { startOrExit } from '@platen/chassis/lifecycle/start-or-exit';
import { createLogger } from '@platen/chassis/log/logger';
import { startTracing } from '@platen/chassis/tracing/start-tracing';
import { eventSources } from '@platen/schema/events/cloud-event';
import { buildApp } from './app.js';
import { type Config, readConfig } from './config.js';
import { accountMailSweep } from './modules/account-mails/index.js';
import { auditHeadLog } from './modules/audit/index.js';
import { createPasswordPool, sessionSweeps } from './modules/auth/index.js';
import { createTxtResolver } from './modules/domains/index.js';
import { feedSweep, instanceSweep } from './modules/feed/index.js';
import { keySweep } from './modules/keys/index.js';
import { platformSessionSweeps } from './modules/platform-auth/index.js';

async function run(config: Config): Promise<void> {
  const log = createLogger({ service: 'control-plane', level: config.LOG_LEVEL });
  const lifecycle = createLifecycle({ log, drainMs: config.DRAIN_TIME });
  lifecycle.handleSignals();
  const { tracing } = await lifecycle.start(
    'tracing',
    () => startTracing(config.tracing, log),
    (started) => started.stop(),
  );
  const tenantDb = await lifecycle.start(
    'database',
    () => openDatabase({ name: 'control', url: config.CONTROL_DB_URL, poolSize: config.CONTROL_DB_POOL_SIZE }),
    (database) => database.close(),
  );
  const platformDb = await lifecycle.start(
    'platform database',
    () =>
      systemDatabase({
        name: 'control-platform',
        url: config.CONTROL_PLATFORM_DB_URL,
        poolSize: config.CONTROL_PLATFORM_DB_POOL_SIZE,
      }),
    (database) => database.close(),
  );
  const outbox = await lifecycle.start(
    'outbox',
    () =>
      startOutbox({
        databases: [{ key: 'control', systemUrl: config.CONTROL_PLATFORM_DB_URL, system: platformDb }],
        eventSource: eventSources.controlPlane,
        log,
      }),
    (started) => started.stop(),
  );
  const metrics = createMetrics();
  addOutboxMetrics(metrics.registry, outbox.databases);
  addLetterMetrics(metrics.registry, outbox.databases);
  addPoolMetrics(metrics.registry, () => [tenantDb.state()]);
  // Stopped after the listeners: what their last requests wrote is relayed too.
  await lifecycle.start(
    'relay',
    () =>
      startRelays({
        settings: config.relay,
        databases: outbox.databases,
        eventSource: eventSources.controlPlane,
        log,
        registry: metrics.registry,
        tracing,
      }),
    (started) => started.stop(),
  );
  const passwords = await lifecycle.start(
    'password threads',
    () => createPasswordPool({ threads: config.PASSWORD_THREADS, maxQueue: config.PASSWORD_QUEUE }),
    (pool) => pool.close(),
  );
  const shared = await lifecycle.start(
    'shared state',
    () => openSharedState({ redisUrl: config.REDIS_URL, service: 'control-plane', log, registry: metrics.registry }),
    (started) => started.close(),
  );
  const app = await lifecycle.start(
    'app',
    () =>
      buildApp({
        tenantDb,
        platformDb,
        passwords,
        outbox,
        dns: createTxtResolver({ servers: config.DNS_SERVERS, timeoutMs: config.DNS_TIMEOUT }),
        log,
        metrics,
        tracing,
        cache: shared.cache,
        limits: shared.limits,
        isDraining: () => lifecycle.isDraining,
        isFeatureEnabled: config.isFeatureEnabled,
        settings: {
          production: config.production,
          issuer: config.TOKEN_ISSUER,
          baseDomain: config.BASE_DOMAIN,
          keyEncryptionKey: config.KEY_ENCRYPTION_KEY,
          devOriginPorts: config.DEV_ORIGIN_PORTS,
          // The front end's, where there is one.
          devLinkPort: config.DEV_ORIGIN_PORTS[0] ?? config.CONTROL_PLANE_PORT,
          trustedProxies: config.TRUSTED_PROXIES,
          authRequestsPerMinute: config.AUTH_REQUESTS_PER_MINUTE,
          dataInternalUrl: config.DATA_INTERNAL_URL,
          deletionGraceMs: config.TENANT_DELETION_GRACE,
          defaultTelemetryDbKey: config.DEFAULT_TELEMETRY_DB || null,
        },
      }),
    (built) => built.close(),
  );
  lifecycle.onDraining(() => {
    app.tenant.endConnections();
    app.internal.endConnections();
  });
  await app.start();
  await app.internal.listen({ host: config.CONTROL_INTERNAL_HOST, port: config.CONTROL_INTERNAL_PORT });
  await app.tenant.listen({ host: config.CONTROL_PLANE_HOST, port: config.CONTROL_PLANE_PORT });
  await lifecycle.start(
    'retention',
    () =>
      startSweeps({
        db: platformDb,
        sweeps: [
          idempotencySweep,
          ...sessionSweeps,
          ...platformSessionSweeps,
          feedSweep,
          accountMailSweep,
          outboxSweep({ isRelayed: config.relay !== null }),
          instanceSweep,
          keySweep,
          auditHeadLog(log, new Date()),
        ],
        log,
      }),
    (sweeps) => sweeps.stop(),
  );
  const startMs = Math.round(process.uptime() * 1000);
  log.info(
    { port: config.CONTROL_PLANE_PORT, internal_port: config.CONTROL_INTERNAL_PORT, start_ms: startMs },
    'serving',
  );
}

await startOrExit('control-plane', () => run(readConfig(process.env)));
