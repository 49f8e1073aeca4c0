import { startSequencer } from '@platen/chassis/bus/sequencer';
import type { Queryable } from '@platen/chassis/db/types';
import type { Logger } from '@platen/chassis/log/logger';
import type { Module } from '../module.js';
import { outboxRoutes } from './routes.js';
import { createOutboxService, type OutboxDatabase } from './service.js';

export { deleteDelivered } from './repo.js';
export { sourceIdOf } from './source-id.js';
export { outboxSweep } from './sweep.js';

/** The internal endpoints of the pull transport, over the outboxes of all ERP databases. */
export const outboxModule = (deps: {
  readonly databases: readonly OutboxDatabase[];
  readonly log: Logger;
  /** Ends what waits: a long poll would hold up the listener's close. */
  readonly draining: AbortSignal;
}): Module => ({ implementations: [], internal: outboxRoutes(createOutboxService(deps), deps.draining) });

export interface Outbox {
  readonly module: Module;
  /** Answers every waiting poll at once. To be called before the internal listener closes. */
  endPolls(): void;
  /** Lets go of the sequencers: other instances take over. To be called after the listeners have closed. */
  stop(): Promise<void>;
}

/** One sequencer for each ERP database of the catalogue, and the module that reads what they have sequenced. */
export function startOutbox(options: {
  readonly databases: readonly { readonly key: string; readonly systemUrl: string; readonly system: Queryable }[];
  readonly log: Logger;
}): Outbox {
  const { log } = options;
  const draining = new AbortController();
  const started = options.databases.map(({ key, systemUrl, system }) => ({
    key,
    system,
    sequencer: startSequencer({ url: systemUrl, name: key, log }),
  }));
  return {
    module: outboxModule({ databases: started, log, draining: draining.signal }),
    endPolls: () => draining.abort(),
    stop: async () => {
      draining.abort();
      await Promise.all(started.map(({ sequencer }) => sequencer.stop()));
    },
  };
}
