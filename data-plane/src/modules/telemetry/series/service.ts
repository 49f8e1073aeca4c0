import { type AppError, invalidField } from '@platen/chassis/http/app-error';
import { RawJson } from '@platen/chassis/http/types';
import type { QueryOf } from '@platen/schema/contract';
import {
  maxAnswerPoints,
  maxSeriesDevices,
  maxSeriesMetrics,
  maxSeriesPoints,
  type SeriesStep,
  type telemetrySeries,
} from '@platen/schema/contracts/data/telemetry-series';
import { type FindOrganization, organizationOf } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import type { Directory } from '../directory.js';
import { listPending, readRawDays } from './pending.js';
import { isKept, listSteps } from './pick-source.js';
import { readSeries, type SeriesRef, type SeriesWish, usualAggregate } from './read-series.js';
import { resolveNames } from './resolve.js';
import { countPoints, downsample, gapsOf, jsonOf, seriesJson } from './series-json.js';
import type { SeriesRow } from './series-sql.js';
import { bucketsOf, countSteps, type Span, sourceMs, sourceOf } from './steps.js';

type Query = QueryOf<typeof telemetrySeries.read>;

const usualPoints = 500;
/** What is read to be shown with fewer points, of all series together. */
const maxReadPoints = 100_000;
/** Rows of rollups, of all series together: 20 years of hours, a week of minutes of a hundred series. */
const maxRows = 1_000_000;

export function createSeriesService(deps: {
  readonly directory: Directory;
  readonly findOrganization: FindOrganization;
}) {
  return {
    /** @throws AppError validation_failed, unknown_reference, context_required */
    async read(ctx: TenantCtx, query: Query): Promise<RawJson> {
      const { time_zone: timeZone } = organizationOf(deps.findOrganization, ctx).settings;
      const limits = { devices: maxSeriesDevices, metrics: maxSeriesMetrics };
      const { devices, metrics } = await resolveNames(deps.directory, ctx, query, limits);
      const series = (devices ?? []).flatMap((device) =>
        (metrics ?? []).map((metric) => ({
          device,
          metric,
          aggregate: query.aggregate ?? usualAggregate[metric.kind],
        })),
      );
      const now = ctx.now();
      const span = spanOf(query, now);
      const [pending, rawDays] = await Promise.all([
        listPending(
          ctx.db,
          series.map(({ device }) => device.no),
          series.map(({ metric }) => metric.no),
          span.toMs + sourceMs['1d'],
        ),
        readRawDays(ctx.db),
      ]);
      const plan = planOf(query, { span, series, rawDays, nowMs: now.getTime() });
      for (const step of plan.steps) {
        const buckets = bucketsOf(step, span, timeZone);
        const source = sourceOf(buckets);
        requireRows(buckets.span, source, series.length);
        // A step of seconds is made of readings: of how many is known when they have been read.
        const isOfReadings = source === 'raw' && step !== 'raw';
        const maxReadings = isOfReadings ? Math.floor(maxRows / Math.max(1, series.length)) : plan.budget;
        const detail = query.detail === true;
        const wish: SeriesWish = {
          ...{ series, step, buckets, now, pending, maxReadings },
          detail: detail || isOfReadings,
          gaps: query.gaps === true,
        };
        const rows = await readSeries(ctx.db, wish);
        const countRead = ({ t, counts }: SeriesRow): number => (isOfReadings ? sumOf(counts) : countPoints(t));
        const isTooMuch = source === 'raw' && rows.some((row) => countRead(row) > maxReadings);
        if (!isTooMuch) return answer({ ...wish, detail }, { rows, plan, source, timeZone });
        if (isOfReadings && query.step !== undefined) throw tooManyReadings();
      }
      throw tooMany(plan.steps.length === 0 ? '/query/max_points' : '/query/step', plan.budget);
    },
  };
}

interface Plan {
  /** The first that gives no more than `budget` is taken. */
  readonly steps: readonly SeriesStep[];
  /** Points of one series that are read, and those that are shown. */
  readonly budget: number;
  readonly maxPoints: number;
}

