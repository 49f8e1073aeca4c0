import t from 'tap';
import { runInTurn } from './run-model.js';
import { openWorld } from './world.js';

/** Always the same sequences, so that a failure is one of the change that it came with; `npm run model` looks further. */
const seed = 20_260_301;

t.test('calls one after the other do what the model does', async (t) => {
  t.comment(`seed ${seed}`);
  const { steps, answers } = await runInTurn(await openWorld(t), { seed, steps: 250 });
  t.comment(`${steps} steps: ${JSON.stringify(answers)}`);
  t.ok(steps >= 250);
});
