import { randomUUID } from 'node:crypto';
import postgres, { type Sql, type TransactionSql } from 'postgres';
import t, { type Test } from 'tap';
import { testDatabase } from '../testkit/database.js';
import { migrateDatabase } from './migrate.js';

/** The policies themselves, in SQL and as the application's roles: no service, no repo, no scope of the chassis between. */

interface Place {
  readonly tenant: string;
  readonly organization?: string;
  readonly workspace?: string;
}
const tenant = randomUUID();
const organization = randomUUID();
const [main, harbor] = [randomUUID(), randomUUID()];
const whole: Place = { tenant, organization };
const atMain: Place = { ...whole, workspace: main };
const atHarbor: Place = { ...whole, workspace: harbor };

t.test('an ERP database, as the application', async (t) => {
  const database = await testDatabase(t, 'empty');
  await migrateDatabase({ url: database.ownerUrl, kind: 'erp' });
  const app = connect(t, database.appUrl);
  const number = (place: Place, table: string) =>
    within(app, place, async (sql) => {
      const [row] = await sql<{ count: number }[]>`select count(*)::int as count from ${sql(table)}`;
      return row?.count;
    });

  const version = await within(app, whole, async (sql) => insertRuleSetVersion(sql));
  const customer = await within(app, atMain, (sql) => insertCustomer(sql, null));
  const quotes = {
    whole: await within(app, whole, (sql) => insertQuote(sql, null, customer, version)),
    main: await within(app, atMain, (sql) => insertQuote(sql, main, customer, version)),
  };

  t.equal(await number(whole, 'erp_quotes'), 2, 'the organization sees all of its rows');
  t.equal(await number(atMain, 'erp_quotes'), 2, "a workspace sees its own and the organization's");
  t.equal(await number(atHarbor, 'erp_quotes'), 1, 'and none of another workspace');
  t.equal(await number({ tenant }, 'erp_quotes'), 0, 'no organization, no row');
  t.equal(await number({ ...whole, tenant: randomUUID() }, 'erp_quotes'), 0, 'nothing of another tenant');
  t.equal(await number({ ...whole, organization: randomUUID() }, 'erp_quotes'), 0, 'nor of another organization');
  const [unset] = await app`select count(*)::int as count from erp_quotes`;
  t.equal(unset?.['count'], 0, 'a setting that was local to a transaction is no scope after it');

  const forbidden = { code: '42501' };
  await t.rejects(
    within(app, atMain, (sql) => insertQuote(sql, null, customer, version)),
    forbidden,
    'a workspace writes no document of the whole organization',
  );
  await t.rejects(
    within(app, atMain, (sql) => insertQuote(sql, harbor, customer, version)),
    forbidden,
    'nor of another workspace',
  );
  const taken = await within(
    app,
    atMain,
    (sql) => sql`update erp_quotes set workspace_id = ${main} where id = ${quotes.whole}`,
  );
  t.equal(taken.count, 0, "nor takes over one of the organization's");
  const moved = await within(
    app,
    atMain,
    (sql) => sql`update erp_customers set name = 'Renamed' where id = ${customer}`,
  );
  t.equal(moved.count, 1, 'a shared row is written from a workspace');
  await t.rejects(
    within(app, atMain, (sql) => sql`update erp_quotes set tenant_id = ${randomUUID()} where id = ${quotes.main}`),
    forbidden,
    'a row leaves its tenant for nobody',
  );
  await t.rejects(
    within(app, whole, (sql) => sql`delete from erp_quotes`),
    forbidden,
    'documents are not deleted',
  );
  await t.rejects(
    within(app, whole, (sql) => sql`update erp_pricing_rule_set_versions set content = '{}'`),
    forbidden,
    'a published version is not written over',
  );
  await t.rejects(
    within(connect(t, database.superuserUrl), whole, (sql) => sql`update erp_pricing_rule_set_versions set hash = ''`),
    { code: '23001' },
    'by no one',
  );

  await t.test('lists reach the index', async (t) => {
    for (const [name, query] of Object.entries(hotQueries)) {
      const plan = await within(app, atMain, async (sql) => {
        // The table is small, so only what can't be done by index is left to the other ways.
        await sql`set local enable_seqscan = off`;
        await sql`set local enable_bitmapscan = off`;
        return (await sql.unsafe(`explain ${query.sql}`)).map((row) => row['QUERY PLAN']).join('\n');
      });
      t.match(plan, new RegExp(`using ${query.index}`), name);
      t.match(plan, query.condition, `${name}: with the condition in the index`);
    }
  });

  await t.test('the system role sees the plumbing of all tenants and nothing else', async (t) => {
    const insert = (sql: TransactionSql, id: string) => sql`
      insert into outbox_events (tenant_id, id, topic, key, type, payload, correlation_id)
      values (nullif(current_setting('app.tenant_id', true), '')::uuid, ${id}, 'erp.quote', 'k', 'erp.quote.sent', '{}', 'c')`;
    await within(app, whole, (sql) => insert(sql, randomUUID()));
    await within(app, { tenant: randomUUID() }, (sql) => insert(sql, randomUUID()));
    t.equal(await number(whole, 'outbox_events'), 1);
    const system = connect(t, database.systemUrl);
    const [all] = await system`select count(*)::int as count from outbox_events`;
    t.equal(all?.['count'], 2);
    await t.rejects(system`select from erp_quotes`, forbidden);
  });
});

