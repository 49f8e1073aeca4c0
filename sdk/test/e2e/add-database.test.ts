import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { until } from '@platen/chassis/testkit/until';
import { runCommand } from '@platen/demo/commands';
import { demoPassword, plans, platformAdmins, tenants } from '@platen/schema/seeds/identities';
import { createNodeTransport } from '@platen/sdk/node';
import { createPlatformClient } from '@platen/sdk/platform';
import t from 'tap';
import { type Platform, repository, startPlatform, unhurriedPair } from './platform.js';
import { bearer, signIn } from './sign-in.js';

// docs/databases.md, step by step: an ERP database is added to an installation that runs with one.
const folder = mkdtempSync(path.join(tmpdir(), 'platen-catalogue-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const catalogueFile = path.join(folder, 'catalogue.json');

/** As a data plane is given it: what the application may be, and what plumbing may. */
function writeCatalogue(databases: Platform['databases'], added?: Readonly<Record<string, string>>): void {
  const entry = (key: 'erp-1' | 'telemetry-1', kind: string) => {
    const { appUrl: url, systemUrl: system_url } = unhurriedPair(databases[key]);
    return { url, system_url, kind };
  };
  const known = { 'erp-1': entry('erp-1', 'erp'), 'telemetry-1': entry('telemetry-1', 'telemetry') };
  writeFileSync(catalogueFile, JSON.stringify({ ...known, ...(added && { 'erp-2': { ...added, kind: 'erp' } }) }));
}

const platform = await startPlatform(t, {
  services: ['control-plane', 'data-plane'],
  env: { 'data-plane': { DATA_DB_CATALOG: catalogueFile } },
  prepare: async (databases) => writeCatalogue(databases),
});
const operator = createPlatformClient({
  url: `http://platform.localhost:${platform.ports.control}`,
  transport: createNodeTransport(),
});
await operator.auth.login({ email: platformAdmins.operator.email, password: demoPassword });
const statusOf = (id: string, status: string) =>
  until(
    () => operator.tenants.get({ id }),
    (tenant) => tenant.status === status,
  );

t.test('a database is added and a tenant placed there; who works goes on', async (t) => {
  const { access } = await signIn(platform, tenants.acme.users[1].email);
  const orders = () => platform.data({ path: '/api/erp/orders', host: 'acme', headers: bearer(access) });
  t.equal((await orders()).status, 200);

  const { id } = await operator.tenants.create({
    slug: 'harbor',
    name: 'Harbor Print',
    plan_id: plans.pro.id,
    erp_db_key: 'erp-2',
    admin: { email: 'first@harbor.test', name: 'Fay First' },
  });
  t.match(await statusOf(id, 'provision_failed'), { provision_error: 'erp-2: unknown' }, 'too early, and harmless');

  // What has the key elsewhere in tests is not in this installation: its database is a new one.
  const { superuserUrl, ownerUrl } = platform.databases['erp-1'];
  const { appUrl, systemUrl } = unhurriedPair(platform.databases['erp-1']);
  const name = `platen_erp_added_${process.pid}`;
  const at = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
  await asSuperuser(superuserUrl, (client) => client.query(`create database ${name} owner platen_owner`));
  t.teardown(async () => {
    await platform.stop('data-plane');
    await asSuperuser(superuserUrl, (client) => client.query(`drop database ${name} with (force)`));
  });
  await runCommand(path.join(repository, 'data-plane/dist/migrate.js'), {
    MIGRATE_DB_CATALOG: JSON.stringify({
      'erp-1': { url: ownerUrl, kind: 'erp' },
      'erp-2': { url: at(ownerUrl), kind: 'erp' },
    }),
  });
  writeCatalogue(platform.databases, { url: at(appUrl), system_url: at(systemUrl) });
  await platform.stop('data-plane');
  await platform.start('data-plane');

  await operator.tenants.provision({ id });
  await statusOf(id, 'active');
  const there = await asSuperuser(at(superuserUrl), async (client) => {
    const { rows } = await client.query('select 1 from inbox_events where tenant_id = $1', [id]);
    return rows.length;
  });
  t.equal(there, 1, 'in the database that was added');
  t.equal((await orders()).status, 200, 'and the others where they were');
});
