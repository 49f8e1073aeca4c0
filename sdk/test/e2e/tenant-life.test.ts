import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { until } from '@platen/chassis/testkit/until';
import { purgeOrderOf } from '@platen/schema/purge-order';
import { demoPassword, plans, platformAdmins, tenants } from '@platen/schema/seeds/identities';
import { createNodeTransport } from '@platen/sdk/node';
import { createPlatformClient } from '@platen/sdk/platform';
import t from 'tap';
import { mailTo } from './mail-folder.js';
import { sharedPlatform } from './shared-platform.js';
import { bearer, readCookies, signIn } from './sign-in.js';

// From an operator's click to a tenant that works, to one that never was: every process real, through the SDK.
const platform = await sharedPlatform(t, 'processes');
const url = `http://platform.localhost:${platform.ports.control}`;
const clientOf = async ({ email }: { readonly email: string }) => {
  const transport = createNodeTransport();
  const client = createPlatformClient({ url, transport });
  await client.auth.login({ email, password: demoPassword });
  return client;
};
const [owner, operator] = [await clientOf(platformAdmins.owner), await clientOf(platformAdmins.operator)];
const password = 'moss lantern quartz 41';

const newTenant = (slug: string, erp_db_key = 'erp-1') => ({
  slug,
  name: `The ${slug}`,
  plan_id: plans.pro.id,
  erp_db_key,
  admin: { email: `first@${slug}.test`, name: 'Fay First' },
});
const statusOf = (id: string, status: string) =>
  until(
    () => operator.tenants.get({ id }),
    (tenant) => tenant.status === status,
  );

/** Rows by table, of one tenant, in both databases that it may have any in. */
async function countRows(tenantId: string, key: 'erp-1' | 'erp-2'): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [kind, { superuserUrl }] of [
    ['control', platform.databases.control],
    ['erp', platform.databases[key]],
  ] as const) {
    await asSuperuser(superuserUrl, async (client) => {
      for (const { name } of purgeOrderOf(kind)) {
        const { rows } = await client.query(`select count(*)::int as n from ${name} where tenant_id = $1`, [tenantId]);
        if (rows[0].n > 0) counts[`${kind} ${name}`] = rows[0].n;
      }
    });
  }
  return counts;
}

/** A key of the administrator's, accepted by its link, who then has an organization to work in. */
async function comeIn(slug: string): Promise<string> {
  const mail = await mailTo(platform, `first@${slug}.test`);
  const [, token = ''] = /\/invitation#token=([\w-]{43})/.exec(mail) ?? [];
  const accept = () =>
    platform.control({
      method: 'POST',
      host: slug,
      path: '/api/auth/invitations/accept',
      body: { token, name: 'Fay First', password },
    });
  // Each plane hears of a tenant in its own time.
  const accepted = await until(accept, ({ status }) => status !== 404);
  if (accepted.status !== 200) throw new Error(accepted.text);
  const access = readCookies(accepted.headers['set-cookie'])['platen_at'] ?? '';
  await until(
    () => platform.data({ host: slug, path: '/api/erp/customers', headers: bearer(access) }),
    ({ status }) => status === 200,
  );
  return access;
}

t.test('a tenant that works is given its first telemetry database', async (t) => {
  const { id } = tenants.initech;
  await t.rejects(operator.tenants.update({ id, telemetry_db_key: 'erp-1' }), { code: 'unknown_reference' });
  t.match(await operator.tenants.update({ id, telemetry_db_key: 'telemetry-1' }), { telemetry_db_key: 'telemetry-1' });
  const marks = await asSuperuser(platform.databases['telemetry-1'].superuserUrl, async (client) => {
    const { rows } = await client.query('select 1 from inbox_events where tenant_id = $1', [id]);
    return rows.length;
  });
  t.equal(marks, 1, 'where it was found to work');
});

