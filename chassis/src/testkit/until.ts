import { setTimeout as delay } from 'node:timers/promises';

/**
 * Looks again until it sees what is wanted; what never comes is the matter of the test's own time limit. With a pause: looks
 * without one take the processor from whoever is waited for, and end at the limit of requests.
 */
export async function until<T>(
  look: () => Promise<T>,
  isWanted: (seen: T) => boolean = Boolean,
  everyMs = 10,
): Promise<T> {
  for (;;) {
    const seen = await look();
    if (isWanted(seen)) return seen;
    await delay(everyMs);
  }
}
