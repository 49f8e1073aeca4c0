import type { Settled, Settlement } from './settle-script.js';
import type { RateLimit, Taken } from './token-buckets.js';

/** A slice is this part of a quota, and at least one token. */
const slicesOfQuota = 10;
/** On credit an instance takes at most this part of what the bucket is believed to have. */
const shareOfRest = 4;
/** Below so many tokens asked for in a round, taking on credit is enough, and none lies idle here. */
const busyFrom = 2;

/** The most that one instance admits of a limit beyond what all of them share. */
export const sliceOf = (limit: RateLimit): number => Math.max(1, Math.ceil(limit.quota / slicesOfQuota));

/** What one instance holds of a shared bucket, and what it knows of the rest. */
export class Lease {
  readonly key: string;
  limit: RateLimit;
  #tokensPerMs = 0;
  #slice = 1;
  /** Taken out of the shared bucket and not yet used. */
  #held = 0;
  /** Used before Redis was asked. */
  #owed = 0;
  /** What was owed when Redis was asked; with `#owed` never more than a slice. */
  #settling = 0;
  /** What the shared bucket has: its last answer, less what was owed then, refilled by the time since. */
  #shared: number;
  #filledAtMs: number;
  /** Tokens asked for in this round: the size of the next lease follows it. */
  #asked = 0;
  #settlement: Omit<Settlement, 'key'> | undefined;

  constructor(key: string, limit: RateLimit, nowMs: number) {
    this.key = key;
    this.limit = limit;
    this.#shared = limit.quota;
    this.#filledAtMs = nowMs;
    this.#measure();
  }

  /** There is, or will be, something to tell Redis. */
  get isDue(): boolean {
    return this.#held > 0 || this.#owed > 0 || this.#asked > 0 || this.#settlement !== undefined;
  }

  /** Half of the credit is gone: too early a moment for a refusal while the shared bucket may have plenty. */
  get isHungry(): boolean {
    return this.#settlement === undefined && this.#owed > 0 && this.#owed * 2 >= this.#credit;
  }

  /** Others draw on what is left too: the less there is, the sooner Redis is asked. */
  get #credit(): number {
    return Math.min(this.#slice, this.#shared / shareOfRest);
  }

  refill(limit: RateLimit, nowMs: number): void {
    if (limit !== this.limit) {
      this.limit = limit;
      this.#measure();
    }
    // A clock that steps back gives nothing and takes nothing.
    const passedMs = Math.max(0, nowMs - this.#filledAtMs);
    this.#shared = Math.min(limit.quota, this.#shared + passedMs * this.#tokensPerMs);
    this.#filledAtMs = nowMs;
  }

  take(cost: number): Taken {
    const lack = cost - this.#held;
    if (lack <= 0) {
      this.#held -= cost;
    } else {
      // Nothing that Redis need know: time alone brings the next token.
      if (this.#shared - this.#owed < lack) return this.#answer(cost, false);
      if (this.#owed + this.#settling + lack > Math.max(cost, this.#credit)) {
        this.#asked += cost;
        return this.#answer(cost, false);
      }
      this.#owed += lack;
      this.#held = 0;
    }
    this.#asked += cost;
    return this.#answer(cost, true);
  }

  /** Without Redis: from the level that was known last, refilled as if there were no other instance. */
  takeAlone(cost: number): Taken {
    this.goAlone();
    const allowed = this.#shared >= cost;
    if (allowed) this.#shared -= cost;
    return this.#answer(cost, allowed);
  }

  goAlone(): void {
    this.#shared = Math.min(this.limit.quota, this.#shared + this.#held - this.#owed);
    this.#held = 0;
    this.#owed = 0;
    this.#asked = 0;
  }

  /** Nobody will ask any more: the next settlement gives back all that is held. */
  stop(): void {
    this.#asked = 0;
  }

  /**
   * Makes the next settlement; false when there is nothing to settle, or an answer is still out. What is too much is
   * seen, and given back, at the end of a round only.
   */
  plan(endsRound: boolean): boolean {
    if (this.#settlement !== undefined) return false;
    const target = this.#asked < busyFrom ? 0 : Math.min(this.#slice, this.#asked * 2);
    if (endsRound) this.#asked = 0;
    const surplus = endsRound && this.#held > target * 2 ? this.#held - target : 0;
    const wanted = this.#held * 2 <= target ? target - this.#held : 0;
    const spent = this.#owed - surplus;
    if (spent === 0 && wanted === 0) return false;
    this.#held -= surplus;
    this.#shared = Math.min(this.limit.quota, this.#shared - spent);
    this.#settling = this.#owed;
    this.#owed = 0;
    const { quota, windowSeconds } = this.limit;
    this.#settlement = { quota, windowMs: windowSeconds * 1000, spent, wanted };
    return true;
  }

  settlement(): Omit<Settlement, 'key'> {
    if (this.#settlement === undefined) throw new Error('There is nothing to settle');
    return this.#settlement;
  }

  /** Undefined: nobody knows whether Redis did it. What was granted then comes back with the time. */
  settled(answer: Settled | undefined, nowMs: number): void {
    this.#settlement = undefined;
    this.#settling = 0;
    if (answer === undefined) return;
    this.#held += answer.granted;
    this.#shared = answer.left;
    this.#filledAtMs = nowMs;
  }

  #measure(): void {
    const { quota, windowSeconds } = this.limit;
    this.#tokensPerMs = quota / (windowSeconds * 1000);
    this.#slice = sliceOf(this.limit);
  }

  #answer(cost: number, allowed: boolean): Taken {
    const { quota, windowSeconds } = this.limit;
    const tokens = Math.min(quota, this.#shared + this.#held - this.#owed);
    const missing = allowed ? quota - tokens : Math.max(0, cost - tokens);
    const seconds = this.#tokensPerMs > 0 ? Math.ceil(missing / this.#tokensPerMs / 1000) : windowSeconds;
    return {
      allowed,
      remaining: allowed ? Math.max(0, Math.floor(tokens)) : 0,
      // Tokens may be there and only not here yet.
      resetSeconds: allowed ? seconds : Math.max(1, seconds),
    };
  }
}
