import { randomUUID } from 'node:crypto';
import { type AccessClaims, audiences, type ServiceClaims } from '@platen/chassis/auth/claims';
import { importSigningKey, type SigningKey } from '@platen/chassis/auth/signer';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { createForger, type Forger } from '@platen/chassis/testkit/forger';
import type { SecurityWorld } from '@platen/chassis/testkit/security-table-attack';
import { permissionMap } from '@platen/chassis/testkit/tokens';
import { createTextCipher, deriveKey } from '@platen/control-plane/modules/keys/private-key-cipher';
import { type Contract, serviceScopes } from '@platen/schema/contract';
import { permissionCodes } from '@platen/schema/permissions';
import { plans, tenants } from '@platen/schema/seeds/identities';
import { isInternal } from './contracts.js';
import type { Platform } from './platform.js';
import { claimsOf, serviceToken, signIn } from './sign-in.js';

export const { acme, globex, initech } = tenants;
export const acmePrint = acme.organizations['acme-print'];
export const acmePromo = acme.organizations['acme-promo'];
export const globexMain = globex.organizations['globex-main'];
export const mainStreet = acmePrint.workspaces['main-street'];
export const { harbor } = acmePrint.workspaces;

/** A tenant that lacks every module: its plan's products are all switched off. */
const bare = { id: '01930000-0000-7000-8003-0000000000ba', slug: 'bare' };

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

/** Who attacks whom at one port: real people of the seeds, their claims taken from tokens that they signed in for. */
export async function createWorld(platform: Platform, port: number): Promise<SecurityWorld> {
  const admin = await signIn(platform, 'admin@acme.test');
  const other = await signIn(platform, 'admin@globex.test');
  const service = claimsOf(await serviceToken(platform, 'data-plane')) as unknown as ServiceClaims;
  const leaving = await signIn(platform, 'admin@acme.test');
  await signOut(platform, leaving.access, leaving.refresh);
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
    forger: await forgerOf(platform),
    user: admin.claims,
    service: { ...service, aud: audiences.service, scope: serviceScopes.join(' ') },
    otherTenantsUser: other.claims,
    suspendedTenantsUser: stranger(initech, 'initech'),
    bareTenantsUser: { ...stranger(bare, bare.slug), prm: allPermissions },
    revokedToken: leaving.access,
    hosts: {
      own: at('acme'),
      other: at('globex'),
      suspended: at('initech'),
      bare: at(bare.slug),
      unknown: at('nobody'),
      internal: `127.0.0.1:${port}`,
    },
    accessCookie: 'platen_at',
    allPermissionsBut,
    isMember: (contract: Contract) => (isInternal(contract) ? 'internal' : 'tenant'),
  };
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

/** Asks until the answer is as wanted; a fault that never goes away ends at the test's own time-out. */
export async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean, everyMs = 10): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
