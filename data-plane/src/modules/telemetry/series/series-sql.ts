import { statement } from '@platen/chassis/db/statement';
import type { Statement, Value } from '@platen/chassis/db/types';
import { type SeriesAggregate, seriesAggregates } from '@platen/schema/contracts/data/telemetry-series';
import { type Source, sources } from './steps.js';

/** One series of an answer: its columns as arrays of Postgres; null: nothing is there. */
export interface SeriesRow {
  readonly t: string | null;
  readonly v: string | null;
  readonly counts: string | null;
  readonly arrivals: string | null;
  readonly firsts: string | null;
  readonly lasts: string | null;
}

/** How the rows of a source become points: as they are, by steps of the clock, or by beginnings that are named. */
export type Grouping = 'none' | 'clock' | 'calendar';

export interface SeriesShape {
  readonly source: Source;
  readonly grouping: Grouping;
  readonly aggregate: SeriesAggregate;
  /** Nothing of it is missing in the rollups. */
  readonly settled: boolean;
}

/** What statements are about; each takes what it names. */
export interface SeriesValues {
  readonly devices: Value;
  readonly metrics: Value;
  readonly from: Value;
  readonly to: Value;
  readonly now: Value;
  readonly detail: Value;
  readonly gaps: Value;
  /** Of the clock: an interval. */
  readonly step: Value;
  /** Of the calendar: where buckets begin, and where the last one ends. */
  readonly starts: Value;
  /** Readings of one series at most; one more is read. */
  readonly limit: Value;
  /** For each series, buckets of each source that are not to be taken from it, and since when something is in none. */
  readonly fresh1m: Value;
  readonly fresh1h: Value;
  readonly fresh1d: Value;
  readonly since: Value;
  /** When the last of that came in. */
  readonly arrived: Value;
}

const viewOf = { '1m': 'tel_own_readings_1m', '1h': 'tel_own_readings_1h', '1d': 'tel_own_readings_1d' } as const;
type Rollup = keyof typeof viewOf;

/** What counts as grown between two readings of a counter. */
const grown = (from: string, to: string): string =>
  `case when ${from} is null then 0 when ${to} >= ${from} then ${to} - ${from} else ${to} end`;
const isGrowth = (aggregate: SeriesAggregate): boolean => aggregate === 'increase' || aggregate === 'rate';

const ofSeries = (row: string): string => `${row}.device_no = w.device_no and ${row}.metric_no = w.metric_no`;
const within = (column: string): string => `${column} >= {from}::timestamptz and ${column} < {to}::timestamptz`;
const columns = 'count, sum, min, max, first, last, first_ts, last_ts, arrived_at, increase';
const readingColumns = (arrivedAt = 'null::timestamptz'): string =>
  `1 as count, r.value as sum, r.value as min, r.value as max, r.value as first, r.value as last, r.ts as first_ts,
  r.ts as last_ts, ${arrivedAt} as arrived_at`;

/** The readings of a series, with what a counter grew since the one before. */
function readings(aggregate: SeriesAggregate, grouping: Grouping): string {
  const found = `select ts, value from tel_own_readings r where ${ofSeries('r')} and ${within('r.ts')}
    order by r.ts limit {limit}::bigint + 1`;
  if (!isGrowth(aggregate)) return `select r.ts as at, ${readingColumns()}, 0 as increase from (${found}) r`;
  const before = `select ts, value from tel_own_readings r where ${ofSeries('r')} and r.ts < {from}::timestamptz
    order by r.ts desc limit 1`;
  // Readings have no length: a rate is that of the time since the one before.
  const growth = grown('r.before', 'r.value');
  const increase =
    aggregate === 'rate' && grouping === 'none'
      ? `(${growth}) / extract(epoch from r.ts - r.before_ts)::float8`
      : `(${growth})`;
  return `select r.ts as at, ${readingColumns()}, ${increase} as increase from (
    select ts, value, lag(value) over (order by ts) as before, lag(ts) over (order by ts) as before_ts
    from ((${found}) union all (${before})) r
  ) r where r.ts >= {from}::timestamptz`;
}

const settled = (source: Rollup): string =>
  `select r.bucket as at, ${columns} from ${viewOf[source]} r where ${ofSeries('r')} and ${within('r.bucket')}`;

