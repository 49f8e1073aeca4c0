import { lockNumberOf } from '@platen/chassis/db/advisory-locks';
import { statement } from '@platen/chassis/db/statement';
import type { Tx, Value } from '@platen/chassis/db/types';
import { replaceWith, values } from './rollup-sql.js';

/** A minute, an hour or a day of a series. Times in milliseconds. */
export interface Bucket {
  readonly deviceNo: number;
  readonly metricNo: number;
  readonly startMs: number;
}

/** Where something came in, in whole minutes. */
export interface Span {
  readonly deviceNo: number;
  readonly metricNo: number;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Of the readings that came. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly arrivedMs: number;
}

interface TakenRow extends Span {
  readonly rows: number;
  readonly more: boolean;
}

const ms = (instant: string): string => `(extract(epoch from ${instant}) * 1000)::bigint`;
const times = (list: readonly number[]): string[] => list.map((one) => new Date(one).toISOString());
const seriesOf = (list: readonly { readonly deviceNo: number; readonly metricNo: number }[]) => [
  list.map(({ deviceNo }) => deviceNo),
  list.map(({ metricNo }) => metricNo),
];

/**
 * A statement of its own, and the first: what follows it sees all that the one before has committed. What follows is planned
 * once for all: its conditions leave partitions out when it begins, and a plan for each would cost more than its work.
 */
const lock = statement<unknown>(
  'telemetry_rollups.lock',
  `select pg_advisory_xact_lock(${lockNumberOf('rollups', '$1')}),
     set_config('plan_cache_mode', 'force_generic_plan', true)`,
);

/**
 * Oldest first. A batch of minutes weighs as many; one reading little, as most of them fall into minutes of others. The
 * first is taken whatever it weighs.
 */
const take = statement<TakenRow>(
  'telemetry_rollups.take',
  `with waiting as materialized (
     select id, arrived_at, extract(epoch from last_ts - first_ts) / 60 + 0.2 as weight
     from tel_dirty_buckets order by arrived_at, id limit $1),
   chosen as materialized (
     select id from (select id, sum(weight) over (order by arrived_at, id rows unbounded preceding) - weight as before
       from waiting) w where before < $2),
   taken as (
     delete from tel_dirty_buckets where id = any(array(select id from chosen))
     returning device_no, metric_no, first_ts, last_ts, arrived_at)
   select device_no as "deviceNo", metric_no as "metricNo",
     ${ms(`date_bin('1 minute', min(first_ts), 'epoch')`)} as "sinceMs",
     ${ms(`date_bin('1 minute', max(last_ts), 'epoch') + interval '1 minute'`)} as "untilMs",
     ${ms('min(first_ts)')} as "firstMs", ${ms('max(last_ts)')} as "lastMs", ${ms('max(arrived_at)')} as "arrivedMs",
     count(*)::int as rows,
     (select count(*) from waiting) > (select count(*) from chosen) or (select count(*) from waiting) = $1 as more
   from taken group by device_no, metric_no, date_bin('1 hour', first_ts, 'epoch') order by 1, 2, 3`,
  {
    parse: {
      ...{ deviceNo: 'int', metricNo: 'int', sinceMs: 'int', untilMs: 'int', firstMs: 'int', lastMs: 'int' },
      ...{ arrivedMs: 'int', rows: 'int', more: 'bool' },
    },
  },
);

const bucketColumns = `device_no as "deviceNo", metric_no as "metricNo", ${ms('bucket')} as "startMs"`;
const parseBucket = { deviceNo: 'int', metricNo: 'int', startMs: 'int' } as const;

/**
 * Minutes from the readings themselves, whole, whatever was known of them. Read once and sorted once: the window's order is
 * the aggregates' too, which makes sums of floats the same each time. Written where they differ; a minute never rests on
 * fewer readings than it did, which is what it would do when some of them had been deleted as too old meanwhile. What a
 * counter grew by is left to the next statement.
 */
