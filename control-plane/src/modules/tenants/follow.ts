import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError } from '@platen/chassis/config/load-config';
import { AppError } from '@platen/chassis/http/app-error';
import type { Logger } from '@platen/chassis/log/logger';
import type { FeedChange, FeedEntity } from '@platen/schema/contracts/internal/feed';

/** Where the follower reads: the feed module, in the same process. */
export interface FeedSource {
  readSnapshot(): Promise<{ readonly position: string; readonly entities: readonly FeedEntity[] }>;
  listChanges(input: {
    readonly after: string;
    readonly waitMs: number;
    readonly limit: number;
    readonly signal: AbortSignal;
  }): Promise<{ readonly changes: readonly FeedChange[]; readonly position: string }>;
}

export interface Follower {
  /** Resolves after the first snapshot, or the first failure to get it. Rejects with a ConfigError that it uncovers. */
  start(): Promise<void>;
  /** Could the database be read the last time? */
  isCurrent(): boolean;
  /** Of the last change applied; null before the first snapshot. */
  position(): string | null;
  close(): Promise<void>;
}

const retryMs = 500;
const waitMs = 5_000;

/** Loads the feed's snapshot, then applies each change in order, for as long as the process lives. */
export function followFeed(deps: {
  readonly source: FeedSource;
  readonly replaceAll: (entities: readonly FeedEntity[]) => Promise<void>;
  readonly apply: (entity: FeedEntity) => Promise<void>;
  readonly log: Logger;
}): Follower {
  const { source, log } = deps;
  const stop = new AbortController();
  const { signal } = stop;
  let hasTried = false;
  let tried: () => void = () => undefined;
  let refuse: (error: unknown) => void = () => undefined;
  const firstTry = new Promise<void>((resolve, reject) => {
    tried = () => {
      hasTried = true;
      resolve();
    };
    refuse = reject;
  });
  let position: string | null = null;
  let current = false;
  let failing = false;

  async function load(): Promise<void> {
    const snapshot = await source.readSnapshot();
    await deps.replaceAll(snapshot.entities);
    position = snapshot.position;
  }

  async function readOn(after: string): Promise<void> {
    const read = await source.listChanges({ after, waitMs, limit: 1_000, signal });
    // One by one: a change that fails to apply is tried again, and those before it change nothing the second time.
    for (const { entity } of read.changes) await deps.apply(entity);
    position = read.position;
  }

  async function recover(error: unknown): Promise<void> {
    if (signal.aborted) return;
    if (error instanceof AppError && error.code === 'feed_gone') {
      position = null;
      return;
    }
    if (!failing) log.warn({ error }, 'cannot read the control-plane database');
    failing = true;
    current = false;
    await delay(retryMs, undefined, { signal }).catch(() => undefined);
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      try {
        if (position === null) await load();
        else await readOn(position);
        current = true;
        failing = false;
      } catch (error) {
        // Before there is anything to serve by: no retry mends it. Found later, when the database is there at last, it
        // ends the process as an unhandled rejection does.
        if (position === null && error instanceof ConfigError) {
          if (hasTried) throw error;
          refuse(error);
          return;
        }
        tried();
        await recover(error);
      }
      tried();
    }
  }

  let done: Promise<void> | undefined;
  return {
    start() {
      done ??= follow();
      return firstTry;
    },
    isCurrent: () => current,
    position: () => position,
    async close() {
      stop.abort();
      await done?.catch(() => undefined);
    },
  };
}
