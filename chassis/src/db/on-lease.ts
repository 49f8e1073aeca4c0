import { isStalePlan } from './errors.js';
import type { LeasedLane } from './leased-lane.js';
import { stepOf } from './scope-step.js';
import { runTransaction, Transaction } from './transaction.js';
import type { DbStats, Statement, Tx, Value } from './types.js';
import type { Step } from './wire/exchange.js';
import type { Wire } from './wire/wire.js';

/** Who asks for a lease, and what runs before its statements. */
export interface LeaseHolder {
  readonly lane: LeasedLane;
  /** Whose share of the connections this counts against. */
  readonly tenantId: string;
  /** The step that sets the scope, for one statement or for a transaction; none for the system role. */
  readonly scope: (declared?: Statement<unknown>) => readonly Step[];
  readonly stats: DbStats;
}

async function onLease<T>({ lane, tenantId, stats }: LeaseHolder, work: (wire: Wire) => Promise<T>): Promise<T> {
  const askedAt = performance.now();
  const lease = await lane.lease(tenantId);
  stats.waitedMs += performance.now() - askedAt;
  try {
    return await work(lease.wire);
  } finally {
    lease.release();
  }
}

/** One statement in one Sync with its scope. */
export async function queryOnLease<Row>(
  holder: LeaseHolder,
  declared: Statement<Row>,
  values: readonly Value[] | undefined,
): Promise<Row[]> {
  const { stats } = holder;
  const step = stepOf(declared, values);
  stats.queries += 1;
  return onLease(holder, async (wire) => {
    const sentAt = performance.now();
    stats.roundTrips += 1;
    try {
      await wire.run([...holder.scope(declared), step]);
      // The step's rows are built by the statement's columns and parsers; Row is the caller's word for them.
      return step.rows as Row[];
    } catch (error) {
      if (!isStalePlan(error)) throw error;
      const again = stepOf(declared, values);
      stats.roundTrips += 1;
      await wire.run([...holder.scope(declared), again]);
      return again.rows as Row[];
    } finally {
      stats.waitedMs += performance.now() - sentAt;
    }
  });
}

export function transactOnLease<T>(holder: LeaseHolder, work: (tx: Tx) => Promise<T>): Promise<T> {
  return onLease(holder, (wire) => runTransaction(new Transaction(wire, holder.scope(), holder.stats), work));
}
