import { randomUUID } from 'node:crypto';
import postgres, { type Sql } from 'postgres';
import t, { type Test } from 'tap';
import { testDatabase } from '../testkit/database.js';
import { migrateDatabase } from './migrate.js';

const writers = 16;
const changesEach = 40;

t.test('the log of changes is in the order of commit: a reader by cursor misses none', async (t) => {
  const { platformUrl, tenantUrl } = await migrated(t);
  const seen: string[] = [];
  let writing = true;
  const read = (async () => {
    const reader = connect(t, platformUrl);
    let cursor = '0';
    for (;;) {
      const last = !writing;
      const rows = await reader<{ position: string; mark: string }[]>`
        select seq::text as position, payload->>'mark' as mark from control_changes where seq > ${cursor}::bigint order by seq`;
      seen.push(...rows.map((row) => row.mark));
      cursor = rows.at(-1)?.position ?? cursor;
      if (last && rows.length === 0) return;
    }
  })();

  const tenant = randomUUID();
  const committed = await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const sql = connect(t, tenantUrl);
      const marks: string[] = [];
      for (let n = 0; n < changesEach; n += 1) {
        const mark = `${writer}-${n}`;
        const rollBack = n % 7 === 3;
        await sql
          .begin(async (tx) => {
            await tx`select set_config('app.tenant_id', ${tenant}, true)`;
            await tx`select append_control_change('user_epoch', ${tenant}, ${tx.json({ mark })})`;
            // Gives other writers time between asking for a number and committing it.
            await tx`select pg_sleep(${Math.random() / 500})`;
            if (rollBack) throw new RolledBack();
          })
          .then(() => marks.push(mark))
          .catch((error: unknown) => {
            if (!(error instanceof RolledBack)) throw error;
          });
      }
      return marks;
    }),
  );
  writing = false;
  await read;
  t.equal(seen.length, new Set(seen).size, 'each once');
  t.same([...seen].sort(), committed.flat().sort(), 'every one');
  for (let writer = 0; writer < writers; writer += 1) {
    const own = seen.filter((mark) => mark.startsWith(`${writer}-`));
    t.same(own, committed[writer], `in order, writer ${writer}`);
  }
});

t.test('listeners hear of a change with its position', async (t) => {
  const { platformUrl } = await migrated(t);
  const heard = new Promise<string>((resolve, reject) => {
    const listener = connect(t, platformUrl);
    listener
      .listen('control_changes', resolve)
      .then(() => connect(t, platformUrl)`select append_control_change('signing_keys', null, '{}')`)
      .catch(reject);
  });
  t.equal(await heard, '1');
});

t.test('what a tenant may write into the log, and the role rules', async (t) => {
  const { platformUrl, tenantUrl } = await migrated(t);
  const platform = connect(t, platformUrl);
  const { acme, globex, user, roles } = await seed(platform);
  const tenantSql = connect(t, tenantUrl);
  const asAcme = <T>(work: (sql: postgres.TransactionSql) => PromiseLike<T>) =>
    tenantSql.begin(async (sql) => {
      await sql`select set_config('app.tenant_id', ${acme}, true)`;
      await work(sql);
    });

  await t.rejects(
    asAcme((sql) => sql`select append_control_change('user_epoch', ${globex}, '{}')`),
    { code: '42501' },
    "nothing in another tenant's name",
  );
  await t.rejects(
    platform`update control_changes set payload = '{}'`,
    { code: '42501' },
    'and nothing is changed afterwards',
  );

  const grant = (sql: postgres.ISql, role: string) => sql`
    insert into res_user_roles (tenant_id, id, user_id, role_id, scope)
    values (${acme}, ${randomUUID()}, ${user}, ${role}, 'tenant')`;
  await t.resolves(
    asAcme((sql) => grant(sql, roles.system)),
    'a system role',
  );
  await t.resolves(
    asAcme((sql) => grant(sql, roles.acme)),
    'a role of the own',
  );
  const notThere = { code: '23503' };
  await t.rejects(
    asAcme((sql) => grant(sql, roles.globex)),
    notThere,
    "another tenant's role",
  );
  await t.rejects(grant(platform, roles.globex), notThere, 'also when the platform tries');
  await t.rejects(
    platform`update res_roles set tenant_id = ${globex} where id = ${roles.acme}`,
    { code: '23001' },
    'a role does not move',
  );
  await t.rejects(
    platform`insert into res_user_roles (tenant_id, id, user_id, role_id, scope, workspace_id)
      values (${acme}, ${randomUUID()}, ${user}, ${roles.system}, 'tenant', ${randomUUID()})`,
    { code: '23514' },
    'a scope names exactly its place',
  );
  await t.rejects(
    asAcme((sql) => grant(sql, roles.system)),
    { code: '23505' },
    'the same grant once',
  );
  await t.rejects(
    asAcme((sql) => sql`select from platform_signing_keys`),
    { code: '42501' },
    'no key for a tenant',
  );
});

class RolledBack extends Error {}

async function migrated(t: Test) {
  const database = await testDatabase(t, 'empty');
  await migrateDatabase({ url: database.ownerUrl, kind: 'control' });
  return database;
}

function connect(t: Test, url: string): Sql {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  t.teardown(() => sql.end());
  return sql;
}

async function seed(sql: Sql) {
  const [acme, globex, plan, user] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const roles = { system: randomUUID(), acme: randomUUID(), globex: randomUUID() };
  await sql`insert into platform_plans (id, code, name) values (${plan}, 'pro', 'Pro')`;
  await sql`insert into tenants (id, slug, name, status, plan_id, erp_db_key)
    values (${acme}, 'acme', 'Acme', 'active', ${plan}, 'erp-1'), (${globex}, 'globex', 'Globex', 'active', ${plan}, 'erp-2')`;
  await sql`insert into res_users (tenant_id, id, email, name, status) values (${acme}, ${user}, 'a@acme.test', 'A', 'active')`;
  await sql`insert into res_roles (id, tenant_id, code, name)
    values (${roles.system}, null, 'admin', 'A'), (${roles.acme}, ${acme}, 'own', 'B'), (${roles.globex}, ${globex}, 'own', 'C')`;
  return { acme, globex, user, roles };
}
