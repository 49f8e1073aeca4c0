import { EventEmitter, once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Test, test } from 'tap';
import { startEmbeddedPostgres } from '../embedded-postgres/start.js';
import { AppError } from '../http/app-error.js';
import { testDatabase } from '../testkit/database.js';
import { asSuperuser } from '../testkit/database-templates.js';
import { patient } from '../testkit/patient.js';
import { freePort } from '../testkit/programs.js';
import { type DatabaseOptions, openDatabase } from './database.js';
import { statement } from './statement.js';
import type { Queryable, ScopedDb } from './types.js';

const scope = (number: number) => ({
  tenantId: `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`,
  organizationId: null,
  workspaceId: null,
});

const one = statement<{ one: string }>('fault.one', 'select 1 as one');
const sleep = statement<never>('fault.sleep', 'select pg_sleep($1)');
const pid = statement<{ pid: number }>('fault.pid', 'select pg_backend_pid() as pid', { parse: { pid: 'int' } });

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'ok',
    (error: unknown) => (error instanceof AppError ? error.code : error),
  );

async function open(t: Test, options: Partial<DatabaseOptions> = {}) {
  const { superuserUrl, appUrl } = await testDatabase(t, 'empty');
  const db = openDatabase({ name: 'test', url: appUrl, poolSize: 6, ...patient, ...options });
  t.teardown(() => db.close());
  const kill = (backend: number) =>
    asSuperuser(superuserUrl, (client) => client.query('select pg_terminate_backend($1)', [backend]));
  return { db, superuserUrl, appUrl, of: (number: number): ScopedDb => db.scoped(scope(number)), kill };
}

/** Asks until it is answered; the database may be on its way back. */
async function untilAnswered(db: Queryable): Promise<void> {
  while ((await codeOf(db.query(one))) !== 'ok') await delay(25);
}

test('a backend that is killed fails what it was doing, and is replaced', async (t) => {
  const { db, of, kill } = await open(t);
  const [pipelined] = await of(1).query(pid);
  const [leased] = await of(1).leased.query(pid);
  await kill(pipelined?.pid ?? 0);
  await kill(leased?.pid ?? 0);
  await untilAnswered(of(1));
  await untilAnswered(of(1).leased);

  const work = of(1).transaction(async (tx) => {
    const [here] = await tx.query(pid);
    const sleeping = tx.query(sleep, [60]);
    await kill(here?.pid ?? 0);
    await sleeping;
  });
  t.equal(await codeOf(work), 'database_unavailable');
  t.equal(db.state().leased.leased, 0);

  const between = of(1).transaction(async (tx) => {
    const [here] = await tx.query(pid);
    await kill(here?.pid ?? 0);
    await tx.query(one);
  });
  t.equal(await codeOf(between), 'database_unavailable');
  await untilAnswered(of(1).leased);
});

test('a connection given back inside a transaction is not lent again', async (t) => {
  const { of } = await open(t, { poolSize: 3 });
  const begin = statement<never>('fault.begin', 'begin');
  const [before] = await of(1).leased.query(pid);
  await of(1).leased.query(begin);
  const [after] = await of(1).leased.query(pid);
  t.not(before?.pid, after?.pid);
});

test('a unit of work that takes too long loses its connection', async (t) => {
  const { of, db } = await open(t, { leaseTimeoutMs: 300 });
  const work = of(1).transaction(async (tx) => {
    for (;;) {
      await tx.query(one);
      await delay(25);
    }
  });
  t.equal(await codeOf(work), 'database_unavailable');
  t.equal(db.state().leased.leased, 0);
  await untilAnswered(of(1).leased);
});

test('fair: a flooding tenant neither takes every connection nor makes others wait for its queue', async (t) => {
  const { of, db } = await open(t, { poolSize: 6, perTenantShare: 0.5, maxWaiting: 100 });
  const begun: string[] = [];
  const use = (number: number, who: string) =>
    of(number).transaction(async (tx) => {
      begun.push(who);
      await tx.query(sleep, [0.05]);
    });
  const flood = Array.from({ length: 40 }, () => use(1, 'flood'));
  const others = [2, 3, 4].map((number) => use(number, 'other'));
  await Promise.all([...flood, ...others]);
  t.same(begun.slice(0, 4), ['flood', 'other', 'other', 'other'], 'others were served in their turn');
  t.ok(db.state().leased.connections <= 4);

  const refused = await Promise.all(Array.from({ length: 80 }, () => codeOf(of(1).leased.query(sleep, [0.01]))));
  t.ok(refused.includes('database_unavailable'), 'and its own queue is bounded');
  t.equal(await codeOf(of(2).leased.query(one)), 'ok');
});

