import type { LRUCache } from 'lru-cache';
import { Lease } from './lease.js';
import { createLru } from './lru.js';
import type { RedisLink } from './redis-link.js';
import { settleBuckets } from './settle-script.js';
import type { RateLimit, RateLimits, Taken } from './token-buckets.js';

/** Limits that all instances of a service share. */
export interface LeasedLimits extends RateLimits {
  /** Settles now what is due, and resolves when it is answered for. */
  settle(): Promise<void>;
  /** Gives back what is held. */
  close(): Promise<void>;
}

export interface LeasedLimitsOptions {
  readonly redis: RedisLink;
  /** Instances of the same service share their buckets. */
  readonly service: string;
  readonly settleEveryMs?: number;
  readonly maxBuckets?: number;
  /** The same clock as the requests'. Milliseconds. */
  readonly clock?: () => number;
}

/** Of one script call: Redis does nothing else meanwhile. */
const settlementsAtOnce = 100;

/**
 * Requests draw from a slice of the shared bucket that this instance holds. Settled in the background: what was used is
 * told to Redis, the next slice is taken when half of one is gone, what nobody asks for is given back.
 *
 * A request that finds nothing held is let through on credit, up to one slice, while the bucket is believed to have
 * tokens. So N instances admit at most N slices more than the quota; the debt is taken from the bucket afterwards, so
 * they never do it twice. While Redis is away each instance goes on alone from the level it knew last.
 */
export function createLeasedLimits(options: LeasedLimitsOptions): LeasedLimits {
  return new Leases(options);
}

class Leases implements LeasedLimits {
  readonly #redis: RedisLink;
  readonly #prefix: string;
  readonly #settleEveryMs: number;
  readonly #clock: () => number;
  readonly #leases: LRUCache<string, Lease>;
  /** Those with something to settle; one that is forgotten meanwhile stays here until it is settled. */
  readonly #queue = new Set<Lease>();
  /** Those that the end of the round would be too late for. */
  readonly #hungry = new Set<Lease>();
  readonly #sending = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  #isClosed = false;

  constructor(options: LeasedLimitsOptions) {
    this.#redis = options.redis;
    this.#prefix = `platen:limits:${options.service}:`;
    this.#settleEveryMs = options.settleEveryMs ?? 100;
    this.#clock = options.clock ?? Date.now;
    this.#leases = createLru(options.maxBuckets ?? 50_000);
  }

  take(key: string, limit: RateLimit, cost: number, nowMs: number): Taken {
    let lease = this.#leases.get(key);
    if (lease === undefined) {
      lease = new Lease(key, limit, nowMs);
      this.#leases.set(key, lease);
    } else {
      lease.refill(limit, nowMs);
    }
    if (!this.#redis.isUp) {
      this.#redis.countFallback('limits');
      return lease.takeAlone(cost);
    }
    const taken = lease.take(cost);
    if (lease.isDue && !this.#queue.has(lease)) {
      this.#queue.add(lease);
      this.#settleLater();
    }
    if (lease.isHungry) this.#settleSoon(lease);
    return taken;
  }

  async settle(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#settleAll(this.#queue, true);
    this.#settleLater();
    await Promise.all(this.#sending);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
    await Promise.all(this.#sending);
    for (const lease of this.#queue) lease.stop();
    await this.settle();
  }

  #settleAll(leases: ReadonlySet<Lease>, endsRound: boolean): void {
    const nowMs = this.#clock();
    let batch: Lease[] = [];
    for (const lease of leases) {
      lease.refill(lease.limit, nowMs);
      if (!this.#redis.isUp) lease.goAlone();
      else if (lease.plan(endsRound)) batch.push(lease);
      if (!lease.isDue) this.#queue.delete(lease);
      if (batch.length === settlementsAtOnce) {
        this.#send(batch);
        batch = [];
      }
    }
    if (batch.length > 0) this.#send(batch);
  }

  #send(leases: readonly Lease[]): void {
    const sending = this.#settleWithRedis(leases).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  async #settleWithRedis(leases: readonly Lease[]): Promise<void> {
    const settlements = leases.map((lease) => ({ ...lease.settlement(), key: this.#prefix + lease.key }));
    const answer = await this.#redis.ask('limits', (client) => settleBuckets(client, settlements));
    const nowMs = this.#clock();
    for (const [index, lease] of leases.entries()) {
      lease.settled(answer?.value[index], nowMs);
      if (lease.isHungry) this.#settleSoon(lease);
    }
  }

  #settleLater(): void {
    if (this.#isClosed || this.#queue.size === 0) return;
    this.#timer ??= setTimeout(() => void this.settle(), this.#settleEveryMs).unref();
  }

  /** With whatever else this turn of the event loop brings. */
  #settleSoon(lease: Lease): void {
    if (this.#isClosed) return;
    this.#hungry.add(lease);
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#settleAll(this.#hungry, false);
      this.#hungry.clear();
    });
  }
}
