import { randomUUID } from 'node:crypto';
import { type AccessClaims, audiences, type ServiceClaims } from '@platen/chassis/auth/claims';
import { importSigningKey, type SigningKey } from '@platen/chassis/auth/signer';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { createForger, type Forger } from '@platen/chassis/testkit/forger';
import type { SecurityWorld } from '@platen/chassis/testkit/security-table-attack';
import { permissionMap } from '@platen/chassis/testkit/tokens';
import { until } from '@platen/chassis/testkit/until';
import { createTextCipher, deriveKey } from '@platen/control-plane/modules/keys/private-key-cipher';
import { type PlatformRole, serviceScopes } from '@platen/schema/contract';
import { permissionCodes } from '@platen/schema/permissions';
import { plans, platformAdmins, tenants } from '@platen/schema/seeds/identities';
import { memberOf } from './contracts.js';
import type { SendRaw } from './http.js';
import type { Platform } from './platform.js';
import { bearer, claimsOf, type SignedIn, serviceToken, signIn, signInPlatform, signOutPlatform } from './sign-in.js';

export const { acme, globex, initech } = tenants;
export const acmePrint = acme.organizations['acme-print'];
export const acmePromo = acme.organizations['acme-promo'];
export const globexMain = globex.organizations['globex-main'];
export const mainStreet = acmePrint.workspaces['main-street'];
export const { harbor } = acmePrint.workspaces;

/** A tenant that lacks every module: its plan's products are all switched off. */
const bare = {
  id: '01930000-0000-7000-8003-0000000000ba',
  slug: 'bare',
  organizationId: '01930000-0000-7000-8004-0000000000ba',
};

export async function addBareTenant({ control }: Platform['databases']): Promise<void> {
  await asSuperuser(control.superuserUrl, async (client) => {
    await client.query(
      `insert into tenants (id, slug, name, status, plan_id, erp_db_key) values ($1, $2, 'Bare', 'active', $3, 'erp-1')`,
      [bare.id, bare.slug, plans.starter.id],
    );
    await client.query(
      `insert into tenant_platform_products (tenant_id, product_id, enabled, source)
       select $1, id, false, 'plan' from platform_products`,
      [bare.id],
    );
    await client.query(`insert into res_organizations (tenant_id, id, code, name) values ($1, $2, 'bare', 'Bare')`, [
      bare.id,
      bare.organizationId,
    ]);
    await client.query(
      `insert into res_organization_settings
         (tenant_id, id, organization_id, currency, time_zone, locale, quote_prefix, order_prefix)
       values ($1, $2, $2, 'EUR', 'Europe/Berlin', 'en', 'Q', 'SO')`,
      [bare.id, bare.organizationId],
    );
  });
}

/** The control plane's own key, as whoever holds its database and its environment could read it. */
export async function readSigningKey({ databases, secrets }: Platform): Promise<SigningKey> {
  return asSuperuser(databases.control.superuserUrl, async (client) => {
    const { rows } = await client.query<{ kid: string; encrypted: string }>(
      `select kid, private_key_encrypted as encrypted from platform_signing_keys where status = 'active'`,
    );
    const [row] = rows;
    if (row === undefined) throw new Error('There is no signing key');
    const cipher = createTextCipher(deriveKey(secrets.keyEncryptionKey, 'signing-keys'));
    return importSigningKey(row.kid, cipher.decrypt(row.encrypted, row.kid));
  });
}

export const forgerOf = async (platform: Platform): Promise<Forger> => createForger(await readSigningKey(platform));

export const allPermissions = permissionMap(permissionCodes);
const allPermissionsBut = (missing: string) => permissionMap(permissionCodes.filter((code) => code !== missing));

/** A storefront of acme's, for one organization alone. */
const storeHost = 'promo.acme-acceptance.com';

export async function addStore({ control }: Platform['databases']): Promise<void> {
  await asSuperuser(control.superuserUrl, async (client) => {
    const domainId = randomUUID();
    await client.query(
      `insert into tenant_domains (tenant_id, id, domain, kind, verified_at) values ($1, $2, $3, 'custom', now())`,
      [acme.id, domainId, storeHost],
    );
    await client.query(
      `insert into tenant_stores (tenant_id, id, code, name, domain_id, organization_id)
       values ($1, $2, 'promo', 'Promo', $3, $4)`,
      [acme.id, randomUUID(), domainId, acmePromo.id],
    );
  });
}

/** Who attacks whom: real people of the seeds, their claims taken from tokens that they signed in for. */
export interface People {
  readonly forger: Forger;
  readonly admin: SignedIn;
  readonly other: SignedIn;
  readonly service: ServiceClaims;
  readonly revokedToken: string;
  readonly admins: SecurityWorld['admins'];
  readonly revokedAdminToken: string;
}

