import t from 'tap';
import { stackInSources } from './source-places.js';

t.test('a frame of ours is told by its source, the others as they are', async (t) => {
  const error = new Error('thrown here');
  error.stack = [
    'Error: thrown here',
    `    at stackInSources (${new URL('./source-places.js', import.meta.url).href}:20:12)`,
    '    at other (file:///srv/node_modules/other/index.js:3:4)',
    '    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
    '    at file:///srv/gone.js:1:1',
  ].join('\n');
  const [, own, ...others] = (stackInSources(error) ?? '').split('\n');
  t.match(own, /^ {4}at stackInSources \(file:\/\/\/.*\/src\/log\/source-places\.ts:\d+:\d+\)$/);
  t.same(others, error.stack.split('\n').slice(2));
});

t.test('a message that looks like a frame stays a message', async (t) => {
  const frame = `    at x (${new URL('./source-places.js', import.meta.url).href}:1:1)`;
  const error = new Error(`first\n${frame}`);
  error.stack = `Error: first\n${frame}\n    at y (file:///srv/gone.js:1:1)`;
  t.equal(stackInSources(error), error.stack);
});

t.test('an error without a stack', async (t) => {
  const error = new Error('bare');
  delete error.stack;
  t.equal(stackInSources(error), undefined);
});
