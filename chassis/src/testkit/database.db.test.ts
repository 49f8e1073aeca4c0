import pg from 'pg';
import { test } from 'tap';
import { testDatabase } from './database.js';
import { asSuperuser, prepareTemplates, urlFor } from './database-templates.js';
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

test('templates are prepared once, as their owner', async (t) => {
  const server = await startTestPostgres();
  t.teardown(() => server.stop());
  const prepare = (table: string) => async (ownerUrl: string) => {
    const owner = await clientOf(ownerUrl);
    await owner.query(`create table ${table} ()`);
    await owner.end();
  };
  for (let run = 0; run < 2; run += 1) {
    await prepareTemplates(server.url, { erp: prepare('a'), control: prepare('b') });
  }
  const owners = await asSuperuser(urlFor(server.url, 'platen_template_erp'), (client) =>
    client.query(`select tableowner from pg_tables where tablename = 'a'`),
  );
  t.same(owners.rows, [{ tableowner: 'platen_owner' }]);
});
