import { randomUUID } from 'node:crypto';
import { dataContracts } from '@platen/schema/contracts/data/index';
import type { DataSample, Victim } from './samples-data.js';
import { newDevice, newMetric } from './samples-telemetry.js';

const { alertRules } = dataContracts.telemetry;
const ofWorkspace = { ofWorkspace: true } as const;
const lastHour = () => ({
  from: new Date(Date.now() - 3_600_000).toISOString(),
  to: new Date().toISOString(),
});

async function newRule(victim: Victim) {
  const [device, metric] = [await newDevice(victim), await newMetric(victim)];
  const body = {
    ...{ code: `t-${randomUUID().slice(0, 13)}`, name: 'Acceptance rule', threshold: 100 },
    ...{ metric_id: metric.id, device_id: device.id },
    condition: 'above' as const,
  };
  return { rule: await victim.call(alertRules.create, { body }), device, metric };
}

/** Past the product: one is raised when readings are rolled up, and nothing runs beside requests here. */
async function newAlert(victim: Victim) {
  const { rule } = await newRule(victim);
  const id = randomUUID();
  await victim.telemetrySql(
    `insert into tel_alerts (tenant_id, organization_id, workspace_id, id, rule_id, device_id, severity, raised_at, value)
     select tenant_id, organization_id, workspace_id, $1::uuid, id, device_id, severity, now(), 101
     from tel_alert_rules where id = $2::uuid`,
    [id, rule.id],
  );
  return { id };
}

async function ruleById(victim: Victim, more: Partial<DataSample> = {}): Promise<DataSample> {
  const { id } = (await newRule(victim)).rule;
  return { params: { id }, foreign: 'not_found', ids: [id], ...ofWorkspace, ...more };
}
async function alertById(victim: Victim, more: Partial<DataSample> = {}): Promise<DataSample> {
  const { id } = await newAlert(victim);
  return { params: { id }, foreign: 'not_found', ids: [id], ...ofWorkspace, ...more };
}

export const telemetryAlertSamples = {
  'telemetry.alertRules.list': async (victim: Victim): Promise<DataSample> => {
    const { id } = (await newRule(victim)).rule;
    return { query: { limit: '200' }, foreign: 'unseen', ids: [id], ...ofWorkspace };
  },
  'telemetry.alertRules.get': (victim: Victim) => ruleById(victim),
  'telemetry.alertRules.create': async (victim: Victim): Promise<DataSample> => {
    const { id: metric_id } = await newMetric(victim);
    const body = { code: `t-${randomUUID().slice(0, 13)}`, name: 'Hot', metric_id, condition: 'above', threshold: 1 };
    return { body, foreign: 'unknown_reference', ids: [metric_id] };
  },
  'telemetry.alertRules.update': (victim: Victim) => ruleById(victim, { body: { name: 'Renamed' } }),
  'telemetry.alertRules.delete': (victim: Victim) => ruleById(victim),
  'telemetry.alertRules.backtest': (victim: Victim) => ruleById(victim, { body: lastHour() }),
  'telemetry.alertRules.backtestDraft': async (victim: Victim): Promise<DataSample> => {
    const { id: metric_id } = await newMetric(victim);
    const rule = { metric_id, condition: 'above', threshold: 1 };
    return { body: { rule, ...lastHour() }, foreign: 'unknown_reference', ids: [metric_id] };
  },
  'telemetry.alerts.list': async (victim: Victim): Promise<DataSample> => {
    const { id } = await newAlert(victim);
    return { query: { limit: '200' }, foreign: 'unseen', ids: [id], ...ofWorkspace };
  },
  'telemetry.alerts.get': (victim: Victim) => alertById(victim),
  'telemetry.alerts.acknowledge': (victim: Victim) => alertById(victim, { body: {} }),
  'telemetry.alerts.resolve': (victim: Victim) => alertById(victim, { body: {} }),
  'telemetry.alerts.events': async (): Promise<DataSample> => ({ foreign: 'unseen', ids: [] }),
};
