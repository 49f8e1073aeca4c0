import type { Queryable, ScopedDb } from '@platen/chassis/db/types';
import type { SeriesAggregate, SeriesStep } from '@platen/schema/contracts/data/telemetry-series';
import type { MetricKind } from '@platen/schema/states/telemetry';
import type { KnownDevice, KnownMetric } from '../directory.js';
import { freshSpansOf, multirangeOf } from './fresh-spans.js';
import type { PendingHour } from './pending.js';
import { type SeriesRow, type SeriesValues, seriesStatement } from './series-sql.js';
import { type Buckets, type Source, sourceMs, sourceOf } from './steps.js';

export interface SeriesRef {
  readonly device: KnownDevice;
  readonly metric: KnownMetric;
  readonly aggregate: SeriesAggregate;
}

export interface SeriesWish {
  readonly series: readonly SeriesRef[];
  readonly step: SeriesStep;
  readonly buckets: Buckets;
  readonly detail: boolean;
  readonly gaps: boolean;
  readonly now: Date;
  readonly pending: readonly PendingHour[];
  /** Readings of one series, where they are asked for themselves. */
  readonly maxReadings: number;
}

/** What is asked of a metric that nobody said anything of. */
export const usualAggregate: Readonly<Record<MetricKind, SeriesAggregate>> = {
  gauge: 'avg',
  counter: 'increase',
  state: 'last',
};

/** More rows than these hold up what shares a pipelined connection. */
const maxPipelinedRows = 10_000;

/** Each series with what was found of it, in their order. One statement for all of the same aggregate. */
export async function readSeries(db: ScopedDb, wish: SeriesWish): Promise<SeriesRow[]> {
  const source = sourceOf(wish.buckets);
  const { fromMs, toMs } = wish.buckets.span;
  const rows = source === 'raw' ? Number.POSITIVE_INFINITY : (toMs - fromMs) / sourceMs[source];
  const lane = rows * wish.series.length > maxPipelinedRows ? db.leased : db;
  const found = new Map<SeriesRef, SeriesRow>();
  await Promise.all(
    groupSeries(wish, source).map(async ({ series, aggregate, settled }) => {
      const read = await readGroup(lane, { ...wish, series }, { source, aggregate, settled });
      for (const [index, row] of read.entries()) {
        const ref = series[index];
        if (ref) found.set(ref, row);
      }
    }),
  );
  return wish.series.flatMap((ref) => found.get(ref) ?? []);
}

interface Group {
  readonly series: SeriesRef[];
  readonly aggregate: SeriesAggregate;
  readonly settled: boolean;
}

const seriesKey = (deviceNo: number, metricNo: number): string => `${deviceNo} ${metricNo}`;

/** What is pending in the span or, of what grows, before it. */
function groupSeries({ series, pending }: SeriesWish, source: Source): Group[] {
  const unsettled = new Set(pending.map(({ deviceNo, metricNo }) => seriesKey(deviceNo, metricNo)));
  const groups = new Map<string, Group>();
  for (const ref of series) {
    const settled = source === 'raw' || !unsettled.has(seriesKey(ref.device.no, ref.metric.no));
    const key = `${ref.aggregate} ${settled}`;
    const group = groups.get(key) ?? { series: [], aggregate: ref.aggregate, settled };
    group.series.push(ref);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function readGroup(
  db: Queryable,
  wish: SeriesWish,
  shape: { readonly source: Source; readonly aggregate: SeriesAggregate; readonly settled: boolean },
): Promise<SeriesRow[]> {
  const { buckets, series } = wish;
  const isSource = buckets.kind === 'clock' && buckets.stepMs === sourceMs[shape.source] && shape.settled;
  // A rate has to know how long a bucket is.
  const grouping =
    buckets.kind === 'readings' || (isSource && shape.aggregate !== 'rate')
      ? 'none'
      : buckets.kind === 'clock'
        ? 'clock'
        : 'calendar';
  const values: SeriesValues = {
    devices: series.map(({ device }) => device.no),
    metrics: series.map(({ metric }) => metric.no),
    from: new Date(buckets.span.fromMs),
    to: new Date(buckets.span.toMs),
    now: wish.now,
    detail: wish.detail,
    gaps: wish.gaps,
    step: buckets.kind === 'clock' ? `${buckets.stepMs / 1_000} seconds` : null,
    starts: buckets.kind === 'calendar' ? instants([...buckets.startsMs, buckets.span.toMs]) : null,
    limit: wish.maxReadings,
    ...freshValues(wish),
  };
  return db.query(...seriesStatement({ ...shape, grouping }, values));
}

const instants = (times: readonly number[]): string[] => times.map((time) => new Date(time).toISOString());

function freshValues({ series, pending, buckets: { span } }: SeriesWish) {
  const bySeries = new Map<string, PendingHour[]>();
  for (const hour of pending) {
    const key = seriesKey(hour.deviceNo, hour.metricNo);
    const known = bySeries.get(key);
    if (known) known.push(hour);
    else bySeries.set(key, [hour]);
  }
  const ofEach = series.map(({ device, metric }) => bySeries.get(seriesKey(device.no, metric.no)) ?? []);
  const spans = ofEach.map((hours) => freshSpansOf(hours, span));
  const extreme = (of: (hours: readonly PendingHour[]) => number) =>
    ofEach.map((hours) => (hours.length === 0 ? null : new Date(of(hours)).toISOString()));
  return {
    fresh1m: spans.map((fresh) => multirangeOf(fresh['1m'])),
    fresh1h: spans.map((fresh) => multirangeOf(fresh['1h'])),
    fresh1d: spans.map((fresh) => multirangeOf(fresh['1d'])),
    since: extreme((hours) => Math.min(...hours.map(({ firstMs }) => firstMs))),
    arrived: extreme((hours) => Math.max(...hours.map(({ arrivedMs }) => arrivedMs))),
  };
}
