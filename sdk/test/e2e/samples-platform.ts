import { randomUUID } from 'node:crypto';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import type { Sample, SecurityWorld } from '@platen/chassis/testkit/security-table-attack';
import { until } from '@platen/chassis/testkit/until';
import { demoPassword, plans, platformAdmins } from '@platen/schema/seeds/identities';
import { TOTP } from 'otpauth';
import type { PlatformContractName } from './contracts.js';
import type { RawAnswer } from './http.js';
import type { Platform } from './platform.js';
import { newInvitation, newUser } from './samples-people.js';
import { newDomain, newStore } from './samples-places.js';
import { bearer, platformCookies, signInPlatform } from './sign-in.js';
import { acme, acmePromo } from './world.js';

interface Maker {
  readonly platform: Platform;
  readonly world: SecurityWorld;
}
const { owner, auditor } = platformAdmins;
const password = 'moss lantern quartz 41';
const code = () => `t-${randomUUID().slice(0, 13)}`;
const ofAcme = { params: { id: acme.id } };
const later = () => new Date(Date.now() + 86_400_000).toISOString();

const sql = async <Row extends object>({ platform }: Maker, text: string, values: readonly unknown[]): Promise<Row[]> =>
  asSuperuser(platform.databases.control.superuserUrl, async (client) => {
    const { rows } = await client.query<Row>(text, [...values]);
    return rows;
  });

/** By the owner; what it answers. */
async function call({ platform, world }: Maker, method: string, path: string, body?: object): Promise<RawAnswer> {
  const headers = bearer(world.forger.sign(world.admins.owner));
  return platform.control({ method, host: 'platform', path, headers, body });
}

/** Somebody whom no other sample is about. */
async function newAdmin(maker: Maker, status: 'active' | 'disabled') {
  const id = randomUUID();
  await sql(
    maker,
    `insert into platform_admins (id, email, name, role, status, password_hash)
     values ($1::uuid, $1::text || '@platform.test', 'Acceptance', 'auditor', $2, 'no password has this hash')`,
    [id, status],
  );
  return { params: { id } };
}

async function newServiceAccount(maker: Maker, status: 'active' | 'disabled') {
  const id = randomUUID();
  await sql(
    maker,
    `insert into platform_service_accounts (id, code, secret_hash, scopes, status)
     values ($1, $2, 'no secret has this hash', '{feed}', $3)`,
    [id, code(), status],
  );
  return { params: { id } };
}

async function newTenant(maker: Maker, status: 'active' | 'suspended' | 'provision_failed') {
  const id = randomUUID();
  await sql(
    maker,
    `insert into tenants (id, slug, name, status, plan_id, erp_db_key, provision_error)
     values ($1, $2, 'Acceptance', $3, $4, 'erp-1', $5)`,
    [id, code(), status, plans.starter.id, status === 'provision_failed' ? 'erp-1: away' : null],
  );
  return { params: { id } };
}

async function newPlan(maker: Maker) {
  const id = randomUUID();
  await sql(maker, `insert into platform_plans (id, code, name) values ($1, $2, 'Acceptance')`, [id, code()]);
  return { params: { id } };
}

const productParams = async (maker: Maker) => {
  const [row] = await sql<{ id: string }>(maker, `select id from platform_products where code = 'erp'`, []);
  return { params: { id: row?.id ?? '' } };
};

const invitedUser = async ({ platform }: Maker) => {
  const { userId } = await newInvitation(platform);
  return { params: { id: acme.id, user_id: userId } };
};

const userOf = async ({ platform }: Maker, status: 'active' | 'disabled') => ({
  params: { id: acme.id, user_id: (await newUser(platform, status)).params.id },
});

/** Published, and held by every instance: it could sign. */
async function nextKey(maker: Maker): Promise<string> {
  interface Key {
    readonly kid: string;
    readonly status: string;
    readonly not_held_by: readonly unknown[];
  }
  await call(maker, 'POST', '/platform/signing-keys');
  const find = async () => {
    const { items } = (await call(maker, 'GET', '/platform/signing-keys')).json as { items: Key[] };
    return items.find(({ status, not_held_by }) => status === 'next' && not_held_by.length === 0);
  };
  return (await until(find, (key) => key !== undefined, 50))?.kid ?? '';
}

