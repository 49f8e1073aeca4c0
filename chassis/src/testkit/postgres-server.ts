import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from '../embedded-postgres/start.js';
import { makeScratchFolder } from './scratch-folder.js';

/**
 * What a server need not keep that is gone when its tests are: no archive, no replica, no log beyond a crash. Statistics are
 * gathered when a test says so: plans that are looked at must not change with a minute of the background.
 */
const forgetful = {
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '4GB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
};

/** A server for tests: fast rather than durable, in a folder that goes with it, and with us when we are killed. */
export async function startTestPostgres(
  settings: Readonly<Record<string, string>> = {},
  installation?: string,
): Promise<{ url: string; port: number; stop(): Promise<void> }> {
  const dataDir = await makeScratchFolder('platen-test-postgres-');
  // The server may run as another user than we do.
  await chmod(dataDir, 0o755);
  const endWatch = watch(dataDir);
  const server = await startEmbeddedPostgres({
    dataDir,
    durable: false,
    settings: { ...forgetful, ...settings },
    installation,
  });
  return {
    url: server.url,
    port: server.port,
    stop: async () => {
      await server.stop();
      await endWatch();
    },
  };
}

/** Answers what ends the watch; the folder goes then. */
function watch(dataDir: string): () => Promise<void> {
  const file = fileURLToPath(new URL('./postgres-watchdog.js', import.meta.url));
  const watchdog = spawn(process.execPath, [file, dataDir], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  // Neither keeps us alive.
  watchdog.unref();
  if (watchdog.stdin instanceof Socket) watchdog.stdin.unref();
  return async () => {
    if (watchdog.exitCode !== null) return;
    const gone = once(watchdog, 'exit');
    watchdog.stdin.end();
    watchdog.ref();
    await gone;
  };
}