t.test('created, failed, mended, working on both planes', async (t) => {
  const { id } = await operator.tenants.create(newTenant('nova', 'erp-9'));
  t.match(await statusOf(id, 'provision_failed'), { provision_error: 'erp-9: unknown' });
  await operator.tenants.update({ id, erp_db_key: 'erp-1' });
  await operator.tenants.provision({ id });
  await statusOf(id, 'active');
  const token = await comeIn('nova');
  const made = await platform.data({
    method: 'POST',
    host: 'nova',
    path: '/api/erp/customers',
    headers: bearer(token),
    body: { code: 'first', name: 'First Customer' },
  });
  t.equal(made.status, 201, made.text);

  const list = () => platform.data({ method: 'GET', host: 'nova', path: '/api/erp/customers', headers: bearer(token) });
  await operator.tenants.suspend({ id });
  const suspendedAtMs = performance.now();
  const refused = await until(list, ({ status }) => status === 403);
  const tookMs = performance.now() - suspendedAtMs;
  t.match(refused.json, { code: 'tenant_suspended' });
  t.comment(`measured: tenant suspended to refused by the data plane, ms: ${tookMs.toFixed(1)}`);
  await until(
    () => platform.control({ method: 'GET', host: 'nova', path: '/api/auth/session', headers: bearer(token) }),
    ({ status }) => status === 403,
  );
  await operator.tenants.reactivate({ id });
  await until(list, ({ status }) => status === 200);

  const others = await countRows(tenants.acme.id, 'erp-1');
  t.ok((others['erp erp_quotes'] ?? 0) > 0);
  await t.rejects(operator.tenants.delete({ id }), { code: 'platform_role_required' });
  await owner.tenants.delete({ id });
  await until(list, ({ status }) => status === 404);
  await until(
    () => operator.tenants.get({ id }).catch((error: unknown) => error),
    (answer) => answer instanceof Error,
  );
  t.same(Object.keys(await countRows(id, 'erp-1')).sort(), [
    'control audit_events',
    'control audit_heads',
    'control control_changes',
    'control outbox_events',
  ]);
  const left = await countRows(tenants.acme.id, 'erp-1');
  t.same(
    Object.keys(others).filter((table) => !table.endsWith(' due_work') && (left[table] ?? 0) < (others[table] ?? 0)),
    [],
    'nobody else has lost a row',
  );
  const again = await operator.tenants.create(newTenant('nova'));
  t.not(again.id, id, 'the slug is free');
  await statusOf(again.id, 'active');
});

t.test('a control plane killed over a provisioning, with the data plane away, goes on with it', async (t) => {
  await platform.kill('data-plane');
  const { id } = await operator.tenants.create(newTenant('vega', 'erp-2'));
  await platform.kill('control-plane');
  const work = () =>
    asSuperuser(platform.databases.control.superuserUrl, async (client) => {
      const { rows } = await client.query<{ kind: string }>('select kind from due_work where tenant_id = $1', [id]);
      return rows;
    });
  t.same(await work(), [{ kind: 'tenant.provision' }]);
  await Promise.all([platform.start('control-plane'), platform.startUnready('data-plane')]);
  // What the dead one held, as a minute without it would have freed it.
  await asSuperuser(platform.databases.control.superuserUrl, (client) =>
    client.query(
      `update due_work set lease_until = null, due_at = now() - interval '1 ms', attempts = 0 where tenant_id = $1`,
      [id],
    ),
  );
  // It gives up on a data plane that takes long to come; the operator does not.
  const look = async () => {
    const { status } = await operator.tenants.get({ id });
    if (status === 'provision_failed') await operator.tenants.provision({ id });
    return status;
  };
  await until(look, (status) => status === 'active');
  t.same(await work(), []);
  t.ok(await comeIn('vega'));
});

t.test('tokens of one host open nothing at another', async (t) => {
  const { access } = await signIn(platform, tenants.acme.users[0].email);
  const login = await platform.control({
    method: 'POST',
    host: 'platform',
    path: '/platform/auth/login',
    body: { email: platformAdmins.owner.email, password: demoPassword },
  });
  const { platen_pat: admin = '' } = readCookies(login.headers['set-cookie']);
  t.ok(admin);
  const at = (plane: typeof platform.control, host: string, path: string, token: string) =>
    plane({ method: 'GET', host, path, headers: bearer(token) });
  t.match((await at(platform.data, 'acme', '/api/erp/customers', admin)).status, 401);
  t.match((await at(platform.control, 'acme', '/api/auth/session', admin)).status, 401);
  t.match((await at(platform.control, 'platform', '/platform/tenants', access)).status, 401);
  t.match((await at(platform.control, 'acme', '/platform/tenants', admin)).status, 404);
  t.match((await at(platform.data, 'platform', '/api/erp/customers', admin)).status, 404);
  t.match((await at(platform.control, 'platform', '/api/auth/session', access)).status, 404);
  t.match((await at(platform.dataInternal, 'internal.localhost', '/internal/outbox', admin)).status, /40[0-4]/);
});

t.test('data planes say how they find their databases', async (t) => {
  const { items } = await until(
    () => owner.databases.list(),
    (answer) => answer.items.every(({ state }) => state === 'ok'),
  );
  t.match(items, [
    { key: 'erp-1', state: 'ok' },
    { key: 'erp-2', state: 'ok' },
    { key: 'telemetry-1', state: 'ok' },
  ]);
  const { items: instances } = await owner.dataPlanes.list();
  t.ok(instances.some(({ kind, alive }) => kind === 'data-plane' && alive));
  t.ok(instances.some(({ kind, alive }) => kind === 'control-plane' && alive));
});
