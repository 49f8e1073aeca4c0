import { setTimeout as delay } from 'node:timers/promises';
import type { TestControlPlane } from './control-plane.js';

/**
 * Looks again until it sees what is wanted; what never comes is the matter of the test's own time limit. With a pause: looks
 * without one take the processor from whoever is waited for, and end at the limit of requests.
 */
export async function until<T>(look: () => Promise<T>, isWanted: (seen: T) => boolean = Boolean): Promise<T> {
  for (;;) {
    const seen = await look();
    if (isWanted(seen)) return seen;
    await delay(10);
  }
}

/** Until the plane has told for the first time that it lives: it does so beside its start. */
export const untilReported = ({ sql }: TestControlPlane): Promise<boolean> =>
  until(async () => (await sql(`select 1 as one from platform_instances where kind = 'control-plane'`)).length > 0);
