import { setTimeout as delay } from 'node:timers/promises';
import { type Test, test } from 'tap';
import { testDatabase } from '../testkit/database.js';
import { asSuperuser } from '../testkit/database-templates.js';
import { patient } from '../testkit/patient.js';
import { type Database, type DatabaseOptions, openDatabase } from './database.js';
import { DatabaseError } from './errors.js';
import { statement } from './statement.js';
import type { Scope } from './types.js';

const tenant = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
const scopeOf = (number: number): Scope => ({
  tenantId: tenant(number),
  organizationId: tenant(number + 1_000),
  workspaceId: null,
});

const tenants = 20;

const tables = `
  create table notes (
    tenant_id uuid not null, organization_id uuid not null, id integer not null, text text not null,
    primary key (tenant_id, organization_id, id)
  );
  alter table notes enable row level security;
  alter table notes force row level security;
  create policy scope on notes
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid
      and organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
  grant select, insert, update, delete on notes to platen_app;
  create table pairs (id integer primary key, other integer references pairs deferrable initially deferred);
  grant select, insert, update, delete on pairs to platen_app;
  alter table notes no force row level security;
  insert into notes select format('00000000-0000-7000-8000-%s', lpad(t::text, 12, '0'))::uuid,
    format('00000000-0000-7000-8000-%s', lpad((t + 1000)::text, 12, '0'))::uuid, n, 'note ' || n || ' of ' || t
    from generate_series(1, ${tenants}) t, generate_series(1, 5) n;
  alter table notes force row level security;`;

const findNote = statement<{ text: string }>('test.find_note', 'select text from notes where id = $1');
const listTenants = statement<{ tenant_id: string }>('test.list_tenants', 'select distinct tenant_id from notes');
const countNotes = statement<{ count: number }>('test.count', 'select count(*) from notes', {
  parse: { count: 'int' },
});
const insertNote = statement<{ id: string }>(
  'test.insert_note',
  'insert into notes values ($1, $2, $3, $4) returning id',
);
const insertPair = statement<never>('test.insert_pair', 'insert into pairs values ($1, $2)');
const countPairs = statement<{ count: number }>('test.pairs', 'select count(*) from pairs', {
  parse: { count: 'int' },
});
const fail = statement<{ quotient: string }>('test.divide', 'select 1 / $1::int as quotient');
const sleep = statement<never>('test.sleep', 'select pg_sleep($1)');
const broken = statement<never>('test.broken', 'select nothing from nowhere');
const settings = statement<{ tenant: string; organization: string; workspace: string }>(
  'test.settings',
  `select current_setting('app.tenant_id', true) tenant, current_setting('app.organization_id', true) organization,
    current_setting('app.workspace_id', true) workspace`,
);
const sorting = `select current_setting('enable_sort') as sorts`;
const sorts = statement<{ sorts: string }>('test.sorts', sorting);
const sortsInIndexOrder = statement<{ sorts: string }>('test.sorts_in_index_order', sorting, { inIndexOrder: true });
const backend = statement<{ pid: number }>('test.pid', 'select pg_backend_pid() as pid', { parse: { pid: 'int' } });

async function open(t: Test, options: Partial<DatabaseOptions> = {}): Promise<Database & { superuserUrl: string }> {
  const { superuserUrl, ownerUrl, appUrl } = await testDatabase(t, 'empty');
  await asSuperuser(ownerUrl, (client) => client.query(tables));
  const database = openDatabase({ name: 'test', url: appUrl, poolSize: 6, ...patient, ...options });
  t.teardown(() => database.close());
  return { ...database, superuserUrl };
}

const sqlstateOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof DatabaseError ? error.sqlstate : error),
  );

