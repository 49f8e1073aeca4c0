import type { Instant } from './truth.js';

const secondMs = 1000;

/** The site's time: it stands still but for what happens on the site, so that two runs have the same dates. */
export interface SiteClock {
  now(): Instant;
  /** Something happens: a second goes by. */
  tick(): Instant;
}

export function startClock(startAt: Instant): SiteClock {
  let atMs = Math.floor(Date.parse(startAt) / secondMs) * secondMs;
  const now = () => new Date(atMs).toISOString();
  return {
    now,
    tick() {
      atMs += secondMs;
      return now();
    },
  };
}
