import { duration } from '@platen/chassis/config/load-config';
import { type AllowedHosts, outboundFields } from '@platen/chassis/outbound/allowed-hosts';
import { createOutbound } from '@platen/chassis/outbound/outbound';
import type { Tracing } from '@platen/chassis/tracing/tracing';
import { type CallEnded, observeCalls } from './observe-calls.js';
import type { SiteCalling } from './site-client.js';
import { createSiteTurns } from './site-turns.js';

export const siteFields = {
  ...outboundFields,
  DN_PAUSE: duration('500ms', {
    maximum: 60_000,
    description: 'Pause between two calls of a DecoNetwork site, which are never made at once',
  }),
  DN_TIMEOUT: duration('30s', {
    minimum: 100,
    maximum: 300_000,
    description: 'How long an answer of a DecoNetwork site is waited for, to its end',
  }),
};

/** Where calls follow each other at once, tries do so sooner. */
const firstRetry = { leastMs: 50, mostMs: 1_000 };

/** The way out to sites, for all jobs of the process. */
export function openSites(options: {
  readonly allowed: AllowedHosts;
  readonly pauseMs: number;
  readonly timeoutMs: number;
  readonly tracing: Tracing | null;
  readonly ended: CallEnded;
}): SiteCalling {
  const { allowed, pauseMs, timeoutMs, tracing, ended } = options;
  return {
    outbound: createOutbound({ allowed }),
    turns: createSiteTurns({ pauseMs }),
    timeoutMs,
    observe: observeCalls({ tracing, ended }),
    firstRetryMs: Math.max(firstRetry.leastMs, Math.min(firstRetry.mostMs, 2 * pauseMs)),
  };
}
