import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type Test, test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { openDatabase } from '../db/database.js';
import { statement } from '../db/statement.js';
import { type TestDatabase, testDatabase } from '../testkit/database.js';
import { asSuperuser } from '../testkit/database-templates.js';
import { recordLog } from '../testkit/http.js';
import { patient } from '../testkit/patient.js';
import { insertEvent } from './outbox.js';
import { type Sequencer, startSequencer } from './sequencer.js';

const writers = 16;
const aggregates = 24;

const bump = statement<{ n: string }>(
  'test.bump',
  'update test_aggregates set n = n + 1 where id = $1 returning n::text',
);
const one = statement<{ one: string }>('test.one', 'select 1 as one');

interface Seen {
  readonly seq: bigint;
  readonly position: bigint;
  readonly key: string;
  readonly n: number;
}

async function prepare(t: Test): Promise<TestDatabase> {
  const database = await testDatabase(t, 'erp');
  await asSuperuser(database.superuserUrl, (client) =>
    client.query(`create table test_aggregates (id integer primary key, n integer not null default 0);
      insert into test_aggregates (id) select generate_series(1, ${aggregates});
      grant select, update on test_aggregates to platen_app`),
  );
  return database;
}

/** Transactions of random length, some of them rolled back, by each writer as long as that says. How many were committed. */
async function write(t: Test, { appUrl }: TestDatabase, goesOn: (written: number) => boolean): Promise<number> {
  const database = openDatabase({ name: 'test', url: appUrl, poolSize: writers + 2, perTenantShare: 1, ...patient });
  t.teardown(() => database.close());
  const tenantId = uuidv7();
  const organizationId = uuidv7();
  const quoteId = uuidv7();
  const origin = {
    correlationId: 'test-writers',
    traceparent: null,
    tenant: { id: tenantId },
    organizationId,
    workspaceId: null,
    newId: () => uuidv7(),
  };
  const db = database.scoped({ tenantId, organizationId, workspaceId: null });
  let committed = 0;

  async function writeOnce(): Promise<void> {
    const aggregate = 1 + Math.floor(Math.random() * aggregates);
    await db.transaction(async (tx) => {
      const [row] = await tx.query(bump, [aggregate]);
      const data = { quote_id: quoteId, number: row?.n ?? '' };
      insertEvent(tx, origin, { type: 'erp.quote.accepted', aggregateId: String(aggregate), data });
      // Sends the event's row now: the longer until the commit, the more others overtake it.
      await tx.query(one);
      await delay(Math.random() * 8);
      if (Math.random() < 0.1) throw new Error('rolled back');
    });
  }

  await Promise.all(
    Array.from({ length: writers }, async () => {
      for (let written = 0; goesOn(written); written += 1) {
        await writeOnce().then(
          () => {
            committed += 1;
          },
          (error: Error) => {
            if (error.message !== 'rolled back') throw error;
          },
        );
      }
    }),
  );
  return committed;
}

/** Reads what lies beyond the last row read, by one column or the other, until `isOver`. */
async function readBy(column: 'seq' | 'position', { systemUrl }: TestDatabase, isOver: () => boolean): Promise<Seen[]> {
  const client = new pg.Client({ connectionString: systemUrl });
  await client.connect();
  const seen: Seen[] = [];
  try {
    for (let last = '0', finalRound = false; ; ) {
      const { rows } = await client.query<{ seq: string; position: string; key: string; n: string; last: string }>(
        `select seq, coalesce(position, 0) as position, key, payload->>'number' as n, ${column} as last
         from outbox_events where ${column} > $1 order by ${column}`,
        [last],
      );
      last = rows.at(-1)?.last ?? last;
      for (const { seq, position, key, n } of rows) {
        seen.push({ seq: BigInt(seq), position: BigInt(position), key, n: Number(n) });
      }
      if (finalRound) return seen;
      finalRound = isOver();
    }
  } finally {
    await client.end();
  }
}

async function allSequenced({ systemUrl }: TestDatabase): Promise<void> {
  const client = new pg.Client({ connectionString: systemUrl });
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query('select from outbox_events where position is null limit 1');
      if (rows.length === 0) return;
      await delay(5);
    }
  } finally {
    await client.end();
  }
}

function isOrderedPerKey(seen: readonly Seen[]): boolean {
  const last = new Map<string, number>();
  return seen.every(({ key, n }) => {
    const before = last.get(key) ?? 0;
    last.set(key, n);
    return n === before + 1;
  });
}

