import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuOfProcess, cpuOfTree } from '../../measure/cpu.js';
import { stopChild } from '../../measure/load.js';
import { percentile } from '../../measure/statistics.js';
import type { Promised } from '../outcome.js';
import { refusalText } from './faults.js';
import { type Lane, readingsOf, type SentLane } from './lane.js';
import { type NeighbourAnswers, type NeighbourOrder, neighbourKinds } from './neighbour-order.js';
import { type Senders, startSenders } from './senders.js';
import type { TelemetryStage } from './stage.js';
import { untilRolledUp } from './truth.js';

const devices = 20;
const everyMs = 12;
/** Quiet and flooded take turns, so that what else happens on the machine meets both. */
const rounds = 3;
const phaseSeconds = 7;
const warmUpSeconds = 3;
const floodBatches = 12;
const floodSingles = 24;
const most = 2;

/** Globex reads and posts as every day, alone and while Acme sends all that it can, in turns. */
export async function floodedNeighbour(stage: TelemetryStage): Promise<Promised> {
  const fromMs = Date.now() - 4 * 3_600_000;
  const firstDevice = await stage.addDevices('globex', devices);
  await fillSeries(stage, firstDevice, fromMs);
  const child = fork(fileURLToPath(new URL('./neighbour.child.js', import.meta.url)));
  stage.onStop(() => stopChild(child));
  const order = { url: stage.platform.urls.data, firstDevice, devices, fromMs, everyMs };
  const work = async (seconds: number): Promise<NeighbourAnswers> => {
    const told: NeighbourOrder = { ...order, seconds, token: (await stage.signInAll()).globex };
    child.send(told);
    const [answers] = (await once(child, 'message')) as [NeighbourAnswers];
    return answers;
  };
  await work(warmUpSeconds);
  const quiet = noAnswers();
  const flooded = noAnswers();
  const flood = { readings: 0, requests: 0, seconds: 0, planeMs: 0, postgresMs: 0, sent: [] as SentLane[] };
  for (let round = 0; round < rounds; round += 1) {
    add(quiet, await work(phaseSeconds));
    const senders = await startSenders(stage, await floodLanes(stage));
    await delay(warmUpSeconds * 1_000);
    const before = await usedOf(stage, senders);
    add(flooded, await work(phaseSeconds));
    const after = await usedOf(stage, senders);
    for (const key of ['readings', 'requests', 'seconds', 'planeMs', 'postgresMs'] as const)
      flood[key] += after[key] - before[key];
    flood.sent.push(...(await senders.end()));
    await untilRolledUp(stage);
  }
  await stopChild(child);
  const shareOf = (cpuMs: number) => (cpuMs / flood.seconds / 10).toFixed(0);
  const p99 = { quiet: percentile(allOf(quiet), 99), flooded: percentile(allOf(flooded), 99) };
  const refused = { ...quiet.refusals, ...flooded.refusals };
  return {
    promises: [
      {
        promise: `a flooding tenant leaves another's p99 under ${most} × its quiet value: ${(p99.flooded / p99.quiet).toFixed(2)} ×`,
        broken:
          p99.flooded < most * p99.quiet ? [] : [`${p99.flooded.toFixed(1)} ms, quiet ${p99.quiet.toFixed(1)} ms`],
      },
      {
        promise: 'the other tenant is refused nothing',
        broken: Object.entries(refused).map(([what, count]) => `${count} answers of ${what}`),
      },
    ],
    figures: [
      `flood of ${floodBatches} connections with batches and ${floodSingles} with single readings: ${Math.round(flood.readings / flood.seconds)} readings/s in ${Math.round(flood.requests / flood.seconds)} requests/s, ${refusalText(flood.sent)}; of a core the plane takes ${shareOf(flood.planeMs)} %, the database ${shareOf(flood.postgresMs)} %`,
      `all: quiet ${timesText(allOf(quiet))}; flooded ${timesText(allOf(flooded))}`,
      ...neighbourKinds.map(
        (kind) => `${kind}: quiet ${timesText(quiet.timesMs[kind])}; flooded ${timesText(flooded.timesMs[kind])}`,
      ),
    ],
  };
}

const noAnswers = (): NeighbourAnswers => ({ timesMs: { series: [], latest: [], post: [], orders: [] }, refusals: {} });

function add(sum: NeighbourAnswers, more: NeighbourAnswers): void {
  for (const kind of neighbourKinds) sum.timesMs[kind].push(...more.timesMs[kind]);
  for (const [what, count] of Object.entries(more.refusals)) sum.refusals[what] = (sum.refusals[what] ?? 0) + count;
}

const usedOf = async ({ plane, server }: TelemetryStage, senders: Senders) => ({
  ...(await senders.count()),
  seconds: performance.now() / 1_000,
  planeMs: cpuOfProcess(plane.pid),
  postgresMs: cpuOfTree(server.pid()),
});

const allOf = ({ timesMs }: NeighbourAnswers): number[] => neighbourKinds.flatMap((kind) => timesMs[kind]);
const timesText = (timesMs: readonly number[]): string =>
  `p50 ${percentile(timesMs, 50).toFixed(1)}, p99 ${percentile(timesMs, 99).toFixed(1)} ms of ${timesMs.length}`;

async function floodLanes(stage: TelemetryStage): Promise<Lane[]> {
  const common = {
    tenant: 'acme',
    fromMs: Date.now() - 20 * 3_600_000,
    stepMs: 1_000,
    everyMs: null,
    // Whatever Retry-After says: one who minds it is no worse.
    retryMs: 20,
  } as const;
  const lanes: Lane[] = [];
  for (let n = 0; n < floodBatches; n += 1) {
    const lane = { ...common, devices: 25, metrics: 4, perSeries: 10, firstDevice: await stage.addDevices('acme', 25) };
    lanes.push(lane);
    if (readingsOf(lane) !== 1_000) throw new Error('a batch has another size than was meant');
  }
  for (let n = 0; n < floodSingles; n += 1)
    lanes.push({ ...common, devices: 1, metrics: 1, perSeries: 1, firstDevice: await stage.addDevices('acme', 1) });
  return lanes;
}

/** Some hours, a reading of each series every two seconds, and their roll-ups. */
async function fillSeries(stage: TelemetryStage, firstDevice: number, fromMs: number): Promise<void> {
  const perSeries = 100;
  const lane: Lane = {
    tenant: 'globex',
    firstDevice,
    devices,
    metrics: 2,
    perSeries,
    fromMs,
    stepMs: 2_000,
    everyMs: null,
    retryMs: 50,
  };
  const senders = await startSenders(stage, [lane]);
  while ((await senders.count()).requests < 70) await delay(50);
  await senders.end();
  await untilRolledUp(stage);
}
