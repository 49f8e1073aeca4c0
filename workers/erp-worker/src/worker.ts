import type { Logger } from '@platen/chassis/log/logger';
import { traceCalls } from '@platen/chassis/tracing/trace-calls';
import { traceHandler } from '@platen/chassis/tracing/trace-handler';
import type { Tracing } from '@platen/chassis/tracing/tracing';
import {
  type ControlInternalClient,
  createInternalClient,
  createServiceToken,
  type DataInternalClient,
} from '@platen/sdk/internal';
import { createHttpTransport } from '@platen/sdk/transport/http-transport';
import type { Config } from './config.js';
import { ofControlPlane, ofDataPlane, ofJobs, type Subscription } from './handlers/dispatch.js';
import type { Lag } from './health.js';
import { createProcessors } from './jobs/processors.js';
import { createJobRunner } from './jobs/runner.js';
import { openMailProvider } from './mail/mail-config.js';
import { createMailer } from './mail/mailer.js';
import { type Outboxes, openBus } from './open-bus.js';

/** Consumers' names: their positions are kept under them, so they never change. */
const consumer = 'erp-worker';
const jobsConsumer = 'erp-worker.jobs';
/** Those whose jobs wait for a place here, and keep no other kind of event waiting. */
const jobsConcurrency = 16;

export interface Planes {
  readonly controlPlane: ControlInternalClient;
  readonly dataPlane: DataInternalClient;
}

/** One service token for both. */
export function connectPlanes(config: Config, tracing: Tracing | null = null): Planes {
  const transport = traceCalls(createHttpTransport(), tracing);
  const token = createServiceToken({
    transport,
    baseUrl: config.CONTROL_INTERNAL_URL,
    credentials: { clientId: config.SERVICE_CLIENT_ID, clientSecret: config.SERVICE_CLIENT_SECRET },
  });
  return {
    controlPlane: createInternalClient({
      contracts: 'control',
      baseUrl: config.CONTROL_INTERNAL_URL,
      token,
      transport,
    }),
    dataPlane: createInternalClient({ contracts: 'data', baseUrl: config.DATA_INTERNAL_URL, token, transport }),
  };
}

export interface Worker {
  lag(): readonly Lag[];
  stop(): Promise<void>;
}

/** Consumes until stopped; then what is being handled is finished and acknowledged. */
export function startWorker(deps: {
  readonly config: Config;
  readonly planes: Planes;
  readonly log: Logger;
  readonly tracing?: Tracing | null;
}): Worker {
  const { config, planes, log, tracing = null } = deps;
  const system = config.kafka === null ? 'outbox' : 'kafka';
  const stopping = new AbortController();
  const lags = new Map<string, Lag>();
  const provider = openMailProvider(config.mail, { dataDir: config.PLATEN_DATA_DIR, log });
  const mailing = { ...planes, mailer: createMailer({ provider, fromAddress: config.MAIL_FROM_ADDRESS }), log };
  const runner = createJobRunner({
    jobs: planes.dataPlane.jobs,
    processors: createProcessors(planes.dataPlane, config.isFeatureEnabled),
    places: config.WORKER_JOBS,
    tracing,
    leaseSeconds: Math.round(config.JOB_LEASE / 1_000),
    log,
  });
  const consume = async (
    plane: keyof Outboxes,
    { topics, handler }: Subscription,
    as: { readonly consumer: string; readonly concurrency: number } = {
      consumer,
      concurrency: config.WORKER_CONCURRENCY,
    },
  ) => {
    const bus = await openBus(config, planes, plane, log);
    await bus.consume({
      ...as,
      topics,
      handler: traceHandler(handler, { tracing, consumer: as.consumer, system }),
      signal: stopping.signal,
      observer: { lag: (topic, source, events) => lags.set(`${topic} ${source}`, { topic, source, events }) },
    });
  };
  // Each plane has a bus of its own: while one is away, the other's events are handled.
  const consuming = Promise.all([
    consume('dataPlane', ofDataPlane(mailing)),
    consume('dataPlane', ofJobs(runner), { consumer: jobsConsumer, concurrency: jobsConcurrency }),
    consume('controlPlane', ofControlPlane(mailing)),
  ]);
  return {
    lag: () => [...lags.values()],
    stop: async () => {
      stopping.abort();
      await Promise.all([consuming, runner.stop()]);
      provider.close();
    },
  };
}
