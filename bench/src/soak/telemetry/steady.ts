import { setTimeout as delay } from 'node:timers/promises';
import { cpuOfProcess, residentMb } from '../../measure/cpu.js';
import { percentile } from '../../measure/statistics.js';
import type { Promised } from '../outcome.js';
import { refusalText } from './faults.js';
import type { Lane, SentLane } from './lane.js';
import { readingsOf } from './lane.js';
import { startSenders } from './senders.js';
import type { TelemetryStage } from './stage.js';
import { findLost, findWrongBuckets, untilRolledUp } from './truth.js';

const batchLanes = 6;
const singleLanes = 20;
const share = 0.8;
const sampleEveryMs = 1_000;
/** Of what is resident in the middle, from the end of the warm-up to the end; and what a heap breathes. */
const grownShare = 0.1;
const breathMb = 24;
const devicesJudged = 2;

interface Sample {
  readonly atMs: number;
  readonly residentMb: number;
  /** How old the oldest reading is that no roll-up has. */
  readonly behindSeconds: number;
}

/** What the machine can take is measured, then four fifths of it sent for as long as is wanted. */
export async function steadyLoad(
  stage: TelemetryStage,
  minutes: number,
  say: (line: string) => void,
): Promise<Promised> {
  const capacity = await measureCapacity(stage, Math.min(30, minutes * 15));
  const goal = share * capacity.perSecond;
  say(
    `  ${capacity.perSecond.toFixed(0)} requests/s when each waits for the one before; ${goal.toFixed(0)} for ${minutes} min`,
  );
  const lanes = await lanesOf(stage, (batchLanes + singleLanes) / goal);
  const senders = await startSenders(stage, lanes);
  const before = { cpuMs: cpuOfProcess(stage.plane.pid), atMs: performance.now() };
  const samples: Sample[] = [];
  while (performance.now() - before.atMs < minutes * 60_000) {
    await delay(sampleEveryMs);
    samples.push(await sampleOf(stage));
    if (samples.length % 60 === 0) say(`  ${progressOf(samples)}`);
  }
  const counted = await senders.count();
  const seconds = (performance.now() - before.atMs) / 1_000;
  const cpuShare = (cpuOfProcess(stage.plane.pid) - before.cpuMs) / seconds / 1_000;
  const sent = await senders.end();
  const drainMs = await untilRolledUp(stage);
  const memory = growthOf(samples);
  const reached = counted.requests / seconds / goal;
  const wrong = await findWrongBuckets(stage, sent, devicesJudged);
  const times = [true, false].map((isBatch) =>
    sent.filter(({ lane }) => readingsOf(lane) > 1 === isBatch).flatMap(({ timesMs }) => timesMs),
  );
  return {
    promises: [
      {
        promise: `memory is flat: ${memory.mbPerMinute.toFixed(2)} MB a minute`,
        broken:
          memory.grownMb <= Math.max(breathMb, grownShare * memory.middleMb)
            ? []
            : [`grew by ${memory.grownMb.toFixed(0)} MB over ${memory.minutes.toFixed(1)} min`],
      },
      { promise: 'every acknowledged reading is there, once', broken: await findLost(stage, sent) },
      { promise: 'roll-ups are what the readings say', broken: wrong.broken },
      {
        promise: `${share * 100} % of the capacity goes through: ${(reached * 100).toFixed(0)} % of that`,
        broken: reached > 0.95 ? [] : [`${(counted.requests / seconds).toFixed(0)} requests/s of ${goal.toFixed(0)}`],
      },
    ],
    figures: [
      `${Math.round(counted.readings / seconds)} readings/s in ${(counted.requests / seconds).toFixed(0)} requests/s for ${(seconds / 60).toFixed(1)} min, ${counted.readings} in all, ${refusalText(sent)}; the plane at ${(cpuShare * 100).toFixed(0)} % of a core`,
      `batches ${timesText(times[0])}, single readings ${timesText(times[1])}`,
      `resident, of ${samples.length} samples: first ${samples[0]?.residentMb.toFixed(0)}, after the warm-up ${memory.startMb.toFixed(0)}, in the end ${memory.endMb.toFixed(0)}, most ${Math.max(...samples.map((one) => one.residentMb)).toFixed(0)} MB`,
      `roll-ups behind by p50 ${percentile(behindOf(samples), 50).toFixed(1)}, at most ${Math.max(...behindOf(samples)).toFixed(1)} s; through ${(drainMs / 1_000).toFixed(1)} s after the last; ${wrong.buckets} minutes held against the readings`,
    ],
  };
}

