import path from 'node:path';
import type { EventBus } from '@platen/chassis/bus/bus';
import { createPullBus } from '@platen/chassis/bus/pull-consumer';
import type { Logger } from '@platen/chassis/log/logger';
import { createInternalClient, type DataInternalClient } from '@platen/sdk/internal';
import type { Config } from './config.js';
import { dispatch, topics } from './handlers/dispatch.js';
import type { Lag } from './health.js';
import { logMailProvider } from './mail/log-provider.js';

/** The consumer's name: its positions are kept under it, so it never changes. */
const consumer = 'erp-worker';

export const connectDataPlane = (config: Config): DataInternalClient =>
  createInternalClient({
    contracts: 'data',
    baseUrl: config.DATA_INTERNAL_URL,
    tokenUrl: config.CONTROL_INTERNAL_URL,
    credentials: { clientId: config.SERVICE_CLIENT_ID, clientSecret: config.SERVICE_CLIENT_SECRET },
  });

export const openBus = (config: Config, dataPlane: DataInternalClient, log: Logger): EventBus =>
  createPullBus({ client: dataPlane.outbox, log, leaseSeconds: Math.round(config.OUTBOX_LEASE / 1_000) });

export interface Worker {
  lag(): readonly Lag[];
  stop(): Promise<void>;
}

/** Consumes until stopped; then what is being handled is finished and acknowledged. */
export function startWorker(deps: {
  readonly config: Config;
  readonly bus: EventBus;
  readonly dataPlane: DataInternalClient;
  readonly log: Logger;
}): Worker {
  const { config, bus, dataPlane, log } = deps;
  const stopping = new AbortController();
  const lags = new Map<string, Lag>();
  const handler = dispatch({
    dataPlane,
    mail: logMailProvider({ dir: path.resolve(config.PLATEN_DATA_DIR, 'mail'), log }),
    fromAddress: config.MAIL_FROM_ADDRESS,
  });
  const consuming = bus.consume({
    consumer,
    topics,
    handler,
    signal: stopping.signal,
    concurrency: config.WORKER_CONCURRENCY,
    observer: { lag: (topic, source, events) => lags.set(`${topic} ${source}`, { topic, source, events }) },
  });
  return {
    lag: () => [...lags.values()],
    stop: async () => {
      stopping.abort();
      await consuming;
    },
  };
}
