import { setTimeout as delay } from 'node:timers/promises';
import { type SentLane, valueCycle } from './lane.js';
import { metricCount, type TelemetryStage, tenantIds } from './stage.js';

/** Without anything taken from what waits for so long, nothing more is awaited. */
const standstillMs = 60_000;

/** Until roll-ups have all that was stored. Answers how long that took. */
export async function untilRolledUp(stage: TelemetryStage): Promise<number> {
  const startedAtMs = performance.now();
  let last = -1;
  for (let sinceMs = startedAtMs; performance.now() - sinceMs < standstillMs; await delay(200)) {
    const [waiting] = await stage.query<{ n: number }>('select count(*)::int as n from tel_dirty_buckets');
    const n = waiting?.n ?? 0;
    if (n === 0) break;
    if (n !== last) sinceMs = performance.now();
    last = n;
  }
  return performance.now() - startedAtMs;
}

/**
 * Every reading of every request that was acknowledged is there once, with its value, and no other of these devices. A line
 * for each device of which it is not so.
 */
export async function findLost(stage: TelemetryStage, sent: readonly SentLane[]): Promise<string[]> {
  const found: string[] = [];
  for (const { lane, requests } of sent) {
    const rows = await stage.query<{ device_no: number; metric_no: number; n: string; right: string }>(
      `select d as device_no, m as metric_no, count(ts) as n, count(ts) filter (where
           place = floor(place) and place >= 0 and place < $5::float8 and value = floor(place)::bigint % ${valueCycle}) as right
       from generate_series($2::int, $3::int) d cross join generate_series(1, ${metricCount}) m
       left join lateral (
         select ts, value, (extract(epoch from ts) * 1000 - $6::numeric) / $7::numeric as place
         from tel_readings where tenant_id = $1 and device_no = d and metric_no = m) r on true
       group by 1, 2
       having count(ts) <> case when m <= $4 then $5::float8 else 0 end or count(ts) <> count(ts) filter (where
           place = floor(place) and place >= 0 and place < $5::float8 and value = floor(place)::bigint % ${valueCycle})`,
      [
        tenantIds[lane.tenant],
        lane.firstDevice,
        lane.firstDevice + lane.devices - 1,
        lane.metrics,
        requests * lane.perSeries,
        lane.fromMs,
        lane.stepMs,
      ],
    );
    for (const { device_no, metric_no, n, right } of rows)
      found.push(
        `device ${device_no} metric ${metric_no} of ${lane.tenant}: ${requests * lane.perSeries} acknowledged, ${n} stored, ${right} of them right`,
      );
  }
  return found;
}

const coarser = (from: string, unit: string): string =>
  `select device_no, metric_no, date_trunc('${unit}', bucket, 'UTC') as bucket, sum(count)::int as count,
     sum(sum order by bucket) as sum, min(min) as min, max(max) as max, (array_agg(first order by bucket))[1] as first,
     (array_agg(last order by bucket desc))[1] as last, min(first_ts) as first_ts, max(last_ts) as last_ts,
     sum(increase order by bucket) as increase
   from ${from} f group by 1, 2, 3`;
const columns = 'device_no, metric_no, bucket, count, sum, min, max, first, last, first_ts, last_ts, increase';
const own = 'tenant_id = $1 and device_no between $2::int and $3::int';
const differing = (name: string, truth: string): string =>
  `(select count(*)::int from ((select ${columns} from ${truth} except select ${columns} from ${name} where ${own})
     union all (select ${columns} from ${name} where ${own} except select ${columns} from ${truth})) d)`;
/** Sums of whole numbers: they are exact whatever their order. */
const wrongBuckets = `with steps as materialized (
    select device_no, metric_no, ts, value, date_trunc('minute', ts) as bucket,
      lag(value) over (partition by device_no, metric_no order by ts) as before
    from tel_readings where ${own}),
  minutes as materialized (
    select device_no, metric_no, bucket, count(*)::int as count, sum(value) as sum, min(value) as min, max(value) as max,
      (array_agg(value order by ts))[1] as first, (array_agg(value order by ts desc))[1] as last, min(ts) as first_ts,
      max(ts) as last_ts,
      sum(case when before is null then 0 when value < before then value else value - before end) as increase
    from steps group by 1, 2, 3),
  hours as materialized (${coarser('minutes', 'hour')}),
  days as materialized (${coarser('hours', 'day')}),
  latest as (select distinct on (device_no, metric_no) device_no, metric_no, ts, value from steps
    order by device_no, metric_no, ts desc)
  select ${differing('tel_readings_1m', 'minutes')} as minutes, ${differing('tel_readings_1h', 'hours')} as hours,
    ${differing('tel_readings_1d', 'days')} as days,
    (select count(*)::int from ((select * from latest except select device_no, metric_no, ts, value from tel_latest where ${own})
      union all (select device_no, metric_no, ts, value from tel_latest where ${own} except select * from latest)) d) as latest,
    (select count(*)::int from minutes) as buckets`;

/** Roll-ups against the readings, from nothing, of at most so many devices of a lane. */
export async function findWrongBuckets(
  stage: TelemetryStage,
  sent: readonly SentLane[],
  mostDevices: number,
): Promise<{ readonly broken: string[]; readonly buckets: number }> {
  const broken: string[] = [];
  let buckets = 0;
  for (const { lane } of sent) {
    const last = lane.firstDevice + Math.min(lane.devices, mostDevices) - 1;
    const [wrong] = await stage.query<Record<'minutes' | 'hours' | 'days' | 'latest' | 'buckets', number>>(
      wrongBuckets,
      [tenantIds[lane.tenant], lane.firstDevice, last],
    );
    if (wrong === undefined) throw new Error('a statement that always answers did not');
    buckets += wrong.buckets;
    for (const name of ['minutes', 'hours', 'days', 'latest'] as const)
      if (wrong[name] > 0)
        broken.push(
          `${wrong[name]} differences in ${name} of devices ${lane.firstDevice} to ${last} of ${lane.tenant}`,
        );
  }
  return { broken, buckets };
}
