import fc from 'fast-check';
import { readState } from './read-state.js';
import { type Counts, type Model, stepArbitraries } from './step.js';
import type { World } from './world.js';

export interface Run {
  readonly seed: number;
  /** At least so many calls, in sequences of at most `length`, each in a shop of its own. */
  readonly steps: number;
  readonly length?: number;
}

/** One call after the other, each held against the model. Throws with the shortest sequence that fails, and its seed. */
export async function runInTurn(world: World, { seed, steps, length = 120 }: Run): Promise<Counts> {
  const counts: Counts = { steps: 0, answers: {} };
  const sequences = fc.commands(stepArbitraries(counts), { maxCommands: length, size: 'max' });
  for (let run = 0; counts.steps < steps; run += 1) {
    await fc.assert(
      fc.asyncProperty(sequences, async (commands) => {
        const shop = await world.openShop();
        const model: Model = { state: await readState(shop), masters: shop.masters };
        await fc.asyncModelRun(() => ({ model, real: shop }), commands);
      }),
      { seed: seed + run, numRuns: 1, verbose: 1 },
    );
  }
  return counts;
}
