import { pause } from '../bus/back-off.js';
import type { Queryable, Statement, Value } from './types.js';

/** `key`: the name by which the metrics know it. */
export interface ScrapedDatabase {
  readonly key: string;
  readonly system: Queryable;
}

/**
 * What a statement finds in each database, for metrics that are read when somebody asks. A database that is away, or silent
 * for longer than a scrape waits, is not among the answers: what is known of the others is told.
 */
export async function scrapeRows<Row>(
  databases: readonly ScrapedDatabase[],
  statement: Statement<Row>,
  values: readonly Value[] = [],
  waitMs = 2_000,
): Promise<{ readonly database: string; readonly rows: Row[] }[]> {
  const over = new AbortController();
  const late = pause(waitMs, over.signal).then(() => null);
  const found = await Promise.all(
    databases.map(async ({ key: database, system }) => {
      const rows = await Promise.race([system.query(statement, values).catch(() => null), late]);
      return rows === null ? [] : [{ database, rows }];
    }),
  );
  over.abort();
  return found.flat();
}