/** @throws AppError validation_failed */
function planOf(
  query: Query,
  { span, series, rawDays, nowMs }: { span: Span; series: readonly SeriesRef[]; rawDays: number; nowMs: number },
): Plan {
  const share = (points: number): number => Math.floor(points / Math.max(1, series.length));
  const most = Math.min(maxSeriesPoints, share(maxAnswerPoints));
  if (query.max_points !== undefined && query.max_points > most) {
    throw refused('/query/max_points', `${series.length} series have at most ${most} points each`);
  }
  const isReduced = query.downsample !== undefined;
  const { step } = query;
  const maxPoints = query.max_points ?? (step === undefined || isReduced ? Math.min(usualPoints, most) : most);
  const budget = isReduced ? share(maxReadPoints) : maxPoints;
  if (step === undefined) {
    const steps = listSteps({ span, maxPoints: budget, intervalMs: leastInterval(series), rawDays, nowMs });
    // How many there are is found out by reading, where some of them are wanted anyway.
    const tries: SeriesStep[] =
      isReduced && steps[0] !== 'raw' && isKept('raw', { span, rawDays, nowMs }) ? ['raw'] : [];
    return { steps: [...tries, ...steps], budget, maxPoints };
  }
  if (!isKept(step, { span, rawDays, nowMs })) {
    throw refused(
      '/query/step',
      `readings themselves are kept for ${rawDays} days: from then on, or by a minute or more`,
    );
  }
  if (step !== 'raw' && countSteps(step, span) > budget) throw tooMany('/query/step', budget);
  return { steps: [step], budget, maxPoints };
}

function leastInterval(series: readonly SeriesRef[]): number | null {
  let least = Number.POSITIVE_INFINITY;
  for (const { metric } of series) {
    if (metric.expectedIntervalMs === null) return null;
    least = Math.min(least, metric.expectedIntervalMs);
  }
  return least;
}

function spanOf({ from, to }: Query, now: Date): Span {
  const [fromMs, toMs] = [Date.parse(from), to === undefined ? now.getTime() : Date.parse(to)];
  if (Number.isNaN(fromMs)) throw refused('/query/from', 'is no moment');
  if (Number.isNaN(toMs)) throw refused('/query/to', 'is no moment');
  if (toMs <= fromMs) throw refused('/query/to', 'is not after from');
  return { fromMs, toMs };
}

function requireRows({ fromMs, toMs }: Span, source: keyof typeof sourceMs, seriesCount: number): void {
  if (source === 'raw' || ((toMs - fromMs) / sourceMs[source]) * seriesCount <= maxRows) return;
  throw refused(
    '/query/from',
    'is too long ago for so many series at once: ask for fewer of them, or by shorter parts',
  );
}

const refused = (path: string, message: string): AppError => invalidField(path, message);
const tooMany = (path: string, points: number): AppError =>
  refused(path, `gives more than ${points} points of a series: ask for a longer step, less time or fewer series`);

const tooManyReadings = (): AppError =>
  refused('/query/step', 'has more readings in it than are read at once: ask for a minute or more, or for less time');

const sumOf = (counts: string | null): number =>
  (JSON.parse(jsonOf(counts)) as number[]).reduce((sum, count) => sum + count, 0); // an array of counts

function answer(
  { series, step, buckets, now, pending, detail, gaps }: SeriesWish,
  { rows, plan, source, timeZone }: { rows: readonly SeriesRow[]; plan: Plan; source: string; timeZone: string },
): RawJson {
  const { fromMs, toMs } = buckets.span;
  // What lies ahead is not missing.
  const known = { fromMs, toMs: Math.max(fromMs, Math.min(toMs, now.getTime())) };
  const items = rows.flatMap((row, index) => {
    const ref = series[index];
    if (!ref) return [];
    const columns = {
      ...{ t: jsonOf(row.t), v: jsonOf(row.v) },
      counts: detail ? jsonOf(row.counts) : null,
      arrivals: detail ? jsonOf(row.arrivals) : null,
      gaps: gaps ? gapsOf(row, known, ref.metric.expectedIntervalMs) : null,
    };
    return seriesJson(ref, downsample(columns, plan.maxPoints));
  });
  const head = JSON.stringify({
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    step,
    source,
    time_zone: timeZone,
    late_pending: pending.some(({ firstMs, lastMs }) => firstMs < toMs && lastMs >= fromMs),
  });
  return new RawJson(`${head.slice(0, -1)},"series":[${items.join(',')}]}`);
}
