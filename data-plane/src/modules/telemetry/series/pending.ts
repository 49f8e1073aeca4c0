import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { defaultRetention } from '@platen/schema/tables/telemetry/retention';
import type { DirtySpan } from './fresh-spans.js';

/** Of one series and an hour: what came in and is in no rollup yet. */
export interface PendingHour extends DirtySpan {
  readonly deviceNo: number;
  readonly metricNo: number;
  readonly arrivedMs: number;
}

const msOf = (expression: string): string => `(date_part('epoch', ${expression}) * 1000)::bigint`;

/** $1 devices, $2 metrics, $3 before when. An hour is what a row is never longer than. */
const selectPending = statement<PendingHour>(
  'telemetry_series.pending',
  `select device_no as "deviceNo", metric_no as "metricNo", ${msOf('min(first_ts)')} as "firstMs",
     ${msOf('max(last_ts)')} as "lastMs", ${msOf('max(arrived_at)')} as "arrivedMs"
   from tel_dirty_buckets
   where device_no = any(array(select unnest($1::int[]))) and metric_no = any(array(select unnest($2::int[])))
     and first_ts < $3::timestamptz
   group by device_no, metric_no, date_bin('1 hour', first_ts, timestamptz '2000-01-01 00:00:00Z')`,
  { parse: { deviceNo: 'int', metricNo: 'int', firstMs: 'int', lastMs: 'int', arrivedMs: 'int' } },
);

export const listPending = (
  db: Queryable,
  deviceNos: readonly number[],
  metricNos: readonly number[],
  beforeMs: number,
): Promise<PendingHour[]> => db.query(selectPending, [deviceNos, metricNos, new Date(beforeMs)]);

const selectRawDays = statement<{ readonly days: number }>(
  'telemetry_series.raw_days',
  'select raw_days as days from tel_retention_policies limit 1',
  { parse: { days: 'int' } },
);

/** For how many days the organization keeps readings themselves. */
export async function readRawDays(db: Queryable): Promise<number> {
  const [found] = await db.query(selectRawDays);
  return found?.days ?? defaultRetention.rawDays;
}
