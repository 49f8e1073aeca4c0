import type { Span } from './steps.js';

/** Without a reading for more than so many times the expected interval, something is missing. */
export const gapIntervals = 3;

/** From the last reading before it until the first one after, in milliseconds. */
export type Gap = readonly [fromMs: number, toMs: number];

/**
 * Where nothing came for too long. `firstMs` and `lastMs` are of the first and the last reading of each bucket: what lies
 * between the readings of one bucket is not known. Before the first and after the last one the span itself is the bound.
 */
export function findGaps(
  { firstMs, lastMs }: { readonly firstMs: readonly number[]; readonly lastMs: readonly number[] },
  { fromMs, toMs }: Span,
  intervalMs: number,
): Gap[] {
  const gaps: Gap[] = [];
  let sinceMs = fromMs;
  const look = (untilMs: number): void => {
    if (untilMs - sinceMs > gapIntervals * intervalMs) gaps.push([sinceMs, untilMs]);
  };
  for (const [index, ms] of firstMs.entries()) {
    look(ms);
    sinceMs = lastMs[index] ?? ms;
  }
  look(toMs);
  return gaps;
}
