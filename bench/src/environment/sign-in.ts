import { demoPassword } from '@platen/schema/seeds/identities';
import { call, jsonHeaders, type Reply } from './http.js';

export interface SignedIn {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export const signInRequest = (email: string) => ({
  method: 'POST' as const,
  path: '/api/auth/login',
  body: JSON.stringify({ email, password: demoPassword }),
});

/** A token as the control plane gives it to a browser. Lasts fifteen minutes: sign in before each row. */
export async function signIn(controlUrl: string, host: string, email: string): Promise<SignedIn> {
  const { method, path, body } = signInRequest(email);
  const reply = await call(controlUrl + path, { method, headers: jsonHeaders(host), body });
  if (reply.status !== 200) throw new Error(`Signing in as ${email} was answered with ${reply.status}: ${reply.body}`);
  return { accessToken: cookieOf(reply, 'platen_at'), refreshToken: cookieOf(reply, 'platen_rt') };
}

export function cookieOf(reply: Reply, name: string): string {
  const found = [reply.headers['set-cookie'] ?? []]
    .flat()
    .map((cookie) => new RegExp(`^${name}=([^;]+)`).exec(cookie)?.[1])
    .find((value) => value !== undefined);
  if (found === undefined) throw new Error(`The answer sets no cookie ${name}`);
  return found;
}
