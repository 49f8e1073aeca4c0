import type { EventBus } from '@platen/chassis/bus/bus';
import { createPullBus } from '@platen/chassis/bus/pull-consumer';
import type { Logger } from '@platen/chassis/log/logger';
import {
  type ControlInternalClient,
  createInternalClient,
  createServiceToken,
  type DataInternalClient,
} from '@platen/sdk/internal';
import type { Config } from './config.js';
import { ofControlPlane, ofDataPlane, type Subscription } from './handlers/dispatch.js';
import type { Lag } from './health.js';
import { openMailProvider } from './mail/mail-config.js';
import { createMailer } from './mail/mailer.js';

/** The consumer's name: its positions are kept under it, so it never changes. */
const consumer = 'erp-worker';

export interface Planes {
  readonly controlPlane: ControlInternalClient;
  readonly dataPlane: DataInternalClient;
}

/** One service token for both. */
export function connectPlanes(config: Config): Planes {
  const token = createServiceToken({
    baseUrl: config.CONTROL_INTERNAL_URL,
    credentials: { clientId: config.SERVICE_CLIENT_ID, clientSecret: config.SERVICE_CLIENT_SECRET },
  });
  return {
    controlPlane: createInternalClient({ contracts: 'control', baseUrl: config.CONTROL_INTERNAL_URL, token }),
    dataPlane: createInternalClient({ contracts: 'data', baseUrl: config.DATA_INTERNAL_URL, token }),
  };
}

const openBus = (config: Config, { outbox }: Pick<DataInternalClient, 'outbox'>, log: Logger): EventBus =>
  createPullBus({ client: outbox, log, leaseSeconds: Math.round(config.OUTBOX_LEASE / 1_000) });

export interface Worker {
  lag(): readonly Lag[];
  stop(): Promise<void>;
}

/** Consumes until stopped; then what is being handled is finished and acknowledged. */
export function startWorker(deps: { readonly config: Config; readonly planes: Planes; readonly log: Logger }): Worker {
  const { config, planes, log } = deps;
  const stopping = new AbortController();
  const lags = new Map<string, Lag>();
  const provider = openMailProvider(config.mail, { dataDir: config.PLATEN_DATA_DIR, log });
  const mailing = { ...planes, mailer: createMailer({ provider, fromAddress: config.MAIL_FROM_ADDRESS }), log };
  const consume = (plane: Pick<DataInternalClient, 'outbox'>, { topics, handler }: Subscription) =>
    openBus(config, plane, log).consume({
      consumer,
      topics,
      handler,
      signal: stopping.signal,
      concurrency: config.WORKER_CONCURRENCY,
      observer: { lag: (topic, source, events) => lags.set(`${topic} ${source}`, { topic, source, events }) },
    });
  // Each plane has a bus of its own: while one is away, the other's events are handled.
  const consuming = Promise.all([
    consume(planes.dataPlane, ofDataPlane(mailing)),
    consume(planes.controlPlane, ofControlPlane(mailing)),
  ]);
  return {
    lag: () => [...lags.values()],
    stop: async () => {
      stopping.abort();
      await consuming;
      provider.close();
    },
  };
}
