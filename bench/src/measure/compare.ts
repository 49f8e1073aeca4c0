import { cpuOfProcess, cpuOfTree } from './cpu.js';
import type { LoadGenerator, LoadRequest } from './load.js';
import { ratios, type Spread, spreadOf } from './statistics.js';

/** One way of doing the work that is compared. */
export interface Contender {
  readonly name: string;
  readonly url: string;
  /** Of the process that answers. */
  readonly pid: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly requests: readonly LoadRequest[];
}

export interface Comparison {
  readonly name: string;
  /** CPU of server and Postgres per request, relative to the first contender in the same round. */
  readonly relative: Spread;
  readonly nodeMicros: Spread;
  readonly postgresMicros: Spread;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  /** Requests of all rounds that were not answered with a 2xx, by status. */
  readonly refusals: Readonly<Record<string, number>>;
}

export interface ComparisonOptions {
  readonly load: LoadGenerator;
  readonly postgresPid: number;
  readonly rounds: number;
  /** Requests of one contender in one round. */
  readonly amount: number;
  readonly connections: number;
}

interface Sample {
  readonly nodeMicros: number;
  readonly postgresMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly refusals: Readonly<Record<string, number>>;
}

/**
 * Every contender once a round, in an order that turns with the rounds, the first contender being the baseline. A round
 * before the first one is for warming up and not counted.
 */
export async function compareOverHttp(
  contenders: readonly Contender[],
  options: ComparisonOptions,
): Promise<Comparison[]> {
  const samples = contenders.map((): Sample[] => []);
  for (let round = -1; round < options.rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const index = (turn + Math.max(round, 0)) % contenders.length;
      const sample = await measureOnce(contenders[index] as Contender, options);
      if (round >= 0) samples[index]?.push(sample);
    }
  }
  const total = (sample: Sample) => sample.nodeMicros + sample.postgresMicros;
  const baseline = samples[0] as Sample[];
  return contenders.map(({ name }, index) => {
    const own = samples[index] as Sample[];
    const spread = (key: Exclude<keyof Sample, 'refusals'>) => spreadOf(own.map((sample) => sample[key]));
    return {
      name,
      relative: spreadOf(ratios(own.map(total), baseline.map(total))),
      nodeMicros: spread('nodeMicros'),
      postgresMicros: spread('postgresMicros'),
      p50Ms: spread('p50Ms'),
      p99Ms: spread('p99Ms'),
      refusals: addUp(own.map((sample) => sample.refusals)),
    };
  });
}

async function measureOnce(contender: Contender, options: ComparisonOptions): Promise<Sample> {
  const { load, postgresPid, amount, connections } = options;
  const nodeBefore = cpuOfProcess(contender.pid);
  const postgresBefore = cpuOfTree(postgresPid);
  const { url, headers, requests } = contender;
  const result = await load.run({ url, headers, requests, amount, connections });
  const perRequest = (ms: number) => (ms * 1000) / result.answered;
  return {
    nodeMicros: perRequest(cpuOfProcess(contender.pid) - nodeBefore),
    postgresMicros: perRequest(cpuOfTree(postgresPid) - postgresBefore),
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    refusals: result.refusals,
  };
}

function addUp(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const count of counts) for (const [name, n] of Object.entries(count)) sum[name] = (sum[name] ?? 0) + n;
  return sum;
}
