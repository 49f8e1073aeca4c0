import type { DatabaseKind } from '@platen/schema/access';
import { type DatabaseDeclaration, databases } from '@platen/schema/databases';
import { pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import postgres, { type Sql } from 'postgres';
import t, { type Test } from 'tap';
import { migrateDatabase } from '../db/migrate.js';
import { testDatabase } from './database.js';
import { findDifferences, findPendingMigrations, findStaleDocument } from './drift.js';

/** The declarations with a table more, which no migration and no document knows. */
const planted = pgTable('erp_planted', { tenant_id: uuid().notNull(), id: uuid().notNull(), note: text() }, (t) => [
  primaryKey({ name: 'erp_planted_pkey', columns: [t.tenant_id, t.id] }),
]);
const erp = databases.erp;
const altered: DatabaseDeclaration = {
  ...erp,
  areas: { ...erp.areas, planted: { planted } },
  tables: { ...erp.tables, planted },
  access: { ...erp.access, planted: { class: 'plumbing', grants: { platen_app: ['select'] } } },
};

t.test('a declaration without a migration is found', async (t) => {
  t.same(await findPendingMigrations(), []);
  t.match((await findPendingMigrations({ ...databases, erp: altered })).join('\n'), /CREATE TABLE "erp_planted"/);
});

t.test('a stale document is found', async (t) => {
  t.same(findStaleDocument(), []);
  t.match(findStaleDocument({ ...databases, erp: altered }), [/stale/]);
});

t.test('a migrated database equals its declaration', async (t) => {
  for (const kind of ['control', 'erp', 'telemetry'] as const) {
    const live = await migrated(t, kind);
    t.same(await findDifferences(kind, live, await empty(t)), [], kind);
  }
});

t.test('what was done to a database by hand is found', async (t) => {
  const live = await migrated(t, 'erp');
  await live.unsafe(`
    alter table erp_quotes add column planted text;
    alter table erp_orders alter column due_on set default current_date;
    alter table erp_orders drop constraint erp_orders_quote_key;
    alter table erp_customers no force row level security;
    drop policy platen_app_all on erp_products;
    create policy platen_app_all on erp_products to platen_app using (true);
    grant truncate on erp_tax_rates to platen_app;
    drop index erp_quotes_created_idx;
    grant execute on function search_variants to public;
    alter function search_variants(text, text, text, text, text, text, uuid, integer) reset search_path;
    drop trigger keep_words on erp_product_variants;`);
  const found = (await findDifferences('erp', live, await empty(t))).join('\n');
  t.match(found, /undeclared: column erp_quotes\.planted/);
  t.match(found, /missing: column erp_orders\.due_on: date\n/);
  t.match(found, /missing: constraint erp_orders_quote_key/);
  t.match(found, /undeclared: table erp_customers: row-level security t, forced f/);
  t.match(found, /undeclared: policy platen_app_all on erp_products: .* using true/);
  t.match(found, /undeclared: grant on erp_tax_rates: truncate to platen_app/);
  t.match(found, /missing: index: CREATE INDEX erp_quotes_created_idx/);
  t.match(found, /undeclared: function search_variants.*: execute to public/);
  t.match(found, /missing: function past row-level security, of platen_search: .*search_variants/);
  t.match(found, /missing: trigger: CREATE TRIGGER keep_words/);
});

async function migrated(t: Test, kind: DatabaseKind): Promise<Sql> {
  const database = await testDatabase(t, 'empty');
  await migrateDatabase({ url: database.ownerUrl, kind });
  return connect(t, database.ownerUrl);
}

const empty = async (t: Test): Promise<Sql> => connect(t, (await testDatabase(t, 'empty')).ownerUrl);

function connect(t: Test, url: string): Sql {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  t.teardown(() => sql.end());
  return sql;
}
