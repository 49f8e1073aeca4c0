import {
  type Cache,
  type CacheSpace,
  cacheKeys,
  createEntries,
  type Entries,
  entryBytes,
  maxEntryBytes,
  setEntry,
} from './cache.js';
import type { RedisLink } from './redis-link.js';

const prefix = 'platen:cache:';

/** Of what spaces with a `nearTtlMs` keep in this instance, all together. */
const nearBytes = 8 * 1024 * 1024;

/** Entries that all instances share. While Redis is away there are none, but for what is near. */
export function createRedisCache(redis: RedisLink): Cache {
  const near = createEntries({ maxBytes: nearBytes });
  return {
    space(purpose, options = {}) {
      const keyOf = cacheKeys(purpose);
      const shared = redisSpace(redis, keyOf);
      return options.nearTtlMs === undefined ? shared : nearSpace({ redis, near, keyOf, shared }, options.nearTtlMs);
    },
  };
}

type KeyOf = ReturnType<typeof cacheKeys>;

function redisSpace(redis: RedisLink, keyOf: KeyOf): CacheSpace {
  const remove = async (key: string) => void (await redis.ask('cache', (client) => client.del(prefix + key)));
  return {
    async get(tenantId, key) {
      const full = prefix + keyOf(tenantId, key);
      const answer = await redis.ask('cache', (client) => client.get(full));
      return answer?.value ?? undefined;
    },
    async set(tenantId, key, value, ttlMs) {
      const full = keyOf(tenantId, key);
      // The old value goes too: it is no longer what the caller wants found.
      if (ttlMs < 1 || entryBytes(full, value) > maxEntryBytes) return remove(full);
      await redis.ask('cache', (client) => client.set(prefix + full, value, 'PX', Math.trunc(ttlMs)));
    },
    delete: async (tenantId, key) => remove(keyOf(tenantId, key)),
  };
}

interface NearParts {
  readonly redis: RedisLink;
  readonly near: Entries;
  readonly keyOf: KeyOf;
  readonly shared: CacheSpace;
}

function nearSpace({ redis, near, keyOf, shared }: NearParts, nearTtlMs: number): CacheSpace {
  return {
    async get(tenantId, key) {
      const full = keyOf(tenantId, key);
      const kept = near.get(full);
      if (kept !== undefined) return kept;
      // With what is left of its time: a copy must not outlive the entry.
      const answer = await redis.ask('cache', (client) =>
        Promise.all([client.get(prefix + full), client.pttl(prefix + full)]),
      );
      if (answer === undefined) return undefined;
      const [value, leftMs] = answer.value;
      if (value === null) return undefined;
      setEntry(near, full, value, Math.min(nearTtlMs, leftMs));
      return value;
    },
    async set(tenantId, key, value, ttlMs) {
      setEntry(near, keyOf(tenantId, key), value, Math.min(nearTtlMs, ttlMs));
      await shared.set(tenantId, key, value, ttlMs);
    },
    async delete(tenantId, key) {
      near.delete(keyOf(tenantId, key));
      await shared.delete(tenantId, key);
    },
  };
}