const timesText = (timesMs: readonly number[] = []): string =>
  timesMs.length === 0
    ? 'none'
    : `p50 ${percentile(timesMs, 50).toFixed(1)}, p99 ${percentile(timesMs, 99).toFixed(1)} ms`;
const behindOf = (samples: readonly Sample[]): number[] => samples.map(({ behindSeconds }) => behindSeconds);

function progressOf(samples: readonly Sample[]): string {
  const last = samples.at(-1);
  return `${Math.round(samples.length / 60)} min: ${last?.residentMb.toFixed(0)} MB, roll-ups ${last?.behindSeconds.toFixed(1)} s behind`;
}

/** A gateway of ten devices sends seconds of theirs in a request; beside them devices that send for themselves. */
async function lanesOf(stage: TelemetryStage, secondsBetween: number | null): Promise<Lane[]> {
  const everyMs = secondsBetween === null ? null : secondsBetween * 1_000;
  const common = { tenant: 'acme', fromMs: Date.now() - 20 * 3_600_000, stepMs: 100, everyMs, retryMs: 50 } as const;
  const lanes: Lane[] = [];
  for (let n = 0; n < batchLanes; n += 1)
    lanes.push({ ...common, devices: 10, metrics: 4, perSeries: 10, firstDevice: await stage.addDevices('acme', 10) });
  for (let n = 0; n < singleLanes; n += 1)
    lanes.push({ ...common, devices: 1, metrics: 1, perSeries: 1, firstDevice: await stage.addDevices('acme', 1) });
  return lanes;
}

async function measureCapacity(stage: TelemetryStage, seconds: number): Promise<{ readonly perSecond: number }> {
  const senders = await startSenders(stage, await lanesOf(stage, null));
  await delay(5_000);
  const [before, startedAtMs] = [await senders.count(), performance.now()];
  await delay(seconds * 1_000);
  const perSecond = ((await senders.count()).requests - before.requests) / ((performance.now() - startedAtMs) / 1_000);
  const sent: readonly SentLane[] = await senders.end();
  await untilRolledUp(stage);
  const lost = await findLost(stage, sent);
  if (lost.length > 0) throw new Error(lost[0]);
  return { perSecond };
}

async function sampleOf(stage: TelemetryStage): Promise<Sample> {
  const [waiting] = await stage.query<{ seconds: number }>(
    'select coalesce(extract(epoch from now() - min(arrived_at)), 0)::float8 as seconds from tel_dirty_buckets',
  );
  return {
    atMs: performance.now(),
    residentMb: residentMb(stage.plane.pid) ?? 0,
    behindSeconds: waiting?.seconds ?? 0,
  };
}

/** After a fifth of the time, in which caches fill and the heap finds its size: the straight line that fits best. */
function growthOf(samples: readonly Sample[]) {
  const later = samples.slice(Math.floor(samples.length / 5));
  const [first, last] = [later[0], later.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nothing was sampled');
  const minutes = (last.atMs - first.atMs) / 60_000;
  const at = later.map(({ atMs }) => (atMs - first.atMs) / 60_000);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanAt, middleMb] = [mean(at), mean(later.map((one) => one.residentMb))];
  const covariance = mean(later.map((one, n) => ((at[n] ?? 0) - meanAt) * (one.residentMb - middleMb)));
  const mbPerMinute = covariance / mean(at.map((minute) => (minute - meanAt) ** 2));
  const grownMb = mbPerMinute * minutes;
  return { mbPerMinute, grownMb, minutes, middleMb, startMb: middleMb - grownMb / 2, endMb: middleMb + grownMb / 2 };
}
