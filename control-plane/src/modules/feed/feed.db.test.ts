import { setImmediate as turn } from 'node:timers/promises';
import { statement } from '@platen/chassis/db/statement';
import { type SystemDatabase, systemDatabase } from '@platen/chassis/db/system-database';
import type { Statement } from '@platen/chassis/db/types';
import { testDatabase } from '@platen/chassis/testkit/database';
import { recordLog } from '@platen/chassis/testkit/http';
import { untilLocksAwaited } from '@platen/chassis/testkit/lock-waits';
import { patient } from '@platen/chassis/testkit/patient';
import type { FeedEntity } from '@platen/schema/contracts/internal/feed';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { appendChange, lockLog } from './append-change.js';
import { createFeedService, feedSweep } from './service.js';
import { listenForChanges } from './wake-up.js';

interface Entry {
  readonly position: string;
  readonly id: string;
}
/** A log under test: how to write one entry at the end of a transaction, and how to read on from a position. */
interface Log {
  /** Where the reader begins; from the beginning when absent. */
  readonly start?: string;
  append(db: SystemDatabase, id: string): Promise<void>;
  readAfter(position: string): Promise<Entry[]>;
}

/** Work that takes a while and differently long: order of asking and order of commit come apart. */
const dawdle = statement<never>('test_dawdle', 'select pg_sleep(random() * 0.004)');
const writers = 16;
const changesEach = 40;

/**
 * Writers commit numbered changes in transactions of their own while a reader follows by cursor. Answers what the
 * reader saw and what was acknowledged; the reader looks once more after the last commit.
 */
async function writeAndFollow(db: SystemDatabase, log: Log) {
  const acknowledged: string[] = [];
  const seen: Entry[] = [];
  let writing = true;
  const reader = (async () => {
    let position = log.start ?? '0';
    for (let last = false; ; ) {
      last = !writing;
      const entries = await log.readAfter(position);
      seen.push(...entries);
      position = entries.at(-1)?.position ?? position;
      if (last && entries.length === 0) return;
      await turn();
    }
  })();
  await Promise.all(
    Array.from({ length: writers }, async () => {
      for (let n = 0; n < changesEach; n++) {
        const id = uuidv7();
        await log.append(db, id);
        acknowledged.push(id);
      }
    }),
  );
  writing = false;
  await reader;
  return { acknowledged, seen };
}

async function openDatabases(t: Parameters<typeof testDatabase>[0]) {
  const database = await testDatabase(t, 'control');
  const options = { ...patient, url: database.platformUrl };
  const db = systemDatabase({ ...options, name: 'writers', poolSize: writers });
  const readerDb = systemDatabase({ ...options, name: 'reader', poolSize: 2 });
  t.teardown(() => Promise.all([db.close(), readerDb.close()]).then(() => undefined));
  return { database, db, readerDb };
}

const change = (sessionId: string): FeedEntity => ({
  kind: 'revoked_session',
  tenant_id: '01930000-0000-7000-8003-000000000001',
  session_id: sessionId,
  forget_at: '2099-01-01T00:00:00.000Z',
});

t.test('every committed change is seen once and in order', async (t) => {
  const { db, readerDb } = await openDatabases(t);
  const wakeUp = listenForChanges(readerDb, recordLog().log);
  t.teardown(() => wakeUp.close());
  const feed = createFeedService({ db: readerDb, wakeUp });
  // A reader has a position that was given. Before the first one, a rollback's gap at the beginning reads as retention.
  await db.transaction(async (tx) => appendChange(tx, null, change('00000000-0000-7000-8000-000000000000')));
  const { acknowledged, seen } = await writeAndFollow(db, {
    start: '1',
    append: (writer, id) =>
      writer
        .transaction(async (tx) => {
          await tx.query(dawdle);
          appendChange(tx, null, change(id));
          if (!id.endsWith('0') && !id.endsWith('1')) return;
          // One in eight is rolled back with its number taken, and leaves no trace but a gap.
          await tx.query(dawdle);
          throw new RolledBack();
        })
        .catch(ignoreRollback(id)),
    async readAfter(after) {
      const { changes } = await feed.listChanges({ after, waitMs: 0, limit: 7 });
      return changes.map(({ position, entity }) => ({
        position,
        id: entity.kind === 'revoked_session' ? entity.session_id : '',
      }));
    },
  });
  const committed = acknowledged.filter((id) => !rolledBack.has(id));
  t.equal(acknowledged.length, writers * changesEach);
  t.ok(committed.length < acknowledged.length, 'some were rolled back');
  t.same(seen.map((entry) => entry.id).sort(), committed.sort(), 'each once, and nothing else');
  t.ok(isAscending(seen), 'in order');
});

t.test('the same reader misses changes of a plain identity column: the test can fail', async (t) => {
  const { database, db, readerDb } = await openDatabases(t);
  const owner = systemDatabase({ name: 'owner', url: database.ownerUrl, poolSize: 1 });
  t.teardown(() => owner.close());
  for (const text of [
    'create table scratch (seq bigint generated always as identity, id uuid not null)',
    'grant select, insert on scratch to control_platform',
  ]) {
    await owner.query(statement<never>(`test ${text.slice(0, 20)}`, text));
  }
  const insert = statement<never>('test_scratch_insert', 'insert into scratch (id) values ($1)');
  const read: Statement<Entry> = statement(
    'test_scratch_read',
    'select seq::text as position, id from scratch where seq > $1 order by seq',
  );
  // One takes its number before all others, and commits when a later one has been seen.
  let firstTaken: Promise<unknown> | undefined;
  let seeLater: () => void = () => undefined;
  const laterSeen = new Promise<void>((resolve) => {
    seeLater = resolve;
  });
  const { acknowledged, seen } = await writeAndFollow(db, {
    append: (writer, id) =>
      writer.transaction(async (tx) => {
        const isFirst = firstTaken === undefined;
        if (isFirst) firstTaken = tx.query(insert, [id]);
        await firstTaken;
        await (isFirst ? laterSeen : tx.query(insert, [id]));
      }),
    async readAfter(position) {
      const entries = await readerDb.query(read, [position]);
      if (entries.length > 0) seeLater();
      return entries;
    },
  });
  const missed = acknowledged.length - seen.length;
  t.ok(missed > 0, `${missed} committed entries were never seen`);
});

