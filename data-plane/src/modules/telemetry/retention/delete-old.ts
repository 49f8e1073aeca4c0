import type { ScopedDb } from '@platen/chassis/db/types';
import { dayMs } from '@platen/chassis/durations';
import * as repo from './repo.js';

/** What was measured before then is kept no longer: whole days in UTC, as partitions are. */
export const keptSince = (nowMs: number, days: number): Date => new Date((Math.floor(nowMs / dayMs) - days) * dayMs);

/** Would it be deleted as soon as it was stored? */
export const isTooOld = (tsMs: number, nowMs: number, rawDays: number): boolean =>
  tsMs < keptSince(nowMs, rawDays).getTime();

export interface DeleteOld {
  /** Of an organization. */
  readonly db: ScopedDb;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/**
 * What an organization keeps for less long than others of its database, whose days therefore stay: series by series, in
 * statements that are short. What it does not come to is there the next time. How many rows went.
 */
export async function deleteOld({ db, nowMs, signal }: DeleteOld): Promise<number> {
  const policy = await repo.findPolicy(db);
  const series = await repo.listSeries(db);
  let total = 0;
  for (const { table, days } of repo.kept) {
    const before = keptSince(nowMs, policy[days]);
    for (const one of series) total += await deleteOldOf(table, one, before);
  }
  return total;

  async function deleteOldOf(table: (typeof repo.kept)[number]['table'], one: repo.Series, before: Date) {
    let ofSeries = 0;
    while (!signal.aborted) {
      const count = await repo.deleteOldest(db, table, one, before);
      if (count === 0) break;
      ofSeries += count;
    }
    return ofSeries;
  }
}
