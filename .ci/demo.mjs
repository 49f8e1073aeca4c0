#!/usr/bin/env node
// The front door, as somebody uses it who has just cloned this: `npm run demo` until READY, Ctrl-C, once more; what cannot
// start beside it says why in one line. Says how long each took.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const patienceMs = 180_000;
const portNames = [
  'CONTROL_PLANE_PORT',
  'DATA_PLANE_PORT',
  'CONTROL_INTERNAL_PORT',
  'DATA_INTERNAL_PORT',
  'WORKER_HEALTH_PORT',
  'TELEMETRY_HEALTH_PORT',
  'DECONETWORK_PORT',
];
const folder = mkdtempSync(path.join(tmpdir(), 'platen-demo-'));
// Run by root, PostgreSQL is another user's.
chmodSync(folder, 0o711);
const dataDir = path.join(folder, 'data');
const started = [];

try {
  const ports = await freePorts();
  const first = await startDemo(ports, dataDir);
  await serves(first.ready);
  refuses(
    await tryDemo(await freePorts(), dataDir),
    /in use by another|another demo|is using/i,
    'its data folder is in use',
  );
  refuses(
    await tryDemo(ports, path.join(folder, 'other')),
    new RegExp(String(Object.values(ports)[0])),
    'a port is busy',
  );
  refuses(
    await tryDemo(await freePorts(), fileURLToPath(import.meta.url)),
    /PLATEN_DATA_DIR is no folder/,
    'its data folder is a file',
  );
  const stopMs = await stop(first);
  const second = await startDemo(ports, dataDir);
  await serves(second.ready);
  await stop(second);
  process.stdout.write(
    `demo: READY after ${seconds(first.tookMs)}, again after ${seconds(second.tookMs)}, stopped within ${seconds(stopMs)}\n`,
  );
} finally {
  for (const { child } of started) if (child.exitCode === null) signal(child, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

function spawnDemo(ports, folderOfData) {
  // A group of its own, as a terminal gives it: Ctrl-C goes to all of it.
  const child = spawn('npm', ['run', '--silent', '--loglevel=error', 'demo'], {
    cwd: root,
    detached: true,
    env: { ...process.env, ...ports, PLATEN_DATA_DIR: folderOfData },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const demo = { child, out: '', err: '', startedMs: performance.now() };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    demo.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    demo.err += text;
  });
  started.push(demo);
  return demo;
}

async function startDemo(ports, folderOfData) {
  const demo = spawnDemo(ports, folderOfData);
  const ready = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no READY within ${seconds(patienceMs)}`)), patienceMs);
    demo.child.once('close', (code) => reject(new Error(`the demo ended with ${code}\n${demo.out}${demo.err}`)));
    demo.child.stdout.on('data', () => {
      const [, json] = /^READY (\{.*\})$/m.exec(demo.out) ?? [];
      if (json === undefined) return;
      clearTimeout(timer);
      resolve(JSON.parse(json));
    });
  });
  return { ...demo, ready, tookMs: performance.now() - demo.startedMs };
}

async function tryDemo(ports, folderOfData) {
  const demo = spawnDemo(ports, folderOfData);
  const [code] = await once(demo.child, 'close');
  return { ...demo, code };
}

async function serves({ control_plane, data_plane, tenants, users }) {
  for (const url of [control_plane, data_plane]) {
    const { status } = await fetch(`${url}/ready`);
    if (status !== 200) throw new Error(`${url}/ready was answered with ${status}`);
  }
  if (Object.keys(tenants).length < 2 || users.length < 2) throw new Error('READY names no tenants or users');
}

function refuses({ code, err }, pattern, why) {
  const lines = err.trim().split('\n');
  if (code === 0 || lines.length !== 1 || !pattern.test(err)) {
    throw new Error(`where ${why}, the demo ended with ${code} and said:\n${err}`);
  }
}

/** Ctrl-C: it ends by itself, with success, and nothing of it stays. */
async function stop({ child }) {
  const startedMs = performance.now();
  const closed = once(child, 'close');
  signal(child, 'SIGINT');
  const [code] = await closed;
  const left = processesOf(dataDir);
  if (code !== 0 || left.length > 0) throw new Error(`the demo ended with ${code}; left behind: ${left.join('; ')}`);
  return performance.now() - startedMs;
}

function signal(child, name) {
  try {
    process.kill(-child.pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Command lines of what was given this folder, by an option or by its environment. */
function processesOf(folderOfData) {
  const pids = process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  return pids.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return `${command}${readFileSync(`/proc/${pid}/environ`, 'utf8')}`.includes(folderOfData) ? [command] : [];
    } catch {
      return [];
    }
  });
}

async function freePorts() {
  const servers = portNames.map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = Object.fromEntries(portNames.map((name, n) => [name, String(servers[n].address().port)]));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