const computeMinutes = statement<Bucket>(
  'telemetry_rollups.minutes',
  `with spans as materialized (
     select u.*, (select l.ts from tel_own_latest l where l.device_no = u.device_no and l.metric_no = u.metric_no) as seen
     from unnest($2::int[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[])
       u(device_no, metric_no, since, until, arrived_at)),
   readings as (
     select r.*, date_bin('1 minute', r.ts, 'epoch') as bucket, s.arrived_at, s.seen
     from spans s cross join lateral (
       select o.device_no, o.metric_no, o.ts, o.value from tel_own_readings o
       where o.device_no = s.device_no and o.metric_no = s.metric_no and o.ts >= s.since and o.ts < s.until
         and o.ts >= $7::timestamptz and o.ts < $8::timestamptz offset 0) r),
   stepped as (
     select *, lag(value) over (partition by device_no, metric_no, bucket order by ts) as before from readings)
   insert into tel_own_readings_1m as b ${values.minute}
   select $1::uuid, device_no, metric_no, bucket, count(*), sum(value), min(value), max(value), (array_agg(value))[1],
     (array_agg(value))[count(*)], min(ts), max(ts), 0, max(arrived_at),
     coalesce(max(seen) >= bucket + interval '1 minute', false)::int,
     coalesce(sum(before) filter (where value < before), 0)
   from stepped group by device_no, metric_no, bucket
   ${replaceWith.minute}
   returning b.device_no as "deviceNo", b.metric_no as "metricNo", ${ms('b.bucket')} as "startMs"`,
  { parse: parseBucket },
);

/** A minute, whether something before it may still be further back than was looked, and after which span more may be. */
interface Edge extends Bucket {
  readonly isFirst: boolean;
  readonly lateNo: number | null;
}

/**
 * Nearest first, as each look reads all it finds: a view that is a barrier hands nothing on in the order of its index. An
 * arm is not run when the one before it has found something.
 */
const nearest = (wanted: string, order: string, looks: readonly string[]): string =>
  `coalesce(${looks
    .map(
      (look) => `(select ${wanted} from tel_own_readings_1m o
         where o.device_no = s.device_no and o.metric_no = s.metric_no and ${look} order by o.bucket${order} limit 1)`,
    )
    .join(',\n       ')})`;
// Each bound twice: by what is the same for all spans, partitions and chunks are left out when a statement begins.
const before = (window: string | null): string =>
  `o.bucket < s.since and o.bucket < $7::timestamptz${
    window === null
      ? ''
      : ` and o.bucket >= s.since - interval '${window}' and o.bucket >= $6::timestamptz - interval '${window}'`
  }`;
const after = (window: string | null): string =>
  `o.bucket >= s.until and o.bucket >= $6::timestamptz${
    window === null
      ? ''
      : ` and o.bucket < s.until + interval '${window}' and o.bucket < $7::timestamptz + interval '${window}'`
  }`;

interface Looks {
  /** What a counter stood at before a span. */
  readonly before: string;
  /** The first minute after it. */
  readonly after: string;
  readonly isFirst: string;
  readonly lateNo: string;
}

/**
 * By how much a counter grew in the minutes of these spans and in the one after each, which counts from the last reading
 * before. A span is read in one go: looked for are only what comes before it and after. What is after one may be in the
 * next, which then finds the same before it, or has not looked so far back.
 */
const increases = (name: string, looks: Looks) =>
  statement<Edge>(
    name,
    `with spans as materialized (
     select u.*, l.ts as seen, l.value as stood_at,
       row_number() over (partition by u.device_no, u.metric_no order by u.since) = 1 as leads
     from unnest($2::int[], $3::int[], $4::timestamptz[], $5::timestamptz[])
       with ordinality u(device_no, metric_no, since, until, no)
     left join lateral (
       select o.ts, o.value from tel_own_latest o where o.device_no = u.device_no and o.metric_no = u.metric_no offset 0) l on true),
   edges as materialized (
     select s.*, ${looks.before} as last_before,
       ${looks.after} as next
     from spans s),
   found as (
     select s.no, s.leads, s.seen, s.until, s.last_before, n.*
     from edges s cross join lateral (
       (select * from tel_own_readings_1m o
        where o.device_no = s.device_no and o.metric_no = s.metric_no and o.bucket >= s.since and o.bucket < s.until
          and o.bucket >= $6::timestamptz and o.bucket < $7::timestamptz)
       union all
       (select * from tel_own_readings_1m o
        where o.device_no = s.device_no and o.metric_no = s.metric_no and o.bucket = s.next
          and o.bucket >= $6::timestamptz)) n),
   stepped as (
     select *, coalesce(lag(last) over (partition by no order by bucket), last_before) as before from found),
   computed as materialized (
     select distinct on (device_no, metric_no, bucket) *,
       last - coalesce(before, first) + (case when first < before then before else 0 end + fell) as grew
     from stepped order by device_no, metric_no, bucket, before nulls last),
   written as (
     insert into tel_own_readings_1m as b ${values.minute}
     select $1::uuid, device_no, metric_no, bucket, count, sum, min, max, first, last, first_ts, last_ts, grew, arrived_at,
       recomputes, fell
     from computed where increase is distinct from grew
     on conflict (tenant_id, device_no, metric_no, bucket) do update set increase = excluded.increase)
   select ${bucketColumns}, ${looks.isFirst} as "isFirst", ${looks.lateNo} as "lateNo" from computed`,
    { parse: { ...parseBucket, isFirst: 'bool', lateNo: 'int' } },
  );

