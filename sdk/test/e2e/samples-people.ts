import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import type { Sample } from '@platen/chassis/testkit/security-table-attack';
import { roles } from '@platen/schema/seeds/identities';
import type { Platform } from './platform.js';
import { acme, acmePrint } from './world.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const email = (): string => `${randomUUID()}@example.test`;
const atPrint = { role_id: roles.production.id, scope: 'organization', organization_id: acmePrint.id };

interface Maker {
  readonly platform: Platform;
}
const insert = (platform: Platform, text: string, values: readonly unknown[]): Promise<void> =>
  asSuperuser(platform.databases.control.superuserUrl, async (client) => {
    await client.query(text, [...values]);
  });

/** Somebody whom no other sample is about. */
export async function newUser(platform: Platform, status: 'active' | 'invited' | 'disabled', address = email()) {
  const id = randomUUID();
  await insert(
    platform,
    'insert into res_users (tenant_id, id, email, name, status, password_hash) values ($1, $2, $3, $3, $4, $5)',
    [acme.id, id, address, status, status === 'invited' ? null : 'no password has this hash'],
  );
  return { params: { id } };
}

export async function newInvitation(platform: Platform) {
  const [id, address, token] = [randomUUID(), email(), randomBytes(32).toString('base64url')];
  const { params } = await newUser(platform, 'invited', address);
  await insert(
    platform,
    `insert into res_user_invitations
       (tenant_id, id, email, role_id, scope, organization_id, token_hash, invited_by, expires_at)
     values ($1, $2, $3, $4, 'organization', $5, $6, $7, now() + interval '1 day')`,
    [acme.id, id, address, roles.production.id, acmePrint.id, sha256(token), acme.users[0].id],
  );
  return { params: { id }, token, userId: params.id };
}

async function newApiKey(platform: Platform) {
  const [id, prefix] = [
    randomUUID(),
    randomUUID()
      .replace(/[^a-f2-7]/g, '')
      .padEnd(12, 'a')
      .slice(0, 12),
  ];
  const key = `pk_${prefix}_${randomBytes(32).toString('base64url')}`;
  await insert(
    platform,
    `insert into res_api_keys (tenant_id, id, name, prefix, key_hash, role_id, scope, organization_id, created_by)
     values ($1, $2, 'acceptance', $3, $4, $5, 'organization', $6, $7)`,
    [acme.id, id, prefix, sha256(key), roles.production.id, acmePrint.id, acme.users[0].id],
  );
  return { params: { id }, key };
}

/** Users, invitations and API keys. */
export const peopleSamples = {
  'auth.invitations.accept': async ({ platform }: Maker): Promise<Sample> => {
    const { token } = await newInvitation(platform);
    return { body: { token, name: 'Nina New', password: 'moss lantern quartz 41' } };
  },
  'auth.token': async ({ platform }: Maker): Promise<Sample> => ({
    body: {
      api_key: (await newApiKey(platform)).key,
      organization_id: acmePrint.id,
      workspace_id: acmePrint.workspaces['main-street'].id,
    },
  }),
  'admin.users.list': async (): Promise<Sample> => ({}),
  'admin.users.get': async ({ platform }: Maker): Promise<Sample> => newUser(platform, 'active'),
  'admin.users.update': async ({ platform }: Maker): Promise<Sample> => ({
    ...(await newUser(platform, 'active')),
    body: { name: 'Nina' },
  }),
  'admin.users.disable': async ({ platform }: Maker): Promise<Sample> => newUser(platform, 'active'),
  'admin.users.enable': async ({ platform }: Maker): Promise<Sample> => newUser(platform, 'disabled'),
  'admin.users.resetTotp': async ({ platform }: Maker): Promise<Sample> => newUser(platform, 'active'),
  'admin.users.endSessions': async ({ platform }: Maker): Promise<Sample> => newUser(platform, 'active'),
  'admin.invitations.list': async (): Promise<Sample> => ({}),
  'admin.invitations.create': async (): Promise<Sample> => ({ body: { email: email(), ...atPrint } }),
  'admin.invitations.resend': async ({ platform }: Maker): Promise<Sample> => ({
    params: (await newInvitation(platform)).params,
  }),
  'admin.invitations.revoke': async ({ platform }: Maker): Promise<Sample> => ({
    params: (await newInvitation(platform)).params,
  }),
  'admin.apiKeys.list': async (): Promise<Sample> => ({}),
  'admin.apiKeys.create': async (): Promise<Sample> => ({ body: { name: 'Shop', ...atPrint } }),
  'admin.apiKeys.revoke': async ({ platform }: Maker): Promise<Sample> => ({
    params: (await newApiKey(platform)).params,
  }),
} as const;
