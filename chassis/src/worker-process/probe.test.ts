import { Registry } from 'prom-client';
import t from 'tap';
import { startProbe } from './probe.js';

const isLinux = process.platform === 'linux';

t.test(
  'the probe listens where it was told to, and nowhere else',
  { skip: !isLinux && 'needs 127.0.0.2' },
  async (t) => {
    const probe = await startProbe({ host: '127.0.0.2', port: 0, lag: () => [], registry: new Registry() });
    t.teardown(probe.stop);
    t.same(await (await fetch(`http://127.0.0.2:${probe.port}/health`)).json(), { status: 'ok', lag: [] });
    t.equal((await fetch(`http://127.0.0.2:${probe.port}/other`)).status, 404);
    await t.rejects(fetch(`http://127.0.0.1:${probe.port}/health`));
  },
);
