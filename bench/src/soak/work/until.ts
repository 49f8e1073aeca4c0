import { setTimeout as delay } from 'node:timers/promises';

/** Asks until the answer is what is wanted, and answers how long that took; null: it did not come in time. */
export async function timeUntil(isSo: () => Promise<boolean>, mostMs: number, everyMs = 5): Promise<number | null> {
  const startedAtMs = performance.now();
  while (performance.now() - startedAtMs < mostMs) {
    if (await isSo().catch(() => false)) return performance.now() - startedAtMs;
    await delay(everyMs);
  }
  return null;
}

export const spell = (ms: number | null): string => (ms === null ? 'never' : `${ms.toFixed(0)} ms`);
