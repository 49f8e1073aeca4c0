import { recordOutcome, sayMachine, sayPromised, textOf } from '../outcome.js';
import { seededRandom } from '../random.js';
import type { Fault } from './fault.js';

/** Answers the exit code. */
export async function runFault(
  name: string,
  fault: Fault,
  { seed, minutes }: { readonly seed: number; readonly minutes: number | null },
  say: (line: string) => void,
): Promise<number> {
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  const onSignal = () => void stop().finally(() => process.exit(130));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const startedAtMs = performance.now();
  try {
    const promised = await fault({ random: seededRandom(seed), minutes, say, onStop: (end) => void ends.push(end) });
    const seconds = Math.round((performance.now() - startedAtMs) / 1_000);
    const broken = sayPromised(promised, say);
    sayMachine(say);
    recordOutcome({ name, seconds, ...promised });
    say(
      `${new Date().toISOString()} ${name}: ${broken === 0 ? 'every promise kept' : 'promises broken'}, ${seconds} s`,
    );
    return broken === 0 ? 0 : 1;
  } catch (error) {
    say(`BROKEN: ${textOf(error)}`);
    return 1;
  } finally {
    await stop();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
