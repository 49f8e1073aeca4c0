import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runInTurn } from './run-model.js';
import { runTogether } from './together.js';
import { openWorld } from './world.js';

// `npm run model`: as many steps as one has time for.
const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '5000' },
    together: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(randomInt(2 ** 30)) },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write('npm run model [-- --steps 5000 --together 2000 --seed <n>]; none of a kind: 0\n');
  process.exit();
}
const seed = Number(values.seed);
const closing: (() => void | Promise<void>)[] = [];
const report = (title: string, startedAt: number, ...counts: Record<string, number>[]) => {
  process.stdout.write(`${title} in ${Math.round((performance.now() - startedAt) / 1000)} s\n`);
  const rows = counts.flatMap((each) => Object.entries(each).sort(([, a], [, b]) => b - a));
  for (const [name, count] of rows) process.stdout.write(`${String(count).padStart(7)} ${name}\n`);
};

process.stdout.write(`seed ${seed}\n`);
try {
  const world = await openWorld({ teardown: (work) => void closing.unshift(work) });
  if (values.steps !== '0') {
    const startedAt = performance.now();
    const { steps, answers, worked } = await runInTurn(world, { seed, steps: Number(values.steps) });
    report(`${steps} steps one after the other`, startedAt, answers, worked);
  }
  if (values.together !== '0') {
    const startedAt = performance.now();
    const { calls, batches, undecided, answers, worked } = await runTogether(world, {
      seed,
      calls: Number(values.together),
    });
    report(`${calls} calls in ${batches} batches at once, ${undecided} undecided`, startedAt, answers, worked);
  }
} finally {
  for (const close of closing) await close();
}
