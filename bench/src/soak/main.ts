import { kafkaIsMissing } from '@platen/chassis/testkit/kafka-server';
import { UsageError } from '../options.js';
import { runDecoNetwork } from './deconetwork/run.js';
import { faults } from './faults/index.js';
import { runFault } from './faults/run-fault.js';
import { judge } from './judge.js';
import { kafkaOutage } from './kafka-outage.js';
import { type EventSoakName, eventSoakNames, readSoakOptions, type SoakOptions, soakUsage } from './options.js';
import { recordOutcome, sayMachine } from './outcome.js';
import { poison } from './poison.js';
import { seededRandom } from './random.js';
import { rebalance } from './rebalance.js';
import type { Soak, SoakOutcome } from './run.js';
import { buildStage, type Stage } from './stage.js';
import { runTelemetry } from './telemetry/run.js';
import { workerKills } from './worker-kills.js';

const soaks: Record<EventSoakName, Soak> = {
  'kafka-outage': kafkaOutage,
  'worker-kills': workerKills,
  rebalance,
  poison,
};
const shownLines = 20;
const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Answers the exit code: 1 when a promise was broken, 2 for wrong words. */
export async function runSoak(args: readonly string[]): Promise<number> {
  let chosen: ReturnType<typeof readSoakOptions>;
  try {
    chosen = readSoakOptions(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}; try npm run soak -- --help\n`);
    return 2;
  }
  if (chosen === null) {
    process.stdout.write(soakUsage);
    return 0;
  }
  const { name, options } = chosen;
  if (name === 'deconetwork') {
    say(`${new Date().toISOString()} ${name}, ${options.orders} orders, seed ${options.seed}`);
    return runDecoNetwork(options, say);
  }
  if (name === 'telemetry') {
    say(`${new Date().toISOString()} ${name}, engine ${options.engine}, seed ${options.seed}`);
    return runTelemetry(options, say);
  }
  const fault = faults[name];
  if (fault?.isMissing) {
    process.stderr.write(`not run: ${fault.isMissing}\n`);
    return 2;
  }
  if (fault !== undefined) {
    say(`${new Date().toISOString()} ${name}, seed ${options.seed}`);
    return runFault(name, fault.run, options, say);
  }
  if (options.bus === 'kafka' && kafkaIsMissing !== false) {
    process.stderr.write(`${kafkaIsMissing}\n`);
    return 2;
  }
  if (!isEventSoak(name)) throw new Error(`nothing runs ${name}`);
  return soak(name, options);
}

const isEventSoak = (name: string): name is EventSoakName => eventSoakNames.some((known) => known === name);

async function soak(name: EventSoakName, options: SoakOptions): Promise<number> {
  say(`${new Date().toISOString()} ${name}, bus ${options.bus}, seed ${options.seed}`);
  const startedAtMs = performance.now();
  const stage = await buildStage(name, options.bus);
  const onSignal = () => void stage.stop().finally(() => process.exit(130));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    say(`${stage.cards.length} cards, ${options.events} writes`);
    const outcome = await soaks[name]({ stage, options, random: seededRandom(options.seed), say });
    return await conclude({ name, stage, startedAtMs }, outcome);
  } finally {
    await stage.stop();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function conclude(
  { name, stage, startedAtMs }: { readonly name: EventSoakName; readonly stage: Stage; readonly startedAtMs: number },
  { writes, dropped, broken, figures }: SoakOutcome,
): Promise<number> {
  const verdict = await judge(stage, writes, dropped);
  const { acknowledged, stored, effects, repeats } = verdict;
  const counted = `${writes.length} written, ${acknowledged} acknowledged, ${stored} stored, ${effects} effects, ${repeats} repeats without one`;
  say(counted);
  for (const line of figures) say(line);
  sayMachine(say);
  const all = [...broken, ...verdict.broken];
  for (const line of all.slice(0, shownLines)) say(`BROKEN: ${line}`);
  if (all.length > shownLines) say(`BROKEN: ${all.length - shownLines} more`);
  say(`${new Date().toISOString()} ${name}: ${all.length === 0 ? 'every promise kept' : 'promises broken'}`);
  recordOutcome({
    name,
    seconds: Math.round((performance.now() - startedAtMs) / 1_000),
    promises: [
      {
        promise: 'what was acknowledged is stored and has its effect once, in order of its key',
        broken: verdict.broken,
      },
      { promise: 'what this run asks besides', broken },
    ],
    figures: [counted, ...figures],
  });
  return all.length === 0 ? 0 : 1;
}
