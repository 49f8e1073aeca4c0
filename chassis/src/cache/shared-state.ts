import type { Registry } from 'prom-client';
import { Type } from 'typebox';
import type { Logger } from '../log/logger.js';
import { type Cache, createMemoryCache } from './cache.js';
import { createLeasedLimits } from './leased-limits.js';
import { meteredCache } from './metered-cache.js';
import { createRedisCache } from './redis-cache.js';
import { createTokenBuckets, type RateLimits } from './token-buckets.js';

/** The variable of a service with instances. */
export const RedisUrl = Type.Optional(
  Type.String({
    pattern: '^rediss?://',
    isSecret: true,
    description:
      'Cache and limits that all instances share: `redis://` or `rediss://`. Without it each instance has its own, which is right for one',
  }),
);

/** What the instances of a service share, or each has for itself. */
export interface SharedState {
  readonly cache: Cache;
  readonly limits: RateLimits;
  close(): Promise<void>;
}

export interface SharedStateOptions {
  /** Undefined: of this instance alone. */
  readonly redisUrl?: string | undefined;
  readonly service: string;
  readonly log: Logger;
  readonly registry: Registry;
}

/** Does not wait for Redis: Redis may be away now and come later. */
export async function openSharedState(options: SharedStateOptions): Promise<SharedState> {
  const { redisUrl, service, log, registry } = options;
  if (redisUrl === undefined) {
    log.info('no REDIS_URL: cache and limits are those of this instance, so there should be one only');
    const cache = meteredCache(createMemoryCache(), registry);
    return { cache, limits: createTokenBuckets(), close: async () => undefined };
  }
  // Loading the client takes a good part of a start, and most installations do without.
  const { openRedisLink } = await import('./redis-link.js');
  const redis = openRedisLink({ url: redisUrl, service, log, registry });
  const limits = createLeasedLimits({ redis, service });
  return {
    cache: meteredCache(createRedisCache(redis), registry),
    limits,
    async close() {
      await limits.close();
      await redis.close();
    },
  };
}