test('a server that is restarted: 503 meanwhile, back by itself, and other databases do not notice', async (t) => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'platen-test-restart-'));
  await chmod(dataDir, 0o755);
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const other = await open(t);
  // One that it finds again.
  const port = await freePort();
  const first = await startEmbeddedPostgres({ dataDir, durable: false, port });
  const db = openDatabase({ name: 'restarted', url: first.url, poolSize: 4, ...patient });
  t.teardown(() => db.close());
  const away = db.scoped(scope(1));
  await Promise.all([away.query(one), away.leased.query(one)]);

  await first.stop();
  for (let i = 0; i < 20; i += 1) {
    const codes = await Promise.all([
      codeOf(away.query(one)),
      codeOf(away.leased.query(one)),
      codeOf(other.of(1).query(one)),
    ]);
    t.same(codes, ['database_unavailable', 'database_unavailable', 'ok']);
  }
  t.not(db.state().circuit, 'closed');

  const second = await startEmbeddedPostgres({ dataDir, durable: false, port });
  t.teardown(() => second.stop());
  await untilAnswered(away);
  await untilAnswered(away.leased);
  t.equal(db.state().circuit, 'closed');
  await db.close();
});

/** Between client and server, until it swallows everything without closing anything. */
async function swallowingProxy(t: Test, target: URL) {
  const sockets = new Set<Socket>();
  let swallowing = false;
  const server = createServer((client) => {
    const upstream = createConnection(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => swallowing || to.write(bytes));
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  const url = new URL(target);
  url.port = String(typeof address === 'object' ? address?.port : 0);
  return {
    url: url.toString(),
    swallow: (on: boolean) => {
      swallowing = on;
    },
  };
}

test('a black-holed server: what is in flight is given up, what comes then fails at once', async (t) => {
  const { appUrl } = await testDatabase(t, 'empty');
  const proxy = await swallowingProxy(t, new URL(appUrl));
  const db = openDatabase({
    name: 'hole',
    url: proxy.url,
    poolSize: 4,
    statementTimeoutMs: 500,
    connectTimeoutMs: 300,
  });
  t.teardown(() => db.close());
  const scoped = db.scoped(scope(1));
  await untilAnswered(scoped);
  await untilAnswered(scoped.leased);

  proxy.swallow(true);
  t.equal(await codeOf(scoped.query(one)), 'database_unavailable');
  t.equal(await codeOf(scoped.leased.query(one)), 'database_unavailable');
  for (let i = 0; i < 5; i += 1) await codeOf(scoped.query(one));
  const before = db.state();
  t.equal(before.pipelined.connections, 0);
  t.equal(await codeOf(scoped.query(one)), 'database_unavailable');

  proxy.swallow(false);
  await untilAnswered(scoped);
  await untilAnswered(scoped.leased);
  t.equal(db.state().circuit, 'closed');
});

test('closing lets what runs finish and refuses what waits or comes', async (t) => {
  const { db, of } = await open(t, { poolSize: 3 });
  const events = new EventEmitter();
  const started = once(events, 'started');
  const closingBegan = once(events, 'closing');
  const running = of(1).transaction(async (tx) => {
    await tx.query(one);
    events.emit('started');
    await closingBegan;
    return tx.query(one);
  });
  await started;
  await of(1).query(one);
  const waiting = codeOf(of(2).leased.query(one));
  const reading = of(1).query(one);
  const closing = db.close();
  events.emit('closing');
  t.equal(await waiting, 'database_unavailable');
  t.equal(await codeOf(of(1).query(one)), 'database_unavailable');
  t.equal(await codeOf(of(1).leased.query(one)), 'database_unavailable');
  await t.resolves(running);
  await t.resolves(reading);
  await closing;
});