/** A new authenticator in place of any other. Its code is of the next step: it lasts as long as the attacks before it. */
async function beginTotp(maker: Maker): Promise<string> {
  await sql(maker, 'update platform_admins set totp_secret = null, totp_confirmed_at = null where id = $1', [owner.id]);
  const begun = await call(maker, 'POST', '/platform/auth/totp', { password: demoPassword });
  const { secret } = (begun.json ?? {}) as { secret?: string };
  if (secret === undefined) throw new Error(`An authenticator was refused: ${begun.text}`);
  return new TOTP({ secret }).generate({ timestamp: Date.now() + 30_000 });
}

/** An administrator who is in no one else's way, as cookies. */
async function cookiesOf({ platform }: Maker) {
  const { access, refresh } = await signInPlatform(platform, auditor.email);
  return platformCookies(platform, access, refresh);
}

const setting = { kind: 'grant', valid_until: later() };

/** One for each contract of the platform; the caller is its owner. One that is missing does not compile. */
export const platformSamples: Readonly<Record<PlatformContractName, (maker: Maker) => Promise<Sample>>> = {
  'platform.admins.list': async () => ({}),
  'platform.admins.get': async () => ({ params: { id: auditor.id } }),
  'platform.admins.create': async () => ({
    body: { email: `${code()}@platform.test`, name: 'Acceptance', role: 'auditor', password },
  }),
  'platform.admins.update': async (maker) => ({ ...(await newAdmin(maker, 'active')), body: { role: 'operator' } }),
  'platform.admins.disable': (maker) => newAdmin(maker, 'active'),
  'platform.admins.enable': (maker) => newAdmin(maker, 'disabled'),
  'platform.admins.resetPassword': async (maker) => ({ ...(await newAdmin(maker, 'active')), body: { password } }),
  'platform.serviceAccounts.list': async () => ({}),
  'platform.serviceAccounts.create': async () => ({ body: { code: code(), scopes: ['outbox'] } }),
  'platform.serviceAccounts.update': async (maker) => ({
    ...(await newServiceAccount(maker, 'active')),
    body: { scopes: ['outbox'] },
  }),
  'platform.serviceAccounts.rotateSecret': (maker) => newServiceAccount(maker, 'active'),
  'platform.serviceAccounts.disable': (maker) => newServiceAccount(maker, 'active'),
  'platform.serviceAccounts.enable': (maker) => newServiceAccount(maker, 'disabled'),
  'platform.auditEvents.list': async () => ({ query: { limit: '5' } }),
  'platform.auditEvents.export': async () => ({ query: { tenant_id: acme.id } }),
  'platform.auditEvents.verify': async () => ({ body: { tenant_id: acme.id } }),
  'platform.signingKeys.list': async () => ({}),
  'platform.signingKeys.publish': async () => ({}),
  'platform.signingKeys.rotate': async (maker) => {
    await nextKey(maker);
    return {};
  },
  // Not the one that the attacks are signed with.
  'platform.signingKeys.revoke': async (maker) => ({ params: { kid: await nextKey(maker) } }),
  'platform.auth.login': async () => ({ body: { email: auditor.email, password: demoPassword } }),
  'platform.auth.refresh': async (maker) => ({ headers: await cookiesOf(maker) }),
  'platform.auth.logout': async (maker) => ({ headers: await cookiesOf(maker) }),
  'platform.auth.session': async () => ({}),
  'platform.auth.password.change': async () => ({
    body: { current_password: demoPassword, new_password: demoPassword },
  }),
  'platform.auth.totp.create': async () => ({ body: { password: demoPassword } }),
  'platform.auth.totp.confirm': async (maker) => ({ body: { code: await beginTotp(maker) } }),
  'platform.auth.totp.delete': async (maker) => {
    const code = await beginTotp(maker);
    await sql(maker, 'update platform_admins set totp_confirmed_at = now() where id = $1', [owner.id]);
    return { body: { password: demoPassword, code } };
  },
  'platform.dataPlanes.list': async () => ({}),
  'platform.databases.list': async () => ({}),
  'platform.plans.list': async () => ({}),
  'platform.plans.get': async () => ({ params: { id: plans.starter.id } }),
  'platform.plans.create': async () => ({
    body: { code: code(), name: 'Acceptance', modules: ['erp.catalog'], limits: { users: 3 } },
  }),
  'platform.plans.update': async (maker) => ({ ...(await newPlan(maker)), body: { limits: { users: 5 } } }),
  'platform.plans.delete': (maker) => newPlan(maker),
  'platform.plans.preview': async () => ({ params: { id: plans.starter.id }, body: { modules: [] } }),
  'platform.products.list': async () => ({}),
  'platform.products.get': productParams,
  'platform.products.update': async (maker) => ({ ...(await productParams(maker)), body: { name: 'Shop ERP' } }),
  'platform.products.modules': productParams,
  'platform.tenantDomains.list': async () => ofAcme,
  'platform.tenantDomains.create': async () => ({ ...ofAcme, body: { domain: `${code()}.acme-acceptance.com` } }),
  'platform.tenantDomains.delete': async (maker) => ({
    params: { id: acme.id, domain_id: await newDomain(maker) },
  }),
  'platform.tenantStores.list': async () => ofAcme,
  'platform.tenantStores.create': async (maker) => ({
    ...ofAcme,
    body: { code: code(), name: 'Acceptance', domain_id: await newDomain(maker), organization_id: acmePromo.id },
  }),
  'platform.tenantStores.delete': async (maker) => ({ params: { id: acme.id, store_id: await newStore(maker) } }),
  'platform.tenantLimits.list': async () => ofAcme,
  'platform.tenantLimits.set': async () => ({ params: { id: acme.id, code: 'devices' }, body: { value: 7 } }),
  'platform.tenantLimits.delete': async () => ({ params: { id: acme.id, code: 'devices' } }),
  'platform.tenantModules.list': async () => ofAcme,
  'platform.tenantModules.set': async () => ({ params: { id: acme.id, code: 'platform.audit' }, body: setting }),
  'platform.tenantModules.delete': async () => ({ params: { id: acme.id, code: 'platform.audit' } }),
  'platform.tenantProducts.list': async () => ofAcme,
  'platform.tenantProducts.set': async () => ({ params: { id: acme.id, code: 'erp' }, body: setting }),
  'platform.tenantProducts.delete': async () => ({ params: { id: acme.id, code: 'erp' } }),
  'platform.tenantUsers.list': async () => ofAcme,
  'platform.tenantUsers.disable': (maker) => userOf(maker, 'active'),
  'platform.tenantUsers.enable': (maker) => userOf(maker, 'disabled'),
  'platform.tenantUsers.resendInvitation': invitedUser,
  'platform.tenants.list': async () => ({}),
  'platform.tenants.get': async () => ofAcme,
  'platform.tenants.create': async () => ({
    body: {
      slug: code(),
      name: 'Acceptance',
      plan_id: plans.starter.id,
      erp_db_key: 'erp-1',
      admin: { email: `${code()}@example.test`, name: 'Fay First' },
    },
  }),
  'platform.tenants.update': async (maker) => ({ ...(await newTenant(maker, 'active')), body: { name: 'Renamed' } }),
  'platform.tenants.provision': (maker) => newTenant(maker, 'provision_failed'),
  'platform.tenants.suspend': (maker) => newTenant(maker, 'active'),
  'platform.tenants.reactivate': (maker) => newTenant(maker, 'suspended'),
  'platform.tenants.delete': (maker) => newTenant(maker, 'active'),
};

/** Provisioning goes on after its answer; what it writes is not an attack's. */
export const provisioned = ({ databases }: Platform): Promise<unknown> =>
  until(
    () =>
      asSuperuser(databases.control.superuserUrl, async (client) => {
        const { rowCount } = await client.query(`select from tenants where status = 'provisioning'`);
        return rowCount;
      }),
    (waiting) => waiting === 0,
  );
