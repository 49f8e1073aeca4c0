import { parseArgs } from 'node:util';
import { runInTurn } from './run-model.js';
import { openWorld } from './world.js';

// `npm run model`: as many steps as one has time for.
const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '5000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 30)) },
  },
});
const closing: (() => void | Promise<void>)[] = [];
const seed = Number(values.seed);
process.stdout.write(`seed ${seed}\n`);
try {
  const world = await openWorld({ teardown: (work) => void closing.unshift(work) });
  const startedAt = performance.now();
  const { steps, answers } = await runInTurn(world, { seed, steps: Number(values.steps) });
  process.stdout.write(`${steps} steps in ${Math.round((performance.now() - startedAt) / 1000)} s\n`);
  for (const [answer, count] of Object.entries(answers).sort(([, a], [, b]) => b - a)) {
    process.stdout.write(`${String(count).padStart(7)} ${answer}\n`);
  }
} finally {
  for (const close of closing) await close();
}
