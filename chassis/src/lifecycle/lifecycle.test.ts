import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { recordLog } from '../testkit/http.js';
import { createLifecycle } from './lifecycle.js';

t.test('parts stop in the reverse order, once, and one that fails keeps none from stopping', async (t) => {
  const { log, lines } = recordLog();
  const lifecycle = createLifecycle({ log });
  const order: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    await lifecycle.start(
      name,
      () => name,
      (part) => {
        order.push(part);
        if (part === 'b') throw new Error('stuck');
      },
    );
  }
  await t.rejects(
    lifecycle.start(
      'd',
      () => Promise.reject(new Error('no')),
      () => order.push('d'),
    ),
    /no/,
  );
  t.equal(lifecycle.isDraining, false);
  lifecycle.onDraining(() => order.push(`draining ${lifecycle.isDraining}`));
  await Promise.all([lifecycle.stop(), lifecycle.stop()]);
  t.same(order, ['draining true', 'c', 'b', 'a']);
  t.equal(lifecycle.isDraining, true);
  t.match(
    lines.filter((line) => line['level'] === 'error'),
    [{ message: 'did not stop cleanly', data: { part: 'b', error: { message: 'stuck' } } }],
  );
  await t.rejects(
    lifecycle.start(
      'late',
      () => 1,
      () => undefined,
    ),
    /while stopping/,
  );
});

async function run(how: string, signal?: NodeJS.Signals) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./signals.child.js', import.meta.url)), how]);
  let output = '';
  child.stdout.on('data', (chunk) => {
    const wasUp = output.includes('up\n');
    output += chunk;
    if (!wasUp && output.includes('up\n') && signal !== undefined) child.kill(signal);
  });
  const [code] = await once(child, 'close');
  return { code, output };
}

t.test('a process stops on signals and on what nobody caught', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { code, output } = await run('wait', signal);
    t.equal(code, 0, signal);
    t.match(output, /stopped second\nstopped first/);
  }
  for (const how of ['throw', 'reject']) {
    const { code, output } = await run(how);
    t.equal(code, 1, how);
    t.match(output, /"level":"fatal".*nobody/);
    t.match(output, /stopped second\nstopped first/);
  }
  const { code, output } = await run('hang', 'SIGTERM');
  t.equal(code, 1, 'what does not stop in time is cut off');
  t.notMatch(output, /stopped first/);
});
