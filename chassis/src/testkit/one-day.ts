import { setTimeout as delay } from 'node:timers/promises';
import { dayMs } from '../durations.js';

const enoughMs = 30_000;

/** For what counts days, by the server's clock too: begins when today, in UTC, lasts long enough. A wait once in some thousand runs. */
export async function withinOneDay(): Promise<void> {
  const leftMs = () => dayMs - (Date.now() % dayMs);
  while (leftMs() < enoughMs) await delay(leftMs());
}
