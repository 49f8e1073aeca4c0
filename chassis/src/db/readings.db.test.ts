import { randomUUID } from 'node:crypto';
import postgres, { type Sql, type TransactionSql } from 'postgres';
import t, { type Test } from 'tap';
import { telemetryEngines, testDatabase } from '../testkit/database.js';
import { withinOneDay } from '../testkit/one-day.js';

/** Readings as the application's roles get at them, in SQL: through views alone, and of one tenant alone. */

await withinOneDay();
const [mine, theirs] = [randomUUID(), randomUUID()];
const forbidden = { code: '42501' };
const outsideOfView = { code: '44000' };
const views = [
  'tel_own_readings',
  'tel_own_latest',
  'tel_own_readings_1m',
  'tel_own_readings_1h',
  'tel_own_readings_1d',
];

for (const { engine, skip } of telemetryEngines) {
  t.test(`readings of two tenants, on ${engine}`, { skip }, async (t) => {
    const database = await testDatabase(t, 'telemetry', engine);
    const [app, system] = [connect(t, database.appUrl), connect(t, database.systemUrl)];
    const superuser = connect(t, database.superuserUrl);
    await app`select tel_ensure_partitions(array[current_date - 1, current_date])`;
    await within(app, mine, (sql) => insertReadings(sql, mine, 1, [1, 2, 3]));
    await within(app, theirs, (sql) => insertReadings(sql, theirs, 1, [7]));

    t.same(await within(app, mine, values), [1, 2, 3], 'a tenant reads its own');
    t.same(await within(app, theirs, values), [7], 'though the numbers of devices are the same');
    t.same(await values(app), [], 'nobody set, nothing read');
    await t.rejects(
      within(app, mine, (sql) => insertReadings(sql, theirs, 2, [9])),
      outsideOfView,
      'and writes none of another tenant',
    );
    await t.rejects(insertReadings(app, mine, 2, [9]), outsideOfView, 'nor any without having said whose');
    await within(app, mine, (sql) => insertReadings(sql, mine, 1, [8, 8, 8, 4]));
    t.same(
      await within(app, mine, values),
      [1, 2, 3, 4],
      'a repeated batch changes nothing, what is new in it is stored',
    );
    await t.rejects(
      within(app, mine, (sql) => sql`update tel_own_readings set value = 0`),
      forbidden,
      'what was measured is not changed',
    );

    await assertComputed(t, app);
    for (const relation of ['tel_readings', 'tel_readings_1m', 'tel_latest', ...(await partsOf(superuser))]) {
      for (const role of [app, system]) {
        await t.rejects(
          within(role, mine, (sql) => sql.unsafe(`select from ${relation}`)),
          forbidden,
          `${relation} itself is nobody's`,
        );
      }
    }

    await t.rejects(
      within(system, mine, (sql) => sql`select from tel_own_readings`),
      forbidden,
      'whoever ends a tenant reads none of it',
    );
    for (const view of views) await within(system, mine, (sql) => sql`delete from ${sql(view)}`);
    t.same(await within(app, mine, values), [], 'and deletes it');
    t.same(await within(app, theirs, values), [7], 'and no other');
  });

  t.test(`a condition that tells what it is asked, on ${engine}`, { skip }, async (t) => {
    const database = await testDatabase(t, 'telemetry', engine);
    const app = connect(t, database.appUrl);
    await app`select tel_ensure_partitions(array[current_date - 1, current_date])`;
    await within(app, theirs, (sql) => insertReadings(sql, theirs, 1, [0]));
    await within(app, mine, (sql) => insertReadings(sql, mine, 1, [5]));
    // It fails on a zero: if it is computed before the view's own condition, it says that somebody has one.
    t.same(
      await within(
        app,
        mine,
        async (sql) => (await sql`select value from tel_own_readings where 1 / value < 9`).length,
      ),
      1,
      'is asked of own rows alone',
    );
  });

  t.test(`partitions, on ${engine}`, { skip }, async (t) => {
    const database = await testDatabase(t, 'telemetry', engine);
    const [app, system] = [connect(t, database.appUrl, 4), connect(t, database.systemUrl)];
    const superuser = connect(t, database.superuserUrl);
    await t.rejects(app`select tel_ensure_partitions(array[current_date + 40])`, { code: '22008' }, 'not for any day');
    await t.rejects(app`select tel_ensure_partitions(array[current_date - 4000])`, { code: '22008' });
    await t.rejects(app`select * from tel_maintain_storage()`, forbidden, 'nobody else drops what is old');

    const days = [-1000, -1, 0].map((day) => app`current_date + ${day}::int`);
    await Promise.all(
      [0, 1, 2, 3].map(
        () => app`select tel_ensure_partitions(array[${days[0] ?? ''}, ${days[1] ?? ''}, ${days[2] ?? ''}])`,
      ),
    );
    await within(app, mine, (sql) => insertReadings(sql, mine, 1, [1, 2], 0));
    await within(app, mine, (sql) => insertReadings(sql, mine, 1, [3], 1000));
    t.same(await within(app, mine, values), [3, 1, 2], 'made at once by many, written to');

    await within(superuser, mine, (sql) => insertPolicy(sql, mine, 1050));
    await system`select * from tel_maintain_storage()`;
    t.same(await within(app, mine, values), [3, 1, 2], 'as long as one tenant keeps it, it stays');
    await superuser`delete from tel_retention_policies`;
    const done = await system<{ part: string; dropped: number }[]>`select * from tel_maintain_storage()`;
    t.equal(done.find(({ part }) => part === 'tel_readings')?.dropped, 1, 'then its day goes as a whole');
    t.same(await within(app, mine, values), [1, 2]);
  });
}

