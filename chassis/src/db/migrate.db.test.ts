import postgres from 'postgres';
import t from 'tap';
import { testDatabase } from '../testkit/database.js';
import { migrateCatalog, migrateDatabase } from './migrate.js';
import { appliedMigration, expectedMigration, isSchemaBehind } from './schema-version.js';

t.test('five at once: one works, the others find nothing to do', async (t) => {
  const database = await testDatabase(t, 'empty');
  const entry = { key: 'erp-1', url: database.ownerUrl, kind: 'erp' } as const;
  const results = await migrateCatalog(Array.from({ length: 5 }, () => entry));
  const applied = results.map((result) => (result.ok ? result.applied : result.error));
  t.equal(applied.filter((count) => count === 0).length, 4);
  t.equal(
    applied.find((count) => count !== 0),
    (await countMigrations(database.superuserUrl)).length,
  );
});

t.test('one database away: the others are migrated all the same', async (t) => {
  const database = await testDatabase(t, 'empty');
  const messages: string[] = [];
  const [away, there] = await migrateCatalog(
    [
      { key: 'away', url: `${database.ownerUrl}_not_there`, kind: 'erp' },
      { key: 'there', url: database.ownerUrl, kind: 'erp' },
    ],
    (message) => messages.push(message),
  );
  t.equal(away?.ok, false);
  t.equal(there?.ok, true);
  t.match(messages.join('\n'), /^away: failed: /m);
});

t.test('databases of both kinds side by side, and again', async (t) => {
  const [erp, telemetry] = [await testDatabase(t, 'empty'), await testDatabase(t, 'empty')];
  const entries = [
    { key: 'erp-1', url: erp.ownerUrl, kind: 'erp' },
    { key: 'telemetry-1', url: telemetry.ownerUrl, kind: 'telemetry' },
  ] as const;
  const tags = (results: Awaited<ReturnType<typeof migrateCatalog>>) =>
    results.map((result) => (result.ok ? result.tag : result.error));
  const expected = [expectedMigration('erp').tag, expectedMigration('telemetry').tag];
  t.same(tags(await migrateCatalog(entries)), expected);
  const again = await migrateCatalog(entries);
  t.same(
    again.map((result) => result.ok && result.applied),
    [0, 0],
  );
});

t.test('failing half-way: nothing is half there, and the next call finishes', async (t) => {
  const database = await testDatabase(t, 'empty');
  const owner = postgres(database.ownerUrl, { max: 1 });
  // What the last statements of the migration would create stands in the way, so that they fail after all others ran.
  await owner`create function refuse_change_of_published_version() returns trigger language plpgsql as 'begin return new; end'`;
  await t.rejects(migrateDatabase({ url: database.ownerUrl, kind: 'erp' }), /already exists|Failed query/);
  const [{ count } = { count: -1 }] = await owner<{ count: number }[]>`
    select count(*)::int as count from pg_class where relnamespace = 'public'::regnamespace`;
  t.equal(count, 0);
  await owner`drop function refuse_change_of_published_version()`;
  await owner.end();
  const { tag } = await migrateDatabase({ url: database.ownerUrl, kind: 'erp' });
  t.equal(tag, expectedMigration('erp').tag);
});

t.test('what is in use is waited for shortly, and tried again', async (t) => {
  const database = await testDatabase(t, 'empty');
  const owner = postgres(database.ownerUrl, { max: 1 });
  t.teardown(() => owner.end());
  const held = await owner.reserve();
  // Not committed: whoever makes one of its name waits for the end of this transaction.
  await held`begin`;
  await held`create table erp_categories (id int)`;
  const patience = { lockTimeoutMs: 50, tries: 10_000, pauseMs: 10 };
  const refused = migrateDatabase({ url: database.ownerUrl, kind: 'erp', patience: { ...patience, tries: 2 } });
  await t.rejects(refused, /lock timeout|Failed query/);
  const tag = await new Promise<string>((resolve, reject) => {
    const log = () => void held`rollback`.catch(reject);
    migrateDatabase({ url: database.ownerUrl, kind: 'erp', patience, log }).then((done) => resolve(done.tag), reject);
  });
  held.release();
  t.equal(tag, expectedMigration('erp').tag);
});

t.test('a service sees, as its own role, whether its database is behind', async (t) => {
  const database = await testDatabase(t, 'empty');
  await migrateDatabase({ url: database.ownerUrl, kind: 'control' });
  const owner = postgres(database.ownerUrl, { max: 1 });
  t.teardown(() => owner.end());
  const tenant = postgres(database.tenantUrl, { max: 1 });
  t.teardown(() => tenant.end());
  const read = async () => (await tenant.unsafe<{ when: string | null }[]>(appliedMigration.text))[0]?.when ?? null;

  t.equal(isSchemaBehind('control', await read()), false);
  await owner`delete from migrations.applied where created_at = (select max(created_at) from migrations.applied)`;
  t.equal(isSchemaBehind('control', await read()), true);
  await owner`delete from migrations.applied`;
  t.equal(isSchemaBehind('control', await read()), true);
  t.equal(isSchemaBehind('control', String(expectedMigration('control').when + 1)), false, 'newer is not behind');
});

async function countMigrations(url: string): Promise<object[]> {
  const sql = postgres(url, { max: 1 });
  try {
    return await sql`select from migrations.applied`;
  } finally {
    await sql.end();
  }
}
