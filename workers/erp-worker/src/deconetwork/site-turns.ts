import { setTimeout as delay } from 'node:timers/promises';
import pLimit, { type LimitFunction } from 'p-limit';

/** Who may call a site now: one at a time, however many jobs of however many tenants want to, and not at once after another. */
export interface SiteTurns {
  take<T>(host: string, signal: AbortSignal, call: () => Promise<T>): Promise<T>;
}

export function createSiteTurns({ pauseMs }: { readonly pauseMs: number }): SiteTurns {
  // A small entry for each site that this process has called.
  const sites = new Map<string, { readonly limit: LimitFunction; endedAtMs: number }>();
  return {
    take(host, signal, call) {
      const site = sites.get(host) ?? { limit: pLimit(1), endedAtMs: -Infinity };
      sites.set(host, site);
      const turn = site.limit(async () => {
        signal.throwIfAborted();
        const waitMs = site.endedAtMs + pauseMs - performance.now();
        if (waitMs > 0) await delay(waitMs, undefined, { signal });
        try {
          return await call();
        } finally {
          site.endedAtMs = performance.now();
        }
      });
      return orAborted(turn, signal);
    },
  };
}

/** Who is not wanted any more does not wait for the calls of others: its turn passes when it comes. */
async function orAborted<T>(turn: Promise<T>, signal: AbortSignal): Promise<T> {
  const over = new AbortController();
  try {
    return await Promise.race([
      turn,
      new Promise<never>((_, reject) => {
        const giveUp = () => reject(signal.reason);
        if (signal.aborted) giveUp();
        else signal.addEventListener('abort', giveUp, { signal: over.signal });
      }),
    ]);
  } finally {
    over.abort();
  }
}
