import { type Static, Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { alertConditions, alertSeverities } from '../../states/telemetry.js';
import {
  Code,
  closed,
  Id,
  IdParams,
  literals,
  Name,
  nullable,
  page,
  pageQuery,
  partial,
  stamps,
  Timestamp,
  Version,
} from '../shapes.js';

/** Of an organization: each of them is asked of each device that measures its metric, whenever something comes. */
export const maxAlertRules = 500;
/** Of a back-test: what is looked at, and what is told of it one by one. */
export const maxBacktestDays = 31;
export const maxBacktestReadings = 2_000_000;
export const maxBacktestDevices = 1_000;
export const maxBacktestAlerts = 1_000;
/** Silence is noticed some seconds after it has lasted for so long. */
export const shortestSilenceSeconds = 10;
const longestSeconds = 7 * 86_400;

const Threshold = nullable(
  Type.Number({
    description: 'In the unit of the metric; of a counter its value as it is sent. Null with `no_data` alone',
  }),
);
const ClearThreshold = nullable(
  Type.Number({
    description:
      'An alert ends where this is reached: with `above` at or below it, with `below` at or above it. Null: the threshold',
  }),
);
const DurationSeconds = Type.Integer({
  minimum: 0,
  maximum: longestSeconds,
  description:
    'For how long, by the times of the readings, the condition has to hold; with `no_data`, for how long nothing comes',
});

const watched = {
  metric_id: Id,
  device_id: nullable({ ...Id, description: 'Null: every device that measures it' }),
  condition: literals(alertConditions),
};

export const AlertRule = closed({
  id: Id,
  code: Code,
  name: Name,
  ...watched,
  threshold: Threshold,
  clear_threshold: ClearThreshold,
  duration_seconds: DurationSeconds,
  severity: literals(alertSeverities),
  enabled: Type.Boolean(),
  watched_from: { ...Timestamp, description: 'What was measured before is not looked at' },
  version: Version,
  ...stamps,
});

const terms = {
  threshold: Type.Optional(Threshold),
  clear_threshold: Type.Optional(ClearThreshold),
  duration_seconds: Type.Optional(DurationSeconds),
};
const draft = { ...watched, device_id: Type.Optional(watched.device_id), ...terms };
const kept = {
  code: Code,
  name: Name,
  severity: Type.Optional(literals(alertSeverities)),
  enabled: Type.Optional(Type.Boolean()),
};
const AlertRuleDraft = closed(draft);
export type AlertRuleDraft = Static<typeof AlertRuleDraft>;

const span = {
  from: Timestamp,
  to: { ...Timestamp, description: `At most ${maxBacktestDays} days after \`from\`` },
};

const Count = Type.Integer({ minimum: 0 });
export const Backtest = closed({
  /** Later than asked for where raw readings are not kept for so long. */
  looked_from: Timestamp,
  looked_to: Timestamp,
  readings: Count,
  devices: Count,
  /** How many alerts it would have raised, and for how long they would have been open, those of all devices together. */
  count: Count,
  minutes_in_alert: Type.Number({ minimum: 0 }),
  /** The first of each device, by device. */
  alerts: Type.Array(
    closed({
      device: closed({ id: Id, code: Type.String() }),
      raised_at: Timestamp,
      /** Null: open at the end. */
      resolved_at: nullable(Timestamp),
      value: nullable(Type.Number()),
      peak: nullable(Type.Number()),
    }),
    { maxItems: maxBacktestAlerts },
  ),
});
export type Backtest = Static<typeof Backtest>;

const backtestDescription = `Looks at the raw readings of those times as if the rule had stood then, by the same steps that are taken live: at most ${maxBacktestDays} days, ${maxBacktestReadings} readings and ${maxBacktestDevices} devices. Silences are those between the times of readings; what came late is no silence here. Changes nothing.`;

/** It tells what was measured. */
const consults = ['telemetry.reading.read'] as const;

export const alertRules = contracts('telemetry.alertRules', {
  list: {
    method: 'GET',
    path: '/api/telemetry/alert-rules',
    access: requires('telemetry.alert.read'),
    summary: 'List rules of alerts, newest first',
    query: closed({
      ...pageQuery,
      metric_id: Type.Optional(Id),
      device_id: Type.Optional({ ...Id, description: 'Rules of this device alone' }),
    }),
    status: 200,
    response: page(AlertRule),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/telemetry/alert-rules/:id',
    access: requires('telemetry.alert.read'),
    summary: 'Get a rule of alerts',
    params: IdParams,
    status: 200,
    response: AlertRule,
    versioned: true,
  },
  create: {
    method: 'POST',
    path: '/api/telemetry/alert-rules',
    access: requires('telemetry.alert_rule.write'),
    summary: 'Create a rule of alerts',
    description: `It looks at what is measured from now on. A device that it names and that never sends is silent from now on. At most ${maxAlertRules} at a time.`,
    body: closed({ ...draft, ...kept }),
    status: 201,
    response: AlertRule,
    versioned: true,
    errors: ['duplicate', 'limit_reached', 'unknown_reference'],
  },
  update: {
    method: 'PATCH',
    path: '/api/telemetry/alert-rules/:id',
    access: requires('telemetry.alert_rule.write'),
    summary: 'Change a rule of alerts',
    description:
      'What it watches stays: another metric, device or condition is another rule. Where its thresholds, its duration or whether it is enabled change, its open alerts are resolved as `rule_changed`, and it looks at what is measured from now on.',
    params: IdParams,
    body: partial({ ...kept, ...terms }),
    status: 200,
    response: AlertRule,
    versioned: true,
    errors: ['duplicate', 'version_mismatch'],
  },
  delete: {
    method: 'DELETE',
    path: '/api/telemetry/alert-rules/:id',
    access: requires('telemetry.alert_rule.write'),
    summary: 'Remove a rule of alerts',
    description:
      'Its open alerts are resolved as `rule_removed`. What it raised stays, under its name; its code is free.',
    params: IdParams,
    status: 204,
    errors: ['version_mismatch'],
  },
  backtest: {
    method: 'POST',
    path: '/api/telemetry/alert-rules/:id/backtest',
    access: requires('telemetry.alert_rule.write'),
    consults,
    summary: 'What a rule would have raised',
    description: backtestDescription,
    params: IdParams,
    body: closed(span),
    status: 200,
    response: Backtest,
    idempotency: 'exempt',
    rateClass: 'compute',
    errors: ['quantity_exceeded'],
  },
  backtestDraft: {
    method: 'POST',
    path: '/api/telemetry/alert-rules/backtest',
    access: requires('telemetry.alert_rule.write'),
    consults,
    summary: 'What a rule that is not there yet would have raised',
    description: backtestDescription,
    body: closed({ rule: AlertRuleDraft, ...span }),
    status: 200,
    response: Backtest,
    idempotency: 'exempt',
    rateClass: 'compute',
    errors: ['quantity_exceeded', 'unknown_reference'],
  },
});