export async function signInPeople(platform: Platform): Promise<People> {
  const admin = await signIn(platform, 'admin@acme.test');
  const other = await signIn(platform, 'admin@globex.test');
  // A service's claims are its own, and were made for it.
  const service = claimsOf(await serviceToken(platform, 'data-plane')) as unknown as ServiceClaims;
  const leaving = await signIn(platform, 'admin@acme.test');
  await signOut(platform, leaving.access, leaving.refresh);
  const signInRole = async (role: PlatformRole) => (await signInPlatform(platform, platformAdmins[role].email)).claims;
  const left = await signInPlatform(platform, platformAdmins.owner.email);
  await signOutPlatform(platform, left);
  return {
    forger: await forgerOf(platform),
    admin,
    other,
    service,
    revokedToken: leaving.access,
    admins: {
      owner: await signInRole('owner'),
      operator: await signInRole('operator'),
      auditor: await signInRole('auditor'),
    },
    revokedAdminToken: left.access,
  };
}

export const createWorld = async (platform: Platform, port: number): Promise<SecurityWorld> =>
  worldAt(await signInPeople(platform), port);

/** The same people at one listener. */
export function worldAt(people: People, port: number): SecurityWorld {
  const { admin, other, service, ...rest } = people;
  const at = (slug: string) => `${slug}.localhost:${port}`;
  const stranger = (tenant: { id: string }, slug: string): AccessClaims => ({
    ...other.claims,
    sub: randomUUID(),
    sid: randomUUID(),
    tid: tenant.id,
    tsl: slug,
    org: randomUUID(),
  });
  return {
    ...rest,
    user: admin.claims,
    outsideStore: { ...admin.claims, org: acmePrint.id, ws: null },
    service: { ...service, aud: audiences.service, scope: serviceScopes.join(' ') },
    otherTenantsUser: other.claims,
    suspendedTenantsUser: stranger(initech, 'initech'),
    bareTenantsUser: { ...stranger(bare, bare.slug), org: bare.organizationId, prm: allPermissions },
    hosts: {
      own: at('acme'),
      other: at('globex'),
      suspended: at('initech'),
      bare: at(bare.slug),
      store: `${storeHost}:${port}`,
      unknown: at('nobody'),
      platform: at('platform'),
      internal: `127.0.0.1:${port}`,
    },
    accessCookie: 'platen_at',
    platformCookie: 'platen_pat',
    allPermissionsBut,
    isMember: memberOf,
  };
}

const tellsEpoch = { control: '/api/admin/stores', data: '/api/erp/quotes' } as const;
type Plane = keyof typeof tellsEpoch;

/** Administration raises epochs as it goes: the same world with tokens of this moment, which the planes have heard of. */
export async function withCurrentEpochs(
  platform: Platform,
  world: SecurityWorld,
  planes: readonly Plane[],
): Promise<SecurityWorld> {
  const now = await asSuperuser(platform.databases.control.superuserUrl, async (client) => {
    const current = async <C extends AccessClaims>(claims: C): Promise<C> => {
      const { rows } = await client.query<{ tenant: number; person: number }>(
        `select t.authz_epoch as tenant, u.authz_epoch as person
         from tenants t join res_users u on u.tenant_id = t.id where t.id = $1 and u.id = $2`,
        [claims.tid, claims.sub],
      );
      const [row] = rows;
      return row === undefined ? claims : { ...claims, epo: [row.tenant, row.person] };
    };
    return {
      ...world,
      user: await current(world.user),
      outsideStore: await current(world.outsideStore),
      otherTenantsUser: await current(world.otherTenantsUser),
    };
  });
  for (const plane of planes) await untilHeard(platform, plane, now);
  return now;
}

/** By the caller of a plane. */
const heardEpochs = new WeakMap<SendRaw, number>();

/** A plane has a second to hear of an epoch: until then it takes the token from before. */
async function untilHeard(platform: Platform, plane: Plane, { forger, user }: SecurityWorld): Promise<void> {
  const [tenantEpoch, userEpoch] = user.epo;
  const send = platform[plane];
  if (heardEpochs.get(send) === tenantEpoch) return;
  const headers = bearer(forger.sign({ ...user, epo: [tenantEpoch - 1, userEpoch] }));
  await until(
    () => send({ host: 'acme', path: tellsEpoch[plane], headers }),
    ({ json }) => (json as { code?: string }).code === 'token_stale',
  );
  heardEpochs.set(send, tenantEpoch);
}

export async function signOut(platform: Platform, access: string, refresh: string): Promise<void> {
  const answer = await platform.control({
    method: 'POST',
    host: 'acme',
    path: '/api/auth/logout',
    headers: {
      cookie: `platen_at=${access}; platen_rt=${refresh}`,
      origin: `http://acme.localhost:${platform.ports.control}`,
    },
  });
  if (answer.status !== 204) throw new Error(`Signing out: ${answer.status} ${answer.text}`);
}
