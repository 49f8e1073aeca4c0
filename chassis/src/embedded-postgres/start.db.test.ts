import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type Test, test } from 'tap';
import { EmbeddedPostgresError } from './errors.js';
import { isAlive, readPidFile } from './running-server.js';
import { startEmbeddedPostgres } from './start.js';

async function folder(t: Test): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'embedded-postgres-'));
  await chmod(dir, 0o755);
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const reasonOf = (started: Promise<unknown>): Promise<unknown> =>
  started.then(
    () => 'started',
    (error: unknown) => (error instanceof EmbeddedPostgresError ? error.reason : error),
  );

/** A process of its own that starts a server and stays, to be killed. */
async function startElsewhere(t: Test, dataDir: string): Promise<{ kill(): Promise<void> }> {
  const start = fileURLToPath(new URL('./start.js', import.meta.url));
  const script = `import { startEmbeddedPostgres } from ${JSON.stringify(start)};
    await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, durable: false });
    process.stdout.write('started'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

test('keeps data between runs, with the password in a file of its owner', async (t) => {
  const dataDir = path.join(await folder(t), 'data');
  const first = await startEmbeddedPostgres({ dataDir, durable: false });
  await ask(first.url, 'create table kept as select 42 as answer');
  t.equal(await reasonOf(startEmbeddedPostgres({ dataDir, durable: false })), 'in_use', 'one server a folder');
  await first.stop();

  const second = await startEmbeddedPostgres({ dataDir, durable: true, settings: { work_mem: '7MB' } });
  t.teardown(() => second.stop());
  t.same(await ask(second.url, 'select answer from kept'), [{ answer: 42 }]);
  t.same(await ask(second.url, 'show fsync'), [{ fsync: 'on' }]);
  t.same(await ask(second.url, 'show work_mem'), [{ work_mem: '7MB' }]);
  t.same(await ask(second.url, 'show listen_addresses'), [{ listen_addresses: '127.0.0.1' }]);
  const { mode } = await stat(path.join(dataDir, 'superuser-password'));
  t.equal(mode & 0o777, 0o600);
  await t.rejects(ask(second.url.replace(/:[^:@]*@/, ':guess@'), 'select 1'), { code: '28P01' });
});

test('a server whose owner was killed is stopped by the next start; a living owner is left alone', async (t) => {
  const dataDir = path.join(await folder(t), 'data');
  const other = await startElsewhere(t, dataDir);
  t.equal(await reasonOf(startEmbeddedPostgres({ dataDir, durable: false })), 'in_use');
  const orphan = await readPidFile(path.join(dataDir, 'cluster'));
  t.ok(orphan);
  await other.kill();
  t.ok(orphan && (await isAlive(orphan.pid)), 'the server outlives its owner');

  const next = await startEmbeddedPostgres({ dataDir, durable: false });
  t.notOk(orphan && (await isAlive(orphan.pid)));
  t.same(await ask(next.url, 'select 1 as one'), [{ one: 1 }]);
  const server = await readPidFile(path.join(dataDir, 'cluster'));
  await next.stop();
  t.notOk(server && (await isAlive(server.pid)), 'no process is left behind');
});

test('a stale pid file that names a living stranger does not stop the start, nor is the stranger hurt', async (t) => {
  const dataDir = path.join(await folder(t), 'data');
  await (await startEmbeddedPostgres({ dataDir, durable: false })).stop();
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  t.teardown(() => stranger.kill('SIGKILL'));
  const cluster = path.join(dataDir, 'cluster');
  await writeFile(
    path.join(cluster, 'postmaster.pid'),
    `${stranger.pid}\n${cluster}\n0\n5432\n\n127.0.0.1\n0\nready\n`,
  );
  const server = await startEmbeddedPostgres({ dataDir, durable: false });
  t.same(await ask(server.url, 'select 1 as one'), [{ one: 1 }]);
  await server.stop();
  t.equal(stranger.exitCode, null);
});

test('what commonly goes wrong has a reason of its own', async (t) => {
  const base = await folder(t);
  await t.test('a taken port', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    t.equal(
      await reasonOf(startEmbeddedPostgres({ dataDir: path.join(base, 'a'), port, durable: false })),
      'port_in_use',
    );
    const retried = await startEmbeddedPostgres({ dataDir: path.join(base, 'a'), durable: false });
    await retried.stop();
  });
  await t.test('a closed folder on the way', { skip: process.getuid?.() !== 0 && 'not root' }, async (t) => {
    const closed = path.join(base, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const dataDir = path.join(closed, 'data');
    t.equal(await reasonOf(startEmbeddedPostgres({ dataDir, durable: false })), 'closed_folder');
  });
  await t.test('data of another version', async (t) => {
    const cluster = path.join(base, 'old', 'cluster');
    await mkdir(cluster, { recursive: true });
    await writeFile(path.join(cluster, 'PG_VERSION'), '9.6\n');
    t.equal(await reasonOf(startEmbeddedPostgres({ dataDir: path.join(base, 'old'), durable: false })), 'foreign_data');
    t.equal(await readFile(path.join(cluster, 'PG_VERSION'), 'utf8'), '9.6\n', 'and it is left alone');
  });
});
