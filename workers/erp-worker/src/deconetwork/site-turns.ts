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
      return site.limit(async () => {
        signal.throwIfAborted();
        const waitMs = site.endedAtMs + pauseMs - performance.now();
        if (waitMs > 0) await delay(waitMs, undefined, { signal });
        try {
          return await call();
        } finally {
          site.endedAtMs = performance.now();
        }
      });
    },
  };
}
