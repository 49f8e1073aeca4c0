import { randomUUID } from 'node:crypto';
import { dataContracts } from '@platen/schema/contracts/data/index';
import type { DataSample, Victim } from './samples-data.js';

const { devices, metrics } = dataContracts.telemetry;
const code = () => `t-${randomUUID().slice(0, 13)}`;

/** Of the victim's workspace, as most machines are. */
export const newDevice = (victim: Victim) =>
  victim.call(devices.create, { body: { code: code(), name: 'Acceptance press', kind: 'press' } });
export const newMetric = (victim: Victim) =>
  victim.call(metrics.create, { body: { code: code(), name: 'Acceptance pieces', kind: 'counter' } });
async function newCredential(victim: Victim) {
  const { id } = await newDevice(victim);
  return victim.call(devices.credentials.create, { params: { id }, body: {} });
}

const ofWorkspace = { ofWorkspace: true } as const;
async function deviceById(victim: Victim, more: Partial<DataSample> = {}): Promise<DataSample> {
  const { id } = await newDevice(victim);
  return { params: { id }, foreign: 'not_found', ids: [id], ...ofWorkspace, ...more };
}
async function metricById(victim: Victim, more: Partial<DataSample> = {}): Promise<DataSample> {
  const { id } = await newMetric(victim);
  return { params: { id }, foreign: 'not_found', ids: [id], ...more };
}
async function credentialById(victim: Victim, more: Partial<DataSample> = {}): Promise<DataSample> {
  const { id, device_id } = await newCredential(victim);
  return {
    params: { id: device_id, credential_id: id },
    foreign: 'not_found',
    ids: [device_id, id],
    ...ofWorkspace,
    ...more,
  };
}

const deviceSamples = {
  'telemetry.devices.list': async (victim: Victim): Promise<DataSample> => {
    const { id } = await newDevice(victim);
    return { query: { limit: '200' }, foreign: 'unseen', ids: [id], ...ofWorkspace };
  },
  'telemetry.devices.get': (victim: Victim) => deviceById(victim),
  'telemetry.devices.create': async (): Promise<DataSample> => ({
    body: { code: code(), name: 'Press', kind: 'press' },
    foreign: 'own',
    ids: [],
  }),
  'telemetry.devices.update': (victim: Victim) => deviceById(victim, { body: { name: 'Renamed' } }),
  'telemetry.devices.credentials.list': async (victim: Victim): Promise<DataSample> => {
    const { id, device_id } = await newCredential(victim);
    return { params: { id: device_id }, foreign: 'not_found', ids: [device_id, id], ...ofWorkspace };
  },
  'telemetry.devices.credentials.create': (victim: Victim) => deviceById(victim, { body: {} }),
  'telemetry.devices.credentials.rotate': (victim: Victim) => credentialById(victim, { body: { grace_seconds: 60 } }),
  'telemetry.devices.credentials.revoke': (victim: Victim) => credentialById(victim),
  'telemetry.metrics.list': async (victim: Victim): Promise<DataSample> => {
    const { id } = await newMetric(victim);
    return { query: { limit: '200' }, foreign: 'unseen', ids: [id] };
  },
  'telemetry.metrics.get': (victim: Victim) => metricById(victim),
  'telemetry.metrics.create': async (): Promise<DataSample> => ({
    body: { code: code(), name: 'Pieces', kind: 'counter' },
    foreign: 'own',
    ids: [],
  }),
  'telemetry.metrics.update': (victim: Victim) => metricById(victim, { body: { name: 'Renamed' } }),
};

const readingSamples = {
  /** Names the victim's device: what a stranger sends of it is refused line by line, and told as unknown. */
  'telemetry.readings.write': async (victim: Victim): Promise<DataSample> => {
    const [device, metric] = [await newDevice(victim), await newMetric(victim)];
    const readings = [{ device: device.code, metric: metric.code, value: 1 }];
    return { body: { readings }, foreign: 'unseen', ids: [device.id] };
  },
};

const minuteAgo = () => new Date(Date.now() - 60_000).toISOString();
const seriesSamples = {
  'telemetry.series.read': async (victim: Victim): Promise<DataSample> => {
    const [device, metric] = [await newDevice(victim), await newMetric(victim)];
    const query = { devices: device.code, metrics: metric.code, from: minuteAgo(), step: '1m' };
    return { query, foreign: 'unknown_reference', ids: [device.id], ...ofWorkspace };
  },
  'telemetry.latest.list': async (victim: Victim): Promise<DataSample> => {
    const { id, code: devices } = await newDevice(victim);
    return { query: { devices }, foreign: 'unknown_reference', ids: [id], ...ofWorkspace };
  },
  'telemetry.live.follow': async (): Promise<DataSample> => ({ foreign: 'unseen', ids: [] }),
};

const retentionSamples = {
  'telemetry.retention.get': async (): Promise<DataSample> => ({ foreign: 'own', ids: [] }),
  'telemetry.retention.update': async (): Promise<DataSample> => ({
    body: { raw_days: 90, rollup_days: 1100 },
    foreign: 'own',
    ids: [],
  }),
};

export const telemetrySamples = { ...deviceSamples, ...readingSamples, ...seriesSamples, ...retentionSamples };
