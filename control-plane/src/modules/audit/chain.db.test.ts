import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { statement } from '@platen/chassis/db/statement';
import { type SystemDatabase, systemDatabase } from '@platen/chassis/db/system-database';
import { type TestDatabase, testDatabase } from '@platen/chassis/testkit/database';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { patient } from '@platen/chassis/testkit/patient';
import t, { type Test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { appendChange } from '../feed/index.js';
import { exportChain, recordAudit, verifyExport, verifyStored } from './index.js';

type Entry = Parameters<typeof recordAudit>[3];

/** A chain of its own, on a database of the test's own. */
async function open(t: Test, poolSize = 4) {
  const database = await testDatabase(t, 'control');
  const db = systemDatabase({ ...patient, name: 'audit', url: database.platformUrl, poolSize });
  t.teardown(() => db.close());
  return { database, db };
}

const ctx = { principal: null, ip: '2001:db8::1', correlationId: 'test-correlation', newId: () => uuidv7() };

const append = (db: SystemDatabase, tenantId: string | null, entry: Partial<Entry> = {}) =>
  db.transaction(async (tx) => {
    recordAudit(tx, ctx, tenantId, { action: 'role.update', target: `role:${uuidv7()}`, ...entry });
  });

async function grow(db: SystemDatabase, tenantId: string | null, count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) {
    await append(db, tenantId, {
      before: {
        name: `Käse ${n} "quoted"`,
        size: n / 3,
        zz: null,
        a: [1e21, 1e-7, -0, 1.5],
        nested: { deep: { ä: '\u2028\n' } },
      },
      after: { 10: 'ten', 9: 'nine', '': 'empty', price: '12.3400', big: 9007199254740991 },
    });
  }
}

const asFile = async (db: SystemDatabase, tenantId: string | null, afterSeq = 0) =>
  text(await exportChain(db, { tenantId, afterSeq, now: new Date('2026-03-01T09:30:00.000Z') }));
async function* linesOf(file: string): AsyncGenerator<string> {
  yield* file.split('\n').filter((line) => line !== '');
}
const kindsOf = (problems: readonly { seq: number | null; kind: string }[]) =>
  problems.map(({ seq, kind }) => `${seq ?? '-'} ${kind}`);

t.test('a chain that nobody touched, in the database and in a file', async (t) => {
  const { db } = await open(t);
  for (const tenantId of [uuidv7(), null]) {
    t.match(await verifyStored(db, tenantId), { checked: 0, problems: [], head: null });
    await grow(db, tenantId, 450);
    t.match(await verifyStored(db, tenantId), { checked: 450, lastSeq: 450, problems: [], nextAfterSeq: null });
    const file = await asFile(db, tenantId);
    t.equal(file.split('\n').length, 453);
    const check = await verifyExport(linesOf(file));
    t.match(check, { checked: 450, problems: [], tenantId, head: { seq: 450 } });
    await grow(db, tenantId, 5);
    t.same((await verifyStored(db, tenantId, { points: [check.head] })).problems, [], 'still what it was then');
    t.match(
      await verifyExport(linesOf(await asFile(db, tenantId, 450))),
      { checked: 5, problems: [] },
      'the rest alone',
    );
    await t.rejects(asFile(db, tenantId, 500), { code: 'not_found' });
    t.match(await verifyStored(db, tenantId, { limit: 300 }), { checked: 300, nextAfterSeq: 300, problems: [] });
    t.match(await verifyStored(db, tenantId, { afterSeq: 300, limit: 300 }), {
      checked: 155,
      nextAfterSeq: null,
      problems: [],
    });
  }
});

/** Whoever owns the database, without its triggers. `@` stands for the chain. */
async function tamper(database: TestDatabase, tenantId: string, statements: readonly string[]): Promise<void> {
  await asSuperuser(database.superuserUrl, async (client) => {
    await client.query(`set session_replication_role = 'replica'`);
    for (const sql of statements) await client.query(sql.replaceAll('@', `tenant_id = '${tenantId}'`));
  });
}

const rehash = (seq: number) => `update audit_events e set hash = audit_event_hash(e) where @ and seq = ${seq}`;
const headToEnd = `update audit_heads h set event_count = e.seq, last_hash = e.hash
  from (select * from audit_events where @ order by seq desc limit 1) e where h.tenant_id = e.tenant_id`;

