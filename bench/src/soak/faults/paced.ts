import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type CallOptions, call } from '../../environment/http.js';
import { percentile } from '../../measure/statistics.js';

/** One request and what became of it. */
export interface Seen {
  readonly number: number;
  /** By `performance.now()`. */
  readonly sentAtMs: number;
  readonly doneAtMs: number;
  /** 0: no answer came. */
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

export interface PacedRequest extends Omit<CallOptions, 'agent'> {
  readonly url: string;
}

export interface Paced {
  readonly seen: readonly Seen[];
  /** Sends no more. Resolves when all that was sent is answered. */
  end(): Promise<void>;
}

/** Sends a request each so often, whether those before are answered or not: so somebody waits as long as it takes. */
export function startPaced(everyMs: number, requestOf: (number: number) => PacedRequest): Paced {
  const agent = new Agent({ keepAlive: true });
  const seen: Seen[] = [];
  const inFlight = new Set<Promise<void>>();
  const over = new AbortController();
  const send = async (number: number) => {
    const { url, ...options } = requestOf(number);
    const sentAtMs = performance.now();
    const answer = await call(url, { ...options, agent }).catch(() => null);
    seen.push({
      number,
      sentAtMs,
      doneAtMs: performance.now(),
      status: answer?.status ?? 0,
      retryAfter: answer?.headers['retry-after']?.toString(),
      body: answer?.body ?? '',
    });
  };
  const loop = async () => {
    const startedAtMs = performance.now();
    for (let number = 0; !over.signal.aborted; number += 1) {
      const earlyMs = startedAtMs + number * everyMs - performance.now();
      if (earlyMs > 0) await delay(earlyMs, undefined, { signal: over.signal }).catch(() => undefined);
      if (over.signal.aborted) return;
      const sent = send(number).finally(() => inFlight.delete(sent));
      inFlight.add(sent);
    }
  };
  const sending = loop();
  return {
    seen,
    async end() {
      over.abort();
      await sending;
      await Promise.all(inFlight);
      agent.destroy();
    },
  };
}

export const tookMs = ({ sentAtMs, doneAtMs }: Seen): number => doneAtMs - sentAtMs;
export const isOk = ({ status }: Seen): boolean => status >= 200 && status < 300;

/** Those that were sent and not yet answered at some time in between, or sent then. */
export const during = (seen: readonly Seen[], fromMs: number, toMs: number): Seen[] =>
  seen.filter(({ sentAtMs, doneAtMs }) => doneAtMs >= fromMs && sentAtMs <= toMs);

export const p99Of = (seen: readonly Seen[]): number => percentile(seen.map(tookMs), 99);
export const slowestOf = (seen: readonly Seen[]): number => Math.max(...seen.map(tookMs));

/** How many of which, for whoever reads what was refused. */
export function tally(seen: readonly Seen[]): string {
  const counts = new Map<number, number>();
  for (const { status } of seen) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${count} with ${status === 0 ? 'nothing' : status}`)
    .join(', ');
}

const calm = { windowMs: 2_000, slowestMs: 150, longestMs: 30_000 };

/** The first answers of a process are slower than all others: until none was slow for a while, or as calm as it gets. */
export async function untilCalm(seen: () => readonly Seen[]): Promise<void> {
  const sinceMs = performance.now();
  do {
    await delay(calm.windowMs);
    const nowMs = performance.now();
    if (slowestOf(during(seen(), nowMs - calm.windowMs, nowMs)) < calm.slowestMs) return;
  } while (performance.now() - sinceMs < calm.longestMs);
}
