import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { freePort } from '../testkit/programs.js';
import { ServiceStartError, startServiceProcess } from './start.js';

function entry(dir: string, source: string): string {
  const file = path.join(dir, 'entry.mjs');
  writeFileSync(file, source);
  return file;
}

t.test('a service process', async (t) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'service-process-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const port = await freePort();
  const options = { name: 'sample', logFile: path.join(dir, 'log'), readyUrl: `http://127.0.0.1:${port}/ready` };
  const serving = `
    import { createServer } from 'node:http';
    console.log(JSON.stringify(Object.keys(process.env).sort()));
    process.on('SIGTERM', () => { console.log('drained'); process.exit(0); });
    createServer((_, res) => res.end()).listen(Number(process.env.PORT), '127.0.0.1');`;

  await t.test('is ready when its URL answers, sees only its own environment, and stops on SIGTERM', async (t) => {
    const service = await startServiceProcess({
      ...options,
      entry: entry(dir, serving),
      env: { PORT: String(port) },
    });
    await service.stop();
    t.same(service.logLines(), ['["PATH","PORT"]', 'drained']);
    await t.rejects(fetch(options.readyUrl));
  });

  await t.test('reports an end that nobody asked for, and none that somebody did', async (t) => {
    const exits = new EventEmitter();
    const start = () =>
      startServiceProcess({
        ...options,
        entry: entry(dir, serving),
        env: { PORT: String(port) },
        onExit: (exit) => exits.emit('exit', exit),
      });
    const asked = await start();
    const unexpected = () => t.fail('the asked-for end was reported');
    exits.once('exit', unexpected);
    await asked.kill();
    exits.off('exit', unexpected);
    const crashed = await start();
    const reported = once(exits, 'exit');
    process.kill(crashed.pid, 'SIGKILL');
    t.same(await reported, [{ name: 'sample', code: null, signal: 'SIGKILL' }]);
  });

  await t.test('that ends while starting says why in one line', async (t) => {
    const failing = entry(dir, `console.log('CONTROL_DB_URL is missing'); process.exit(1);`);
    const error = await startServiceProcess({ ...options, entry: failing, env: {} }).catch((error: unknown) => error);
    t.type(error, ServiceStartError);
    t.match((error as Error).message, /sample ended while starting; .*CONTROL_DB_URL is missing/);
  });
});
