import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from '../embedded-postgres/start.js';

/** A server for tests: fast rather than durable, in a folder that goes with it, and with us when we are killed. */
export async function startTestPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<{ url: string; port: number; stop(): Promise<void> }> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'platen-test-postgres-'));
  // The server may run as another user than we do.
  await chmod(dataDir, 0o755);
  const endWatch = watch(dataDir);
  const server = await startEmbeddedPostgres({ dataDir, durable: false, settings });
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
