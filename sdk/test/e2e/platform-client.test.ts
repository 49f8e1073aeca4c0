import { demoPassword, platformAdmins, tenants } from '@platen/schema/seeds/identities';
import * as guide from '@platen/sdk/examples/guide';
import { createNodeTransport } from '@platen/sdk/node';
import { createPlatformClient } from '@platen/sdk/platform';
import t from 'tap';
import { sharedPlatform } from './shared-platform.js';

const { ports } = await sharedPlatform(t, 'planes');

function connect() {
  const reasons: string[] = [];
  const platform = createPlatformClient({
    url: `http://platform.localhost:${ports.control}`,
    transport: createNodeTransport(),
    onSignedOut: ({ reason }) => reasons.push(reason),
  });
  return { platform, reasons };
}

t.test('an owner, from sign-in to sign-out', async (t) => {
  const { platform, reasons } = connect();
  const { admin } = await platform.auth.login({ email: platformAdmins.owner.email, password: demoPassword });
  t.equal(admin.role, 'owner');
  t.equal((await platform.auth.session()).admin.id, admin.id);
  const slugs: string[] = [];
  for await (const { slug } of platform.tenants.list.items({ limit: 1 })) slugs.push(slug);
  t.same(slugs.sort(), Object.keys(tenants).sort(), 'page by page');
  const acme = await platform.tenants.get({ id: tenants.acme.id });
  t.ok(acme.usage.users.active > 0);
  const renamed = await platform.tenants.update({ id: acme.id, name: 'Acme Print' });
  t.equal(renamed.name, 'Acme Print');
  const [event] = (await platform.auditEvents.list({ limit: 1 })).items;
  t.equal(event?.action, 'tenant.update');
  t.ok((await platform.auth.refresh()).expires_at);
  await platform.auth.logout();
  t.same(reasons, ['signed_out']);
  const refused: unknown = await platform.tenants.list().catch((error: unknown) => error);
  t.ok(platform.tenants.list.isError(refused) && refused.code === 'authentication_required');
});

t.test('an auditor reads, and is told which role a change needs', async (t) => {
  const { platform } = connect();
  await platform.auth.login({ email: platformAdmins.auditor.email, password: demoPassword });
  t.ok((await platform.plans.list()).items.length > 0);
  const refused: unknown = await platform.tenants.suspend({ id: tenants.acme.id }).catch((error: unknown) => error);
  if (!platform.tenants.suspend.isError(refused)) throw refused;
  t.equal(refused.status, 403);
  t.equal(refused.code, 'platform_role_required');
  t.equal(refused.extensions['platform_role'], 'operator');
});

t.test('the guide’s examples do what they say', async (t) => {
  const urls = [`http://acme.localhost:${ports.control}`, `http://acme.localhost:${ports.data}`] as const;
  const client = guide.connectFromNode(...urls);
  t.equal((await guide.signIn(client, demoPassword)).name, 'Sam Sales');
  t.ok((await guide.readLists(client)).length > 0);
  const [id = '', same] = await guide.writeOnce(client, 'guide-request-1');
  t.equal(same, id);
  t.equal((await guide.changeSafely(client, id)).name, 'Harbor Rowing');
  await t.rejects(guide.handleErrors(client, id, t.fail), { code: 'not_found' });

  const admin = guide.connectFromNode(...urls);
  const { user } = await admin.auth.login({ email: 'admin@acme.test', password: demoPassword });
  t.ok((await guide.administer(admin, user.id)).modules.length > 0);
  const { items: roles } = await admin.admin.roles.list({ limit: 200 });
  const { key } = await admin.admin.apiKeys.create({
    name: 'Guide',
    role_id: roles.find(({ code }) => code === 'sales')?.id ?? '',
    scope: 'organization',
    organization_id: tenants.acme.organizations['acme-promo'].id,
  });
  const machine = guide.actAsMachine(...urls, key ?? '');
  t.ok((await guide.readLists(machine)).length > 0);
  await guide.runThePlatform(`http://platform.localhost:${ports.control}`, demoPassword);
});
