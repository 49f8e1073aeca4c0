import { loadavg } from 'node:os';
import type { SoakOptions } from '../options.js';
import { type Promised, recordOutcome, sayMachine, sayPromised, textOf } from '../outcome.js';
import { seededRandom } from '../random.js';
import { killedDuringIngest } from './faults.js';
import { floodedNeighbour } from './neighbour.js';
import { buildTelemetryStage } from './stage.js';
import { steadyLoad } from './steady.js';

/** Answers the exit code. */
export async function runTelemetry(options: SoakOptions, say: (line: string) => void): Promise<number> {
  const stage = await buildTelemetryStage(options.engine);
  const onSignal = () => void stage.stop().finally(() => process.exit(130));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const startedAtMs = performance.now();
  const outcome: { promises: Promised['promises'][number][]; figures: string[] } = { promises: [], figures: [] };
  let broken = 0;
  const part = async (name: string, work: () => Promise<Promised>) => {
    const partAtMs = performance.now();
    say(`${name}, load ${loadavg()[0]?.toFixed(1)}`);
    const promised = await work();
    broken += sayPromised(promised, say);
    outcome.promises.push(...promised.promises);
    outcome.figures.push(...promised.figures);
    say(`  ${((performance.now() - partAtMs) / 1_000).toFixed(0)} s`);
  };
  const parts = {
    faults: () => killedDuringIngest(stage, seededRandom(options.seed), options.kills),
    neighbour: () => floodedNeighbour(stage),
    steady: () => steadyLoad(stage, options.minutes ?? 1, say),
  };
  try {
    for (const [name, work] of Object.entries(parts))
      if (options.part === null || options.part === name) await part(name, work);
  } catch (error) {
    broken += 1;
    outcome.promises.push({ promise: 'it runs to its end', broken: [textOf(error)] });
    say(`BROKEN: ${textOf(error)}`);
  } finally {
    if (broken > 0) say(`logs: ${stage.keepLogs()}`);
    await stage.stop();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  recordOutcome({ name: 'telemetry', seconds: Math.round((performance.now() - startedAtMs) / 1_000), ...outcome });
  sayMachine(say);
  say(`${new Date().toISOString()} telemetry: ${broken === 0 ? 'every promise kept' : 'promises broken'}`);
  return broken === 0 ? 0 : 1;
}
