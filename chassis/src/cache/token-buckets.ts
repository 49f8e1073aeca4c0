import { createLru } from './lru.js';

/** Requests per window, refilled continuously; a quota is also the largest burst. */
export interface RateLimit {
  readonly name: string;
  readonly quota: number;
  readonly windowSeconds: number;
  /** The `RateLimit-Policy` field for it (draft-ietf-httpapi-ratelimit-headers). */
  readonly policy: string;
}

export const rateLimit = (name: string, quota: number, windowSeconds = 60): RateLimit => ({
  name,
  quota,
  windowSeconds,
  policy: `"${name}";q=${quota};w=${windowSeconds}`,
});

export interface Taken {
  readonly allowed: boolean;
  readonly remaining: number;
  /** Until the bucket is full again, or, when refused, until the cost is there. */
  readonly resetSeconds: number;
}

/**
 * Where requests draw tokens. Answers at once from what this instance holds; an implementation that shares buckets
 * between instances leases slices in the background.
 */
export interface RateLimits {
  take(key: string, limit: RateLimit, cost: number, nowMs: number): Taken;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/** Buckets of this instance alone. A forgotten bucket is a full one, so the bound favours the caller, never refuses. */
export function createTokenBuckets(options: { readonly maxBuckets?: number } = {}): RateLimits {
  const buckets = createLru<Bucket>(options.maxBuckets ?? 50_000);
  return {
    take(key, limit, cost, nowMs) {
      const perMs = limit.quota / (limit.windowSeconds * 1000);
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        bucket = { tokens: limit.quota, filledAtMs: nowMs };
        buckets.set(key, bucket);
      } else {
        // A clock that steps back gives nothing and takes nothing.
        const passedMs = Math.max(0, nowMs - bucket.filledAtMs);
        bucket.tokens = Math.min(limit.quota, bucket.tokens + passedMs * perMs);
        bucket.filledAtMs = nowMs;
      }
      const allowed = bucket.tokens >= cost;
      if (allowed) bucket.tokens -= cost;
      const missing = allowed ? limit.quota - bucket.tokens : cost - bucket.tokens;
      return {
        allowed,
        remaining: Math.floor(bucket.tokens),
        resetSeconds: perMs > 0 ? Math.ceil(missing / perMs / 1000) : limit.windowSeconds,
      };
    },
  };
}
