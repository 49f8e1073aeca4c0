import { randomUUID } from 'node:crypto';
import { dataContracts } from '@platen/schema/contracts/data/index';
import type { DataSample, Victim } from './samples-data.js';
import { startedJob } from './samples-production.js';
import { newDevice, newMetric } from './samples-telemetry.js';

const { jobRuns } = dataContracts.telemetry;
const ofWorkspace = { ofWorkspace: true } as const;

async function newParts(victim: Victim) {
  const [device, metric, { job }] = [await newDevice(victim), await newMetric(victim), await startedJob(victim)];
  return { device_id: device.id, metric_id: metric.id, job_id: job.id };
}
async function newRun(victim: Victim) {
  const body = await newParts(victim);
  return { run: await victim.call(jobRuns.start, { body }), jobId: body.job_id };
}
async function runById(victim: Victim, more: Partial<DataSample> = {}): Promise<DataSample> {
  const { id } = (await newRun(victim)).run;
  return { params: { id }, foreign: 'not_found', ids: [id], ...ofWorkspace, ...more };
}

export const telemetryRunSamples = {
  'telemetry.jobRuns.list': async (victim: Victim): Promise<DataSample> => {
    const { id } = (await newRun(victim)).run;
    return { query: { limit: '200' }, foreign: 'unseen', ids: [id], ...ofWorkspace };
  },
  'telemetry.jobRuns.get': (victim: Victim) => runById(victim),
  'telemetry.jobRuns.start': async (victim: Victim): Promise<DataSample> => {
    const body = await newParts(victim);
    return { body, foreign: 'unknown_reference', ids: [body.device_id, body.job_id] };
  },
  'telemetry.jobRuns.end': (victim: Victim) => runById(victim, { body: {} }),
};

/** What telemetry-worker tells the data plane. */
export const telemetryWork = {
  async progress(victim: Victim) {
    const { job } = await startedJob(victim);
    const run = {
      ...{ id: randomUUID(), device_id: randomUUID(), device_name: 'Press', pieces: 3, cycle_seconds: 4.5 },
      ...{ started_at: new Date(Date.now() - 60_000).toISOString(), ended_at: null, next_stage_id: null },
      counted_at: new Date().toISOString(),
    };
    return { id: job.id, body: { event_id: randomUUID(), run } };
  },
  async readings(victim: Victim) {
    const [device, metric] = [await newDevice(victim), await newMetric(victim)];
    return { event_id: randomUUID(), readings: [{ device: device.code, metric: metric.code, value: 1 }] };
  },
};
