import { fetchKeySet } from '@platen/chassis/auth/fetch-key-set';
import { createAccessVerifier, createServiceVerifier } from '@platen/chassis/auth/principals';
import { inboxSweep } from '@platen/chassis/bus/inbox';
import { addLetterMetrics } from '@platen/chassis/bus/letters-metrics';
import { addOutboxMetrics } from '@platen/chassis/bus/outbox-metrics';
import { outboxSweep } from '@platen/chassis/bus/outbox-sweep';
import { startRelays } from '@platen/chassis/bus/relays';
import { openSharedState } from '@platen/chassis/cache/shared-state';
import { startSweeps } from '@platen/chassis/db/sweeps';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { createCursors } from '@platen/chassis/http/cursor';
import { idempotencySweep } from '@platen/chassis/http/idempotency-sweep';
import { createMetrics } from '@platen/chassis/http/metrics';
import { createLifecycle } from '@platen/chassis/lifecycle/lifecycle';
import { startOrExit } from '@platen/chassis/lifecycle/start-or-exit';
import { createLogger } from '@platen/chassis/log/logger';
import { startTracing } from '@platen/chassis/tracing/start-tracing';
import { eventSources } from '@platen/schema/events/cloud-event';
import { createInternalClient } from '@platen/sdk/internal';
import { v7 as uuidv7 } from 'uuid';
import { buildApp } from './app.js';
import { type Config, readConfig } from './config.js';
import { createDueWork } from './due-work/due-work.js';
import { controlClientOf } from './feed/control-client.js';
import { openFeedDisk } from './feed/disk.js';
import { FeedFollower } from './feed/follower.js';
import { createKeySource } from './feed/key-source.js';
import { FeedStore } from './feed/store.js';
import { addMetrics } from './metrics.js';
import { streamedTopics } from './modules/board-events/index.js';
import { addJobMetrics } from './modules/jobs/index.js';
import { startDataOutbox } from './modules/outbox/index.js';
import { createLinter } from './modules/pricing/index.js';
import { createPrinter } from './modules/printing/index.js';
import { createQuoteLinks } from './modules/quotes/index.js';
import { readReadiness } from './readiness.js';
import { createRouter } from './routing/router.js';
import { openStorage } from './storage/open-storage.js';

/** Reads of the outbox are short; writes of it are the application role's. */
const systemPoolSize = 3;

async function serve(config: Config): Promise<void> {
  const log = createLogger({ service: 'data-plane', level: config.logLevel });
  const lifecycle = createLifecycle({ log, drainMs: config.drainMs });
  lifecycle.handleSignals();
  const { tracing } = await lifecycle.start(
    'tracing',
    () => startTracing(config.tracing, log),
    (started) => started.stop(),
  );
  const store = new FeedStore({ baseDomain: config.baseDomain, now: Date.now });
  const router = await lifecycle.start(
    'databases',
    () => createRouter({ catalogue: config.catalogue, log }),
    (started) => started.close(),
  );
  const systemDatabases = await lifecycle.start(
    'system databases',
    () =>
      [...config.catalogue].map(([key, { kind, system_url: systemUrl }]) => ({
        key,
        kind,
        systemUrl,
        system: systemDatabase({ name: key, url: systemUrl, poolSize: systemPoolSize }),
      })),
    (started) => Promise.all(started.map(({ system }) => system.close())),
  );
  const outbox = await lifecycle.start(
    'outbox',
    () => startDataOutbox({ databases: systemDatabases, log }),
    (started) => started.stop(),
  );
  const metrics = createMetrics();
  addOutboxMetrics(metrics.registry, outbox.databases);
  addLetterMetrics(metrics.registry, outbox.databases);
  addJobMetrics(
    metrics.registry,
    systemDatabases.filter(({ kind }) => kind === 'erp'),
  );
  // Stopped after the listeners: what their last requests wrote is relayed too.
  await lifecycle.start(
    'relay',
    () =>
      startRelays({
        settings: config.relay,
        databases: outbox.databases,
        eventSource: eventSources.dataPlane,
        log,
        registry: metrics.registry,
        tracing,
      }),
    (started) => started.stop(),
  );
  const follower = await lifecycle.start(
    'feed',
    async () => {
      const client = controlClientOf(createInternalClient({ ...config.control, contracts: 'control', maxTries: 1 }));
      const disk = await openFeedDisk(config.feedFolder);
      const started = new FeedFollower({ store, disk, client, log, instanceId: uuidv7(), databases: router.databases });
      await started.start();
      return started;
    },
    (started) => started.stop(),
  );
  const keys = createKeySource({ store, fetchKeys: () => fetchKeySet({ url: config.keySetUrl }), log });
  const verification = { keys, issuer: config.tokenIssuer };
  const shared = await lifecycle.start(
    'shared state',
    () => openSharedState({ redisUrl: config.redisUrl, service: 'data-plane', log, registry: metrics.registry }),
    (started) => started.close(),
  );
  const storage = await lifecycle.start(
    'storage',
    () => openStorage(config.storage),
    (started) => started.close(),
  );
  const printer = await lifecycle.start(
    'printer',
    () => createPrinter(),
    (started) => started.close(),
  );
  const linter = await lifecycle.start(
    'linter',
    () => createLinter(),
    (started) => started.close(),
  );
  const dueWork = createDueWork({
    databases: systemDatabases,
    feed: store,
    openDb: router.open,
    openTelemetryDb: router.openTelemetry,
    log,
  });
  const app = buildApp({
    ...config,
    log,
    tracing,
    feed: store,
    accessVerifier: createAccessVerifier(verification),
    serviceVerifier: createServiceVerifier(verification),
    cursors: createCursors(config.cursorSecret),
    quoteLinks: createQuoteLinks(config.quoteLinks),
    printer,
    linter,
    files: { storage, maxFileBytes: config.maxFileBytes },
    limits: shared.limits,
    openDb: router.open,
    openTelemetryDb: router.openTelemetry,
    modules: [outbox.module],
    outboxes: outbox.databases,
    telemetryDatabases: systemDatabases.filter(({ kind }) => kind === 'telemetry'),
    wakeDueWork: dueWork.wake,
    metrics: addMetrics(metrics, follower, router),
    readiness: () => readReadiness(follower.status(), router, lifecycle.isDraining),
  });
  lifecycle.onDraining(() => {
    app.tenant.endConnections();
    app.internal.endConnections();
  });
  await lifecycle.start(
    'internal listener',
    () => app.internal.listen(config.listenInternal),
    () => app.internal.close(),
  );
  // Stopped before the listener, whose close waits for every answer.
  await lifecycle.start(
    'long polls',
    () => outbox,
    (started) => started.endPolls(),
  );
  const url = await lifecycle.start(
    'listener',
    () => app.tenant.listen(config.listen),
    () => app.tenant.close(),
  );
  await lifecycle.start(
    'due work',
    () => dueWork.start(app.dueWork),
    () => dueWork.stop(),
  );
  for (const background of app.background) {
    await lifecycle.start(
      background.name,
      () => background.start(),
      () => background.stop(),
    );
  }
  await lifecycle.start(
    'retention',
    () =>
      systemDatabases.map(({ system: db }) =>
        startSweeps({
          db,
          sweeps: [idempotencySweep, inboxSweep, outboxSweep({ streamedTopics, isRelayed: config.relay !== null })],
          log,
        }),
      ),
    (started) => Promise.all(started.map((sweeps) => sweeps.stop())),
  );
  log.info({ url }, 'data plane listens');
}

await startOrExit('data-plane', () => serve(readConfig(process.env)));