t.test('what is changed, removed, reordered or cut off is found, and named', async (t) => {
  const { database, db } = await open(t);
  const attacks: Record<string, { sql: string[]; found: string[] }> = {
    'before is changed': {
      sql: [`update audit_events set before = '{"name":"x"}' where @ and seq = 4`],
      found: ['4 changed'],
    },
    'after is emptied': { sql: ['update audit_events set after = null where @ and seq = 4'], found: ['4 changed'] },
    'a number is spelled another way': {
      sql: [`update audit_events set after = after || '{"big":9007199254740991.0}' where @ and seq = 4`],
      found: ['4 changed'],
    },
    'the actor is another': {
      sql: [`update audit_events set actor_id = 'somebody' where @ and seq = 1`],
      found: ['1 changed'],
    },
    'the kind of actor is another': {
      sql: [`update audit_events set actor_type = 'system' where @ and seq = 10`],
      found: ['10 changed'],
    },
    'the address is another': { sql: [`update audit_events set ip = '::1' where @ and seq = 5`], found: ['5 changed'] },
    'the time is another': {
      sql: [`update audit_events set created_at = created_at + interval '1 millisecond' where @ and seq = 5`],
      found: ['5 changed'],
    },
    'the correlation id is another': {
      sql: [`update audit_events set correlation_id = 'x' where @ and seq = 5`],
      found: ['5 changed'],
    },
    'changed, and its hash made anew': {
      sql: [`update audit_events set action = 'role.delete' where @ and seq = 4`, rehash(4)],
      found: ['5 unlinked'],
    },
    'the last one changed, and its hash made anew': {
      sql: [`update audit_events set action = 'role.delete' where @ and seq = 10`, rehash(10)],
      found: ['- head'],
    },
    'one is removed': { sql: ['delete from audit_events where @ and seq = 4'], found: ['4 missing'] },
    'several are removed': { sql: ['delete from audit_events where @ and seq between 4 and 6'], found: ['4 missing'] },
    'the first is removed': { sql: ['delete from audit_events where @ and seq = 1'], found: ['1 missing'] },
    'one is removed, and the others moved up': {
      sql: ['delete from audit_events where @ and seq = 9', 'update audit_events set seq = 9 where @ and seq = 10'],
      found: ['9 changed', '9 unlinked', '10 cut_off'],
    },
    'two are swapped': {
      sql: [
        'update audit_events set seq = 999 where @ and seq = 4',
        'update audit_events set seq = 4 where @ and seq = 7',
        'update audit_events set seq = 7 where @ and seq = 999',
      ],
      found: ['4 changed', '4 unlinked', '5 unlinked', '7 changed', '7 unlinked', '8 unlinked'],
    },
    'the tail is cut off': { sql: ['delete from audit_events where @ and seq > 7'], found: ['8 cut_off'] },
    'all of it is cut off': { sql: ['delete from audit_events where @'], found: ['1 cut_off'] },
    'the head is removed': { sql: ['delete from audit_heads where @'], found: ['- head'] },
    'the head is set back': { sql: ['update audit_heads set event_count = 7 where @'], found: ['8 head'] },
    'the head has another hash': {
      sql: [`update audit_heads set last_hash = repeat('0', 64) where @`],
      found: ['- head'],
    },
    'one is written in without the function': {
      sql: [
        `insert into audit_events select (jsonb_populate_record(e, jsonb_build_object('id', gen_random_uuid(), 'seq', 11))).*
         from audit_events e where @ and seq = 10`,
      ],
      found: ['11 changed', '11 unlinked', '11 head'],
    },
    'one is moved here from another chain': {
      sql: [`update audit_events set tenant_id = gen_random_uuid() where @ and seq = 4`],
      found: ['4 missing'],
    },
  };
  for (const [name, { sql, found }] of Object.entries(attacks)) {
    await t.test(name, async (t) => {
      const tenant = uuidv7();
      await grow(db, tenant, 10);
      const file = await asFile(db, tenant);
      const { head } = await verifyExport(linesOf(file));
      await tamper(database, tenant, sql);
      t.same(kindsOf((await verifyStored(db, tenant)).problems), found);
      t.not((await verifyStored(db, tenant, { points: [head] })).problems.length, 0);
    });
  }
});

t.test(
  'a chain that was made anew as a whole fits itself; what was written down elsewhere gives it away',
  async (t) => {
    const { database, db } = await open(t);
    const rewrites: Record<string, { sql: string[]; found: string[] }> = {
      'cut off, and the head set to the new end': {
        sql: ['delete from audit_events where @ and seq > 7', headToEnd],
        found: ['10 cut_off'],
      },
      'changed, and every hash after it made anew': {
        sql: [
          `update audit_events set action = 'role.delete' where @ and seq = 4`,
          `do $$ declare e audit_events; previous text := '';
         begin
           for e in select * from audit_events where @ order by seq loop
             e.prev_hash := previous;
             previous := audit_event_hash(e);
             update audit_events set prev_hash = e.prev_hash, hash = previous where id = e.id;
           end loop;
         end $$`,
          headToEnd,
        ],
        found: ['10 rewritten'],
      },
    };
    for (const [name, { sql, found }] of Object.entries(rewrites)) {
      await t.test(name, async (t) => {
        const tenant = uuidv7();
        await grow(db, tenant, 10);
        const { head } = await verifyExport(linesOf(await asFile(db, tenant)));
        await tamper(database, tenant, sql);
        t.same((await verifyStored(db, tenant)).problems, [], 'from within it cannot be told');
        t.same(kindsOf((await verifyStored(db, tenant, { points: [head] })).problems), found, 'from an export it can');
      });
    }
  },
);

