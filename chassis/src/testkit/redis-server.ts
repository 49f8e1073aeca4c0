import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { findProgram, freePort } from './programs.js';

/** A real Redis of a test's own: nothing is stored, and it goes with the test. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Ends it as a crash would. Resolves when it is gone; connections are refused then. */
  kill(): Promise<void>;
  /** Connections stay and are accepted, and nothing is answered. */
  freeze(): void;
  thaw(): void;
  /** After `kill`: empty, at the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** For tap's `skip`: false where a Redis can be started. */
export const redisIsMissing: string | false =
  findProgram('redis-server') === undefined && 'no redis-server on the PATH';

const startTries = 5;

export async function startTestRedis(): Promise<TestRedis> {
  const program = findProgram('redis-server');
  if (program === undefined) throw new Error('There is no redis-server on the PATH');
  const folder = await mkdtemp(path.join(tmpdir(), 'platen-test-redis-'));
  let port = 0;
  let running: ChildProcess | undefined;
  for (let tries = 1; running === undefined; tries += 1) {
    port = await freePort();
    running = await launch(program, folder, port);
    // Somebody else may have taken the port in between.
    if (running === undefined && tries === startTries) throw new Error(`redis-server did not start at port ${port}`);
  }
  const kill = async () => {
    if (running === undefined) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    running = undefined;
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    freeze: () => void running?.kill('SIGSTOP'),
    thaw: () => void running?.kill('SIGCONT'),
    async restart() {
      running = await launch(program, folder, port);
      if (running === undefined) throw new Error(`redis-server did not start again at port ${port}`);
    },
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Undefined: it ended before it was ready. */
async function launch(program: string, folder: string, port: number): Promise<ChildProcess | undefined> {
  const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'no'];
  const child = spawn(program, settings, { stdio: ['ignore', 'pipe', 'ignore'] });
  // A test that dies takes its server with it.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('Ready to accept connections')) {
      child.stdout.resume();
      return child;
    }
  }
  return undefined;
}
