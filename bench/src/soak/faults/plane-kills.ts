import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startBenchPlatform } from '../../environment/platform.js';
import type { Promised } from '../outcome.js';
import { askAgain, checkStock, judgeDeals } from './deal-ledger.js';
import { type Deals, startDeals } from './deals.js';
import type { FaultContext } from './fault.js';
import { type Killed, killInTransaction } from './mid-transaction.js';

const kills = 20;
const locksLimitMs = 2_000;
const standstillMs = 60_000;
const askedAgain = 200;

/** A data plane that is killed with transactions open, again and again, while a shop works. */
export async function planeKills({ random, say, onStop }: FaultContext): Promise<Promised> {
  const platform = await startBenchPlatform({ profileDir: null, autovacuum: true });
  onStop(() => platform.stop());
  await platform.start('control-plane');
  let plane = await platform.start('data-plane');
  const watch = new pg.Client({ connectionString: platform.superuserUrl('erp-1') });
  await watch.connect();
  onStop(() => watch.end());
  const deals = await startDeals(platform);
  onStop(async () => deals.close());

  const startedAtMs = performance.now();
  const killed: Killed[] = [];
  const awayMs: number[] = [];
  while (killed.length < kills) {
    await untilMore(deals, 10 + random(60));
    const one = await killInTransaction(plane, watch);
    killed.push(one);
    const goneMs = performance.now();
    plane = await platform.start('data-plane');
    awayMs.push(performance.now() - goneMs);
    say(
      `kill ${killed.length}: ${one.open} open, locks free after ${one.locksMs.toFixed(0)} ms, ${deals.acknowledged.size} writes`,
    );
  }
  await untilMore(deals, 50);
  await deals.end();
  const seconds = (performance.now() - startedAtMs) / 1_000;

  const { asked, tried } = await askAgain(deals, askedAgain);
  const locks = killed.filter(({ locksMs }) => locksMs > locksLimitMs);
  const slowest = Math.max(...killed.map(({ locksMs }) => locksMs));
  return {
    promises: [
      ...(await judgeDeals(deals, watch)),
      { promise: 'calls with one key have one answer; no answer that nobody expects', broken: deals.odd },
      tried,
      await checkStock(deals),
      {
        promise: 'locks of a killed plane are free within 2 s',
        broken: locks.map(({ locksMs }) => `${locksMs.toFixed(0)} ms`),
      },
    ],
    figures: [
      `${kills} kills, each with a transaction open that had written, ${sum(killed, ({ open }) => open)} of them in all; ${deals.acknowledged.size} writes acknowledged in ${seconds.toFixed(0)} s`,
      `locks free after ${slowest.toFixed(0)} ms at most; another plane ready after ${(Math.max(...awayMs) / 1_000).toFixed(1)} s at most`,
      `${deals.cut()} calls without an answer that says what became of them, ${deals.abandoned()} deals given up after one; ${deals.replays()} answers given again; ${asked} keys asked again in the end`,
      `a plane was stopped ${sum(killed, ({ misses }) => misses)} times with nothing open, and let go on`,
    ],
  };
}

const sum = (killed: readonly Killed[], of: (one: Killed) => number): number =>
  killed.reduce((total, one) => total + of(one), 0);

async function untilMore({ acknowledged }: Deals, more: number): Promise<void> {
  const wanted = acknowledged.size + more;
  for (const sinceMs = performance.now(); performance.now() - sinceMs < standstillMs; await delay(10))
    if (acknowledged.size >= wanted) return;
  throw new Error('nothing is acknowledged any more');
}
