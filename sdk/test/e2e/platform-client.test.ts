import { demoPassword, platformAdmins, tenants } from '@platen/schema/seeds/identities';
import { createNodeTransport } from '@platen/sdk/node';
import { createPlatformClient } from '@platen/sdk/platform';
import t from 'tap';
import { startPlatform } from './platform.js';

const { ports } = await startPlatform(t, { services: ['control-plane'] });

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
