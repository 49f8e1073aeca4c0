import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { get } from 'node:http';

const readyDeadlineMs = 30_000;
const pollMs = 25;

export interface ServiceProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** SIGTERM, then SIGKILL when the grace is over. Resolves when it is gone. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would. Resolves when it is gone. */
  kill(): Promise<void>;
  /** The log so far, a line an element. */
  logLines(): string[];
}

export interface ServiceProcessOptions {
  readonly name: string;
  /** Absolute path of the compiled entry. */
  readonly entry: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Appended to. */
  readonly logFile: string;
  /** Answers 200 once it serves. */
  readonly readyUrl: string;
  /** Services promise to be gone 10 s after SIGTERM. */
  readonly stopGraceMs?: number;
  /** Called when it ends without being told to. */
  readonly onExit?: (exit: { name: string; code: number | null; signal: NodeJS.Signals | null }) => void;
}

/** Why a service did not come up; `lastLine` is the end of its log. */
export class ServiceStartError extends Error {
  override readonly name = 'ServiceStartError';
}

/** A service of ours as a process of its own, its log in a file: a pipe would break when its parent dies. */
export async function startServiceProcess(options: ServiceProcessOptions): Promise<ServiceProcess> {
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(process.execPath, [options.entry, ...(options.args ?? [])], {
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
    stdio: ['ignore', log, log],
    // A group of its own: Ctrl-C at a terminal reaches the parent, which stops the services in their order.
    detached: true,
  });
  closeSync(log);
  let expected = false;
  child.once('exit', (code, signal) => {
    if (!expected) options.onExit?.({ name: options.name, code, signal });
  });
  const end = async (signal: NodeJS.Signals, graceMs: number) => {
    expected = true;
    await endProcess(child, signal, graceMs);
  };
  try {
    await waitUntilReady(child, options);
  } catch (error) {
    await end('SIGKILL', 1_000);
    throw error;
  }
  return {
    name: options.name,
    pid: child.pid ?? 0,
    logFile: options.logFile,
    stop: () => end('SIGTERM', options.stopGraceMs ?? 10_000),
    kill: () => end('SIGKILL', 1_000),
    logLines: () => readLines(options.logFile),
  };
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(timer);
}

async function waitUntilReady(child: ChildProcess, options: ServiceProcessOptions): Promise<void> {
  const deadline = performance.now() + readyDeadlineMs;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw notReady(options, 'ended while starting');
    if ((await statusOf(options.readyUrl)) === 200) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  throw notReady(options, `was not ready after ${readyDeadlineMs / 1000} s`);
}

/** By node:http, because fetch refuses some ports (6000 among them) that a service may well listen on. */
function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { timeout: 1_000, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    request.once('error', () => resolve(undefined));
    request.once('timeout', () => request.destroy());
  });
}

const readLines = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');

function notReady({ name, logFile }: ServiceProcessOptions, what: string): ServiceStartError {
  const last = readLines(logFile).at(-1) ?? '(nothing)';
  return new ServiceStartError(`${name} ${what}; the last line of ${logFile}: ${last.slice(0, 600)}`);
}