test('the pipelined lane', async (t) => {
  const db = await open(t);
  const of = (number: number) => db.scoped(scopeOf(number));

  await t.test('hundreds at once, interleaved: each sees its own rows only', async (t) => {
    const reads = Array.from({ length: 800 }, async (_, i) => {
      const number = 1 + ((i * 7) % tenants);
      if (i % 11 === 0) {
        t.equal(await sqlstateOf(of(number).query(fail, [0])), '22012');
        return undefined;
      }
      if (i % 3 === 0) return (await of(number).query(listTenants))[0]?.tenant_id === tenant(number);
      return (await of(number).query(findNote, [1 + (i % 5)]))[0]?.text === `note ${1 + (i % 5)} of ${number}`;
    });
    const answers = (await Promise.all(reads)).filter((answer) => answer !== undefined);
    t.ok(answers.every(Boolean));
    // One of them may have answered all before the other was there.
    while (db.state().pipelined.connections < 2) await delay(5);
    t.equal(db.state().pipelined.connections, 2);
  });

  await t.test('nothing of a scope outlives its Sync', async (t) => {
    for (let i = 0; i < 4; i += 1) await of(3).query(countNotes);
    const nobody = db.scoped({ tenantId: tenant(3), organizationId: null, workspaceId: null });
    t.same(await nobody.query(countNotes), [{ count: 0 }], 'no organization, no rows');
    t.same(await nobody.query(settings), [{ tenant: tenant(3), organization: '', workspace: '' }]);
    const workspaces = db.scoped({ ...scopeOf(4), workspaceId: tenant(9) });
    t.equal((await workspaces.query(settings))[0]?.workspace, tenant(9));
    t.equal((await of(4).query(settings))[0]?.workspace, '');
  });

  await t.test('a scope that is no uuid fails with its statement, and the next is unharmed', async (t) => {
    const odd = db.scoped({ tenantId: "x' or true --", organizationId: null, workspaceId: null });
    const [first, second] = await Promise.all([sqlstateOf(odd.query(countNotes)), of(1).query(countNotes)]);
    t.equal(first, '22P02');
    t.same(second, [{ count: 5 }]);
  });

  await t.test('a failed Parse costs its own exchange only', async (t) => {
    const results = await Promise.all([
      sqlstateOf(of(1).query(broken)),
      of(2).query(countNotes),
      sqlstateOf(of(1).query(broken)),
      of(3).query(countNotes),
    ]);
    t.same(results, ['42P01', [{ count: 5 }], '42P01', [{ count: 5 }]]);
    await asSuperuser(db.superuserUrl, (client) => client.query('create table nowhere (nothing int)'));
    await asSuperuser(db.superuserUrl, (client) => client.query('grant select on nowhere to platen_app'));
    t.same(await of(1).query(broken), [], 'and it is not remembered against the statement');
  });

  await t.test('a statement that is too slow is ended by the server, not the ones behind it', async (t) => {
    const hasty = await open(t, { pipelinedTimeoutMs: 500 });
    const results = await Promise.all([
      sqlstateOf(hasty.scoped(scopeOf(1)).query(sleep, [60])),
      ...Array.from({ length: 10 }, () => hasty.scoped(scopeOf(2)).query(countNotes)),
    ]);
    t.equal(results[0], '57014');
    t.same(
      results.slice(1),
      Array.from({ length: 10 }, () => [{ count: 5 }]),
    );
  });

  await t.test('statements cancelled under way: every answer is an error or the right one', async (t) => {
    let reading = true;
    const cancelling = asSuperuser(db.superuserUrl, async (client) => {
      while (reading) {
        await client.query(
          `select pg_cancel_backend(pid) from pg_stat_activity where usename = 'platen_app' and datname = current_database()`,
        );
      }
    });
    const answers = await Promise.all(
      Array.from({ length: 600 }, async (_, i) => {
        const number = 1 + ((i * 7) % tenants);
        try {
          const rows = await of(number).query(listTenants);
          return rows.length === 1 && rows[0]?.tenant_id === tenant(number) ? 'right' : 'wrong';
        } catch (error) {
          return error instanceof DatabaseError && error.sqlstate === '57014' ? 'cancelled' : error;
        }
      }),
    );
    reading = false;
    await cancelling;
    t.strictSame(
      [...new Set(answers)].sort(),
      ['cancelled', 'right'].filter((answer) => answers.includes(answer)),
    );
    const nobody = db.scoped({ tenantId: tenant(3), organizationId: null, workspaceId: null });
    t.same(await nobody.query(countNotes), [{ count: 0 }]);
  });

  await t.test('a plan that no longer fits is made anew', async (t) => {
    const star = statement<{ a: string }>('test.star', 'select * from plans');
    const run = (sql: string) => asSuperuser(db.superuserUrl, (client) => client.query(sql));
    await run('create table plans (a int); insert into plans values (1); grant select on plans to platen_app');
    await Promise.all(Array.from({ length: 8 }, () => of(1).query(star)));
    await run('alter table plans add b int');
    t.same(await of(1).query(star), [{ a: '1', b: null }]);
  });

  await t.test('what a statement left open costs its connection', async (t) => {
    const begin = statement<never>('test.begin', 'begin');
    await of(1)
      .query(begin)
      .catch(() => undefined);
    t.same(await of(2).query(countNotes), [{ count: 5 }]);
    const [settingsNow] = await db
      .scoped({ tenantId: tenant(1), organizationId: null, workspaceId: null })
      .query(settings);
    t.equal(settingsNow?.organization, '');
  });

  await t.test('values that cannot be sent are refused before anything is', async (t) => {
    await t.rejects(of(1).query(findNote, [undefined as unknown as null]), TypeError);
    t.same(await of(1).query(countNotes), [{ count: 5 }]);
  });

  await t.test('a parser that throws fails its query alone', async (t) => {
    const bad = statement<never>('test.bad_int', `select 'x' as value`, { parse: { value: 'int' } });
    const [failed, fine] = await Promise.allSettled([of(1).query(bad), of(1).query(countNotes)]);
    t.equal(failed.status, 'rejected');
    t.equal(fine.status, 'fulfilled');
  });
});