const near = nearest('o.last', ' desc', ['30 minutes', '2 days'].map(before));

/**
 * The latest value, not written yet, knows of all that was there before: where it is older than the first span of its
 * series, it is what the counter stood at; where it is older than the end of one, nothing is after that. So most need no
 * other look than this one, which is planned over few of them.
 */
const computeIncreases = increases('telemetry_rollups.increases', {
  before: `case when s.leads and (s.seen is null or s.seen < s.since) then s.stood_at
       else ${near} end`,
  after: 'null::timestamptz',
  isFirst: 'before is null and not (leads and seen is null)',
  lateNo: 'case when seen >= until then no end',
});
/** Again, of spans that came late, with the minute after each. */
const computeLateIncreases = increases('telemetry_rollups.late_increases', {
  before: near,
  after: nearest('o.bucket', '', [...['30 minutes', '6 hours', '4 days', '60 days'], null].map(after)),
  isFirst: 'before is null',
  lateNo: 'null::int',
});
/** Of minutes that have found nothing so near: what is after them is known. */
const computeFarIncreases = increases('telemetry_rollups.far_increases', {
  before: nearest('o.last', ' desc', [...['8 days', '60 days'], null].map(before)),
  after: 'null::timestamptz',
  isFirst: 'false',
  lateNo: 'null::int',
});

/** A coarser bucket from the finer ones in it. */
const coarser = (to: '1h' | '1d', from: '1m' | '1h', length: string) =>
  statement<unknown>(
    `telemetry_rollups.${to}`,
    `insert into tel_own_readings_${to} as b ${values.coarser}
     select $1::uuid, u.device_no, u.metric_no, u.bucket, a.*,
       coalesce((select l.ts from tel_own_latest l where l.device_no = u.device_no and l.metric_no = u.metric_no)
         >= u.bucket + interval '${length}', false)::int
     from unnest($2::int[], $3::int[], $4::timestamptz[]) u(device_no, metric_no, bucket)
     cross join lateral (
       select sum(count)::int as count, sum(sum), min(min), max(max), (array_agg(first))[1], (array_agg(last))[count(*)],
         min(first_ts), max(last_ts), sum(increase), max(arrived_at)
       from (
         select * from tel_own_readings_${from} o
         where o.device_no = u.device_no and o.metric_no = u.metric_no
           and o.bucket >= u.bucket and o.bucket < u.bucket + interval '${length}'
           and o.bucket >= $5::timestamptz and o.bucket < $6::timestamptz
         order by o.bucket) finer) a
     where a.count is not null
     ${replaceWith.coarser}`,
  );
const computeHours = coarser('1h', '1m', '1 hour');
const computeDays = coarser('1d', '1h', '1 day');

/** From the newest minute of each series that changed; a late one is older than what is there. */
const upsertLatest = statement<{ roll_no: number }>(
  'telemetry_rollups.latest',
  `with next as (
     insert into tel_numbers (tenant_id, kind, last_no) values ($1::uuid, 'roll', 1)
     on conflict (tenant_id, kind) do update set last_no = tel_numbers.last_no + 1, updated_at = now()
     returning last_no),
   written as (
     insert into tel_own_latest as l (tenant_id, device_no, metric_no, ts, value, arrived_at, roll_no)
     select $1::uuid, u.device_no, u.metric_no, n.last_ts, n.last, n.arrived_at, (select last_no from next)
     from unnest($2::int[], $3::int[], $4::timestamptz[]) u(device_no, metric_no, bucket)
     cross join lateral (
       select o.last_ts, o.last, o.arrived_at from tel_own_readings_1m o
       where o.device_no = u.device_no and o.metric_no = u.metric_no and o.bucket = u.bucket and o.bucket >= $5::timestamptz
       offset 0) n
     on conflict (tenant_id, device_no, metric_no) do update
     set ts = excluded.ts, value = excluded.value, arrived_at = excluded.arrived_at, roll_no = excluded.roll_no
     where l.ts < excluded.ts)
   select last_no as roll_no from next`,
  { parse: { roll_no: 'int' } },
);

