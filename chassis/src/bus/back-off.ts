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
export const pause = (ms: number, signal: AbortSignal): Promise<void> => waitFor(ms, { signal, ref: false });

/** The same for what a process is not to end before: the last words of something that stops. */
export const holdFor = (ms: number, signal: AbortSignal): Promise<void> => waitFor(ms, { signal, ref: true });

async function waitFor(ms: number, options: { readonly signal: AbortSignal; readonly ref: boolean }): Promise<void> {
  await delay(ms, undefined, options).catch(() => undefined);
}
