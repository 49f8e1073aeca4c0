import { findGaps, type Gap } from './gaps.js';
import { pickPoints } from './lttb.js';
import type { SeriesRef } from './read-series.js';
import type { SeriesRow } from './series-sql.js';
import type { Span } from './steps.js';

/** What Postgres wrote is passed on as it is, unless something is looked for in it. */
export interface SeriesColumns {
  readonly t: string;
  readonly v: string;
  readonly counts: string | null;
  readonly arrivals: string | null;
  readonly gaps: readonly Gap[] | null;
}

/** An array of numbers, as Postgres writes it, as JSON. */
export function jsonOf(array: string | null): string {
  if (array === null) return '[]';
  const json = `[${array.slice(1, -1)}]`;
  return json.includes('N') ? json.replaceAll('NULL', 'null') : json;
}

// Arrays of numbers, as our own statement writes them.
const numbers = (json: string): number[] => JSON.parse(json) as number[];

/** How many points there are, without reading them. */
export function countPoints(t: string | null): number {
  if (t === null || t === '[]') return 0;
  let count = 1;
  for (let at = t.indexOf(','); at !== -1; at = t.indexOf(',', at + 1)) count += 1;
  return count;
}

/** Where nothing came for too long; null: how often something should come is not known. */
export const gapsOf = (row: SeriesRow, span: Span, intervalMs: number | null): Gap[] | null =>
  intervalMs === null
    ? null
    : findGaps({ firstMs: numbers(jsonOf(row.firsts)), lastMs: numbers(jsonOf(row.lasts)) }, span, intervalMs);

/** The same columns with fewer points, those without a value left out. */
export function downsample(row: SeriesColumns, maxPoints: number): SeriesColumns {
  if (countPoints(row.t) <= maxPoints) return row;
  const [t, values] = [numbers(row.t), JSON.parse(row.v) as (number | null)[]];
  const there = [...t.keys()].filter((index) => values[index] !== null);
  const points = { t: there.map((index) => t[index] ?? 0), v: there.map((index) => values[index] ?? 0) };
  const kept = pickPoints(points, maxPoints).map((index) => there[index] ?? 0);
  const pick = (column: readonly unknown[]): string => JSON.stringify(kept.map((index) => column[index]));
  const pickJson = (json: string | null): string | null => (json === null ? null : pick(JSON.parse(json) as unknown[]));
  return {
    t: pick(t),
    v: pick(values),
    counts: pickJson(row.counts),
    arrivals: pickJson(row.arrivals),
    gaps: row.gaps,
  };
}

export function seriesJson({ device, metric, aggregate }: SeriesRef, columns: SeriesColumns): string {
  const { t, v, counts, arrivals, gaps } = columns;
  const head = JSON.stringify({
    device_id: device.id,
    device: device.code,
    metric_id: metric.id,
    metric: metric.code,
    kind: metric.kind,
    aggregate,
  });
  const detail = counts === null || arrivals === null ? '' : `,"count":${counts},"arrived_at":${arrivals}`;
  const missing = gaps === null ? '' : `,"gaps":${JSON.stringify(gaps)}`;
  return `${head.slice(0, -1)},"t":${t},"v":${v}${detail}${missing}}`;
}