export interface Taken {
  readonly spans: readonly Span[];
  readonly rows: number;
  /** There are more than these. */
  readonly more: boolean;
}

export async function lockTenant(tx: Tx, tenantId: string): Promise<void> {
  await tx.query(lock, [tenantId]);
}

export async function takeDirty(tx: Tx, limits: { readonly rows: number; readonly minutes: number }): Promise<Taken> {
  const found = await tx.query(take, [limits.rows, limits.minutes]);
  return { spans: found, rows: found.reduce((sum, { rows }) => sum + rows, 0), more: found[0]?.more === true };
}

/** Those minutes that are other than they were. */
export function writeMinutes(tx: Tx, tenantId: string, spans: readonly Span[]): Promise<Bucket[]> {
  const [since, until] = [spans.map(({ sinceMs }) => sinceMs), spans.map(({ untilMs }) => untilMs)];
  return tx.query(computeMinutes, [
    tenantId,
    ...seriesOf(spans),
    times(since),
    times(until),
    times(spans.map(({ arrivedMs }) => arrivedMs)),
    new Date(least(since)),
    new Date(greatest(until)),
  ]);
}

/** The minutes of these spans, and the one after each, of which each may have grown by something else than it had. */
export async function writeIncreases(tx: Tx, tenantId: string, spans: readonly Times[]): Promise<readonly Bucket[]> {
  const edges = await tx.query(computeIncreases, increaseValues(tenantId, spans));
  const lateNos = new Set(edges.map(({ lateNo }) => lateNo));
  const late = spans.filter((_span, n) => lateNos.has(n + 1));
  if (late.length > 0) edges.push(...(await tx.query(computeLateIncreases, increaseValues(tenantId, late))));
  const far = edges.filter(({ isFirst }) => isFirst);
  if (far.length === 0) return edges;
  const minutes = far.map((one) => ({ ...one, sinceMs: one.startMs, untilMs: one.startMs + 60_000 }));
  await tx.query(computeFarIncreases, increaseValues(tenantId, minutes));
  return edges;
}

type Times = Pick<Span, 'deviceNo' | 'metricNo' | 'sinceMs' | 'untilMs'>;

function increaseValues(tenantId: string, spans: readonly Times[]): Value[] {
  const [since, until] = [spans.map(({ sinceMs }) => sinceMs), spans.map(({ untilMs }) => untilMs)];
  return [tenantId, ...seriesOf(spans), times(since), times(until), new Date(least(since)), new Date(greatest(until))];
}

export const writeHours = (tx: Tx, tenantId: string, hours: readonly Bucket[]): Promise<unknown> =>
  tx.query(computeHours, [tenantId, ...arraysOf(hours), ...boundsOf(hours, 3_600_000)]);

export const writeDays = (tx: Tx, tenantId: string, days: readonly Bucket[]): Promise<unknown> =>
  tx.query(computeDays, [tenantId, ...arraysOf(days), ...boundsOf(days, 86_400_000)]);

/** `newest`: of each series the newest minute that changed. The number that the roll-up has. */
export async function writeLatest(tx: Tx, tenantId: string, newest: readonly Bucket[]): Promise<number> {
  const lowest = new Date(least(newest.map(({ startMs }) => startMs)));
  const [row] = await tx.query(upsertLatest, [tenantId, ...arraysOf(newest), lowest]);
  return row?.roll_no ?? 0;
}

const arraysOf = (buckets: readonly Bucket[]) => [...seriesOf(buckets), times(buckets.map(({ startMs }) => startMs))];

/** Parameters beside the lateral conditions: by them alone partitions are left out before anything runs. */
function boundsOf(buckets: readonly Bucket[], lengthMs: number): [Date, Date] {
  const starts = buckets.map(({ startMs }) => startMs);
  return [new Date(least(starts)), new Date(greatest(starts) + lengthMs)];
}

const least = (list: readonly number[]): number => list.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const greatest = (list: readonly number[]): number => list.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
