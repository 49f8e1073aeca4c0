import type { Logger } from 'pino';
import { pause } from '../bus/back-off.js';
import type { Queryable } from '../db/types.js';
import { claimDueWork, type DueWork, DueWorkLost, nextDueInMs, postponeDueWork } from './entries.js';

/** Kinds that wait for each other, and for no other line. */
export interface DueWorkLine {
  readonly kinds: readonly string[];
  /** Longer than the work takes: whoever dies meanwhile is followed after it. */
  readonly leaseSeconds: number;
  /** Entries at once. Default 1. */
  readonly atOnce?: number;
  /**
   * Does what is due, and says so in the same transaction: `finishDueWork`, `postponeDueWork`, or a new entry in its
   * place. What it rejects with is tried again, each time after twice as long.
   */
  run(work: DueWork, signal: AbortSignal): Promise<void>;
}

export interface DueWorkRunner {
  start(): void;
  /** Looks at once. */
  wake(): void;
  /** Does what is due, until nothing is. How many entries it was. */
  runDue(): Promise<number>;
  /** Resolves when nothing runs here any more; what was not begun is left to another instance. */
  stop(): Promise<void>;
}

export interface DueWorkOptions {
  /** As a role that sees the entries of all tenants. */
  readonly db: Queryable;
  readonly lines: readonly DueWorkLine[];
  readonly log: Pick<Logger, 'debug' | 'warn'>;
  /** An entry that another instance put is found after so long at most. */
  readonly everyMs: number;
}

interface Followed {
  readonly line: DueWorkLine;
  /** Somebody asked while it was looking. */
  isAsked: boolean;
  wakeUp: (() => void) | null;
}

const firstWaitSeconds = 2;
const longestWaitSeconds = 3_600;
/** A clock of ours that runs ahead of the database's comes a little too early: not again and again at once. */
const shortestWaitMs = 20;

/** Finds what is due and has it done. Every instance looks; a lease by the database's clock gives an entry to one. */
export function createDueWorkRunner({ db, lines, log, everyMs }: DueWorkOptions): DueWorkRunner {
  const stopping = new AbortController();
  const { signal } = stopping;
  const followed: Followed[] = lines.map((line) => ({ line, isAsked: false, wakeUp: null }));
  let following: Promise<unknown> | undefined;

  async function runOne(line: DueWorkLine, work: DueWork): Promise<void> {
    try {
      await line.run(work, signal);
    } catch (error) {
      if (error instanceof DueWorkLost) return;
      const seconds = signal.aborted
        ? 0
        : Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** Math.min(work.attempts - 1, 20));
      const { kind, attempts } = work;
      log.warn({ error, kind, attempts, retry_seconds: seconds }, 'due work failed');
      await postponeDueWork(db, work, seconds).catch((cause: unknown) => {
        if (!(cause instanceof DueWorkLost)) log.debug({ error: cause }, 'due work waits for the end of its lease');
      });
    }
  }

  /** All that is due now. */
  async function runLine(line: DueWorkLine): Promise<number> {
    const running = new Set<Promise<void>>();
    let count = 0;
    try {
      while (!signal.aborted) {
        if (running.size >= (line.atOnce ?? 1)) await Promise.race(running);
        if (running.size >= (line.atOnce ?? 1)) continue;
        const work = await claimDueWork(db, line.kinds, line.leaseSeconds);
        if (work === undefined && running.size === 0) break;
        // What runs may leave something that is due at once.
        if (work === undefined) {
          await Promise.race(running);
          continue;
        }
        const one = runOne(line, work).finally(() => running.delete(one));
        running.add(one);
        count += 1;
      }
    } finally {
      await Promise.all(running);
    }
    return count;
  }

  async function follow(entry: Followed): Promise<void> {
    while (!signal.aborted) {
      entry.isAsked = false;
      let waitMs = everyMs;
      try {
        await runLine(entry.line);
        waitMs = Math.min(everyMs, (await nextDueInMs(db, entry.line.kinds)) ?? everyMs);
      } catch (error) {
        log.debug({ error }, 'cannot look for due work');
      }
      if (entry.isAsked || signal.aborted) continue;
      const woken = new AbortController();
      entry.wakeUp = () => woken.abort();
      await pause(Math.max(shortestWaitMs, waitMs), AbortSignal.any([signal, woken.signal]));
    }
  }

  return {
    start() {
      following ??= Promise.all(followed.map(follow));
    },
    wake() {
      for (const entry of followed) {
        entry.isAsked = true;
        entry.wakeUp?.();
      }
    },
    async runDue() {
      const counts = await Promise.all(lines.map(runLine));
      return counts.reduce((total, count) => total + count, 0);
    },
    async stop() {
      stopping.abort();
      await following;
    },
  };
}
