import type { SeriesAggregate, SeriesStep } from '@platen/schema/contracts/data/telemetry-series';
import type { Reading } from './series.fixture.js';
import { bucketsOf, type Span } from './steps.js';

export interface Points {
  readonly t: readonly number[];
  readonly v: readonly (number | null)[];
  readonly count: readonly number[];
}

/** What a series is, from its readings alone: bucket by bucket, reading by reading. */
export function truthOf(
  readings: readonly Reading[],
  wish: { step: SeriesStep; aggregate: SeriesAggregate; span: Span; timeZone: string; nowMs: number },
): Points {
  const sorted = readings.toSorted((a, b) => a.atMs - b.atMs);
  const buckets = bucketsOf(wish.step, wish.span, wish.timeZone);
  const found = new Map<number, { values: number[]; increase: number; lastMs: number; beforeMs: number | null }>();
  for (const [index, { atMs, value }] of sorted.entries()) {
    const before = sorted[index - 1];
    if (atMs < buckets.span.fromMs || atMs >= buckets.span.toMs) continue;
    const startMs = startOf(buckets, atMs);
    const bucket = found.get(startMs) ?? { values: [], increase: 0, lastMs: atMs, beforeMs: before?.atMs ?? null };
    bucket.values.push(value);
    if (before !== undefined) bucket.increase += value >= before.value ? value - before.value : value;
    bucket.lastMs = atMs;
    found.set(startMs, bucket);
  }
  const endOf = (startMs: number): number =>
    buckets.kind === 'clock'
      ? startMs + buckets.stepMs
      : buckets.kind === 'calendar'
        ? (buckets.startsMs.find((at) => at > startMs) ?? buckets.span.toMs)
        : startMs;
  const pick = (startMs: number, { values, increase, lastMs, beforeMs }: NonNullable<ReturnType<typeof found.get>>) => {
    const sum = values.reduce((a, b) => a + b);
    const seconds =
      wish.step === 'raw'
        ? (startMs - (beforeMs ?? startMs)) / 1_000
        : (Math.min(endOf(startMs), Math.max(wish.nowMs, lastMs)) - startMs) / 1_000;
    const all: Record<SeriesAggregate, number | null> = {
      ...{ avg: sum / values.length, min: Math.min(...values), max: Math.max(...values), sum, count: values.length },
      ...{ first: values[0] ?? null, last: values.at(-1) ?? null, increase },
      rate: seconds === 0 ? null : increase / seconds,
    };
    return all[wish.aggregate];
  };
  return {
    t: [...found.keys()],
    v: [...found].map(([startMs, bucket]) => pick(startMs, bucket)),
    count: [...found.values()].map(({ values }) => values.length),
  };
}

function startOf(buckets: ReturnType<typeof bucketsOf>, atMs: number): number {
  if (buckets.kind === 'readings') return atMs;
  if (buckets.kind === 'clock') return Math.floor(atMs / buckets.stepMs) * buckets.stepMs;
  return buckets.startsMs.findLast((startMs) => startMs <= atMs) ?? atMs;
}
