import { until } from '@platen/chassis/testkit/until';
import { roles } from '@platen/schema/seeds/identities';
import type { RawAnswer, SendRaw } from './http.js';
import { runningMs } from './measure.js';
import type { Platform } from './platform.js';
import { bearer, readCookies, type SignedIn, signIn } from './sign-in.js';
import { type acme, acmePrint, globex, globexMain, mainStreet } from './world.js';

/** One control plane: whatever is asked of it by the tests of several. */
export interface ControlSite {
  readonly send: SendRaw;
  readonly port: number;
}

export interface Sites {
  readonly platform: Platform;
  readonly controls: readonly [ControlSite, ControlSite];
  readonly datas: readonly [SendRaw, SendRaw];
}

/** An answer that was expected to be this status; anything else ends the test. */
async function done(asked: Promise<RawAnswer>, status: number): Promise<RawAnswer> {
  const answer = await asked;
  if (answer.status !== status) throw new Error(`${status} was expected: ${answer.status} ${answer.text}`);
  return answer;
}

export const at = (sites: Sites, index: number): ControlSite => sites.controls[index % 2 === 0 ? 0 : 1];
export const signInAt = ({ platform }: Sites, { send }: ControlSite, email: string): Promise<SignedIn> =>
  signIn({ ...platform, control: send }, email);

export async function refreshAt({ send, port }: ControlSite, { slug, refresh }: SignedIn): Promise<RawAnswer> {
  const headers = { cookie: `platen_rt=${refresh}`, origin: `http://${slug}.localhost:${port}` };
  return send({ method: 'POST', host: slug, path: '/api/auth/refresh', headers });
}

export async function refreshed(site: ControlSite, session: SignedIn): Promise<SignedIn> {
  const answer = await done(refreshAt(site, session), 200);
  const { platen_at: access = '', platen_rt: refresh = '' } = readCookies(answer.headers['set-cookie']);
  return { ...session, access, refresh };
}

/** What every role of the seeds may. */
export const read = (data: SendRaw, host: string, token: string): Promise<RawAnswer> =>
  data({ host, path: '/api/erp/products?limit=1', headers: bearer(token) });

/** Milliseconds from the answer of a change until the last data plane refuses the token, and the codes they refuse with. */
export async function measureRefusal(
  { datas }: Sites,
  { host, token, change }: { host: string; token: string; change: () => Promise<unknown> },
): Promise<{ readonly ms: number; readonly codes: readonly string[] }> {
  await Promise.all(
    datas.map((data) =>
      until(
        () => read(data, host, token),
        ({ status }) => status === 200,
        2,
      ),
    ),
  );
  await change();
  const changedAt = runningMs();
  const refusals = await Promise.all(
    datas.map((data) =>
      until(
        () => read(data, host, token),
        ({ status }) => status !== 200,
        2,
      ),
    ),
  );
  const codes = refusals.map(({ json }) => (json as { code: string }).code);
  return { ms: runningMs() - changedAt, codes };
}

type Measured = Awaited<ReturnType<typeof measureRefusal>>;
/** One after the other; each call makes one revocation. */
export type Lane = (index: number) => Promise<Measured>;

const write = (site: ControlSite, token: string, method: string, path: string, body?: object) =>
  site.send({ method, host: 'acme', path, headers: bearer(token), body });

export const signOuts =
  (sites: Sites): Lane =>
  async (index) => {
    const { access } = await signInAt(sites, at(sites, index), 'admin@acme.test');
    const change = () => done(write(at(sites, index + 1), access, 'POST', '/api/auth/logout'), 204);
    return measureRefusal(sites, { host: 'acme', token: access, change });
  };

