import { randomUUID } from 'node:crypto';
import { type AccessClaims, audiences } from '@platen/chassis/auth/claims';
import { createTokenSigner, importSigningKey } from '@platen/chassis/auth/signer';
import { createTextCipher, deriveKey } from '@platen/control-plane/modules/keys/private-key-cipher';
import { type BenchPlatform, runSql } from '../../../environment/platform.js';
import { signIn } from '../../../environment/sign-in.js';

/** Of a quarter of an hour. */
const renewAfterMs = 5 * 60_000;

/** A tenant of the crowd and its administrator, as the control database has them. */
export interface Tenant {
  readonly number: number;
  readonly slug: string;
  readonly host: string;
  readonly id: string;
  readonly organizationId: string;
  readonly userId: string;
  readonly database: string;
  readonly isSuspended: boolean;
  readonly planId: string;
  readonly epochs: readonly [number, number];
}

/** By their numbers: the first is the one with the most to do. */
export async function listTenants(controlUrl: string): Promise<Tenant[]> {
  const rows = await runSql(
    controlUrl,
    `select t.slug, t.id, t.erp_db_key as database, t.status, t.plan_id, t.authz_epoch as tenant_epoch, u.authz_epoch as user_epoch,
       u.id as user_id, u.default_organization_id as organization_id
     from tenants t join res_users u on u.tenant_id = t.id and u.email = 'user-1@' || t.slug || '.test'
     where t.slug like 'scale-%' order by t.slug`,
  );
  return (rows as Record<string, string>[]).map((row) => ({
    number: Number(row['slug']?.split('-')[1]),
    slug: row['slug'] ?? '',
    host: `${row['slug']}.localhost`,
    id: row['id'] ?? '',
    organizationId: row['organization_id'] ?? '',
    userId: row['user_id'] ?? '',
    database: row['database'] ?? '',
    isSuspended: row['status'] === 'suspended',
    planId: row['plan_id'] ?? '',
    epochs: [Number(row['tenant_epoch']), Number(row['user_epoch'])],
  }));
}

/**
 * Tokens as the control plane makes them when somebody signs in, with its own key: a password's hash takes some 20 ms of a processor,
 * ten thousand of them would be minutes of nothing else. One of each plan signs in, and what he gets is the pattern.
 */
export async function createTokenDesk(platform: BenchPlatform, tenants: readonly Tenant[]) {
  const [row] = await runSql(
    platform.superuserUrl('control'),
    `select kid, private_key_encrypted as encrypted from platform_signing_keys where status = 'active'`,
  );
  // The two columns asked for.
  const { kid, encrypted } = row as { kid: string; encrypted: string };
  const secret = platform.environment('control-plane')['KEY_ENCRYPTION_KEY'] ?? '';
  const cipher = createTextCipher(deriveKey(secret, 'signing-keys'));
  const sign = createTokenSigner(importSigningKey(kid, cipher.decrypt(encrypted, kid)));
  const patterns = new Map<string, AccessClaims>();
  for (const tenant of tenants) {
    if (patterns.has(tenant.planId) || tenant.isSuspended) continue;
    const { accessToken } = await signIn(platform.urls.control, tenant.host, `user-1@${tenant.slug}.test`);
    const claims = claimsOf(accessToken);
    const same = claims.tid === tenant.id && claims.sub === tenant.userId && claims.org === tenant.organizationId;
    if (!same || claims.epo.join() !== tenant.epochs.join() || claims.aud !== audiences.tenant)
      throw new Error(`${tenant.slug} signs in with other claims than are made for others: ${JSON.stringify(claims)}`);
    patterns.set(tenant.planId, claims);
  }
  const held = new Map<number, { readonly token: string; readonly madeAtMs: number }>();
  return {
    tokenOf(tenant: Tenant): string {
      const known = held.get(tenant.number);
      if (known !== undefined && performance.now() - known.madeAtMs < renewAfterMs) return known.token;
      const pattern = patterns.get(tenant.planId);
      if (pattern === undefined) throw new Error(`nobody of the plan of ${tenant.slug} has signed in`);
      const ids = { sub: tenant.userId, tid: tenant.id, tsl: tenant.slug, org: tenant.organizationId };
      const iat = Math.floor(Date.now() / 1_000);
      const times = { iat, exp: iat + pattern.exp - pattern.iat, ...(pattern.nbf !== undefined && { nbf: iat }) };
      const token = sign({ ...pattern, ...ids, ...times, epo: tenant.epochs, sid: randomUUID(), jti: randomUUID() });
      held.set(tenant.number, { token, madeAtMs: performance.now() });
      return token;
    },
  };
}

const claimsOf = (token: string): AccessClaims =>
  // Of our own control plane, just now.
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as AccessClaims;

const customersEach = 2;
export const customerOf = ({ number }: Tenant, n: number): string =>
  `019a0000-0000-7000-8000-${(number * customersEach + n).toString(16).padStart(12, '0')}`;
/** In a row's name: whose it is, and in which database it lies. */
export const markerOf = ({ number, database }: Pick<Tenant, 'number' | 'database'>): string =>
  `T${number}@${database};`;

/**
 * Rows of every tenant in every database, of the same ids, each with a marker of its own: who is led to another's database finds
 * rows there, and they tell.
 */
export async function layRows(url: string, database: string, tenants: readonly Tenant[]): Promise<void> {
  await runSql(
    url,
    `insert into erp_customers (tenant_id, organization_id, id, code, name, currency)
     select t.id, t.organization_id, ('019a0000-0000-7000-8000-' || lpad(to_hex(t.number * ${customersEach} + n), 12, '0'))::uuid,
       'many-' || n, 'T' || t.number || '@' || $1::text || ';', 'EUR'
     from unnest($2::uuid[], $3::uuid[], $4::int[]) t(id, organization_id, number), generate_series(0, ${customersEach - 1}) n`,
    [
      database,
      tenants.map(({ id }) => id),
      tenants.map(({ organizationId }) => organizationId),
      tenants.map(({ number }) => number),
    ],
  );
  await runSql(url, 'vacuum analyze');
}