/**
 * Rows of the source, but where something is in none of its rows: there those of the next finer one, and in the end the
 * readings. A row says what a counter grew since the reading before it; where that one is new, it is worked out again.
 */
function unsettled(source: Rollup, aggregate: SeriesAggregate): string {
  const levels = (['1d', '1h', '1m'] as const).slice(['1d', '1h', '1m'].indexOf(source));
  const rows = levels.map((level, index) => {
    const coarser = levels[index - 1];
    const row = `select r.bucket as at, ${columns}, false as is_reading from ${viewOf[level]} r
      where ${ofSeries('r')} and ${within('r.bucket')} and not r.bucket <@ w.fresh_${level}`;
    if (coarser === undefined) return row;
    return `select found.* from unnest(w.fresh_${coarser}) f
      cross join lateral (${row} and r.bucket >= lower(f) and r.bucket < upper(f) offset 0) found`;
  });
  const fresh = `select found.* from unnest(w.fresh_1m) f cross join lateral (
    select r.ts as at, ${readingColumns('w.arrived')}, null::float8 as increase, true as is_reading from tel_own_readings r
    where ${ofSeries('r')} and ${within('r.ts')} and r.ts >= lower(f) and r.ts < upper(f) offset 0) found`;
  const pieces = [...rows, fresh].map((piece) => `(${piece})`).join(' union all ');
  return isGrowth(aggregate) ? withGrowth(`${pieces} union all (${lastBefore})`) : `select * from (${pieces}) p`;
}

/** The last reading before all that is asked for, whether a rollup has it or not. */
const lastBefore = `select '-infinity'::timestamptz as at, ${readingColumns()}, null::float8 as increase, true as is_reading
  from (
    (select r.last_ts as ts, r.last as value from tel_own_readings_1m r
     where ${ofSeries('r')} and r.bucket < {from}::timestamptz order by r.bucket desc limit 1)
    union all
    (select r.ts, r.value from tel_own_readings r
     where ${ofSeries('r')} and r.ts >= w.since and r.ts < {from}::timestamptz order by r.ts desc limit 1)
    order by ts desc limit 1
  ) r`;

const withGrowth = (
  pieces: string,
): string => `select at, count, sum, min, max, first, last, first_ts, last_ts, arrived_at,
    case
      when is_reading then ${grown('before', 'first')}
      when is_after and (rolled.stood_since is null or rolled.stood_since < before_ts)
        then increase + (${grown('before', 'first')}) - (${grown('rolled.stood_at', 'first')})
      else increase
    end as increase
  from (
    select *, lag(last) over by_time as before, lag(last_ts) over by_time as before_ts, lag(is_reading) over by_time as is_after
    from (${pieces}) p window by_time as (order by first_ts)
  ) p
  left join lateral (
    select r.last as stood_at, r.last_ts as stood_since from tel_own_readings_1m r
    where p.is_after and not p.is_reading and ${ofSeries('r')} and r.bucket < p.at order by r.bucket desc limit 1
  ) rolled on true
  where at > '-infinity'`;

const ofOne: Readonly<Record<SeriesAggregate, string>> = {
  avg: 'sum / count',
  min: 'min',
  max: 'max',
  sum: 'sum',
  count: 'count',
  first: 'first',
  last: 'last',
  increase: 'increase',
  rate: 'increase',
};
const ofMany: Readonly<Record<SeriesAggregate, string>> = {
  avg: 'sum(sum) / sum(count)',
  min: 'min(min)',
  max: 'max(max)',
  sum: 'sum(sum)',
  count: 'sum(count)',
  first: '(array_agg(first order by first_ts))[1]',
  last: '(array_agg(last order by last_ts desc))[1]',
  increase: 'sum(increase)',
  rate: 'sum(increase)',
};
const bucketOf = {
  clock: `date_bin({step}::interval, at, timestamptz '2000-01-01 00:00:00Z')`,
  calendar: '({starts}::timestamptz[])[width_bucket(at, {starts}::timestamptz[])]',
} as const;
const endOf = {
  clock: 'at + {step}::interval',
  calendar: '({starts}::timestamptz[])[width_bucket(at, {starts}::timestamptz[]) + 1]',
} as const;

