/** A minute of a counter: when it was last read, and by how much it had grown since the minute before. */
export interface CountedMinute {
  readonly lastMs: number;
  readonly increase: number;
}

/** Longer without a count is a stop, of a machine that else counts sooner. */
const longestMs = 10 * 60_000;

/**
 * Seconds a piece took lately, from one minute that counted to the next: a piece may take several. A machine that stands
 * makes none, and that it stood is no reason to expect it to.
 * @param minutes in order
 * @param sinceMs when counting began
 */
export function cycleSeconds(
  minutes: readonly CountedMinute[],
  piecesPerCount: number,
  sinceMs: number,
): number | null {
  const steps = stepsOf(minutes, sinceMs);
  const work = steps.filter(({ tookMs }) => tookMs <= longestMs);
  // One that never counts sooner is slow, and does not stand.
  const lately = work.length > 0 ? work : steps;
  if (lately.length === 0) return null;
  const sumOf = (name: keyof Step): number => lately.reduce((sum, step) => sum + step[name], 0);
  const seconds = sumOf('tookMs') / 1000 / (sumOf('counts') * piecesPerCount);
  return Math.min(Math.max(Number(seconds.toFixed(3)), 0.001), 1_000_000);
}

interface Step {
  readonly tookMs: number;
  readonly counts: number;
}
function stepsOf(minutes: readonly CountedMinute[], sinceMs: number): Step[] {
  const steps: Step[] = [];
  let beforeMs = sinceMs;
  for (const { lastMs, increase } of minutes) {
    if (increase <= 0) continue;
    // What was counted before the beginning says nothing of how long it took.
    if (lastMs > beforeMs) steps.push({ tookMs: lastMs - beforeMs, counts: increase });
    beforeMs = lastMs;
  }
  return steps;
}
