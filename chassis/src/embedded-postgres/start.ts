import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdir, open, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Binaries, findBinaries } from './binaries.js';
import { EmbeddedPostgresError, explainFailure } from './errors.js';
import { claimFolder, readPidFile, stopOrphan, stopServer } from './running-server.js';
import { assertReachable, findServerUser, type ServerUser } from './server-user.js';

export interface EmbeddedPostgresOptions {
  /** Ours alone: the cluster, its log and the superuser's password live in it, and are kept between runs. */
  readonly dataDir: string;
  /** Absent or 0: a free one. */
  readonly port?: number;
  /** false: no fsync, for tests; a power cut may lose the cluster. */
  readonly durable: boolean;
  /** More `postgresql.conf` settings; they win over the defaults here. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A folder with `bin`, `lib` and `share` of a PostgreSQL other than npm's, such as one with more extensions. */
  readonly installation?: string | undefined;
}

export interface EmbeddedPostgres {
  /** Of the superuser, database `postgres`. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

const startDeadlineMs = 60_000;
const stopGraceMs = 4_000;
/** A fresh cluster takes some 40 MB, its first log segment 16; a start writes little. */
const newClusterBytes = 80 * 2 ** 20;
const startBytes = 16 * 2 ** 20;

interface Place {
  readonly dataDir: string;
  readonly cluster: string;
  readonly logFile: string;
  readonly passwordFile: string;
  readonly binaries: Binaries;
  readonly user: ServerUser | undefined;
}

async function logTail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.slice(-4_000);
}

