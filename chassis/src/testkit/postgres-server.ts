import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '../embedded-postgres/start.js';

/** A server for tests: fast rather than durable, in a folder that goes with it. */
export async function startTestPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<{ url: string; port: number; stop(): Promise<void> }> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'platen-test-postgres-'));
  // The server may run as another user than we do.
  await chmod(dataDir, 0o755);
  const server = await startEmbeddedPostgres({ dataDir, durable: false, settings });
  return {
    url: server.url,
    port: server.port,
    stop: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
