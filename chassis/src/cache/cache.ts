import { LRUCache } from 'lru-cache';

/**
 * Answers that are cheaper to keep than to make again. Whatever goes wrong is a miss, so a caller can always make the
 * value itself; nothing may rest on an entry being there, or being gone.
 */
export interface Cache {
  /**
   * The entries of one purpose, e.g. `menu`. Releases run side by side and read each other's entries: a new form of
   * the value is a new purpose (`menu-2`).
   */
  space(purpose: string, options?: CacheSpaceOptions): CacheSpace;
}

export interface CacheSpaceOptions {
  /**
   * Also kept in this instance, for this long, without asking what the instances share: only for what may be that
   * stale, e.g. because its key names a version.
   */
  readonly nearTtlMs?: number;
}

/** The tenant is part of every key: no text in `key` reaches another tenant's entries. */
export interface CacheSpace {
  get(tenantId: string, key: string): Promise<string | undefined>;
  /** Keeps it for at most `ttlMs`. More than `maxEntryBytes` are not kept. */
  set(tenantId: string, key: string, value: string, ttlMs: number): Promise<void>;
  /** A value computed before may still be set after: put what the value rests on, e.g. epochs, into the key. */
  delete(tenantId: string, key: string): Promise<void>;
}

/** Key and value together. */
export const maxEntryBytes = 256 * 1024;

const purposePattern = /^[a-z][a-z0-9-]{0,39}$/;
const tenantPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Neither a purpose nor a tenant's id can hold a colon, so no two (purpose, tenant, key) share a text. */
export function cacheKeys(purpose: string): (tenantId: string, key: string) => string {
  if (!purposePattern.test(purpose)) throw new Error(`Not a purpose of cache entries: ${purpose}`);
  return (tenantId, key) => {
    if (!tenantPattern.test(tenantId)) throw new Error("A cache entry needs a tenant's id");
    return `${purpose}:${tenantId}:${key}`;
  };
}

export const entryBytes = (key: string, value: string): number => Buffer.byteLength(key) + Buffer.byteLength(value);

export interface MemoryCacheOptions {
  /** Of all entries together; the least recently used go first. */
  readonly maxBytes?: number;
  /** Milliseconds, never stepping back. */
  readonly clock?: () => number;
}

/** Entries of this instance alone. */
export function createMemoryCache(options: MemoryCacheOptions = {}): Cache {
  const entries = createEntries(options);
  return { space: (purpose) => memorySpace(entries, cacheKeys(purpose)) };
}

export type Entries = Pick<LRUCache<string, string>, 'get' | 'set' | 'delete'>;

export function createEntries({ maxBytes = 16 * 1024 * 1024, clock }: MemoryCacheOptions = {}): Entries {
  return new LRUCache<string, string>({
    maxSize: maxBytes,
    maxEntrySize: Math.min(maxBytes, maxEntryBytes),
    sizeCalculation: (value, key) => entryBytes(key, value),
    ttlResolution: 0,
    ...(clock && { perf: { now: clock } }),
  });
}

/** The library takes a time to live of 0 for "for ever". */
export function setEntry(entries: Entries, key: string, value: string, ttlMs: number): void {
  if (ttlMs >= 1) entries.set(key, value, { ttl: Math.trunc(ttlMs) });
  else entries.delete(key);
}

function memorySpace(entries: Entries, keyOf: ReturnType<typeof cacheKeys>): CacheSpace {
  return {
    get: async (tenantId, key) => entries.get(keyOf(tenantId, key)),
    set: async (tenantId, key, value, ttlMs) => {
      setEntry(entries, keyOf(tenantId, key), value, ttlMs);
    },
    delete: async (tenantId, key) => {
      entries.delete(keyOf(tenantId, key));
    },
  };
}
