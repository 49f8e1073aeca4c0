import type { AlertTerms } from './machine.js';

export interface BookReading {
  readonly atMs: number;
  readonly value: number;
}

export interface BookAlert {
  readonly raisedAtMs: number;
  readonly value: number | null;
  readonly resolvedAtMs: number | null;
  readonly peak: number | null;
}

/** The second reading of what a rule means: over all of a history at once, looking back and forth, nothing remembered. */
export function alertsByTheBook(
  terms: AlertTerms,
  fromMs: number,
  readings: readonly BookReading[],
  untilMs: number,
): BookAlert[] {
  const seen = readings.filter(
    ({ atMs }, n) => atMs > fromMs && readings.slice(0, n).every((earlier) => earlier.atMs < atMs),
  );
  return terms.condition === 'no_data' ? silences(terms, fromMs, seen, untilMs) : exceedances(terms, seen);
}

function silences({ durationMs }: AlertTerms, fromMs: number, seen: readonly BookReading[], untilMs: number) {
  const alive = [fromMs, ...seen.map(({ atMs }) => atMs)];
  return alive.flatMap((atMs, n): BookAlert[] => {
    const end = alive[n + 1];
    return (end ?? untilMs) - atMs >= durationMs
      ? [{ raisedAtMs: atMs + durationMs, value: null, resolvedAtMs: end ?? null, peak: null }]
      : [];
  });
}

function exceedances(terms: AlertTerms, seen: readonly BookReading[]): BookAlert[] {
  const sign = terms.condition === 'above' ? 1 : -1;
  const threshold = sign * (terms.threshold ?? 0);
  const clear = sign * (terms.clearThreshold ?? terms.threshold ?? 0);
  const height = (n: number) => sign * (seen[n]?.value ?? 0);
  const at = (n: number) => seen[n]?.atMs ?? 0;
  const alerts: BookAlert[] = [];
  let free = 0;
  for (let n = 0; n < seen.length; n += 1) {
    if (n < free) continue;
    // The first of those that are beyond it without a break up to here.
    let first = n + 1;
    while (first > free && height(first - 1) > threshold) first -= 1;
    if (first > n || at(n) - at(first) < terms.durationMs) continue;
    const cleared = seen.findIndex((_, m) => m > n && height(m) <= clear);
    const end = cleared === -1 ? seen.length : cleared;
    const heights = Array.from({ length: end - first }, (_, k) => height(first + k));
    alerts.push({
      raisedAtMs: at(n),
      value: seen[n]?.value ?? null,
      resolvedAtMs: cleared === -1 ? null : at(cleared),
      peak: sign * Math.max(...heights),
    });
    free = cleared === -1 ? seen.length : cleared;
  }
  return alerts;
}
