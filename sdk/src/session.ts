import type { Authorizer, Grant } from './authorizer.js';
import { PlatenError } from './errors.js';
import type { Route } from './routes.js';

/** The session is over: the user has to sign in again. */
export interface SignedOut {
  /** `signed_out` after `auth.logout`; else the code of the 401 that said so. */
  readonly reason: string;
  readonly correlationId: string | undefined;
}

/** Tokens live a quarter of an hour; one that is renewed at five minutes leaves ten for a control plane that is away. */
const renewAfterMs = 300_000;
const leaveMs = 600_000;
const pauseAfterFailureMs = 15_000;

const starting: readonly string[] = ['auth.login', 'auth.refresh', 'context.switch'];

/**
 * A session held by httpOnly cookies, which this code never sees: it knows only when to renew the token.
 * One refresh runs at a time; whoever needs a new token meanwhile waits for that one.
 */
export function cookieAuthorizer(
  refresh: () => Promise<unknown>,
  onSignedOut: (event: SignedOut) => void,
  now: () => number,
): Authorizer {
  /** Raised by every new token: a 401 of an older one needs a retry, not a refresh. */
  let generation = 0;
  let state: 'unknown' | 'signed-in' | 'signed-out' = 'unknown';
  let renewAtMs = Number.POSITIVE_INFINITY;
  let running: Promise<void> | undefined;
  /** What ended the session, for calls that are still refused after it. */
  let ending: PlatenError | undefined;

  function end(reason: string, correlationId: string | undefined) {
    if (state === 'signed-out') return;
    state = 'signed-out';
    renewAtMs = Number.POSITIVE_INFINITY;
    onSignedOut({ reason, correlationId });
  }

  async function renewOnce() {
    const before = generation;
    if (state === 'signed-in') renewAtMs = now() + pauseAfterFailureMs;
    try {
      await refresh();
    } catch (error) {
      // A sign-in that came in between has its own tokens: an old refresh token says nothing about them.
      if (generation === before && error instanceof PlatenError && error.status === 401) {
        ending = error;
        end(error.code, error.correlationId);
      }
      throw error;
    }
  }
  const renewShared = () => {
    running ??= renewOnce().finally(() => {
      running = undefined;
    });
    return running;
  };

  return {
    async grant() {
      // The token at hand is still good: nobody waits, and a control plane that is away delays nobody.
      if (now() >= renewAtMs) void renewShared().catch(() => undefined);
      return { generation };
    },
    async renew(refused: Grant) {
      if (state === 'signed-out') throw ending ?? new PlatenError('auth.refresh', signedOutProblem, '');
      if (refused.generation === generation) await renewShared();
    },
    observe(route: Route, answer: unknown, serverNowMs: number) {
      // The platform's own sign-in works as every tenant's.
      const name = route.name.replace(/^platform\./, '');
      if (name === 'auth.logout') end('signed_out', undefined);
      const starts = starting.includes(name);
      // Signed in by another tab, which shares the cookies.
      if (state === 'signed-out' && !route.has('a')) state = 'unknown';
      if (!starts && name !== 'auth.session') return;
      const leftMs = Date.parse(readExpiry(answer)) - serverNowMs;
      if (Number.isNaN(leftMs)) return;
      if (starts) generation++;
      ending = undefined;
      state = 'signed-in';
      // Half of a token that lives shorter, e.g. because a role ends. A clock that is off by more counts for nothing.
      const renewInMs = starts ? (leftMs > 0 ? leftMs / 2 : renewAfterMs) : Math.max(0, leftMs - leaveMs);
      renewAtMs = now() + Math.min(renewAfterMs, renewInMs);
    },
    end,
  };
}

const signedOutProblem = { status: 401, code: 'authentication_required', title: 'Sign in first' };

const readExpiry = (answer: unknown): string =>
  typeof answer === 'object' && answer !== null && 'expires_at' in answer ? String(answer.expires_at) : '';
