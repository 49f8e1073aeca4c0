import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Activity } from '../../activity.js';

/** How fast a tenant has things done in the database of telemetry. */
export interface Pace {
  /** Resolves when it is the tenant's turn; null: it is at once. */
  turn(tenantId: string): Promise<void> | null;
  /** Until then, as far as is known now. */
  waitMs(tenantId: string): number;
  /** Whether others ask for anything as well: whoever has much to do does little of it at a time then. */
  hasOthers(tenantId: string): boolean;
  /** Something is done for it. Answers what is to be called when it is, with how much of the database it took. */
  begin(tenantId: string): (tookMs: number) => void;
}

export interface PaceOptions {
  readonly activity: Pick<Activity, 'othersIdleMs'>;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

interface Account {
  /** Of the database's time; what is owed is less than nothing. */
  leftMs: number;
  atMs: number;
  /** What the last thing took. */
  lastMs: number;
}

/** Of a core's time: what one tenant gets of it while others ask for anything. */
const share = 0.25;
/** What is not used is kept, up to so much: nobody waits who sends now and then. */
const keptMs = 250;
/** Whoever asked so lately may ask again at any moment. */
const recentMs = 1_000;
/** How often is looked whether there still are others. */
const lookEveryMs = 250;
const maxAccounts = 10_000;

/**
 * Time that a tenant uses is paid from an account that fills by its share. While others are there, who owes waits until he
 * does not: the others find the database and the processor idle for most of the time, whatever he sends. Alone on the
 * instance, nobody waits.
 */
export function createPace({ activity, now = () => performance.now(), sleep = delay }: PaceOptions): Pace {
  // Who is forgotten has a full one.
  const accounts = new LRUCache<string, Account>({ max: maxAccounts });
  const hasOthers = (tenantId: string): boolean => activity.othersIdleMs(tenantId) < recentMs;

  function accountOf(tenantId: string): Account {
    const known = accounts.get(tenantId);
    const atMs = now();
    if (known === undefined) {
      const opened = { leftMs: keptMs, atMs, lastMs: 0 };
      accounts.set(tenantId, opened);
      return opened;
    }
    known.leftMs = Math.min(keptMs, known.leftMs + (atMs - known.atMs) * share);
    known.atMs = atMs;
    return known;
  }

  function waitMs(tenantId: string): number {
    if (!hasOthers(tenantId)) return 0;
    const { leftMs } = accountOf(tenantId);
    return leftMs >= 0 ? 0 : -leftMs / share;
  }

  async function wait(tenantId: string): Promise<void> {
    for (let leftMs = waitMs(tenantId); leftMs > 0; leftMs = waitMs(tenantId))
      await sleep(Math.ceil(Math.min(leftMs, lookEveryMs)));
  }

  return {
    turn: (tenantId) => (waitMs(tenantId) === 0 ? null : wait(tenantId)),
    waitMs,
    hasOthers,
    begin(tenantId) {
      // Paid for as if it were the last one: who has little left does not begin two things at once.
      const paidMs = accountOf(tenantId).lastMs;
      accountOf(tenantId).leftMs -= paidMs;
      return (tookMs) => {
        const account = accountOf(tenantId);
        account.leftMs += paidMs - tookMs;
        account.lastMs = tookMs;
        // What nobody was there to be held up by is not paid for later.
        if (!hasOthers(tenantId)) account.leftMs = Math.max(0, account.leftMs);
      };
    },
  };
}