for (const { engine, skip } of telemetryEngines) {
  t.test(`what is no longer written is put by, on ${engine}`, { skip }, async (t) => {
    const database = await testDatabase(t, 'telemetry', engine);
    const [app, system] = [connect(t, database.appUrl), connect(t, database.systemUrl)];
    const superuser = connect(t, database.superuserUrl);
    await app`select tel_ensure_partitions(array[current_date - 5, current_date])`;
    for (const tenant of [mine, theirs]) await within(app, tenant, (sql) => insertReadings(sql, tenant, 1, [1, 2], 5));
    const done = await system<{ part: string; compressed: number }[]>`select * from tel_maintain_storage()`;
    const [{ license } = { license: null }] = await superuser<{ license: string | null }[]>`
      select current_setting('timescaledb.license', true) as license`;
    const compressed = done.find(({ part }) => part === 'tel_readings')?.compressed;
    t.equal(compressed, license === 'timescale' ? 1 : 0, `in a columnstore, where the edition has one (${license})`);

    await within(app, mine, (sql) => insertReadings(sql, mine, 1, [8, 8, 3], 5));
    t.same(await within(app, mine, values), [1, 2, 3], 'what comes late is stored there all the same, and once');
    t.same(await within(app, theirs, values), [1, 2]);
    await t.rejects(
      within(app, mine, (sql) => insertReadings(sql, theirs, 2, [9], 5)),
      outsideOfView,
      'nothing of another tenant',
    );
    const rights = await superuser`
      select c.oid::regclass::text from pg_class c
      where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text in ('readings', '_timescaledb_internal')
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
        and (has_table_privilege('platen_app', c.oid, 'select, insert, update, delete')
          or has_table_privilege('platen_system', c.oid, 'select, insert, update, delete'))`;
    t.same([...rights], [], 'and what it is kept in belongs to nobody either');
    await within(app, mine, (sql) => sql`delete from tel_own_readings where ts < now() - interval '2 days'`);
    t.same(await within(app, mine, values), [], 'one tenant keeps it for less long than the other');
    t.same(await within(app, theirs, values), [1, 2]);
  });
}

async function assertComputed(t: Test, app: Sql): Promise<void> {
  const put = (tenant: string, value: number) => (sql: TransactionSql) =>
    sql`
    insert into tel_own_readings_1m (tenant_id, device_no, metric_no, bucket, count, sum, min, max, first, last, first_ts, last_ts, increase, arrived_at)
    values (${tenant}, 1, 1, current_date, 1, ${value}, ${value}, ${value}, ${value}, ${value}, now(), now(), 0, now())
    on conflict (tenant_id, device_no, metric_no, bucket) do update
    set sum = excluded.sum, recomputes = tel_own_readings_1m.recomputes + 1`;
  await within(app, mine, put(mine, 1));
  await within(app, mine, put(mine, 2));
  const bucket = await within(app, mine, (sql) => sql`select sum, recomputes from tel_own_readings_1m`);
  t.same([...bucket], [{ sum: 2, recomputes: 1 }], 'a bucket is computed again in its place');
  await t.rejects(within(app, theirs, put(mine, 3)), outsideOfView, "nobody's but one's own");
  await t.rejects(
    within(app, mine, (sql) => sql`update tel_own_readings_1m set tenant_id = ${theirs}`),
    outsideOfView,
    'and it is not given away',
  );
}

const insertReadings = (sql: Sql | TransactionSql, tenant: string, device: number, given: number[], daysAgo = 1) => sql`
  insert into tel_own_readings (tenant_id, device_no, metric_no, ts, value)
  select ${tenant}::uuid, ${device}::int, 1, (current_date - ${daysAgo}::int)::timestamptz + place * interval '1 min', value
  from unnest(${given}::float8[]) with ordinality given(value, place)
  on conflict do nothing`;

const insertPolicy = (sql: TransactionSql, tenant: string, days: number) => sql`
  insert into tel_retention_policies (tenant_id, organization_id, id, raw_days, rollup_days)
  values (${tenant}, ${randomUUID()}, ${randomUUID()}, ${days}, ${days})`;

async function values(sql: Sql | TransactionSql): Promise<number[]> {
  const rows = await sql<{ value: number }[]>`select value from tel_own_readings order by ts`;
  return rows.map(({ value }) => value);
}

/** Partitions or chunks. */
async function partsOf(superuser: Sql): Promise<string[]> {
  const rows = await superuser<{ name: string }[]>`
    select format('%s.%s', c.relnamespace::regnamespace, c.relname) as name
    from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'tel_readings'::regclass`;
  return rows.map(({ name }) => name);
}

function connect(t: Test, url: string, max = 1): Sql {
  const sql = postgres(url, { max, onnotice: () => {} });
  t.teardown(() => sql.end());
  return sql;
}

async function within<T>(
  app: Sql,
  tenant: string,
  work: (sql: TransactionSql) => Promise<T> | PromiseLike<T>,
): Promise<T> {
  const result = await app.begin(async (sql) => {
    await sql`select set_config('app.tenant_id', ${tenant}, true)`;
    return await work(sql);
  });
  // begin() unwraps arrays of promises, which no work here answers with.
  return result as T;
}