test('the leased lane', async (t) => {
  const db = await open(t);
  const of = (number: number) => db.scoped(scopeOf(number));

  await t.test('a transaction commits, in two round trips with its deferred statements', async (t) => {
    const stats = { queries: 0, roundTrips: 0, waitedMs: 0 };
    const id = await db.scoped(scopeOf(1), stats).transaction(async (tx) => {
      const rows = await tx.query(insertNote, [tenant(1), tenant(1_001), 100, 'first']);
      tx.defer(insertNote, [tenant(1), tenant(1_001), 101, 'deferred']);
      tx.defer(insertNote, [tenant(1), tenant(1_001), 102, 'deferred']);
      return rows[0]?.id;
    });
    t.equal(id, '100');
    t.match(stats, { queries: 3, roundTrips: 2 });
    t.same(await of(1).query(countNotes), [{ count: 8 }]);
    t.same(await of(2).leased.query(countNotes), [{ count: 5 }]);
  });

  await t.test('a statement in the order of an index is planned without sorting, and only that one', async (t) => {
    const lanes = [of(1), of(1).leased];
    for (const lane of lanes)
      for (const [declared, expected] of [
        [sortsInIndexOrder, 'off'],
        [sorts, 'on'],
      ] as const)
        t.same(await lane.query(declared), [{ sorts: expected }]);
    t.same(await of(1).transaction((tx) => tx.query(sortsInIndexOrder)), [{ sorts: 'on' }]);
  });

  await t.test('deferred statements keep their order before a later query', async (t) => {
    await of(5).transaction(async (tx) => {
      tx.defer(insertNote, [tenant(5), tenant(1_005), 50, 'x']);
      t.same(await tx.query(countNotes), [{ count: 6 }]);
    });
  });

  await t.test('a throw rolls back, and so does an error that the work swallowed', async (t) => {
    const boom = new Error('boom');
    await t.rejects(
      of(6).transaction(async (tx) => {
        await tx.query(insertNote, [tenant(6), tenant(1_006), 60, 'x']);
        throw boom;
      }),
      boom,
    );
    const swallowed = of(6).transaction(async (tx) => {
      await tx.query(insertNote, [tenant(6), tenant(1_006), 61, 'x']);
      await tx.query(fail, [0]).catch(() => undefined);
    });
    t.equal(await sqlstateOf(swallowed), '22012');
    t.same(await of(6).query(countNotes), [{ count: 5 }]);
  });

  await t.test('a deferred error rejects the transaction', async (t) => {
    const work = of(7).transaction(async (tx) => {
      await tx.query(insertNote, [tenant(7), tenant(1_007), 70, 'x']);
      tx.defer(insertNote, [tenant(7), tenant(1_007), 70, 'again']);
      return 'looks fine';
    });
    t.equal(await sqlstateOf(work), '23505');
    t.same(await of(7).query(countNotes), [{ count: 5 }]);
  });

  await t.test('only deferred statements: one round trip, all or nothing', async (t) => {
    const stats = { queries: 0, roundTrips: 0, waitedMs: 0 };
    await db.scoped(scopeOf(8), stats).transaction(async (tx) => {
      tx.defer(insertNote, [tenant(8), tenant(1_008), 80, 'x']);
    });
    t.equal(stats.roundTrips, 1);
    t.same(await of(8).query(countNotes), [{ count: 6 }]);
  });

  await t.test('a constraint checked at COMMIT rejects it', async (t) => {
    const work = of(1).transaction((tx) => tx.query(insertPair, [1, 2]));
    t.equal(await sqlstateOf(work), '23503');
    t.same(await of(1).query(countPairs), [{ count: 0 }]);
  });

  await t.test('queries that nobody awaited count, and do not end the process', async (t) => {
    const work = of(9).transaction(async (tx) => {
      void tx.query(insertNote, [tenant(9), tenant(1_009), 90, 'x']);
      void tx.query(fail, [0]);
    });
    t.equal(await sqlstateOf(work), '22012');
    t.same(await of(9).query(countNotes), [{ count: 5 }]);
  });

  await t.test('queries issued together travel together', async (t) => {
    await of(10).transaction(async (tx) => {
      const [a, b, c] = await Promise.all([tx.query(countNotes), tx.query(findNote, [1]), tx.query(settings)]);
      t.same([a, b[0]?.text, c[0]?.tenant], [[{ count: 5 }], 'note 1 of 10', tenant(10)]);
    });
  });

  await t.test("another tenant's row cannot be written", async (t) => {
    t.equal(await sqlstateOf(of(1).leased.query(insertNote, [tenant(2), tenant(1_002), 200, 'x'])), '42501');
  });

  await t.test('an ordinary error does not cost the connection, a transaction over is over', async (t) => {
    const [before] = await of(1).leased.query(backend);
    await of(1)
      .leased.query(fail, [0])
      .catch(() => undefined);
    const [after] = await of(1).leased.query(backend);
    t.same(before, after);
    const kept = await of(1).transaction(async (tx) => tx);
    await t.rejects(kept.query(countNotes), /over/);
    t.throws(() => kept.defer(insertNote, []), /over/);
  });
});
