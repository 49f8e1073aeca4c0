import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DemoFailure } from './failure.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const readyDeadlineMs = 30_000;
/** Services promise to be gone 10 s after SIGTERM; here nobody else holds a request open. */
const stopGraceMs = 3_000;

export interface Service {
  readonly name: string;
  stop(): Promise<void>;
}

export interface ServiceOptions {
  readonly name: string;
  /** Compiled entry, from the root of the project. */
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Answers 200 once it serves. */
  readonly readyUrl: string;
  onExit(name: string, code: number | null, signal: NodeJS.Signals | null): void;
}

/** A process of its own, its log in a file, reported when it ends by itself. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(process.execPath, ['--enable-source-maps', path.join(root, options.entry)], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
    stdio: ['ignore', log, log],
    // Ctrl-C at a terminal reaches the launcher alone, which then stops the services in their order.
    detached: true,
  });
  closeSync(log);
  let stopping = false;
  child.once('exit', (code, signal) => {
    if (!stopping) options.onExit(options.name, code, signal);
  });
  const stop = async () => {
    stopping = true;
    await stopProcess(child);
  };
  try {
    await waitUntilReady(child, options);
  } catch (error) {
    await stop();
    throw error;
  }
  return { name: options.name, stop };
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopGraceMs);
  await gone;
  clearTimeout(timer);
}

async function waitUntilReady(child: ChildProcess, options: ServiceOptions): Promise<void> {
  const deadline = Date.now() + readyDeadlineMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw notReady(options, 'ended while starting');
    const answer = await fetch(options.readyUrl, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw notReady(options, `was not ready after ${readyDeadlineMs / 1000} s`);
}

function notReady({ name, logFile }: ServiceOptions, what: string): DemoFailure {
  const last = readFileSync(logFile, 'utf8').trim().split('\n').at(-1) ?? '';
  return new DemoFailure(`${name} ${what}; its last line in ${logFile}: ${last.slice(0, 600)}`);
}
