/** A minute of a counter: when it was last read, and by how much it had grown since the minute before. */
export interface CountedMinute {
  readonly lastMs: number;
  readonly increase: number;
}

/** Longer without a reading is a stop, whatever was counted meanwhile. */
const longestMs = 10 * 60_000;

/**
 * Seconds a piece took lately, of the minutes in which there were some: a machine that stands makes none, and that it stood
 * is no reason to expect it to.
 * @param minutes in order
 * @param sinceMs when counting began
 */
export function cycleSeconds(
  minutes: readonly CountedMinute[],
  piecesPerCount: number,
  sinceMs: number,
): number | null {
  let beforeMs = sinceMs;
  let workedMs = 0;
  let counts = 0;
  for (const { lastMs, increase } of minutes) {
    const tookMs = lastMs - beforeMs;
    beforeMs = lastMs;
    if (increase <= 0 || tookMs <= 0 || tookMs > longestMs) continue;
    workedMs += tookMs;
    counts += increase;
  }
  if (counts === 0) return null;
  const seconds = workedMs / 1000 / (counts * piecesPerCount);
  return Math.min(Math.max(Number(seconds.toFixed(3)), 0.001), 1_000_000);
}
