import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { Reading } from './rollups.fixture.js';

/** Roll-ups as the readings say they should be, worked out from nothing: once here, and once in plain SQL. */

/** Device, metric, start in ms, count, sum, min, max, first, last, first and last time in ms, increase. */
export type Row = readonly number[];

export interface Computed {
  readonly minutes: readonly Row[];
  readonly hours: readonly Row[];
  readonly days: readonly Row[];
  /** Device, metric, time in ms, value. */
  readonly latest: readonly Row[];
}

interface Bucket {
  readonly deviceNo: number;
  readonly metricNo: number;
  readonly startMs: number;
  count: number;
  sum: number;
  min: number;
  max: number;
  readonly first: number;
  last: number;
  readonly firstMs: number;
  lastMs: number;
  increase: number;
}

export function computeTruth(readings: readonly Reading[]): Computed {
  const series = groupBy(readings, ({ deviceNo, metricNo }) => `${deviceNo} ${metricNo}`);
  const minutes: Bucket[] = [];
  const latest: Row[] = [];
  for (const unsorted of series.values()) {
    const sorted = unsorted.toSorted((a, b) => a.tsMs - b.tsMs);
    minutes.push(...minutesOf(sorted));
    const newest = sorted.at(-1);
    if (newest !== undefined) latest.push([newest.deviceNo, newest.metricNo, newest.tsMs, newest.value]);
  }
  const hours = coarserOf(minutes, 3_600_000);
  return {
    minutes: ordered(minutes.map(rowOf)),
    hours: ordered(hours.map(rowOf)),
    days: ordered(coarserOf(hours, 86_400_000).map(rowOf)),
    latest: ordered(latest),
  };
}

function groupBy<T, K>(list: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of list) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

/** `sorted`: of one series, by time. */
function minutesOf(sorted: readonly Reading[]): Bucket[] {
  const minutes: Bucket[] = [];
  let before: Bucket | undefined;
  for (const [startMs, inMinute] of groupBy(sorted, ({ tsMs }) => Math.floor(tsMs / 60_000) * 60_000)) {
    const values = inMinute.map(({ value }) => value);
    const [first, last] = [inMinute[0], inMinute.at(-1)];
    if (first === undefined || last === undefined) throw new Error('an empty minute');
    const stoodAt = before?.last ?? first.value;
    const fellAtStart = first.value < stoodAt ? stoodAt : 0;
    const fellWithin = values.slice(1).reduce((sum, value, at) => {
      const previous = values[at] ?? 0;
      return value < previous ? sum + previous : sum;
    }, 0);
    before = {
      deviceNo: first.deviceNo,
      metricNo: first.metricNo,
      startMs,
      count: values.length,
      sum: values.reduce((sum, value) => sum + value),
      min: Math.min(...values),
      max: Math.max(...values),
      first: first.value,
      last: last.value,
      firstMs: first.tsMs,
      lastMs: last.tsMs,
      increase: last.value - stoodAt + (fellAtStart + fellWithin),
    };
    minutes.push(before);
  }
  return minutes;
}

function coarserOf(finer: readonly Bucket[], lengthMs: number): Bucket[] {
  const found = new Map<string, Bucket>();
  for (const one of finer) {
    const startMs = Math.floor(one.startMs / lengthMs) * lengthMs;
    const key = `${one.deviceNo} ${one.metricNo} ${startMs}`;
    const known = found.get(key);
    if (known === undefined) {
      found.set(key, { ...one, startMs });
      continue;
    }
    known.count += one.count;
    known.sum += one.sum;
    known.min = Math.min(known.min, one.min);
    known.max = Math.max(known.max, one.max);
    known.last = one.last;
    known.lastMs = one.lastMs;
    known.increase += one.increase;
  }
  return [...found.values()];
}

const rowOf = (b: Bucket): Row => [
  ...[b.deviceNo, b.metricNo, b.startMs, b.count, b.sum, b.min, b.max, b.first, b.last, b.firstMs, b.lastMs],
  b.increase,
];
const ordered = (rows: readonly Row[]): Row[] => {
  const rank = (row: Row) => (row[0] ?? 0) * 1e15 + (row[1] ?? 0) * 1e14 + (row[2] ?? 0);
  return rows.toSorted((a, b) => rank(a) - rank(b));
};

