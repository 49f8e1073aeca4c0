import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import t from 'tap';
import { startProbe } from './probe.js';

const isLinux = process.platform === 'linux';

t.test(
  'the probe listens where it was told to, and nowhere else',
  { skip: !isLinux && 'needs 127.0.0.2' },
  async (t) => {
    // Ours, so that nobody else's is taken for the probe; one that listened everywhere would find the port in use.
    const other = createServer((_request, response) => response.end('not the probe')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    t.teardown(() => {
      other.close();
      other.closeAllConnections();
    });
    const { port } = other.address() as AddressInfo; // listening on TCP
    const probe = await startProbe({ host: '127.0.0.2', port, lag: () => [], registry: new Registry() });
    t.teardown(probe.stop);
    t.same(await (await fetch(`http://127.0.0.2:${port}/health`)).json(), { status: 'ok', lag: [] });
    t.equal((await fetch(`http://127.0.0.2:${port}/other`)).status, 404);
    t.equal(await (await fetch(`http://127.0.0.1:${port}/health`)).text(), 'not the probe');
  },
);
