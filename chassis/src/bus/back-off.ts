import { setTimeout as delay } from 'node:timers/promises';

export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Full jitter: anywhere in the whole step, so that what failed together does not come back together. `attempt` from 1. */
export function backOffMs(backOff: BackOff, attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(backOff.longestMs, backOff.firstMs * 2 ** Math.min(attempt - 1, 30));
}

/** Resolves after the time, or at once when the signal ends the wait; never rejects. Keeps no process alive. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
