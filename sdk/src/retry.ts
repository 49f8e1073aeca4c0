import { PlatenError, PlatenNetworkError } from './errors.js';
import type { Route } from './routes.js';

const firstStepMs = 100;
const longestStepMs = 5_000;

/** `Retry-After` in either form (RFC 9110 section 10.2.3), as milliseconds from now. */
export function readRetryAfterMs(text: string | null, nowMs: number): number | undefined {
  if (!text) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** May the same request be sent again after this failure? */
export function isRetryable(route: Route, error: unknown, hasIfMatch: boolean): boolean {
  if (error instanceof PlatenError) {
    // Refused before any effect, whatever the method.
    if (error.status === 429) return true;
    if (error.code === 'idempotency_in_flight' || error.code === 'contended') return true;
    return error.status === 503 && isRepeatable(route, hasIfMatch);
  }
  if (!(error instanceof PlatenNetworkError) || error.kind === 'timeout') return false;
  if (error.kind === 'answer' && !(error.status && error.status >= 502 && error.status <= 504)) return false;
  return isRepeatable(route, hasIfMatch);
}

/**
 * Does a second delivery do no harm? GET, PUT and DELETE by HTTP (RFC 9110 section 9.2.2). POST by its key; the
 * contracts exempt from a key leave the same state when repeated. A PATCH only under If-Match: without it, the repeat
 * could undo what somebody else wrote in between. A form with a file has no key, and makes another one of it.
 */
const isRepeatable = (route: Route, hasIfMatch: boolean) => !route.has('f') && (route.method !== 'PATCH' || hasIfMatch);

/** Full jitter: spreads clients that failed together over the whole step. The server's own wish comes first. */
export function delayMs(attempt: number, retryAfterMs: number | undefined, random: () => number): number {
  const step = Math.min(longestStepMs, firstStepMs * 2 ** attempt);
  return (retryAfterMs ?? 0) + random() * step;
}
