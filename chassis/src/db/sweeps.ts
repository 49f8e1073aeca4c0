import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { lockNumber } from './advisory-locks.js';
import { statement } from './statement.js';
import type { SystemDatabase } from './system-database.js';
import type { Tx } from './types.js';

/** Deletes what nobody needs any more, `limit` rows at most. How many went. */
export interface Sweep {
  readonly name: string;
  deleteSome(tx: Tx, limit: number): Promise<number>;
}

export interface Sweeps {
  /** Stops between two batches. */
  stop(): Promise<void>;
}

/** Tables grow by some rows a second at most, and nothing depends on when their old rows go. */
const everyMs = 600_000;
/** Statements of milliseconds: what else waits for these rows or the disk hardly notices. */
export const sweepBatch = 500;
/** What is left after so many batches waits for the next round, so that a backlog is no burst. */
const maxBatches = 100;

const tryLock = statement<{ locked: boolean }>(
  'sweeps.try-lock',
  `select pg_try_advisory_xact_lock(${lockNumber('sweeps')}) as locked`,
  { parse: { locked: 'bool' } },
);

/**
 * Runs the sweeps of one database, now and then. Each batch is a transaction of its own under a lock of the database, so
 * that several instances take turns instead of waiting for each other's rows.
 */
export function startSweeps(options: {
  readonly db: Pick<SystemDatabase, 'transaction'>;
  readonly sweeps: readonly Sweep[];
  readonly log: Logger;
  readonly random?: () => number;
}): Sweeps {
  const { db, sweeps, log, random = Math.random } = options;
  const stopping = new AbortController();
  const { signal } = stopping;

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      // Half to one and a half intervals: instances that started together drift apart.
      await delay(everyMs * (0.5 + random()), undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await runSweeps(db, sweeps, log, signal);
    }
  }
  const running = follow();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

/** One round. A sweep that fails is logged and leaves the others to their work. Answers how many rows went, by sweep. */
export async function runSweeps(
  db: Pick<SystemDatabase, 'transaction'>,
  sweeps: readonly Sweep[],
  log: Logger,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const deleted = new Map<string, number>();
  for (const sweep of sweeps) {
    try {
      deleted.set(sweep.name, await runSweep(db, sweep, signal));
    } catch (error) {
      log.warn({ error, sweep: sweep.name }, 'old rows stay for now');
    }
  }
  log.debug({ deleted: Object.fromEntries(deleted) }, 'swept');
  return deleted;
}

async function runSweep(
  db: Pick<SystemDatabase, 'transaction'>,
  sweep: Sweep,
  signal: AbortSignal | undefined,
): Promise<number> {
  let total = 0;
  for (let batch = 0; batch < maxBatches && signal?.aborted !== true; batch += 1) {
    const count = await db.transaction(async (tx) => {
      const [row] = await tx.query(tryLock);
      return row?.locked === true ? sweep.deleteSome(tx, sweepBatch) : 0;
    });
    total += count;
    if (count < sweepBatch) break;
  }
  return total;
}
