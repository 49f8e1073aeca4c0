import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '@platen/chassis/testkit/programs';
import type { ImageSettings } from './dockerfile.js';

const run = promisify(execFile);
const tools = ['unshare', 'nsenter', 'setpriv', 'chroot', 'env', 'mount', 'ldd'] as const;
type Tool = (typeof tools)[number];
const find = (name: Tool) => findProgram(name, ['/usr/sbin', '/sbin']);
const missing = tools.filter((name) => find(name) === undefined);
const program = (name: Tool) => find(name) ?? name;

/** For tap's `skip`: false where a folder can be run as an image would be. */
export const containersAreMissing = async (): Promise<string | false> => {
  if (process.getuid?.() !== 0) return 'unshare: only root makes namespaces here';
  if (missing.length > 0) return `unshare: there is no ${missing.join(', ')}`;
  return run('unshare', ['--mount', '--pid', '--fork', 'mount', '-t', 'tmpfs', 'none', '/mnt']).then(
    () => false,
    () => 'unshare: this machine lets nobody mount',
  );
};

/** Of the user of the images, whom no machine knows. */
const uid = 65_532;
const writable = ['data', 'uploads', 'tmp'] as const;
const devices = ['null', 'zero', 'random', 'urandom'];

export interface Container {
  /** Standard output and error so far. */
  output(): string;
  /** Runs a command beside it, as the same user, in what it sees. Answers its exit code. */
  execute(command: readonly string[]): Promise<{ code: number; output: string }>;
  /** Sends its signal and answers how it ended. */
  stop(): Promise<{ code: number | null; elapsedMs: number }>;
  ended(): Promise<number | null>;
  /** As a test's teardown: at once. */
  kill(): Promise<void>;
}

export interface ContainerOptions {
  readonly folder: string;
  readonly tree: string;
  readonly settings: ImageSettings;
  readonly env: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
}

/**
 * As an engine would run the image: nothing but its tree, Node and the C library, all of it read-only; the writable folders apart;
 * a user with no right at all; process 1 of its own process table. Only the network is the machine's.
 */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  const { folder, settings, tree } = options;
  const rootDir = path.join(folder, 'root');
  await makeRoot(rootDir);
  for (const name of writable) {
    mkdirSync(path.join(folder, name), { recursive: true });
    chownSync(path.join(folder, name), uid, uid);
  }
  const env = { ...settings.env, ...options.env };
  const enter = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', 'sh', '-ec', mounts, 'sh'];
  const become = [program('env'), '-i', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  become.push(
    program('setpriv'),
    '--no-new-privs',
    program('chroot'),
    `--userspec=${settings.user}`,
    '--groups=',
    rootDir,
  );
  const args = [
    ...enter,
    folder,
    tree,
    realpathSync(process.execPath),
    ...become,
    ...(options.command ?? settings.command),
  ];
  const child = spawn(program('unshare'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    output: () => output,
    execute: (command) => executeBeside(child, settings, env, command),
    ended: () => ended,
    async kill() {
      // Its process 1 goes with it, and with that all others.
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      const startedAt = performance.now();
      process.kill(await firstProcess(child), settings.stopSignal as NodeJS.Signals);
      return { code: await ended, elapsedMs: performance.now() - startedAt };
    },
  };
}

/** $1 the container's folder, $2 the tree, $3 Node; what follows is run there. */
const mounts = `
folder=$1; tree=$2; node=$3; shift 3
root=$folder/root
mount --bind "$root" "$root"
mount --bind "$node" "$root/usr/local/bin/node"
mount -o remount,bind,ro "$root/usr/local/bin/node"
mount --bind "$tree" "$root/app"
mount -o remount,bind,ro "$root/app"
for name in ${writable.join(' ')}; do mount --bind "$folder/$name" "$root/$name"; done
for name in ${devices.join(' ')}; do mount --bind /dev/$name "$root/dev/$name"; done
mount -t proc -o ro proc "$root/proc"
mount -o remount,bind,ro "$root"
exec "$@"
`;

async function makeRoot(rootDir: string): Promise<void> {
  for (const name of [...writable, 'app', 'proc', 'dev', 'etc', 'usr/local/bin']) {
    mkdirSync(path.join(rootDir, name), { recursive: true });
  }
  for (const name of devices) writeFileSync(path.join(rootDir, 'dev', name), '');
  writeFileSync(path.join(rootDir, 'etc/hosts'), '127.0.0.1 localhost\n');
  writeFileSync(path.join(rootDir, 'usr/local/bin/node'), '');
  for (const library of await baseLibraries()) {
    const target = path.join(rootDir, library);
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(realpathSync(library), target);
  }
}

/** What Node loads, and the rest of the C library, which the base image has in whole. */
async function baseLibraries(): Promise<string[]> {
  const libraries = await librariesOf(process.execPath);
  const libc = libraries.find((library) => /\/libc\.so/.test(library)) ?? '/lib/libc.so.6';
  const rest = ['libresolv.so.2', 'librt.so.1', 'libdl.so.2', 'libpthread.so.0'];
  const beside = rest.map((name) => path.join(path.dirname(libc), name)).filter((library) => existsSync(library));
  return [...new Set([...libraries, ...beside])];
}

async function executeBeside(
  child: ChildProcess,
  { user }: ImageSettings,
  env: Readonly<Record<string, string>>,
  command: readonly string[],
): Promise<{ code: number; output: string }> {
  const [owner = '', group = ''] = user.split(':');
  const enter = ['--target', String(await firstProcess(child)), '--mount', '--pid', '--root', '--wd'];
  const beside = spawn(program('nsenter'), [...enter, '--setuid', owner, '--setgid', group, ...command], { env });
  let output = '';
  for (const stream of [beside.stdout, beside.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const [code] = await once(beside, 'close');
  return { code: Number(code), output };
}

/** Paths of the shared libraries that a program loads, its loader among them. */
export async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program]);
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, library = '']) => library);
}

async function firstProcess(child: ChildProcess): Promise<number> {
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  if (children === '') throw new Error('the container has ended');
  return Number(children.split(' ')[0]);
}
