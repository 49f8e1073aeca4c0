import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * `node server-watchdog.js <folder>`: kills the server whose pid is in `<folder>/server.pid`, and removes the folder, when
 * its standard input ends. That is when whoever holds the other end is gone.
 */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('which folder?');
// A signal to the group of a test run must not end the one who cleans up after it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
for await (const _ of process.stdin);
const pid = Number(await readFile(path.join(folder, 'server.pid'), 'utf8').catch(() => ''));
// The command line names the folder; that of a process with a reused pid does not.
const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
if (pid > 0 && command.includes(folder)) process.kill(pid, 'SIGKILL');
await rm(folder, { recursive: true, force: true, maxRetries: 5 });