t.test('a reader that waits is woken by the commit', async (t) => {
  const { db, readerDb } = await openDatabases(t);
  const wakeUp = listenForChanges(readerDb, recordLog().log);
  t.teardown(() => wakeUp.close());
  const feed = createFeedService({ db: readerDb, wakeUp });
  const waiting = feed.listChanges({ after: '0', waitMs: 25_000, limit: 10 });
  const id = uuidv7();
  await db.transaction(async (tx) => appendChange(tx, null, change(id)));
  t.match(await waiting, { changes: [{ entity: { session_id: id } }] });
  t.same(await feed.listChanges({ after: '1', waitMs: 0, limit: 10 }), { changes: [], position: '1' });
  const stop = new AbortController();
  const abandoned = feed.listChanges({ after: '1', waitMs: 25_000, limit: 10, signal: stop.signal });
  stop.abort();
  t.same(await abandoned, { changes: [], position: '1' });
});

t.test('who waits while the service stops is answered at once, and nobody is asked again and again', async (t) => {
  const { readerDb } = await openDatabases(t);
  const wakeUp = listenForChanges(readerDb, recordLog().log);
  let looks = 0;
  let looked: () => void = () => undefined;
  const firstLook = new Promise<void>((resolve) => {
    looked = resolve;
  });
  const feed = createFeedService({
    db: {
      query: async (...asked) => {
        looks += 1;
        looked();
        return readerDb.query(...asked);
      },
      transaction: (work) => readerDb.transaction(work),
    },
    wakeUp,
  });
  const position = '0';
  const waiting = feed.listChanges({ after: position, waitMs: 2_000, limit: 10 });
  await firstLook;
  const before = looks;
  await wakeUp.close();
  t.same(await waiting, { changes: [], position });
  t.same(await feed.listChanges({ after: position, waitMs: 2_000, limit: 10 }), { changes: [], position });
  t.ok(looks - before < 10, `${looks - before} looks`);
});

t.test('positions past retention, or never given, are gone', async (t) => {
  const { db, readerDb } = await openDatabases(t);
  const wakeUp = listenForChanges(readerDb, recordLog().log);
  t.teardown(() => wakeUp.close());
  const feed = createFeedService({ db: readerDb, wakeUp });
  for (let n = 0; n < 5; n++) await db.transaction(async (tx) => appendChange(tx, null, change(uuidv7())));
  const gone = (after: string) => t.rejects(feed.listChanges({ after, waitMs: 0, limit: 10 }), { code: 'feed_gone' });
  await gone('6');
  t.equal((await feed.listChanges({ after: '0', waitMs: 0, limit: 10 })).changes.length, 5);
  await db.query(statement<never>('test_delete', 'delete from control_changes where seq <= 3'));
  await gone('2');
  t.equal((await feed.listChanges({ after: '3', waitMs: 0, limit: 10 })).changes.length, 2);
  t.equal(await db.transaction((tx) => feedSweep.deleteSome(tx, 500)), 0);
  t.equal((await feed.listChanges({ after: '3', waitMs: 0, limit: 10 })).changes.length, 2, 'young ones stay');
  // A transaction that began long before its number: what is before it in order must not be left alone.
  await db.query(
    statement<never>(
      'test_old',
      `insert into control_changes (kind, payload, created_at) values ('removed', '{}', now() - interval '30 days')`,
    ),
  );
  await db.query(
    statement<never>('test_young', `insert into control_changes (kind, payload) values ('removed', '{}')`),
  );
  t.equal(await db.transaction((tx) => feedSweep.deleteSome(tx, 500)), 0, 'no gap is made in the middle');
});

class RolledBack extends Error {}
const rolledBack = new Set<string>();
const ignoreRollback = (id: string) => (error: unknown) => {
  if (!(error instanceof RolledBack)) throw error;
  rolledBack.add(id);
};

const isAscending = (entries: readonly Entry[]) =>
  entries.every(({ position }, index) => index === 0 || BigInt(entries[index - 1]?.position ?? 0) < BigInt(position));

t.test('a writer waits for one who tells of thousands of tenants, longer than for any other lock', async (t) => {
  const { database, db } = await openDatabases(t);
  const hasty = systemDatabase({
    ...patient,
    name: 'hasty',
    url: database.platformUrl,
    poolSize: 1,
    lockTimeoutMs: 50,
  });
  t.teardown(() => hasty.close());
  const longerThanLockTimeout = statement<never>('test_hold', 'select pg_sleep(0.2)');
  const held = await db.transaction(async (tx) => {
    lockLog(tx);
    await tx.query(dawdle);
    const append = hasty.transaction(async (other) => appendChange(other, null, change(uuidv7())));
    await untilLocksAwaited(database.superuserUrl);
    await tx.query(longerThanLockTimeout);
    // As a promise within an object, or the transaction would wait for it.
    return { append };
  });
  await t.resolves(held.append);
});
