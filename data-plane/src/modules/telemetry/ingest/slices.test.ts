import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { createSlices } from './slices.js';

t.test('large ones one in a turn of the event loop, in their order; small ones at once', async (t) => {
  const slices = createSlices();
  t.equal(slices.turn(200), null);
  const done: number[] = [];
  const all = [0, 1, 2].map(async (n) => {
    await slices.turn(100_000);
    done.push(n);
  });
  const seen: number[] = [];
  while (done.length < 3) {
    await nextTurn();
    seen.push(done.length);
  }
  t.ok(
    seen.every((count, turn) => count - (seen[turn - 1] ?? 0) <= 1),
    'never two in a turn',
  );
  await Promise.all(all);
  t.same(done, [0, 1, 2]);
  await slices.turn(100_000);
  t.pass('it begins again');
});
