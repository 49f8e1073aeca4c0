import type { EventSource } from '@platen/schema/events/cloud-event';
import type { Queryable } from '../db/types.js';
import { AppError } from '../http/app-error.js';
import type { Logger } from '../log/logger.js';
import { pause } from './back-off.js';
import { acknowledge, type Claim, takeEvents } from './outbox-leases.js';
import type { Sequencer } from './sequencer.js';
import { sourceIdOf } from './source-id.js';

export interface OutboxDatabase {
  /** Names the database in the log; consumers learn an id that is made of it. */
  readonly key: string;
  /** As the system role. */
  readonly system: Queryable;
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
  readonly deadLetters: readonly { readonly position: string; readonly attempts: number; readonly error: string }[];
}

export interface OutboxService {
  /** Waits until there are events, the time is over or `ended` aborts. */
  pull(input: PullInput, ended: AbortSignal): Promise<Batch[]>;
  ack(input: AckInput): Promise<{ position: string; lag: number }>;
}

interface Source extends OutboxDatabase {
  readonly id: string;
}

/** What one round over all databases found. */
interface Round {
  readonly batches: Batch[];
  readonly failures: number;
}

/** Answers wait so long for databases that are slower than the first with events. */
const graceMs = 20;
/** A database that has not answered by then is left out of this round. */
const roundLimitMs = 2_500;
/** How often to look without being told: notifications can be lost, and a database that was away tells nobody. */
const lookAgainMs = { healthy: 5_000, failing: 1_000 };

export function createOutboxService(deps: {
  readonly databases: readonly OutboxDatabase[];
  /** CloudEvents `source` of everything in them. */
  readonly eventSource: EventSource;
  readonly log: Logger;
}): OutboxService {
  const { eventSource } = deps;
  const sources: Source[] = deps.databases.map((database) => ({ ...database, id: sourceIdOf(database.key) }));
  const byId = new Map(sources.map((source) => [source.id, source]));
  const away = new Set<string>();

  async function read(source: Source, input: PullInput): Promise<Batch> {
    try {
      const events = await takeEvents(
        source.system,
        { ...input, eventSource },
        input.after.get(source.id) ?? 0n,
        input.limit,
      );
      if (away.delete(source.key)) deps.log.info({ database: source.key }, 'the outbox can be read again');
      return { source: source.id, events };
    } catch (error) {
      if (!away.has(source.key)) deps.log.warn({ database: source.key, error }, 'the outbox cannot be read');
      away.add(source.key);
      throw error;
    }
  }

  /** All databases side by side; one that hangs or fails delays nobody. Its events, if any, stay for the next round. */
  async function readAll(input: PullInput, reading: Set<string>): Promise<Round> {
    const batches: Batch[] = [];
    const over = new AbortController();
    let failures = 0;
    const found = new AbortController();
    const reads = sources.map(async (source) => {
      if (reading.has(source.id)) {
        failures += 1;
        return;
      }
      reading.add(source.id);
      try {
        const batch = await read(source, input);
        if (batch.events.length === 0 || over.signal.aborted) return;
        batches.push(batch);
        found.abort();
      } catch {
        failures += 1;
      } finally {
        reading.delete(source.id);
      }
    });
    const limit = pause(roundLimitMs, AbortSignal.any([over.signal, found.signal])).then(() =>
      found.signal.aborted ? pause(graceMs, over.signal) : undefined,
    );
    await Promise.race([Promise.all(reads), limit]);
    over.abort();
    return { batches, failures };
  }

  function wakeOn(topic: string): { readonly signal: AbortSignal; cancel(): void } {
    const woken = new AbortController();
    const listener = (topics: ReadonlySet<string> | null) => {
      if (topics === null || topics.has(topic)) woken.abort();
    };
    const cancels = sources.map(({ sequencer }) => sequencer.onPositions(listener));
    return {
      signal: woken.signal,
      cancel: () => {
        for (const cancel of cancels) cancel();
      },
    };
  }

  return {
    async pull(input, ended) {
      const endsAtMs = performance.now() + input.waitSeconds * 1_000;
      const reading = new Set<string>();
      for (;;) {
        // Before reading: what comes between reading and waiting must wake.
        const wake = wakeOn(input.topic);
        try {
          const { batches, failures } = await readAll(input, reading);
          if (batches.length > 0) return batches;
          if (failures > 0 && failures === sources.length) throw new AppError('database_unavailable');
          const leftMs = endsAtMs - performance.now();
          if (leftMs <= 0 || ended.aborted) return [];
          const lookMs = failures > 0 ? lookAgainMs.failing : lookAgainMs.healthy;
          await pause(Math.min(leftMs, lookMs), AbortSignal.any([wake.signal, ended]));
        } finally {
          wake.cancel();
        }
      }
    },

    async ack(input) {
      const source = byId.get(input.source);
      if (!source) throw new AppError('unknown_reference', 'There is no such source');
      const result = await acknowledge(source.system, input);
      if (result.kind === 'lease_lost') throw new AppError('lease_lost');
      if (result.kind === 'beyond_end') throw new AppError('unknown_reference', 'No event has this position');
      return { position: result.position, lag: result.lag };
    },
  };
}
