import { Counter, Gauge, type Registry } from 'prom-client';

/** What is asked of Redis; fallbacks are counted by it. */
export type RedisUse = 'cache' | 'limits';

export function createRedisMetrics(registry: Registry) {
  const state = new Gauge({
    name: 'platen_redis_state',
    help: '1: Redis answers; 0: it is away, and every instance goes by itself',
    registers: [registry],
  });
  const fallbacks = new Counter({
    name: 'platen_redis_fallbacks_total',
    help: 'Cache look-ups and decisions about limits that did without Redis',
    labelNames: ['use'],
    registers: [registry],
  });
  return {
    state,
    fallbacks: { cache: fallbacks.labels({ use: 'cache' }), limits: fallbacks.labels({ use: 'limits' }) },
  };
}