/** What the lists and look-ups run, with the part of their condition that only a leakproof operator brings into the index. */
const hotQueries = {
  'one quote': {
    sql: `select * from erp_quotes where id = '${randomUUID()}'`,
    // Which of its indexes is a tie in a table this small.
    index: 'erp_quotes_',
    condition: /Index Cond: .*tenant_id = .*organization_id = .*id = /,
  },
  'newest quotes after a cursor': {
    sql: `select * from erp_quotes where (created_at, id) < (now(), '${randomUUID()}') order by created_at desc, id desc limit 50`,
    index: 'erp_quotes_created_idx',
    condition: /Index Cond: .*ROW\(created_at, id\) </,
  },
  'orders of a status': {
    sql: `select * from erp_orders where status = 'draft' order by created_at desc, id desc limit 50`,
    index: 'erp_orders_status_idx',
    condition: /Index Cond: .*status = 'draft'/,
  },
  'variants by prefix': {
    sql: `select * from erp_product_variants where sku ~>=~ 'tee-' and sku ~<~ 'tee.' order by sku using ~<~ limit 50`,
    index: 'erp_product_variants_sku_prefix_idx',
    condition: /Index Cond: .*sku ~>=~ .*sku ~<~ /,
  },
} as const;

async function insertRuleSetVersion(sql: TransactionSql): Promise<string> {
  const [set, version] = [randomUUID(), randomUUID()];
  await sql`insert into erp_pricing_rule_sets (tenant_id, organization_id, id, code, name, currency)
    values (${tenant}, ${organization}, ${set}, 'retail', 'Retail', 'EUR')`;
  await sql`insert into erp_pricing_rule_set_versions (tenant_id, organization_id, id, rule_set_id, version, content, hash, valid_from)
    values (${tenant}, ${organization}, ${version}, ${set}, 1, '{}', 'hash', now())`;
  return version;
}

async function insertCustomer(sql: TransactionSql, workspace: string | null): Promise<string> {
  const id = randomUUID();
  await sql`insert into erp_customers (tenant_id, organization_id, workspace_id, id, code, name, currency)
    values (${tenant}, ${organization}, ${workspace}, ${id}, ${id}, 'Customer', 'EUR')`;
  return id;
}

async function insertQuote(
  sql: TransactionSql,
  workspace: string | null,
  customer: string,
  version: string,
): Promise<string> {
  const id = randomUUID();
  await sql`insert into erp_quotes (tenant_id, organization_id, workspace_id, id, customer_id, currency, subtotal, discount,
      tax, total, valid_until, rule_set_version_id)
    values (${tenant}, ${organization}, ${workspace}, ${id}, ${customer}, 'EUR', 1, 0, 0, 1, now(), ${version})`;
  return id;
}

function connect(t: Test, url: string): Sql {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  t.teardown(() => sql.end());
  return sql;
}

async function within<T>(sql: Sql, place: Place, work: (sql: TransactionSql) => PromiseLike<T>): Promise<T> {
  const result = await sql.begin(async (tx) => {
    await tx`select set_config('app.tenant_id', ${place.tenant}, true),
      set_config('app.organization_id', ${place.organization ?? ''}, true),
      set_config('app.workspace_id', ${place.workspace ?? ''}, true)`;
    return { value: await work(tx) };
  });
  return result.value;
}
