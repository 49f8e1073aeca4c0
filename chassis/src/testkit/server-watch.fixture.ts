import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { watchServer } from './server-watch.js';

/** Holds a server of the folder that is its argument, to be killed. Says the server's pid. */
const [, , folder = ''] = process.argv;
watchServer(folder);
const script = 'setInterval(() => undefined, 60_000)';
const server = spawn(process.execPath, ['-e', script, folder], { stdio: 'ignore' });
await writeFile(path.join(folder, 'server.pid'), String(server.pid));
process.stdout.write(`${server.pid}\n`);
