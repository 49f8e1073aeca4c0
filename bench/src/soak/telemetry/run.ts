import { cpus, loadavg } from 'node:os';
import type { SoakOptions } from '../options.js';
import { seededRandom } from '../random.js';
import { killedDuringIngest } from './faults.js';
import { floodedNeighbour } from './neighbour.js';
import { buildTelemetryStage } from './stage.js';
import { steadyLoad } from './steady.js';

/** What a part answers: each promise with what broke it. */
export interface Promised {
  readonly promises: readonly { readonly promise: string; readonly broken: readonly string[] }[];
  readonly figures: readonly string[];
}

const shownLines = 5;

/** Answers the exit code. */
export async function runTelemetry(options: SoakOptions, say: (line: string) => void): Promise<number> {
  const stage = await buildTelemetryStage(options.engine);
  const onSignal = () => void stage.stop().finally(() => process.exit(130));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  let broken = 0;
  const part = async (name: string, work: () => Promise<Promised>) => {
    const startedAtMs = performance.now();
    say(`${name}, load ${loadavg()[0]?.toFixed(1)}`);
    const { promises, figures } = await work();
    for (const figure of figures) say(`  ${figure}`);
    for (const { promise, broken: why } of promises) {
      say(`  ${why.length === 0 ? 'kept' : 'BROKEN'}: ${promise}`);
      for (const line of why.slice(0, shownLines)) say(`    ${line}`);
      if (why.length > shownLines) say(`    ${why.length - shownLines} more`);
      if (why.length > 0) broken += 1;
    }
    say(`  ${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s`);
  };
  const parts = {
    faults: () => killedDuringIngest(stage, seededRandom(options.seed), options.kills),
    neighbour: () => floodedNeighbour(stage),
    steady: () => steadyLoad(stage, options.minutes, say),
  };
  try {
    for (const [name, work] of Object.entries(parts))
      if (options.part === null || options.part === name) await part(name, work);
  } catch (error) {
    broken += 1;
    say(`BROKEN: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  } finally {
    if (broken > 0) say(`logs: ${stage.keepLogs()}`);
    await stage.stop();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  say(`${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
  say(`${new Date().toISOString()} telemetry: ${broken === 0 ? 'every promise kept' : 'promises broken'}`);
  return broken === 0 ? 0 : 1;
}
