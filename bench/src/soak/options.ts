import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Engine } from '@platen/chassis/testkit/database';
import { UsageError } from '../options.js';
import { mostKills } from './deconetwork/follow-job.js';
import { faults } from './faults/index.js';

/** Those whose ledger is that of events and their effects. */
export const eventSoakNames = ['kafka-outage', 'worker-kills', 'rebalance', 'poison'] as const;
export type EventSoakName = (typeof eventSoakNames)[number];
export const soakNames = [...eventSoakNames, 'deconetwork', 'telemetry', ...Object.keys(faults)] as const;
export type SoakName = (typeof soakNames)[number];
const buses = ['kafka', 'outbox'] as const;
export type BusName = (typeof buses)[number];
const engines = ['postgres', 'timescaledb'] as const satisfies readonly Engine[];
export const telemetryParts = ['faults', 'neighbour', 'steady'] as const;
export type TelemetryPart = (typeof telemetryParts)[number];

export interface SoakOptions {
  readonly bus: BusName;
  readonly events: number;
  readonly orders: number;
  readonly outageSeconds: number;
  readonly kills: number;
  readonly engine: Engine;
  /** Null: as long as is usual. */
  readonly minutes: number | null;
  /** Null: all of them. */
  readonly part: TelemetryPart | null;
  readonly seed: number;
}

const events: Record<EventSoakName, number> = {
  'kafka-outage': 20_000,
  'worker-kills': 5_000,
  rebalance: 10_000,
  poison: 4_000,
};
const kills: Readonly<Record<string, number>> = {
  'kafka-outage': 50,
  'worker-kills': 50,
  rebalance: 50,
  poison: 50,
  deconetwork: 3,
  telemetry: 3,
};

export const soakUsage = `npm run soak -- <name> [options]

Faults that take minutes, with processes, signals and a broker that are real. Each run writes over HTTP, remembers what was
acknowledged, and asks of every effect whether it is there, once, and in order of its key; deconetwork asks of every order
whether it is the site's, telemetry of every reading whether it is there.

  kafka-outage   the broker is killed in the middle of the writes and comes back
  worker-kills   worker processes are killed between an effect and its acknowledgement, and at random
  rebalance      worker processes join and leave while events flow
  poison         an event that always fails is parked, listed, dropped; another one is replayed once it is mended
  deconetwork    orders of two sites are imported while their pages drift and their calls fail, changed on both sides, told
                 back and undone, with workers killed in the middle of each
  telemetry      readings are sent while their database is killed and comes back, and the plane once (faults); while another
                 tenant works (neighbour); for minutes at four fifths of what the machine can take (steady)
${Object.entries(faults)
  .map(([name, { help }]) => `  ${name.padEnd(14)} ${help}\n`)
  .join('')}
  --bus <name>        kafka or outbox, for worker-kills, rebalance and poison (kafka)
  --events <n>        writes (${eventSoakNames.map((name) => `${name} ${events[name]}`).join(', ')})
  --outage <seconds>  of kafka-outage (60)
  --orders <n>        of deconetwork's first site; the other has a 25th of them (5000)
  --kills <n>         of worker-kills between effect and acknowledgement; a fifth as many at random come on top (50); of
                      deconetwork's import, up to ${mostKills} (3); of telemetry's database (3)
  --engine <name>     of telemetry's database: postgres or timescaledb (postgres)
  --minutes <n>       of telemetry's steady load (1), and of what else lasts
  --part <name>       of telemetry: ${telemetryParts.join(', ')} (all)
  --seed <n>          which card each write is to, or which order is changed, and when what is random happens; printed
  --help              this text

Exit code 1: a promise was broken; the lines say which. Logs of the processes: bench/results/soak/.
`;

/**
 * Null: help is wanted.
 * @throws UsageError naming what is not understood
 */
export function readSoakOptions(args: readonly string[]): { name: SoakName; options: SoakOptions } | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  const name = soakNames.find((known) => known === positionals[0]);
  if (name === undefined || positionals.length > 1) throw new UsageError(`one of ${soakNames.join(', ')} is wanted`);
  const bus = buses.find((known) => known === (values.bus ?? 'kafka'));
  if (bus === undefined) throw new UsageError(`--bus is one of ${buses.join(', ')}`);
  const hasNoBus = name === 'deconetwork' || name === 'telemetry' || name in faults;
  if (hasNoBus && values.bus !== undefined) throw new UsageError(`${name} has no --bus`);
  const engine = engines.find((known) => known === (values.engine ?? 'postgres'));
  if (engine === undefined) throw new UsageError(`--engine is one of ${engines.join(', ')}`);
  const part = values.part === undefined ? null : telemetryParts.find((known) => known === values.part);
  if (part === undefined) throw new UsageError(`--part is one of ${telemetryParts.join(', ')}`);
  if (name === 'kafka-outage' && bus !== 'kafka') throw new UsageError('kafka-outage has no other --bus');
  const killed = count(values.kills, '--kills', kills[name] ?? 1);
  if (name === 'deconetwork' && killed > mostKills)
    throw new UsageError(
      `--kills of deconetwork is at most ${mostKills}: a job that five workers were lost with has failed`,
    );
  return {
    name,
    options: {
      bus: hasNoBus ? 'outbox' : bus,
      events: count(values.events, '--events', name in events ? events[name as EventSoakName] : 1),
      orders: count(values.orders, '--orders', 5_000),
      outageSeconds: count(values.outage, '--outage', 60),
      kills: killed,
      engine,
      minutes: values.minutes === undefined ? null : count(values.minutes, '--minutes', 1),
      part,
      seed: count(values.seed, '--seed', randomInt(1, 2 ** 31)),
    },
  };
}

function count(given: string | undefined, name: string, fallback: number): number {
  const value = given === undefined ? fallback : Number(given);
  if (!Number.isInteger(value) || value < 1 || value >= 2 ** 31)
    throw new UsageError(`${name} is a whole number from 1 on`);
  return value;
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        bus: text,
        events: text,
        orders: text,
        outage: text,
        kills: text,
        engine: text,
        minutes: text,
        part: text,
        seed: text,
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