t.test('an exported file that was edited', async (t) => {
  const { db } = await open(t);
  const tenant = uuidv7();
  await grow(db, tenant, 10);
  const lines = (await asFile(db, tenant)).split('\n').slice(0, -1);
  const without = (...at: number[]) => lines.filter((_, index) => !at.includes(index));
  const swapped = lines.map((line, index) => (index === 4 ? lines[5] : index === 5 ? lines[4] : line) ?? '');
  const edited = (at: number, from: string, to: string) =>
    lines.map((line, index) => (index === at ? line.replace(from, to) : line));
  const files: Record<string, { lines: string[]; found: string[] }> = {
    'a word is changed': { lines: edited(3, 'quoted', 'quoteD'), found: ['3 changed'] },
    'a number is changed': { lines: edited(3, '9007199254740991', '9007199254740992'), found: ['3 changed'] },
    'one is removed': { lines: without(3), found: ['3 missing', '- missing'] },
    'two are swapped': { lines: swapped, found: ['4 missing', '4 misplaced'] },
    'one is there twice': { lines: [...lines.slice(0, 4), ...lines.slice(3)], found: ['3 misplaced', '- missing'] },
    'the end is cut off': { lines: lines.slice(0, 8), found: ['8 cut_off', '- cut_off'] },
    'the tail is cut off, not the last line': { lines: without(9, 10), found: ['9 cut_off', '- missing'] },
    'a line is no event': { lines: edited(3, '"seq"', '"sequence"'), found: ['- unreadable', '3 missing'] },
    'a line is no JSON': { lines: edited(3, '{', ''), found: ['- unreadable', '3 missing'] },
    'another chain is named': {
      lines: edited(0, tenant, uuidv7()),
      found: [...Array.from({ length: 10 }, (_, n) => `${n + 1} misplaced`)],
    },
  };
  for (const [name, file] of Object.entries(files)) {
    t.same(kindsOf((await verifyExport(linesOf(file.lines.join('\n')))).problems), file.found, name);
  }
  const respaced = lines.map((line) => line.replaceAll('": ', '":'));
  t.same((await verifyExport(linesOf(respaced.join('\n')))).problems, [], 'white space is no content');
  await t.rejects(verifyExport(linesOf('')), /Not an export/);
  await t.rejects(verifyExport(linesOf('{"format":"platen-audit/1"}')), /not whole/);
});

t.test('sixteen writers leave one unbroken chain', async (t) => {
  const { db } = await open(t, 16);
  const tenant = uuidv7();
  await Promise.all(Array.from({ length: 16 }, () => grow(db, tenant, 12)));
  t.match(await verifyStored(db, tenant), { checked: 192, lastSeq: 192, problems: [] });
});

t.test('writers of several chains who tell the feed as well never block each other for good', async (t) => {
  const { db } = await open(t, 16);
  const tenants = [uuidv7(), uuidv7(), uuidv7()];
  const dawdle = statement<never>('test_audit_dawdle', 'select pg_sleep(random() * 0.003)');
  let failed = 0;
  await Promise.all(
    Array.from({ length: 16 }, async (_, writer) => {
      for (let n = 0; n < 20; n += 1) {
        const tenantId = tenants[(writer + n) % tenants.length] ?? null;
        await db
          .transaction(async (tx) => {
            await tx.query(dawdle);
            recordAudit(tx, ctx, tenantId, { action: 'role.update', target: 'role:1' });
            // An administrator of the platform: the tenant's chain first, then the platform's.
            if (n % 3 === 0) recordAudit(tx, ctx, null, { action: 'tenant.update', target: 'tenant:1' });
            if (n % 2 === 0) await tx.query(dawdle);
            appendChange(tx, tenantId, { kind: 'removed', entity: 'organization', id: uuidv7() });
            if (n % 7 === 0) throw new RolledBack();
          })
          .catch((error: unknown) => {
            if (!(error instanceof RolledBack)) failed += 1;
          });
        await turn();
      }
    }),
  );
  t.equal(failed, 0, 'no dead lock');
  for (const tenantId of [...tenants, null]) {
    t.same((await verifyStored(db, tenantId)).problems, [], 'a rollback leaves no gap');
  }
});

class RolledBack extends Error {}
