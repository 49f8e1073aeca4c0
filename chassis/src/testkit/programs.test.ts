import { once } from 'node:events';
import { createServer } from 'node:net';
import t from 'tap';
import { freePort } from './programs.js';

t.test('a port for a server that goes and comes back is none that others are given by chance', async (t) => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort));
  t.equal(new Set(ports).size, 50, 'none twice');
  t.ok(Math.max(...ports) < 32_768, 'the system gives those from there on');
  const server = createServer().listen(ports[0], '127.0.0.1');
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
});
