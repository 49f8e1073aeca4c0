import { AppError } from '../http/app-error.js';
import type { Logger } from '../log/logger.js';
import { pause } from './back-off.js';

export interface PolledSource {
  /** For the log. */
  readonly key: string;
  readonly id: string;
}

/** What a look at one source brought. */
export interface Look<T> {
  /** null: nothing. */
  readonly found: T | null;
  /** Something will be there after this time, without anybody telling. */
  readonly againMs?: number | null;
}

export interface Poll<S extends PolledSource, T> {
  look(source: S): Promise<Look<T>>;
  /** Calls `wake` when there may be something; answers how to stop that. */
  listen(wake: () => void): () => void;
  readonly waitSeconds: number;
  readonly ended: AbortSignal;
}

/** What one round over all sources found. */
interface Round<T> {
  readonly found: T[];
  readonly failures: number;
  readonly againMs: number;
}

/** Answers wait so long for databases that are slower than the first with something. */
const graceMs = 20;
/** A database that has not answered by then is left out of this round. */
const roundLimitMs = 2_500;
/** How often to look without being told: notifications can be lost, and a database that was away tells nobody. */
const lookAgainMs = { healthy: 5_000, failing: 1_000 };

/** Long polls over databases: all side by side; one that hangs or fails delays nobody. */
export function createPolls<S extends PolledSource>(sources: readonly S[], log: Logger) {
  const away = new Set<string>();

  async function lookAt<T>(source: S, poll: Poll<S, T>): Promise<Look<T>> {
    try {
      const look = await poll.look(source);
      if (away.delete(source.key)) log.info({ database: source.key }, 'the outbox can be read again');
      return look;
    } catch (error) {
      if (!away.has(source.key)) log.warn({ database: source.key, error }, 'the outbox cannot be read');
      away.add(source.key);
      throw error;
    }
  }

  /** What comes too late for the round stays for the next one: a lease that its owner has not heard of is given again. */
  async function lookAtAll<T>(poll: Poll<S, T>, looking: Set<string>): Promise<Round<T>> {
    const found: T[] = [];
    const over = new AbortController();
    const some = new AbortController();
    let failures = 0;
    let againMs = Number.POSITIVE_INFINITY;
    const looks = sources.map(async (source) => {
      if (looking.has(source.id)) {
        failures += 1;
        return;
      }
      looking.add(source.id);
      try {
        const look = await lookAt(source, poll);
        againMs = Math.min(againMs, look.againMs ?? againMs);
        if (look.found === null || over.signal.aborted) return;
        found.push(look.found);
        some.abort();
      } catch {
        failures += 1;
      } finally {
        looking.delete(source.id);
      }
    });
    const limit = pause(roundLimitMs, AbortSignal.any([over.signal, some.signal])).then(() =>
      some.signal.aborted ? pause(graceMs, over.signal) : undefined,
    );
    await Promise.race([Promise.all(looks), limit]);
    over.abort();
    return { found, failures, againMs };
  }

  /**
   * Waits until something is found, the time is over or the poll is ended.
   * @throws AppError database_unavailable when no source can be read
   */
  return async function poll<T>(options: Poll<S, T>): Promise<T[]> {
    const endsAtMs = performance.now() + options.waitSeconds * 1_000;
    const looking = new Set<string>();
    for (;;) {
      // Before looking: what comes between looking and waiting must wake.
      const woken = new AbortController();
      const cancel = options.listen(() => woken.abort());
      try {
        const { found, failures, againMs } = await lookAtAll(options, looking);
        if (found.length > 0) return found;
        if (failures > 0 && failures === sources.length) throw new AppError('database_unavailable');
        const leftMs = endsAtMs - performance.now();
        if (leftMs <= 0 || options.ended.aborted) return [];
        const lookMs = failures > 0 ? lookAgainMs.failing : lookAgainMs.healthy;
        await pause(Math.min(leftMs, lookMs, againMs), AbortSignal.any([woken.signal, options.ended]));
      } finally {
        cancel();
      }
    }
  };
}
