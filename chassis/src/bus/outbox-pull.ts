import type { EventSource } from '@platen/schema/events/cloud-event';
import type { SiteImplementation } from '../http/types.js';
import type { Logger } from '../log/logger.js';
import { deadLettersRoutes } from './dead-letters-routes.js';
import { createDeadLettersService } from './dead-letters-service.js';
import { lettersRoutes } from './letters-routes.js';
import { createLetterBell, createLettersService } from './letters-service.js';
import type { LettersDatabase } from './letters-store.js';
import { outboxRoutes } from './outbox-routes.js';
import { createOutboxService, type OutboxDatabase } from './outbox-service.js';
import { startSequencer } from './sequencer.js';

export interface Outbox {
  /** Each with its sequencer, for who else reads what has been sequenced. */
  readonly databases: readonly OutboxDatabase[];
  /** Of the contracts of the pull transport and of letters, for an internal listener. */
  readonly implementations: readonly SiteImplementation[];
  /** Answers every waiting poll at once. To be called before the internal listener closes. */
  endPolls(): void;
  /** Lets go of the sequencers: other instances take over. To be called after the listeners have closed. */
  stop(): Promise<void>;
}

export interface OutboxOptions {
  readonly databases: readonly { readonly key: string; readonly systemUrl: string; readonly system: LettersDatabase }[];
  /** CloudEvents `source` of everything in them. */
  readonly eventSource: EventSource;
  readonly log: Logger;
}

/** A sequencer for each database of a service, and the endpoints that read what they have sequenced. */
export function startOutbox({ databases, eventSource, log }: OutboxOptions): Outbox {
  const started = databases.map(({ key, systemUrl, system }) => ({
    key,
    system,
    sequencer: startSequencer({ url: systemUrl, name: key, log }),
  }));
  const serving = serveOutbox({ databases: started, eventSource, log });
  return {
    ...serving,
    databases: started,
    stop: async () => {
      serving.endPolls();
      await Promise.all(started.map(({ sequencer }) => sequencer.stop()));
    },
  };
}

/** The endpoints alone, over databases that somebody sequences. */
export function serveOutbox(options: {
  readonly databases: readonly OutboxDatabase[];
  readonly eventSource: EventSource;
  readonly log: Logger;
}): Pick<Outbox, 'implementations' | 'endPolls'> {
  // Ends what waits: a long poll would hold up the listener's close.
  const draining = new AbortController();
  const bell = createLetterBell();
  return {
    implementations: [
      ...outboxRoutes(createOutboxService(options), draining.signal),
      ...lettersRoutes(createLettersService({ ...options, bell }), draining.signal),
      ...deadLettersRoutes(createDeadLettersService({ ...options, bell })),
    ],
    endPolls: () => draining.abort(),
  };
}
