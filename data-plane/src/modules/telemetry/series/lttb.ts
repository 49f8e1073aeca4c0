/** A series by columns: times in milliseconds, in order, and a value each. */
export interface Columns {
  readonly t: readonly number[];
  readonly v: readonly number[];
}

/**
 * At most `maxPoints` of a series, for a chart that looks alike: Largest-Triangle-Three-Buckets (S. Steinarsson,
 * "Downsampling Time Series for Visual Representation", 2013), and of each of its buckets the least and the greatest
 * value too: a peak that lasts for one reading is what somebody looks for. Returns which of the points to keep, in order.
 */
export function pickPoints({ t, v }: Columns, maxPoints: number): number[] {
  const length = t.length;
  if (length <= maxPoints) return [...t.keys()];
  const bucketCount = Math.floor((maxPoints - 2) / 3);
  if (bucketCount < 1) return [0, length - 1].slice(0, Math.max(0, maxPoints));
  // The first and the last point are always kept, the others are divided among the buckets.
  const startOf = (bucket: number): number => 1 + Math.floor((bucket * (length - 2)) / bucketCount);
  const kept = [0];
  let previous = 0;
  for (let bucket = 0; bucket < bucketCount; bucket += 1) {
    const [from, to] = [startOf(bucket), startOf(bucket + 1)];
    const next = bucket + 1 < bucketCount ? meanPoint(t, v, to, startOf(bucket + 2)) : pointAt(t, v, length - 1);
    const { largest, least, greatest } = lookThrough(t, v, { from, to, previous: pointAt(t, v, previous), next });
    for (const index of [...new Set([largest, least, greatest])].sort((a, b) => a - b)) kept.push(index);
    previous = largest;
  }
  kept.push(length - 1);
  return kept;
}

interface Point {
  readonly at: number;
  readonly value: number;
}

const pointAt = (t: readonly number[], v: readonly number[], index: number): Point => ({
  at: t[index] ?? 0,
  value: v[index] ?? 0,
});

function meanPoint(t: readonly number[], v: readonly number[], from: number, to: number): Point {
  // Times are summed by their distance: sums of thousands of dates would lose milliseconds.
  const first = t[from] ?? 0;
  let [at, value] = [0, 0];
  for (let index = from; index < to; index += 1) {
    at += (t[index] ?? 0) - first;
    value += v[index] ?? 0;
  }
  return { at: first + at / (to - from), value: value / (to - from) };
}

interface Bucket {
  readonly from: number;
  readonly to: number;
  /** The point that was chosen in the bucket before, and the mean of the one after. */
  readonly previous: Point;
  readonly next: Point;
}

function lookThrough(t: readonly number[], v: readonly number[], { from, to, previous, next }: Bucket) {
  let [largest, least, greatest] = [from, from, from];
  let largestArea = -1;
  for (let index = from; index < to; index += 1) {
    const { at, value } = pointAt(t, v, index);
    const area = Math.abs(
      (previous.at - next.at) * (value - previous.value) - (previous.at - at) * (next.value - previous.value),
    );
    if (area > largestArea) [largest, largestArea] = [index, area];
    if (value < (v[least] ?? 0)) least = index;
    if (value > (v[greatest] ?? 0)) greatest = index;
  }
  return { largest, least, greatest };
}