export async function roleChanges(sites: Sites, admin: string, user: (typeof acme.users)[number]): Promise<Lane> {
  let session = await signInAt(sites, at(sites, 0), user.email);
  let given: string | undefined;
  const body = {
    user_id: user.id,
    role_id: roles.purchasing.id,
    scope: 'workspace',
    organization_id: acmePrint.id,
    workspace_id: mainStreet.id,
  };
  return async (index) => {
    const site = at(sites, index);
    const change = async () => {
      if (given === undefined) {
        const answer = await done(write(site, admin, 'POST', '/api/admin/user-roles', body), 201);
        given = (answer.json as { id: string }).id;
      } else {
        await done(write(site, admin, 'DELETE', `/api/admin/user-roles/${given}`), 204);
        given = undefined;
      }
    };
    const measured = await measureRefusal(sites, { host: 'acme', token: session.access, change });
    // At the control plane that did not make the change.
    session = await refreshed(at(sites, index + 1), session);
    return measured;
  };
}

export const disabledUsers =
  (sites: Sites, admin: string, user: (typeof acme.users)[number]): Lane =>
  async (index) => {
    const path = `/api/admin/users/${user.id}`;
    const { access } = await signInAt(sites, at(sites, index), user.email);
    const change = () => done(write(at(sites, index + 1), admin, 'POST', `${path}/disable`), 200);
    const measured = await measureRefusal(sites, { host: 'acme', token: access, change });
    await done(write(at(sites, index), admin, 'POST', `${path}/enable`), 200);
    return measured;
  };

export const revokedKeys =
  (sites: Sites, admin: string): Lane =>
  async (index) => {
    const site = at(sites, index);
    const body = { name: 'Shop', role_id: roles.sales.id, scope: 'organization', organization_id: acmePrint.id };
    const created = await done(write(site, admin, 'POST', '/api/admin/api-keys', body), 201);
    const { id, key } = created.json as { id: string; key: string };
    const exchange = { api_key: key, organization_id: acmePrint.id, workspace_id: mainStreet.id };
    const exchanged = await done(
      site.send({ method: 'POST', host: 'acme', path: '/api/auth/token', body: exchange }),
      200,
    );
    const { access_token: token } = exchanged.json as { access_token: string };
    const change = () => done(write(at(sites, index + 1), admin, 'POST', `/api/admin/api-keys/${id}/revoke`), 200);
    return measureRefusal(sites, { host: 'acme', token, change });
  };

/** `tokenOf` makes one of this moment: storefronts raise their tenant's epoch. */
interface PlatformParts {
  readonly operator: string;
  readonly tokenOf: () => string;
}
const operate = (site: ControlSite, operator: string, method: string, path: string, body?: object) =>
  site.send({
    method,
    host: 'platform',
    path: `/platform/tenants/${globex.id}${path}`,
    headers: bearer(operator),
    body,
  });

export const suspensions =
  (sites: Sites, { operator, tokenOf }: PlatformParts): Lane =>
  async (index) => {
    const change = () => done(operate(at(sites, index), operator, 'POST', '/suspend'), 200);
    const measured = await measureRefusal(sites, { host: 'globex', token: tokenOf(), change });
    await done(operate(at(sites, index + 1), operator, 'POST', '/reactivate'), 200);
    return measured;
  };

/** A storefront and its host are taken away. */
export const removedStores =
  (sites: Sites, { operator, tokenOf }: PlatformParts): Lane =>
  async (index) => {
    const [site, other] = [at(sites, index), at(sites, index + 1)];
    const domain = `shop-${index}.globex-acceptance.com`;
    const made = await done(operate(site, operator, 'POST', '/domains', { domain }), 201);
    const { id: domainId } = made.json as { id: string };
    const body = { code: `shop-${index}`, name: 'Shop', domain_id: domainId, organization_id: globexMain.id };
    const opened = await done(operate(site, operator, 'POST', '/stores', body), 201);
    const { id } = opened.json as { id: string };
    const change = async () => {
      await done(operate(other, operator, 'DELETE', `/stores/${id}`), 204);
      await done(operate(other, operator, 'DELETE', `/domains/${domainId}`), 204);
    };
    return measureRefusal(sites, { host: domain, token: tokenOf(), change });
  };