/** Output goes to a file, not to us: a pipe would break, and take the server's log with it, when we are killed. */
async function launch(place: Place, binary: string, args: readonly string[], cwd: string): Promise<ChildProcess> {
  const log = await open(place.logFile, 'w', 0o600);
  try {
    return spawn(binary, args, {
      cwd,
      // A group of its own: Ctrl-C at a terminal reaches us, and we decide when the database goes.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' },
      ...place.user,
    });
  } finally {
    await log.close();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

/** Made aside and renamed when whole, so that a start killed half-way leaves nothing that looks like a cluster. */
async function makeCluster(place: Place, durable: boolean): Promise<void> {
  const partial = `${place.cluster}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  await writeFile(place.passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (place.user) {
    await chown(partial, place.user.uid, place.user.gid);
    await chown(place.passwordFile, place.user.uid, place.user.gid);
  }
  const child = await launch(
    place,
    place.binaries.initdb,
    [
      `--pgdata=${partial}`,
      '--username=postgres',
      `--pwfile=${place.passwordFile}`,
      '--encoding=UTF8',
      // Sorts by code point on every machine, so an index made here is right anywhere.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
      // Passwords of a cluster for tests do not leave this machine: proving them unsaid is half of what a connection costs a client.
      ...(durable ? ['--auth=scram-sha-256'] : ['--auth=password', '--no-sync', '--set=scram_iterations=1']),
    ],
    partial,
  );
  const [code] = await once(child, 'close');
  if (code !== 0) {
    await rm(partial, { recursive: true, force: true });
    throw explainFailure('Making the database cluster', place.dataDir, await logTail(place.logFile));
  }
  await rename(partial, place.cluster);
}

/** Looked at beforehand: on a full disk there is no log either that would say so. */
async function assertRoom(dataDir: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dataDir);
  if (bavail * bsize >= bytes) return;
  const needed = Math.ceil(bytes / 2 ** 20);
  throw new EmbeddedPostgresError('disk_full', `The disk of ${dataDir} is full; PostgreSQL needs ${needed} MB there`);
}

async function ensureCluster(place: Place, durable: boolean): Promise<void> {
  const version = await readFile(path.join(place.cluster, 'PG_VERSION'), 'utf8').catch(() => undefined);
  await assertRoom(place.dataDir, version === undefined ? newClusterBytes : startBytes);
  if (version === undefined) return makeCluster(place, durable);
  if (version.trim() !== place.binaries.majorVersion) {
    throw new EmbeddedPostgresError(
      'foreign_data',
      `${place.dataDir} holds data of PostgreSQL ${version.trim()}; this is ${place.binaries.majorVersion}`,
    );
  }
}

function serverArguments(options: EmbeddedPostgresOptions, port: number): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '300',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Not every refused statement: what the server itself has to say.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
    ...(options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...options.settings,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function runServer(place: Place, options: EmbeddedPostgresOptions, port: number): Promise<ChildProcess> {
  const child = await launch(
    place,
    place.binaries.postgres,
    ['-D', place.cluster, ...serverArguments(options, port)],
    place.cluster,
  );
  let ended = false;
  child.once('error', () => {
    ended = true;
  });
  child.once('exit', () => {
    ended = true;
  });
  const deadline = performance.now() + startDeadlineMs;
  while (!ended && performance.now() < deadline) {
    const found = await readPidFile(place.cluster);
    if (found?.pid === child.pid && found?.ready) return child;
    await delay(15);
  }
  if (child.pid !== undefined && !ended) await stopServer(child.pid, stopGraceMs);
  throw explainFailure('Starting PostgreSQL', place.dataDir, await logTail(place.logFile));
}

/** A free port can be taken between the look and the bind; then another one is tried. */
async function runOnSomePort(place: Place, options: EmbeddedPostgresOptions): Promise<[ChildProcess, number]> {
  if (options.port) return [await runServer(place, options, options.port), options.port];
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return [await runServer(place, options, port), port];
    } catch (error) {
      const taken = error instanceof EmbeddedPostgresError && error.reason === 'port_in_use';
      if (!taken || attempt === 5) throw error;
    }
  }
}

async function preparePlace(dataDir: string, installation: string | undefined): Promise<Place> {
  const [binaries, user] = await Promise.all([findBinaries(installation), findServerUser()]);
  if (user) {
    await assertReachable(path.dirname(binaries.postgres), user);
    await assertReachable(path.dirname(dataDir), user);
  }
  await mkdir(dataDir, { recursive: true, mode: 0o755 });
  if (user) await assertReachable(dataDir, user);
  return {
    dataDir,
    cluster: path.join(dataDir, 'cluster'),
    logFile: path.join(dataDir, 'postgres.log'),
    passwordFile: path.join(dataDir, 'superuser-password'),
    binaries,
    user,
  };
}

/**
 * A real PostgreSQL from npm, on loopback, as an unprivileged user. Rejects with EmbeddedPostgresError.
 * It outlives a SIGKILL of this process; the next start on the same folder stops it first.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = path.resolve(options.dataDir);
  let release: (() => Promise<void>) | undefined;
  try {
    const place = await preparePlace(dataDir, options.installation);
    release = await claimFolder(dataDir);
    await stopOrphan(place.cluster);
    await ensureCluster(place, options.durable);
    await chmod(place.passwordFile, 0o600);
    const password = (await readFile(place.passwordFile, 'utf8')).trim();
    const [child, port] = await runOnSomePort(place, options);
    return server(child, port, password, release);
  } catch (error) {
    await release?.();
    throw explainFailure('Starting PostgreSQL', dataDir, '', error);
  }
}

function server(child: ChildProcess, port: number, password: string, release: () => Promise<void>): EmbeddedPostgres {
  const { pid } = child;
  if (pid === undefined) throw new Error('a server that answers has a pid');
  // A last resort for process.exit() and uncaught errors; an orderly end calls stop().
  const stopAtExit = () => child.kill('SIGINT');
  process.once('exit', stopAtExit);
  child.once('exit', () => process.removeListener('exit', stopAtExit));
  child.unref();
  let stopping: Promise<void> | undefined;
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    stop: () => {
      stopping ??= stopServer(pid, stopGraceMs).then(release);
      return stopping;
    },
  };
}
