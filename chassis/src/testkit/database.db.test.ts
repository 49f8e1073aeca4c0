import pg from 'pg';
import { test } from 'tap';
import { testDatabase } from './database.js';
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
  const db = await testDatabase({ teardown: (work) => teardowns.push(work) }, 'empty');
  const leak = await clientOf(db.ownerUrl);
  await t.rejects(async () => teardowns[0]?.(), { message: /left connections open: platen_owner/ });
  await leak.end();
});

test('templates are migrated as their owner, and clones have the tables and the rights', async (t) => {
  const server = await startTestPostgres();
  t.teardown(() => server.stop());
  await prepareTemplates(server.url);
  await prepareTemplates(server.url);
  for (const name of Object.values(templateNames)) {
    const { rows } = await asSuperuser(urlFor(server.url, name), (client) =>
      client.query<{ owner: string }>(`select distinct tableowner as owner from pg_tables where schemaname = 'public'`),
    );
    t.same(rows, [{ owner: 'platen_owner' }]);
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
