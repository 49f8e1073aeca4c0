import type { Route } from './routes.js';

/** What a try was sent with, so that its 401 can be told from one of a token that is replaced already. */
export interface Grant {
  /** Sent as `Authorization: Bearer`. Cookies travel by themselves. */
  readonly token?: string;
  readonly generation: number;
}

/** How a client signs its calls and gets a new token. */
export interface Authorizer {
  grant(): Promise<Grant>;
  /** After a 401 with a code that a new token may cure. Rejects when there is none to be had. */
  renew(refused: Grant): Promise<void>;
  /** Every good answer passes by: some of them start, prolong or end the session. */
  observe(route: Route, answer: unknown, serverNowMs: number): void;
  /** A 401 that no new token cures. */
  end(code: string, correlationId: string): void;
}

/** Codes of 401 that a new token may cure; the others end the session or speak of a password. */
export const curableCodes: readonly string[] = [
  'authentication_required',
  'token_expired',
  'token_stale',
  'token_invalid',
];
export const endingCodes: readonly string[] = ['token_revoked', 'refresh_invalid'];

/**
 * Gives the bearer token; called before every try, so keep it while it is good.
 * `refused` is a token that the server has just turned down: give another one.
 */
export type TokenSource = (refused?: string) => string | Promise<string>;

export function bearerAuthorizer(source: TokenSource): Authorizer {
  return {
    grant: async () => ({ token: await source(), generation: 0 }),
    async renew(refused) {
      await source(refused.token);
    },
    observe() {},
    end() {},
  };
}
