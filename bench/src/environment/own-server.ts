import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isAlive, readPidFile } from '@platen/chassis/embedded-postgres/running-server';
import { startEmbeddedPostgres } from '@platen/chassis/embedded-postgres/start';
import type { Engine } from '@platen/chassis/testkit/database';
import { childrenOf } from '../measure/cpu.js';

/** A server for some of the databases alone, which keeps what it has acknowledged. */
export interface OwnServer {
  /** Of its superuser. */
  readonly url: string;
  pid(): number;
  /** SIGKILL to every process of it. Resolves when all are gone. */
  kill(): Promise<void>;
  /** The same one, at the same port, after a kill. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const timescaledb = {
  installation: fileURLToPath(new URL('../../../.ci/cache/timescaledb/native', import.meta.url)),
  settings: {
    shared_preload_libraries: 'timescaledb',
    'timescaledb.telemetry_level': 'off',
    'timescaledb.max_background_workers': '0',
  },
};

export async function startOwnServer(dataDir: string, engine: Engine): Promise<OwnServer> {
  const { installation, settings } =
    engine === 'timescaledb' ? timescaledb : { installation: undefined, settings: undefined };
  const start = (port?: number) =>
    startEmbeddedPostgres({
      dataDir,
      durable: true,
      settings: { shared_buffers: '256MB', max_wal_size: '2GB', ...settings },
      installation,
      ...(port !== undefined && { port }),
    });
  let server = await start();
  let postmaster = await pidOf(dataDir);
  return {
    url: server.url,
    pid: () => postmaster,
    async kill() {
      // Its own first: it would stop the others in order, and start again.
      const pids = [postmaster, ...childrenOf(postmaster)];
      for (const pid of pids) signal(pid);
      for (const pid of pids) while (await isAlive(pid)) await delay(5);
      await server.stop();
    },
    async restart() {
      server = await start(server.port);
      postmaster = await pidOf(dataDir);
    },
    stop: () => server.stop(),
  };
}

async function pidOf(dataDir: string): Promise<number> {
  const found = await readPidFile(`${dataDir}/cluster`);
  if (found === undefined) throw new Error('the server runs no more');
  return found.pid;
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}