function pointsOf({ source, grouping, aggregate, settled: isSettled }: SeriesShape): string {
  const pieces =
    source === 'raw' ? readings(aggregate, grouping) : isSettled ? settled(source) : unsettled(source, aggregate);
  if (grouping === 'none') {
    return `select at, ${ofOne[aggregate]} as v, count, arrived_at, first_ts, last_ts from (${pieces}) p order by at`;
  }
  const points = `select ${bucketOf[grouping]} as at, ${ofMany[aggregate]} as v, sum(count) as count,
    max(arrived_at) as arrived_at, min(first_ts) as first_ts, max(last_ts) as last_ts from (${pieces}) p group by 1`;
  if (aggregate !== 'rate') return `${points} order by 1`;
  // What has not ended yet is as long as it has lasted.
  const seconds = `extract(epoch from least(${endOf[grouping]}, greatest({now}::timestamptz, last_ts)) - at)::float8`;
  return `select at, v / nullif(${seconds}, 0) as v, count, arrived_at, first_ts, last_ts from (${points}) g order by at`;
}

/** An aggregate is computed whatever is around it: what nobody asked for is left out within. */
const listIf = (name: 'detail' | 'gaps', expression: string): string =>
  `array_agg(${expression}) filter (where {${name}}::boolean)`;
const ms = (column: string): string => `(date_part('epoch', ${column}) * 1000)::bigint`;

function textOf(shape: SeriesShape): string {
  const isFresh = shape.source !== 'raw' && !shape.settled;
  const fresh = isFresh
    ? ', {fresh1m}::tstzmultirange[], {fresh1h}::tstzmultirange[], {fresh1d}::tstzmultirange[], {since}::timestamptz[], {arrived}::timestamptz[]'
    : '';
  return `select x.* from unnest({devices}::int[], {metrics}::int[]${fresh}) with ordinality
      as w(device_no, metric_no${isFresh ? ', fresh_1m, fresh_1h, fresh_1d, since, arrived' : ''}, n)
    cross join lateral (
      select array_agg(${ms('at')}) as t, array_agg(v) as v,
        ${listIf('detail', 'count')} as counts,
        ${listIf('detail', ms('arrived_at'))} as arrivals,
        ${listIf('gaps', ms('first_ts'))} as firsts,
        ${listIf('gaps', ms('last_ts'))} as lasts
      from (${pointsOf(shape)}) g
    ) x order by w.n`;
}

interface Named {
  readonly statement: Statement<SeriesRow>;
  readonly names: readonly (keyof SeriesValues)[];
}

/** `{name}` → `$1`, in the order in which the names first appear. */
function number(name: string, text: string): Named {
  // Names come from the text of this file; the database refuses what is none of a statement's.
  const names = [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, found]) => found))] as (keyof SeriesValues)[];
  const numbered = text.replaceAll(/\{(\w+)\}/g, (_, found: keyof SeriesValues) => `$${names.indexOf(found) + 1}`);
  return { statement: statement<SeriesRow>(name, numbered), names };
}

const nameOf = ({ source, grouping, aggregate, settled: isSettled }: SeriesShape): string =>
  `telemetry_series.${source}.${grouping}.${aggregate}.${isSettled ? 'settled' : 'unsettled'}`;

/** Prepared where they are used: a connection knows few of them. */
const statements = new Map(
  sources
    .flatMap((source) =>
      (['none', 'clock', 'calendar'] as const).flatMap((grouping) =>
        seriesAggregates.flatMap((aggregate) => [
          { source, grouping, aggregate, settled: true },
          // Where new readings are among them, rows of the source are not points any more.
          ...(source === 'raw' || grouping === 'none' ? [] : [{ source, grouping, aggregate, settled: false }]),
        ]),
      ),
    )
    .map((shape: SeriesShape) => [nameOf(shape), number(nameOf(shape), textOf(shape))]),
);

export function seriesStatement(shape: SeriesShape, values: SeriesValues): [Statement<SeriesRow>, Value[]] {
  const found = statements.get(nameOf(shape));
  if (!found) throw new Error(`no statement for ${nameOf(shape)}`);
  return [found.statement, found.names.map((name) => values[name])];
}
