import fc from 'fast-check';
import { compareReads } from './compare-reads.js';
import { readState } from './read-state.js';
import { type Counts, type Model, stepArbitraries } from './step.js';
import { messageOf } from './together.js';
import type { World } from './world.js';

export interface Run {
  readonly seed: number;
  /** At least so many calls, in sequences of at most `length`, each in a shop of its own. */
  readonly steps: number;
  readonly length?: number;
}

/** A sequence and the search for a shorter one that fails too. */
const shrinkingMs = 120_000;

/** One call after the other, each held against the model. Throws with the shortest sequence that fails, and its seed. */
export async function runInTurn(world: World, { seed, steps, length = 400 }: Run): Promise<Counts> {
  const counts: Counts = { steps: 0, answers: {}, worked: {} };
  const propertyOf = (run: number) =>
    fc.asyncProperty(
      fc.commands(stepArbitraries(counts, run), { maxCommands: length, size: 'max' }),
      async (commands) => {
        const shop = await world.openShop();
        const model: Model = { state: await readState(shop), masters: shop.masters, steps: 0 };
        await fc.asyncModelRun(() => ({ model, real: shop }), commands);
        const faults = await compareReads(shop, model);
        if (faults.length > 0) throw new Error(faults.join('\n'));
      },
    );
  for (let run = 0; counts.steps < steps; run += 1) {
    const details = await fc.check(propertyOf(run), {
      seed: seed + run,
      numRuns: 1,
      interruptAfterTimeLimit: shrinkingMs,
    });
    if (!details.failed) continue;
    const [commands] = details.counterexample ?? [];
    const calls = [...(commands ?? [])].map((command) => `  ${command}`).join('\n');
    throw new Error(`seed ${seed + run}, after ${counts.steps} steps:\n${calls}\n${messageOf(details.errorInstance)}`);
  }
  return counts;
}
