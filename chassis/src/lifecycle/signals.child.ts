/** The process under test in lifecycle.test.ts: stops as its argument says. */
import { createLogger } from '../log/logger.js';
import { createLifecycle } from './lifecycle.js';

const how = process.argv[2];
const stopWithinMs = how === 'hang' ? 500 : 60_000;
const lifecycle = createLifecycle({ log: createLogger({ service: 'child' }), stopWithinMs });
lifecycle.handleSignals();
const open = setInterval(() => undefined, 60_000);
await lifecycle.start(
  'first',
  () => 1,
  () => {
    process.stdout.write('stopped first\n');
    clearInterval(open);
  },
);
await lifecycle.start(
  'second',
  () => 2,
  async () => {
    process.stdout.write('stopped second\n');
    if (how === 'hang') await new Promise(() => undefined);
  },
);
if (how === 'throw') {
  setImmediate(() => {
    throw new Error('nobody catches this');
  });
} else if (how === 'reject') void Promise.reject(new Error('nobody awaits this'));
else process.stdout.write('up\n');
