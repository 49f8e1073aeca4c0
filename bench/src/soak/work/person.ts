import { call, jsonHeaders, plainHeaders, type Reply } from '../../environment/http.js';
import { cookieOf, signIn } from '../../environment/sign-in.js';

/** Somebody signed in at the first tenant, who refreshes as a browser would: what a refresh answers is used from then on. */
export interface Person {
  readonly email: string;
  readonly token: string;
  /** By the monotonic clock. */
  readonly renewedAtMs: number;
  /** Answers the status; 0: no answer came. */
  refresh(controlUrl?: string): Promise<number>;
  /** @throws Error when it is not answered with 204 */
  signOut(): Promise<void>;
}

const host = 'acme.localhost';

export async function signInPerson(controlUrl: string, email: string): Promise<Person> {
  let held = await signIn(controlUrl, host, email);
  let renewedAtMs = performance.now();
  return {
    email,
    get token() {
      return held.accessToken;
    },
    get renewedAtMs() {
      return renewedAtMs;
    },
    async refresh(url = controlUrl) {
      const reply = await call(`${url}/api/auth/refresh`, {
        method: 'POST',
        headers: { ...ownHost(url), cookie: `platen_rt=${held.refreshToken}` },
      }).catch(() => null);
      if (reply?.status !== 200) return reply?.status ?? 0;
      held = { accessToken: cookieOf(reply, 'platen_at'), refreshToken: cookieOf(reply, 'platen_rt') };
      renewedAtMs = performance.now();
      return 200;
    },
    async signOut() {
      const headers = bearer(held.accessToken);
      const reply = await call(`${controlUrl}/api/auth/logout`, { method: 'POST', headers });
      if (reply.status !== 204) throw new Error(`signing out was answered with ${reply.status}: ${reply.body}`);
    },
  };
}

/** A page of the tenant asks: the host it was loaded from, port and all, and that as its origin. */
function ownHost(url: string): Record<string, string> {
  const authority = `${host}:${new URL(url).port}`;
  return { ...plainHeaders(authority), origin: `http://${authority}` };
}

export const bearer = (token: string): Record<string, string> => ({
  ...plainHeaders(host),
  authorization: `Bearer ${token}`,
});
export const bearerWithBody = (token: string): Record<string, string> => ({
  ...jsonHeaders(host),
  authorization: `Bearer ${token}`,
});

/** What every role may read. */
export const readProducts = (dataUrl: string, token: string): Promise<Reply> =>
  call(`${dataUrl}/api/erp/products?limit=1`, { headers: bearer(token) });

/** `token_revoked` and the like; null for an answer that is no problem document. */
export function codeOf(body: string): string | null {
  try {
    // A problem document's members are read one by one below.
    const { code } = JSON.parse(body) as { code?: unknown };
    return typeof code === 'string' ? code : null;
  } catch {
    return null;
  }
}

export const kidOf = (token: string): string =>
  // Signed by our own control plane, whose header has it.
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8')) as { kid: string }).kid;