test('a reader by position sees every committed event once and in order; one by insertion order does not', async (t) => {
  const database = await prepare(t);
  const { log } = recordLog();
  const instances = [1, 2, 3].map((n) => startSequencer({ url: database.systemUrl, name: `instance ${n}`, log }));
  t.teardown(() => Promise.all(instances.map((instance) => instance.stop())));
  let over = false;
  const byPosition = readBy('position', database, () => over);
  const bySeq = readBy('seq', database, () => over);
  const committed = await write(t, database, (written) => written < 60);
  await allSequenced(database);
  over = true;
  const seen = await byPosition;
  t.equal(seen.length, committed);
  t.ok(
    seen.every(({ position }, index) => position === BigInt(index + 1)),
    'positions have no gap',
  );
  t.ok(isOrderedPerKey(seen), 'each key in order');
  t.equal(instances.filter((instance) => instance.isHolder).length, 1, 'one of three instances sequences');
  const missed = committed - (await bySeq).length;
  t.ok(missed > 0, 'the same reader by identity column misses some');
  t.comment(`measured: of ${committed} events, a reader by identity column missed ${missed}`);
});

test('notifications: one a batch, with its topics; latency', async (t) => {
  const database = await prepare(t);
  const { log } = recordLog();
  const sequencer = startSequencer({ url: database.systemUrl, name: 'test', log });
  t.teardown(() => sequencer.stop());
  await listening(sequencer);
  const latencies: number[] = [];
  for (let i = 0; i < 20; i += 1) {
    const told = nextTopics(sequencer);
    let committedMs = 0;
    await asSuperuser(database.superuserUrl, async (client) => {
      await client.query(`insert into outbox_events (tenant_id, id, topic, key, type, payload, correlation_id)
        select gen_random_uuid(), gen_random_uuid(), topic, 'k', 't', '{}', 'c'
        from unnest(array['erp.quote', 'erp.order']) topic, generate_series(1, 5)`);
      committedMs = performance.now();
    });
    t.same([...(await told)].sort(), ['erp.order', 'erp.quote']);
    latencies.push(performance.now() - committedMs);
  }
  latencies.sort((a, b) => a - b);
  t.comment(`measured: commit to notification, ms: p50 ${latencies[10]?.toFixed(1)}, max ${latencies[19]?.toFixed(1)}`);
});

test('the holder is killed: another goes on, nothing is lost, given twice or out of order', async (t) => {
  const database = await prepare(t);
  const { log } = recordLog();
  let over = false;
  const byPosition = readBy('position', database, () => over);
  let isKilling = true;
  const writing = write(t, database, () => isKilling);
  const takeovers: number[] = [];
  let holder = await startProcess(database.systemUrl);
  for (let kill = 1; kill <= 3; kill += 1) {
    const next = startProcess(database.systemUrl);
    await delay(100);
    const killedMs = performance.now();
    holder.kill('SIGKILL');
    holder = await next;
    takeovers.push(performance.now() - killedMs);
  }
  const standby = startSequencer({ url: database.systemUrl, name: 'last', log, standbyPollMs: 50 });
  t.teardown(() => standby.stop());
  isKilling = false;
  const committed = await writing;
  const gone = once(holder, 'exit');
  holder.kill('SIGKILL');
  await gone;
  await allSequenced(database);
  over = true;
  const seen = await byPosition;
  t.equal(new Set(seen.map(({ seq }) => seq)).size, committed, 'every event once');
  t.equal(seen.length, committed);
  t.ok(seen.every(({ position }, index) => position === BigInt(index + 1)));
  t.ok(isOrderedPerKey(seen), 'each key in order');
  t.comment(`measured: takeover after SIGKILL, ms: ${takeovers.map((ms) => Math.round(ms)).join(' ')}`);
});

async function startProcess(url: string): Promise<ChildProcess> {
  const entry = fileURLToPath(new URL('./sequencer.fixture.js', import.meta.url));
  const child = spawn(process.execPath, [entry, url], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('sequencing the outbox')) break;
  }
  child.stdout.resume();
  return child;
}

async function listening(sequencer: Sequencer): Promise<void> {
  while (!sequencer.isHolder) await delay(5);
}

function nextTopics(sequencer: Sequencer): Promise<ReadonlySet<string>> {
  return new Promise((resolve) => {
    const cancel = sequencer.onPositions((topics) => {
      if (topics === null) return;
      cancel();
      resolve(topics);
    });
  });
}
