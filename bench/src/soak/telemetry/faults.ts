import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { call, plainHeaders } from '../../environment/http.js';
import type { Promised } from '../outcome.js';
import type { Random } from '../random.js';
import { hostOf, type Lane, readingsOf, type SentLane } from './lane.js';
import { startSenders } from './senders.js';
import type { TelemetryStage } from './stage.js';
import { findLost, findWrongBuckets, untilRolledUp } from './truth.js';

const batchDevices = 10;
const batchMetrics = 4;
const batchPerSeries = 5;
const batchLanes = 3;
const singleLanes = 10;
const erpEveryMs = 100;

/** Batches and single posts of two tenants, while the database is killed and comes back, and the plane once. */
export async function killedDuringIngest(stage: TelemetryStage, random: Random, kills: number): Promise<Promised> {
  const lanes: Lane[] = [];
  for (const tenant of ['acme', 'globex'] as const) {
    const common = { tenant, fromMs: Date.now() - 7_200_000, stepMs: 500, everyMs: null, retryMs: 100 };
    for (let n = 0; n < batchLanes; n += 1) {
      const sizes = { devices: batchDevices, metrics: batchMetrics, perSeries: batchPerSeries };
      lanes.push({ ...common, ...sizes, firstDevice: await stage.addDevices(tenant, batchDevices) });
    }
    for (let n = 0; n < singleLanes; n += 1)
      lanes.push({ ...common, devices: 1, metrics: 1, perSeries: 1, firstDevice: await stage.addDevices(tenant, 1) });
  }
  const senders = await startSenders(stage, lanes);
  const erp = readErp(stage, (await stage.signInAll()).acme);
  await delay(2_000);
  const awayMs: number[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    await delay(random(3_000));
    const goneMs = performance.now();
    await stage.server.kill();
    await delay(500 + random(3_000));
    await stage.server.restart();
    awayMs.push(performance.now() - goneMs);
    await untilAcknowledged(senders);
  }
  const refusedReads = await erp.end();
  await stage.killPlane();
  await untilAcknowledged(senders);
  await delay(1_000);
  const sent = await senders.end();
  const drainMs = await untilRolledUp(stage);
  const lost = await findLost(stage, sent);
  const wrong = await findWrongBuckets(stage, sent, batchDevices);
  const odd = sent.flatMap((lane) => lane.odd);
  const requests = sum(sent, (lane) => lane.requests);
  const readings = sum(sent, ({ lane, requests: count }) => count * readingsOf(lane));
  return {
    promises: [
      { promise: 'every acknowledged reading is there, once', broken: lost },
      { promise: 'what was sent once is new, what was sent again is there as a whole or not at all', broken: odd },
      { promise: 'roll-ups are what the readings say', broken: wrong.broken },
      {
        promise: 'what needs no telemetry does not notice that its database is away',
        broken: refusedReads === 0 ? [] : [`${refusedReads} of ${erp.count()} reads of orders were refused`],
      },
    ],
    figures: [
      `${kills} times killed with SIGKILL, away for ${awayMs.map((ms) => (ms / 1_000).toFixed(1)).join(', ')} s; the plane killed once`,
      `${readings} readings acknowledged in ${requests} requests, ${refusalText(sent)}; ${erp.count()} reads of orders meanwhile`,
      `roll-ups had all of it ${(drainMs / 1_000).toFixed(1)} s after the last; ${wrong.buckets} minutes held against the readings`,
    ],
  };
}

const sum = (sent: readonly SentLane[], of: (lane: SentLane) => number): number =>
  sent.reduce((total, lane) => total + of(lane), 0);

export function refusalText(sent: readonly SentLane[]): string {
  const counts = new Map<string, number>();
  for (const { refusals } of sent)
    for (const [status, count] of Object.entries(refusals)) counts.set(status, (counts.get(status) ?? 0) + count);
  const told = [...counts].map(([status, count]) => `${count} with ${status === '0' ? 'nothing' : status}`);
  return told.length === 0 ? 'none refused' : `answered before: ${told.join(', ')}`;
}

const standstillMs = 60_000;

/** Until it goes on: some more of it is acknowledged. */
async function untilAcknowledged(senders: Awaited<ReturnType<typeof startSenders>>): Promise<void> {
  const { requests: before } = await senders.count();
  for (const sinceMs = performance.now(); performance.now() - sinceMs < standstillMs; await delay(100))
    if ((await senders.count()).requests > before + 200) return;
  throw new Error('nothing is acknowledged any more');
}

/** Orders are read all the while. */
function readErp({ platform }: TelemetryStage, token: string) {
  const agent = new Agent({ keepAlive: true });
  let [isOver, count, refused] = [false, 0, 0];
  const headers = { ...plainHeaders(hostOf('acme')), authorization: `Bearer ${token}` };
  const loop = async () => {
    for (; !isOver; await delay(erpEveryMs)) {
      const answer = await call(`${platform.urls.data}/api/erp/orders?limit=20`, { headers, agent }).catch(() => null);
      count += 1;
      if (answer?.status !== 200) refused += 1;
    }
  };
  const reading = loop();
  return {
    count: () => count,
    async end() {
      isOver = true;
      await reading;
      agent.destroy();
      return refused;
    },
  };
}
