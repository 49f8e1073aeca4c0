import type { AccessClaims, PlatformClaims } from '@platen/chassis/auth/claims';
import { demoPassword } from '@platen/schema/seeds/identities';
import type { Platform } from './platform.js';

/** Somebody signed in at a tenant, as a browser would hold it. */
export interface SignedIn {
  readonly slug: string;
  readonly access: string;
  readonly refresh: string;
  readonly claims: AccessClaims;
}

export async function signIn(
  platform: Platform,
  email: string,
  options: { readonly organization?: string; readonly workspace?: string | null; readonly password?: string } = {},
): Promise<SignedIn> {
  const slug = email.slice(email.indexOf('@') + 1, email.lastIndexOf('.'));
  const answer = await platform.control({
    method: 'POST',
    host: slug,
    path: '/api/auth/login',
    body: { email, password: options.password ?? demoPassword },
  });
  if (answer.status !== 200) throw new Error(`Signing in ${email}: ${answer.status} ${answer.text}`);
  const cookies = readCookies(answer.headers['set-cookie']);
  const access = cookies['platen_at'] ?? '';
  const first = { slug, access, refresh: cookies['platen_rt'] ?? '', claims: claimsOf(access) };
  if (options.organization === undefined) return first;
  return switchContext(platform, first, options.organization, options.workspace ?? null);
}

export async function switchContext(
  platform: Platform,
  session: SignedIn,
  organizationId: string,
  workspaceId: string | null,
): Promise<SignedIn> {
  const answer = await platform.control({
    method: 'POST',
    host: session.slug,
    path: '/api/context/switch',
    headers: bearer(session.access),
    body: { organization_id: organizationId, workspace_id: workspaceId },
  });
  const access = (answer.json as { access_token?: string } | undefined)?.access_token;
  if (answer.status !== 200 || access === undefined) throw new Error(`Switching: ${answer.status} ${answer.text}`);
  return { ...session, access, claims: claimsOf(access) };
}

/** An administrator of the platform. */
export interface SignedInAdmin {
  readonly access: string;
  readonly refresh: string;
  readonly claims: PlatformClaims;
}

export async function signInPlatform(platform: Platform, email: string): Promise<SignedInAdmin> {
  const answer = await platform.control({
    method: 'POST',
    host: 'platform',
    path: '/platform/auth/login',
    body: { email, password: demoPassword },
  });
  if (answer.status !== 200) throw new Error(`Signing in ${email}: ${answer.status} ${answer.text}`);
  const { platen_pat: access = '', platen_prt: refresh = '' } = readCookies(answer.headers['set-cookie']);
  // The claims of an administrator's token are other ones than a tenant's user has.
  return { access, refresh, claims: claimsOf(access) as unknown as PlatformClaims };
}

export async function signOutPlatform(platform: Platform, { access, refresh }: SignedInAdmin): Promise<void> {
  const answer = await platform.control({
    method: 'POST',
    host: 'platform',
    path: '/platform/auth/logout',
    headers: platformCookies(platform, access, refresh),
  });
  if (answer.status !== 204) throw new Error(`Signing out of the platform: ${answer.status} ${answer.text}`);
}

export const platformCookies = ({ ports }: Platform, access: string, refresh: string) => ({
  cookie: `platen_pat=${access}; platen_prt=${refresh}`,
  origin: `http://platform.localhost:${ports.control}`,
});

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
export const cookie = (token: string) => ({ cookie: `platen_at=${token}` });

/** Of a token, unverified. */
export function claimsOf(token: string): AccessClaims {
  const [, payload = ''] = token.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as AccessClaims;
}

export const readCookies = (lines: readonly string[] = []): Record<string, string> =>
  Object.fromEntries(
    lines.map((line) => {
      const [pair = ''] = line.split(';');
      return [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    }),
  );

/** A service token, by client credentials. */
export async function serviceToken(platform: Platform, client: 'data-plane' | 'erp-worker'): Promise<string> {
  const { dataPlaneSecret, erpWorkerSecret } = platform.secrets;
  const answer = await platform.controlInternal({
    method: 'POST',
    host: 'internal.localhost',
    path: '/internal/token',
    body: {
      grant_type: 'client_credentials',
      client_id: client,
      client_secret: client === 'data-plane' ? dataPlaneSecret : erpWorkerSecret,
    },
  });
  if (answer.status !== 200) throw new Error(`Service token: ${answer.status} ${answer.text}`);
  return (answer.json as { access_token: string }).access_token;
}
