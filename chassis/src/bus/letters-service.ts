import type { EventSource } from '@platen/schema/events/cloud-event';
import { AppError } from '../http/app-error.js';
import type { Logger } from '../log/logger.js';
import {
  type LetterRef,
  type LettersDatabase,
  leaseLetters,
  listParkedKeys,
  type NewLetter,
  type Parked,
  parkLetters,
  type RetryClaim,
  readNextDueMs,
  settleLetter,
  type TryResult,
} from './letters-store.js';
import { createPolls } from './poll-sources.js';
import { sourceIdOf } from './source-id.js';

export interface LettersSource {
  readonly key: string;
  readonly system: LettersDatabase;
}

export interface LettersService {
  park(input: ParkInput): Promise<Parked[]>;
  listParkedKeys(input: {
    source: string;
    consumer: string;
    topic: string;
    after: string;
    limit: number;
  }): Promise<string[]>;
  /** Letters as JSON texts. Waits until there are some, the time is over or `ended` aborts. */
  lease(input: RetryClaim & { readonly waitSeconds: number }, ended: AbortSignal): Promise<string[]>;
  settle(input: LetterRef & { source: string; owner: string; result: TryResult }): Promise<void>;
}

export interface ParkInput {
  readonly source: string;
  readonly consumer: string;
  readonly topic: string;
  readonly letters: readonly NewLetter[];
}

/** Wakes who waits for letters of a consumer on this instance; others look now and then. */
export interface LetterBell {
  ring(consumer: string): void;
  listen(consumer: string, wake: () => void): () => void;
}

export function createLetterBell(): LetterBell {
  const listeners = new Map<string, Set<() => void>>();
  return {
    ring(consumer) {
      for (const wake of listeners.get(consumer) ?? []) wake();
    },
    listen(consumer, wake) {
      const known = listeners.get(consumer) ?? new Set();
      listeners.set(consumer, known);
      known.add(wake);
      return () => {
        known.delete(wake);
        if (known.size === 0 && listeners.get(consumer) === known) listeners.delete(consumer);
      };
    },
  };
}

export const unknownSource = () => new AppError('unknown_reference', 'There is no such source');

export function createLettersService(deps: {
  readonly databases: readonly LettersSource[];
  /** CloudEvents `source` of everything in them. */
  readonly eventSource: EventSource;
  readonly bell: LetterBell;
  readonly log: Logger;
}): LettersService {
  const { bell, eventSource } = deps;
  const sources = deps.databases.map(({ key, system }) => ({ key, system, id: sourceIdOf(key) }));
  const poll = createPolls(sources, deps.log);
  const databaseOf = (id: string): LettersDatabase => {
    const source = sources.find((candidate) => candidate.id === id);
    if (!source) throw unknownSource();
    return source.system;
  };

  return {
    async park(input) {
      const parked = await parkLetters(databaseOf(input.source), input);
      bell.ring(input.consumer);
      return parked;
    },

    listParkedKeys: async (input) => listParkedKeys(databaseOf(input.source), input),

    async lease(input, ended) {
      const found = await poll<string[]>({
        ended,
        waitSeconds: input.waitSeconds,
        listen: (wake) => bell.listen(input.consumer, wake),
        async look({ id, system }) {
          const letters = await leaseLetters(system, { ...input, source: id, eventSource });
          if (letters.length > 0) return { found: letters };
          return { found: null, againMs: input.limit === 0 ? null : await readNextDueMs(system, input) };
        },
      });
      return found.flat();
    },

    async settle(input) {
      const settled = await settleLetter(databaseOf(input.source), input, input.owner, input.result);
      if (!settled) throw new AppError('lease_lost');
      bell.ring(input.consumer);
    },
  };
}
