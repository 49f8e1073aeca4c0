import { DatabaseError, sqlstates } from '@platen/chassis/db/errors';
import type { Pace } from '../pace.js';
import type { Row, Stored, StoredKey } from './repo.js';

/** Rows that one request wants stored, until they are. */
interface Waiting {
  readonly rows: readonly Row[];
  readonly sinceMs: number;
  resolve(accepted: number): void;
  reject(error: unknown): void;
}

/** In one transaction of its own; of a tenant. Rows in the order of their keys. */
export type StoreBatch<T> = (tenant: T, rows: readonly Row[]) => Promise<Stored>;

export interface BatcherObserver {
  stored(rows: number, seconds: number): void;
}

/** Readings of a flush, unless one request alone has more. */
const maxBatchRows = 5_000;
/** Where others want something too, so that none of their requests stands behind more than some milliseconds' work. */
const maxBatchRowsAmongOthers = 1_000;
/** Beside its rows, a batch takes as long as these would: that it waits for the disk is no use of it. */
const freeRows = 100;
/** What a request takes of the plane, however little is in it. */
const perRequestMs = 0.3;

/**
 * Puts requests of a tenant that come at the same time into one transaction. Nobody waits for company: the first one goes
 * at once, and those that come before it is through share the next. A tenant has one on its way, so it holds one
 * connection however much it sends, and what its batches take is paid for.
 */
export function createBatcher<T extends { readonly id: string }>(
  store: StoreBatch<T>,
  observer: BatcherObserver,
  pace: Pace,
) {
  const waitingOf = new Map<string, Waiting[]>();
  const running = new Set<Promise<void>>();

  async function flush(tenant: T, batch: readonly Waiting[]): Promise<void> {
    const startedAt = performance.now();
    const rows = batch.flatMap((waiting) => waiting.rows);
    const ordered = inOrder(rows);
    try {
      const paid = pace.begin(tenant.id);
      // Whoever waited for a database that is away has used nothing of it.
      let hasReached = true;
      const stored = await store(tenant, ordered)
        .catch((error: unknown) => {
          hasReached = error instanceof DatabaseError;
          throw error;
        })
        .finally(() => {
          const tookMs = hasReached ? performance.now() - startedAt : 0;
          paid((tookMs * rows.length) / (rows.length + freeRows) + batch.length * perRequestMs);
        });
      observer.stored(rows.length, (performance.now() - startedAt) / 1_000);
      tell(batch, ordered, stored);
    } catch (error) {
      if (batch.length === 1 || isEverybodys(error)) for (const { reject } of batch) reject(error);
      // It may be one's fault: nobody else fails with it.
      else for (const waiting of batch) await flush(tenant, [waiting]);
    }
  }

  /** Until nothing of the tenant waits any more. */
  async function run(tenant: T, waiting: Waiting[]): Promise<void> {
    while (waiting.length > 0) {
      const turn = pace.turn(tenant.id);
      if (turn !== null) await turn;
      await flush(tenant, takeBatch(waiting, pace.hasOthers(tenant.id) ? maxBatchRowsAmongOthers : maxBatchRows));
    }
    waitingOf.delete(tenant.id);
  }

  return {
    /** How many of the rows were new. Resolves after the commit. */
    store(tenant: T, rows: readonly Row[]): Promise<number> {
      return new Promise((resolve, reject) => {
        const known = waitingOf.get(tenant.id);
        const waiting = known ?? [];
        waiting.push({ rows, sinceMs: performance.now(), resolve, reject });
        if (known !== undefined) return;
        waitingOf.set(tenant.id, waiting);
        const work = run(tenant, waiting).finally(() => running.delete(work));
        running.add(work);
      });
    },
    /** How long the request has waited that has waited longest, of those that are not on their way yet. */
    behindMs(tenantId: string): number {
      const first = waitingOf.get(tenantId)?.[0];
      return first === undefined ? 0 : performance.now() - first.sinceMs;
    },
    /** Resolves when nothing is on its way any more. */
    async drained(): Promise<void> {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** What is away or slow is so for each of them, and trying one by one would make it worse. */
const isEverybodys = (error: unknown): boolean =>
  !(error instanceof DatabaseError) ||
  error.sqlstate === sqlstates.queryCanceled ||
  error.sqlstate === sqlstates.lockNotAvailable;

function takeBatch(waiting: Waiting[], most: number): Waiting[] {
  let rows = 0;
  let count = 0;
  while (count < waiting.length && (count === 0 || rows + (waiting[count] as Waiting).rows.length <= most)) {
    rows += (waiting[count] as Waiting).rows.length;
    count += 1;
  }
  return waiting.splice(0, count);
}

const byKey = (a: Row, b: Row): number => a.deviceNo - b.deviceNo || a.metricNo - b.metricNo || a.tsMs - b.tsMs;

/** Most requests come in order. */
export function inOrder(rows: readonly Row[]): readonly Row[] {
  for (let at = 1; at < rows.length; at += 1)
    if (byKey(rows[at - 1] as Row, rows[at] as Row) > 0) return rows.toSorted(byKey);
  return rows;
}

/** Of rows with the same key the first one was stored, as it is with a key that was there before. */
function tell(batch: readonly Waiting[], ordered: readonly Row[], { count, keys }: Stored): void {
  const left = new Set(keys?.map(keyOf));
  const isNew =
    keys === null || batch.length === 1 ? null : new Set(ordered.filter((row) => left.delete(keyOf(keyParts(row)))));
  for (const { rows, resolve } of batch) {
    if (isNew !== null) resolve(rows.reduce((sum, row) => sum + Number(isNew.has(row)), 0));
    else resolve(batch.length === 1 ? count : rows.length);
  }
}

const keyParts = ({ deviceNo, metricNo, tsMs }: Row): StoredKey => [deviceNo, metricNo, tsMs];
const keyOf = ([deviceNo, metricNo, tsMs]: StoredKey): string => `${deviceNo} ${metricNo} ${tsMs}`;

/** The database has no part of the table for a day yet. */
export const lacksPartition = (error: unknown): boolean =>
  error instanceof DatabaseError &&
  error.sqlstate === sqlstates.checkViolation &&
  error.message.includes('no partition');
