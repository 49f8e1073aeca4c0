import { randomUUID } from 'node:crypto';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import type { Sample } from '@platen/chassis/testkit/security-table-attack';
import { roles } from '@platen/schema/seeds/identities';
import type { Platform } from './platform.js';
import { acme, acmePrint } from './world.js';

interface Maker {
  readonly platform: Platform;
}

/** A row that no other sample is about. */
async function inserted(platform: Platform, text: string, values: readonly unknown[]): Promise<string> {
  const id = randomUUID();
  await asSuperuser(platform.databases.control.superuserUrl, (client) => client.query(text, [acme.id, id, ...values]));
  return id;
}
const newRole = (platform: Platform) =>
  inserted(platform, 'insert into res_roles (tenant_id, id, code, name) values ($1, $2::uuid, $2::text, $3)', [
    'Acceptance',
  ]);
const newUser = (platform: Platform) =>
  inserted(
    platform,
    `insert into res_users (tenant_id, id, email, name, status) values ($1, $2::uuid, $2::text || '@example.test', $3, 'active')`,
    ['Acceptance'],
  );
const newOverride = async (platform: Platform) =>
  inserted(
    platform,
    `insert into res_user_permission_overrides (tenant_id, id, user_id, permission_id, effect, scope, reason)
     select $1, $2, $3, p.id, 'deny', 'tenant', 'acceptance' from res_permissions p where p.code = 'erp.quote.send'`,
    [await newUser(platform)],
  );
const denial = async (platform: Platform) => ({
  user_id: await newUser(platform),
  permission: 'erp.quote.send',
  effect: 'deny',
  scope: 'organization',
  organization_id: acmePrint.id,
});

/** Roles, overrides, and what tells of access. A change of a role's permissions would end every token of the tenant. */
export const accessSamples = {
  'access.permissions': async (): Promise<Sample> => ({}),
  'admin.permissions.list': async (): Promise<Sample> => ({}),
  'admin.roles.list': async (): Promise<Sample> => ({}),
  'admin.roles.get': async (): Promise<Sample> => ({ params: { id: roles.sales.id } }),
  'admin.roles.create': async (): Promise<Sample> => ({
    body: { code: `r-${randomUUID()}`, name: 'Acceptance', permissions: ['erp.quote.read'] },
  }),
  'admin.roles.update': async ({ platform }: Maker): Promise<Sample> => ({
    params: { id: await newRole(platform) },
    body: { name: 'Renamed' },
  }),
  'admin.roles.delete': async ({ platform }: Maker): Promise<Sample> => ({ params: { id: await newRole(platform) } }),
  'admin.userRoles.list': async (): Promise<Sample> => ({}),
  'admin.permissionOverrides.list': async (): Promise<Sample> => ({}),
  'admin.permissionOverrides.create': async ({ platform }: Maker): Promise<Sample> => ({
    body: { ...(await denial(platform)), reason: 'Acceptance' },
  }),
  'admin.permissionOverrides.delete': async ({ platform }: Maker): Promise<Sample> => ({
    params: { id: await newOverride(platform) },
  }),
  'admin.access.explain': async (): Promise<Sample> => ({
    query: { user_id: acme.users[1].id, permission: 'erp.quote.send', organization_id: acmePrint.id },
  }),
  'admin.access.preview': async ({ platform }: Maker): Promise<Sample> => ({
    body: { permission_override_create: await denial(platform) },
  }),
};
