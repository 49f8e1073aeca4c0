import pg from 'pg';
import { test } from 'tap';
import { cloneDatabase, ensureTemplate, telemetryEngines, testDatabase, testServerUrl } from './database.js';
import { asSuperuser, prepareTemplates, templateNames, urlFor } from './database-templates.js';
import { startTestPostgres } from './postgres-server.js';

const clientOf = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

test('an empty database with the roles of the application, dropped afterwards', async (t) => {
  const teardowns: (() => void | Promise<void>)[] = [];
  const db = await testDatabase({ teardown: (work) => teardowns.push(work) }, 'empty');
  const app = await clientOf(db.appUrl);
  t.same((await app.query('select current_user as who')).rows, [{ who: 'platen_app' }]);
  await app.end();
  for (const work of teardowns) await work();
  await t.rejects(clientOf(db.appUrl), { code: '3D000' });
});

test('a connection left open fails the test that left it', async (t) => {
  const teardowns: (() => void | Promise<void>)[] = [];
  const serverUrl = await testServerUrl();
  const teardown = { teardown: (work: () => void | Promise<void>) => teardowns.push(work) };
  const db = await cloneDatabase(teardown, serverUrl, 'empty', await ensureTemplate(serverUrl, 'empty'), 50);
  const leak = await clientOf(db.ownerUrl);
  await t.rejects(async () => teardowns[0]?.(), { message: /left connections open: .*platen_owner/ });
  await leak.end();
});

test('templates are migrated as their owner, and clones have the tables and the rights', async (t) => {
  const server = await startTestPostgres();
  t.teardown(() => server.stop());
  await prepareTemplates(server.url);
  await prepareTemplates(server.url);
  for (const [kind, name] of Object.entries(templateNames)) {
    const { rows } = await asSuperuser(urlFor(server.url, name), (client) =>
      client.query<{ owner: string }>(
        `select distinct tableowner as owner from pg_tables where schemaname = 'public' order by 1`,
      ),
    );
    const owners = kind === 'telemetry' ? ['platen_owner', 'platen_readings'] : ['platen_owner'];
    t.same(
      rows.map(({ owner }) => owner),
      owners,
    );
  }
});

test('a clone of each template', async (t) => {
  const erp = await testDatabase(t, 'erp');
  const app = await clientOf(erp.appUrl);
  t.same((await app.query('select count(*)::int as count from erp_quotes')).rows, [{ count: 0 }]);
  await app.end();
  const control = await testDatabase(t, 'control');
  const platform = await clientOf(control.platformUrl);
  t.same((await platform.query('select count(*)::int as count from tenants')).rows, [{ count: 0 }]);
  await platform.end();
});

for (const { engine, skip } of telemetryEngines) {
  test(`a clone of telemetry's template, on ${engine}`, { skip }, async (t) => {
    const { appUrl, superuserUrl } = await testDatabase(t, 'telemetry', engine);
    const app = await clientOf(appUrl);
    t.same((await app.query('select count(*)::int as count from tel_own_readings')).rows, [{ count: 0 }]);
    await app.end();
    const extensions = await asSuperuser(superuserUrl, (client) =>
      client.query(`select from pg_extension where extname = 'timescaledb'`),
    );
    t.equal(extensions.rowCount, engine === 'timescaledb' ? 1 : 0, 'with TimescaleDB where that is asked for alone');
  });
}

test('connections of the superuser are kept as long as the database is, and opened again after they were cut', async (t) => {
  // What is kept holds up no process, which a test that waits for its end is.
  const alive = setInterval(() => undefined, 1_000);
  t.teardown(() => clearInterval(alive));
  let dropIt: () => void | Promise<void> = () => undefined;
  const { superuserUrl: url } = await testDatabase({ teardown: (work) => (dropIt = work) }, 'empty');
  const pid = async (client: pg.Client) =>
    (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
  const first = await asSuperuser(url, async (client) => {
    await client.query(`set session_replication_role = 'replica'`);
    return pid(client);
  });
  await asSuperuser(url, async (client) => {
    t.equal(await pid(client), first);
    const { rows } = await client.query(`select current_setting('session_replication_role') as role`);
    t.same(rows, [{ role: 'origin' }], 'nothing is left of what was set in it');
    const other = await asSuperuser(url, pid);
    t.not(other, first, 'while it is in use it is nobody else’s');
  });
  await t.rejects(asSuperuser(url, (client) => client.query('select 1 / 0')));
  const second = await asSuperuser(url, async (client) => {
    await client.query('begin');
    return pid(client);
  });
  const { third, gone } = await asSuperuser(url, async (client) => ({
    third: await pid(client),
    gone: new Promise((resolve) => client.once('end', resolve)),
  }));
  t.not(third, second, 'one that is left in a transaction is not kept');
  await asSuperuser(await testServerUrl(), (client) => client.query('select pg_terminate_backend($1)', [third]));
  await gone;
  t.not(await asSuperuser(url, pid), third);
  // Which says so where connections are left.
  await dropIt();
  await t.rejects(asSuperuser(url, pid), { code: '3D000' });
});
