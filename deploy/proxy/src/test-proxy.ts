import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findProgram, freePort } from '@platen/chassis/testkit/programs';
import { type ProxyVariables, readTemplate, renderProxy, serverLines } from './render.js';

/** A real nginx with the reference configuration, in a folder and at a port of its own. */
export interface TestProxy {
  readonly port: number;
  readonly pid: number;
  /** Each line of the access log, once this request has one: nginx writes it after the answer is sent. */
  accessLog(correlationId: string): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

export interface TestProxyOptions {
  readonly controlPorts: readonly number[];
  readonly dataPorts: readonly number[];
  readonly variables?: Partial<ProxyVariables>;
  /** Where `platen.conf.template` is read; a bundle knows no place beside itself. */
  readonly template?: URL | string;
  readonly workers?: number;
}

const program = findProgram('nginx', ['/usr/sbin', '/usr/local/sbin']);

/** For tap's `skip`: false where nginx can be started. */
export const nginxIsMissing: string | false = program === undefined && 'no nginx on the PATH';

const startTries = 5;

export async function startTestProxy(options: TestProxyOptions): Promise<TestProxy> {
  if (program === undefined) throw new Error('There is no nginx on the PATH');
  const folder = await mkdtemp(path.join(tmpdir(), 'platen-proxy-'));
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    const child = await launch(program, folder, port, options);
    if (child !== undefined) return proxyOf(child, folder, port);
    if (tries === startTries) throw new Error(`nginx did not start: ${readErrors(folder)}`);
  }
}

const accessLogOf = (folder: string): string => path.join(folder, 'access.log');
const readLines = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const readErrors = (folder: string): string => readFileSync(path.join(folder, 'error.log'), 'utf8').slice(-2_000);

/** Undefined: it ended at once, as where somebody else took the port meanwhile. */
async function launch(
  file: string,
  folder: string,
  port: number,
  { controlPorts, dataPorts, variables, template, workers = 1 }: TestProxyOptions,
): Promise<ChildProcess | undefined> {
  const site = renderProxy(readTemplate(template), {
    PROXY_LISTEN: `127.0.0.1:${port}`,
    PROXY_CONTROL_SERVERS: serverLines(controlPorts),
    PROXY_DATA_SERVERS: serverLines(dataPorts),
    PROXY_UPSTREAM_IDLE: '1s',
    PROXY_ACCESS_LOG: accessLogOf(folder),
    ...variables,
  });
  const conf = path.join(folder, 'nginx.conf');
  writeFileSync(conf, mainConfiguration(folder, workers, site));
  writeFileSync(path.join(folder, 'error.log'), '');
  mkdirSync(path.join(folder, 'temp'), { recursive: true });
  const child = spawn(file, ['-p', folder, '-c', conf, '-e', path.join(folder, 'error.log')], { stdio: 'ignore' });
  // A test that dies takes its proxy with it; workers end with their master.
  const end = () => child.kill('SIGTERM');
  process.once('exit', end);
  child.once('exit', () => process.removeListener('exit', end));
  while (child.exitCode === null && child.signalCode === null) {
    if (existsSync(path.join(folder, 'nginx.pid')) && (await answers(port))) return child;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return undefined;
}

/** What a distribution's `nginx.conf` is elsewhere. */
function mainConfiguration(folder: string, workers: number, site: string): string {
  const temp = (name: string) => `${name}_temp_path ${folder}/temp/${name};`;
  const asRoot = process.getuid?.() === 0 ? 'user root;' : '';
  return `daemon off; ${asRoot} worker_processes ${workers}; pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 2048; }
http {
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(temp).join('\n')}
${site}
}
`;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });

function proxyOf(child: ChildProcess, folder: string, port: number): TestProxy {
  return {
    port,
    pid: child.pid ?? 0,
    async accessLog(correlationId) {
      for (;;) {
        const lines = readLines(accessLogOf(folder));
        if (lines.some((line) => line['correlation_id'] === correlationId)) return lines;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await gone;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What nginx itself says of the configuration; throws with its words if it is not one. */
export function checkConfiguration(folder: string, site: string): void {
  if (program === undefined) throw new Error('There is no nginx on the PATH');
  mkdirSync(path.join(folder, 'temp'), { recursive: true });
  const conf = path.join(folder, 'check.conf');
  writeFileSync(conf, mainConfiguration(folder, 1, site));
  execFileSync(program, ['-t', '-q', '-p', folder, '-c', conf, '-e', path.join(folder, 'error.log')], {
    stdio: 'pipe',
  });
}
