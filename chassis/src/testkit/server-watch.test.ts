import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { isAlive } from '../embedded-postgres/running-server.js';

t.test('a server and its folder go with the process that started them, however that ends', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'platen-test-watch-'));
  const holder = spawn(
    process.execPath,
    [fileURLToPath(new URL('./server-watch.fixture.js', import.meta.url)), folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = await once(holder.stdout, 'data');
  const pid = Number(line);
  t.ok(await isAlive(pid));
  holder.kill('SIGKILL');
  while (await isAlive(pid)) await delay(10);
  while (await exists(folder)) await delay(10);
});

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