const ms = (instant: string): string => `(extract(epoch from ${instant}) * 1000)::bigint`;
const array = (...columns: string[]): string =>
  `select coalesce(json_agg(json_build_array(${columns.join(', ')}) order by device_no, metric_no`;
const bucketArray = `${array(
  ...['device_no', 'metric_no', ms('bucket'), 'count', 'sum', 'min', 'max', 'first', 'last', ms('first_ts')],
  ...[ms('last_ts'), 'increase'],
)}, bucket), '[]')`;
const latestArray = `${array('device_no', 'metric_no', ms('ts'), 'value')}), '[]')`;
const asComputed = (minutes: string, hours: string, days: string, latest: string): string =>
  `select (${bucketArray} from ${minutes} b) as minutes, (${bucketArray} from ${hours} b) as hours,
     (${bucketArray} from ${days} b) as days, (${latestArray} from ${latest} l) as latest`;
const parse = { minutes: 'json', hours: 'json', days: 'json', latest: 'json' } as const;

const stored = statement<Computed>(
  'rollups_test.stored',
  asComputed('tel_own_readings_1m', 'tel_own_readings_1h', 'tel_own_readings_1d', 'tel_own_latest'),
  { parse },
);

const coarser = (from: string, unit: string): string =>
  `select device_no, metric_no, date_trunc('${unit}', bucket, 'UTC') as bucket, sum(count)::int as count,
     sum(sum order by bucket) as sum, min(min) as min, max(max) as max, (array_agg(first order by bucket))[1] as first,
     (array_agg(last order by bucket desc))[1] as last, min(first_ts) as first_ts, max(last_ts) as last_ts,
     sum(increase order by bucket) as increase
   from ${from} f group by 1, 2, 3`;
const inSql = statement<Computed>(
  'rollups_test.truth',
  `with fallen as (
     select *, date_trunc('minute', ts) as bucket,
       lag(value) over (partition by device_no, metric_no order by ts) as before,
       lag(ts) over (partition by device_no, metric_no order by ts) as before_ts
     from tel_own_readings),
   minutes as (
     select device_no, metric_no, bucket, count(*)::int as count, sum(value order by ts) as sum, min(value) as min,
       max(value) as max, (array_agg(value order by ts))[1] as first, (array_agg(value order by ts desc))[1] as last,
       min(ts) as first_ts, max(ts) as last_ts,
       (array_agg(value order by ts desc))[1] - coalesce((array_agg(before order by ts))[1], (array_agg(value order by ts))[1])
         + (coalesce(sum(before) filter (where value < before and before_ts < bucket), 0)
           + coalesce(sum(before order by ts) filter (where value < before and before_ts >= bucket), 0)) as increase
     from fallen group by 1, 2, 3),
   hours as (${coarser('minutes', 'hour')}),
   days as (${coarser('hours', 'day')}),
   latest as (select distinct on (device_no, metric_no) * from tel_own_readings order by device_no, metric_no, ts desc)
   ${asComputed('minutes', 'hours', 'days', 'latest')}`,
  { parse },
);

const selectReadings = statement<{ readings: Row[] }>(
  'rollups_test.readings',
  `select coalesce(json_agg(json_build_array(device_no, metric_no, ${ms('ts')}, value)), '[]') as readings
   from tel_own_readings`,
  { parse: { readings: 'json' } },
);

/** What the tables hold, and what its readings say they should. */
export async function readComputed(db: Queryable): Promise<{ stored: Computed; inSql: Computed; truth: Computed }> {
  const [[held], [said], [raw]] = await Promise.all([db.query(stored), db.query(inSql), db.query(selectReadings)]);
  if (held === undefined || said === undefined || raw === undefined) throw new Error('no answer');
  const readings = raw.readings.map(([deviceNo = 0, metricNo = 0, tsMs = 0, value = 0]) => ({
    ...{ deviceNo, metricNo, tsMs, value },
  }));
  return { stored: held, inSql: said, truth: computeTruth(readings) };
}
