import { execFile } from 'node:child_process';
import { open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './errors.js';

const run = promisify(execFile);

/**
 * Who holds a data folder. Two files tell: `owner.pid`, written by the process that started the server, and the server's
 * own `postmaster.pid`. An owner that was killed (SIGKILL) leaves a server behind, which the next start stops: its owner
 * is gone, so nobody uses it. A server whose owner lives is somebody else's and is never touched.
 */

export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  // A zombie (killed, not yet reaped by its parent) still answers the signal and holds nothing.
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) [ZX] /.test(status);
}

/** What tells this process from a later one that was given the same pid. Linux only; elsewhere the pid alone decides. */
async function startedAt(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Field 22 (proc(5)); the command name in field 2 may hold blanks, so count from its closing bracket.
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

async function ownerLives(file: string): Promise<boolean> {
  const [pidText = '', started = ''] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0 || !(await isAlive(pid))) return false;
  return started === '' || started === (await startedAt(pid));
}

/** Takes the folder for this process, or refuses because a live process holds it. */
export async function claimFolder(dataDir: string): Promise<() => Promise<void>> {
  const file = path.join(dataDir, 'owner.pid');
  for (let attempt = 0; ; attempt += 1) {
    try {
      const handle = await open(file, 'wx', 0o600);
      try {
        await handle.writeFile(`${process.pid}\n${await startedAt(process.pid)}\n`);
      } finally {
        await handle.close();
      }
      return () => rm(file, { force: true });
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      if (!taken) throw error;
    }
    if (attempt > 0 || (await ownerLives(file))) {
      throw new EmbeddedPostgresError('in_use', `The data folder ${dataDir} is in use by another process`);
    }
    await rm(file, { force: true });
  }
}

export interface PidFile {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** `postmaster.pid`: line 1 the pid, 4 the port, 8 the state (src/include/utils/pidfile.h). */
export async function readPidFile(cluster: string): Promise<PidFile | undefined> {
  const text = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/** Is this pid a server on this cluster? Its command line names the folder; that of a process with a reused pid does not. */
async function servesCluster(pid: number, cluster: string): Promise<boolean> {
  if (process.platform === 'linux') {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return command.split('\0').includes(cluster);
  }
  const listed = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return listed.stdout.includes(`-D ${cluster} `);
}

/** SIGINT is PostgreSQL's fast shutdown, SIGQUIT the immediate one, after which it recovers from its log. */
export async function stopServer(pid: number, graceMs: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGINT', graceMs],
    ['SIGQUIT', graceMs],
    ['SIGKILL', graceMs],
  ] as const) {
    if (!(await isAlive(pid))) return;
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadline = performance.now() + waitMs;
    while (performance.now() < deadline && (await isAlive(pid))) await delay(15);
  }
}

/** Clears away what a killed run left: its server, still up, or only the server's pid file. */
export async function stopOrphan(cluster: string): Promise<void> {
  const left = await readPidFile(cluster);
  if (!left) return;
  if ((await isAlive(left.pid)) && (await servesCluster(left.pid, cluster))) await stopServer(left.pid, 5_000);
  // A reused pid would make the server believe that its predecessor lives.
  await rm(path.join(cluster, 'postmaster.pid'), { force: true });
}
