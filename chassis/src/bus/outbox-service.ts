import type { EventSource } from '@platen/schema/events/cloud-event';
import { AppError } from '../http/app-error.js';
import type { Logger } from '../log/logger.js';
import type { LettersDatabase } from './letters-store.js';
import { acknowledge, type Claim, takeEvents } from './outbox-leases.js';
import { createPolls } from './poll-sources.js';
import type { Sequencer } from './sequencer.js';
import { sourceIdOf } from './source-id.js';

export interface OutboxDatabase {
  /** Names the database in the log; consumers learn an id that is made of it. */
  readonly key: string;
  /** As the system role. */
  readonly system: LettersDatabase;
  readonly sequencer: Pick<Sequencer, 'onPositions'>;
}

export interface PullInput extends Claim {
  readonly limit: number;
  readonly waitSeconds: number;
  /** Source → position in the owner's hands. */
  readonly after: ReadonlyMap<string, bigint>;
}

export interface Batch {
  readonly source: string;
  /** JSON texts. */
  readonly events: readonly string[];
}

export interface AckInput extends Claim {
  readonly source: string;
  readonly position: bigint;
  readonly release: boolean;
}

export interface OutboxService {
  /** Waits until there are events, the time is over or `ended` aborts. */
  pull(input: PullInput, ended: AbortSignal): Promise<Batch[]>;
  ack(input: AckInput): Promise<{ position: string; lag: number }>;
}

export function createOutboxService(deps: {
  readonly databases: readonly OutboxDatabase[];
  /** CloudEvents `source` of everything in them. */
  readonly eventSource: EventSource;
  readonly log: Logger;
}): OutboxService {
  const { eventSource } = deps;
  const sources = deps.databases.map((database) => ({ ...database, id: sourceIdOf(database.key) }));
  const byId = new Map(sources.map((source) => [source.id, source]));
  const poll = createPolls(sources, deps.log);

  return {
    pull: (input, ended) =>
      poll<Batch>({
        ended,
        waitSeconds: input.waitSeconds,
        async look({ id, system }) {
          const events = await takeEvents(system, { ...input, eventSource }, input.after.get(id) ?? 0n, input.limit);
          return { found: events.length === 0 ? null : { source: id, events } };
        },
        listen(wake) {
          const listener = (topics: ReadonlySet<string> | null) => {
            if (topics === null || topics.has(input.topic)) wake();
          };
          const cancels = sources.map(({ sequencer }) => sequencer.onPositions(listener));
          return () => {
            for (const cancel of cancels) cancel();
          };
        },
      }),

    async ack(input) {
      const source = byId.get(input.source);
      if (!source) throw new AppError('unknown_reference', 'There is no such source');
      const result = await acknowledge(source.system, input);
      if (result.kind === 'lease_lost') throw new AppError('lease_lost');
      // A database that was set back: what the owner has in hand is not what is there, and has to be read again.
      if (result.kind === 'beyond_end') throw new AppError('lease_lost', 'No event has this position');
      return { position: result.position, lag: result.lag };
    },
  };
}
