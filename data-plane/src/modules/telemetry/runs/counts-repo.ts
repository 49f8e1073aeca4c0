import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { CountedMinute } from './cycle.js';
import type { Part, SpanParts } from './run-span.js';

const rolled = (view: string, from: number) =>
  `(select coalesce(sum(increase), 0) from ${view} where device_no = $1::int and metric_no = $2::int
    and bucket >= $${from}::timestamptz and bucket < $${from + 1}::timestamptz)`;
/** Of readings, each by itself: the first counts from the last one before it, of those that are kept or of their minutes. */
const raw = (from: number) =>
  `(select coalesce(sum(case when value >= before then value - before else value end), 0) from (
    select r.value, coalesce(lag(r.value) over (order by r.ts), (
      select p.value from tel_own_readings p where p.device_no = $1::int and p.metric_no = $2::int
        and p.ts < $${from}::timestamptz and p.ts >= $${from}::timestamptz - interval '2 days' order by p.ts desc limit 1
    ), (
      select m.last from tel_own_readings_1m m where m.device_no = $1::int and m.metric_no = $2::int
        and m.bucket <= $${from}::timestamptz - interval '1 minute' order by m.bucket desc limit 1
    )) as before
    from tel_own_readings r where r.device_no = $1::int and r.metric_no = $2::int
      and r.ts >= $${from}::timestamptz and r.ts < $${from + 1}::timestamptz
  ) step where before is not null)`;

/**
 * What is not rolled up yet of the broken minute at the beginning is left for the next time: the minute after it counts
 * from before it so far, and would count it too.
 */
const rawOnceRolled = (from: number) => `case when exists (
    select from tel_dirty_buckets d where d.device_no = $1::int and d.metric_no = $2::int
      and d.last_ts >= $${from}::timestamptz and d.first_ts < $${from + 1}::timestamptz
  ) then 0 else ${raw(from)} end`;

const select = statement<{ counted: number }>(
  'telemetry_runs.increase',
  `select ${rolled('tel_own_readings_1h', 3)} + ${rolled('tel_own_readings_1m', 5)} + ${rolled('tel_own_readings_1m', 7)}
    + ${rawOnceRolled(9)} + ${raw(11)} as counted`,
  { parse: { counted: Number } },
);

export interface Series {
  readonly device_no: number;
  readonly metric_no: number;
}
const bounds = ({ fromMs, toMs }: Part) => [new Date(fromMs), new Date(toMs)];

/** By how much a counter grew in a span; where it fell it had begun again from nothing. */
export async function findIncrease(db: Queryable, series: Series, parts: SpanParts): Promise<number> {
  const all = [parts.hours, ...parts.minutes, ...parts.readings].flatMap(bounds);
  const [row] = await db.query(select, [series.device_no, series.metric_no, ...all]);
  return row?.counted ?? 0;
}

const selectMinutes = statement<CountedMinute>(
  'telemetry_runs.minutes',
  `select (extract(epoch from last_ts) * 1000)::bigint as "lastMs", increase from (
    select last_ts, increase, bucket from tel_own_readings_1m
    where device_no = $1::int and metric_no = $2::int and bucket >= $3::timestamptz and bucket < $4::timestamptz
    order by bucket desc limit $5::int
  ) latest order by bucket`,
  { parse: { lastMs: 'int', increase: Number } },
);

/** The last minutes of a span in which the counter was read. */
export const listMinutes = (db: Queryable, series: Series, span: Part, limit: number): Promise<CountedMinute[]> =>
  db.query(selectMinutes, [series.device_no, series.metric_no, ...bounds(span), limit]);
