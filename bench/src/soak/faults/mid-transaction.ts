import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceProcess } from '@platen/chassis/service-process/start';
import type pg from 'pg';

export interface Killed {
  /** Transactions that had written, and had neither ended nor anything left to do but to wait for the plane. */
  readonly open: number;
  /** How often the plane was let go on, because none was. */
  readonly misses: number;
  /** From the kill until no backend of the plane held a lock. */
  readonly locksMs: number;
}

interface OpenTransaction {
  readonly pid: number;
  /** Since when it has waited, and in which transaction: the same twice is one that nothing comes for. */
  readonly mark: string;
}

/** What was sent before the plane was stopped has arrived and been worked off after so long. */
const settleMs = 25;
const lookEveryMs = 2;
const longestMs = 60_000;

const ofPlane = `from pg_stat_activity where usename in ('platen_app', 'platen_system') and datname = current_database()`;
const openTransactions = `select pid, concat_ws(' ', xact_start, state_change, backend_xid) as mark ${ofPlane}
  and state = 'idle in transaction' and backend_xid is not null order by pid`;

/**
 * Waits for a transaction that has written, stops the plane where it stands, and kills it if one is open still: then it is
 * known that the kill met it. Otherwise the plane goes on, and another is waited for.
 */
export async function killInTransaction(plane: ServiceProcess, watch: pg.Client): Promise<Killed> {
  const look = async () => (await watch.query<OpenTransaction>(openTransactions)).rows;
  const sinceMs = performance.now();
  for (let misses = 0; performance.now() - sinceMs < longestMs; misses += 1) {
    while ((await look()).length === 0 && performance.now() - sinceMs < longestMs) await delay(lookEveryMs);
    process.kill(plane.pid, 'SIGSTOP');
    await delay(settleMs);
    const before = await look();
    await delay(settleMs);
    const after = new Set((await look()).map(({ mark }) => mark));
    const open = before.filter(({ mark }) => after.has(mark));
    if (open.length > 0) return { open: open.length, misses, locksMs: await killAndAwaitLocks(plane, watch) };
    process.kill(plane.pid, 'SIGCONT');
    await delay(settleMs);
  }
  throw new Error('no transaction of the plane was ever met open');
}

async function killAndAwaitLocks(plane: ServiceProcess, watch: pg.Client): Promise<number> {
  const { rows } = await watch.query<{ pid: number }>(`select pid ${ofPlane}`);
  const pids = rows.map(({ pid }) => pid);
  const killedAtMs = performance.now();
  await plane.kill();
  while (performance.now() - killedAtMs < longestMs) {
    const held = await watch.query('select from pg_locks where pid = any($1::int[]) limit 1', [pids]);
    if (held.rowCount === 0) break;
    await delay(lookEveryMs);
  }
  return performance.now() - killedAtMs;
}
