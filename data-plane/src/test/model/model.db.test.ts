import t from 'tap';
import { runInTurn } from './run-model.js';
import { runTogether } from './together.js';
import { openWorld } from './world.js';

/** Always the same calls, so that a failure is one of the change that it came with; `npm run model` looks further. */
const seed = 20_260_301;
const world = await openWorld(t);

t.test('calls one after the other do what the model does', async (t) => {
  t.comment(`seed ${seed}`);
  const { steps, answers } = await runInTurn(world, { seed, steps: 180, length: 120 });
  t.comment(`${steps} steps: ${JSON.stringify(answers)}`);
  t.ok(steps >= 180);
});

t.test('calls at once leave what some order of them would', async (t) => {
  const { calls, batches, undecided, answers } = await runTogether(world, { seed, calls: 80, batches: 24 });
  t.comment(`${calls} calls in ${batches} batches, ${undecided} undecided: ${JSON.stringify(answers)}`);
  t.ok(calls >= 80);
});
