import { Counter, type Registry } from 'prom-client';
import type { Cache } from './cache.js';

/** Counts what is found in a cache and what is not, by purpose. */
export function meteredCache(cache: Cache, registry: Registry): Cache {
  const lookups = new Counter({
    name: 'cache_lookups_total',
    help: 'Look-ups in the cache by purpose and result: hit, miss',
    labelNames: ['purpose', 'result'],
    registers: [registry],
  });
  return {
    space(purpose, options) {
      const space = cache.space(purpose, options);
      const hits = lookups.labels({ purpose, result: 'hit' });
      const misses = lookups.labels({ purpose, result: 'miss' });
      return {
        async get(tenantId, key) {
          const value = await space.get(tenantId, key);
          (value === undefined ? misses : hits).inc();
          return value;
        },
        set: (tenantId, key, value, ttlMs) => space.set(tenantId, key, value, ttlMs),
        delete: (tenantId, key) => space.delete(tenantId, key),
      };
    },
  };
}
