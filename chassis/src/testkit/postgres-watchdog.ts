import { rm } from 'node:fs/promises';
import path from 'node:path';
import { stopOrphan } from '../embedded-postgres/running-server.js';

/**
 * `node postgres-watchdog.js <folder>`: ends the server of a folder, and the folder, when its standard input ends. That is
 * when whoever holds the other end is gone, however it went: nobody starts a second time in a test's folder, and servers
 * of runs that were killed would pile up.
 */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('which folder?');
// A signal to the group of a test run must not end the one who cleans up after it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
for await (const _ of process.stdin);
await stopOrphan(path.join(folder, 'cluster'));
await rm(folder, { recursive: true, force: true });
