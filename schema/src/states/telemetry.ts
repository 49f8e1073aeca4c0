import type { StateMachine } from './machine.js';

export const deviceKinds = ['press', 'embroidery', 'dryer', 'cutter', 'printer', 'sensor', 'other'] as const;
export type DeviceKind = (typeof deviceKinds)[number];
/** A disabled device keeps its readings and sends none. */
export const deviceStatuses = ['active', 'disabled'] as const;
export type DeviceStatus = (typeof deviceStatuses)[number];
/** `counter`: it only grows until it begins again; `state`: a number that stands for a mode, held until the next one. */
export const metricKinds = ['gauge', 'counter', 'state'] as const;
export type MetricKind = (typeof metricKinds)[number];

/** Greater ones, of either sign, are refused: a day of them can still be summed. */
export const greatestValue = 1e300;

export const alertConditions = ['above', 'below', 'no_data'] as const;
export type AlertCondition = (typeof alertConditions)[number];
export const alertSeverities = ['info', 'warning', 'critical'] as const;
export type AlertSeverity = (typeof alertSeverities)[number];
/** Of a rule at a device, between looks: its condition does not hold, holds for too short a time, has raised an alert. */
export const alertPhases = ['clear', 'pending', 'raised'] as const;
export type AlertPhase = (typeof alertPhases)[number];

export type AlertStatus = 'open' | 'acknowledged' | 'resolved';
export const alertStates: StateMachine<AlertStatus> = {
  initial: 'open',
  moves: { open: ['acknowledged', 'resolved'], acknowledged: ['resolved'], resolved: [] },
};
/** Why it is over: a reading said so, a person, or its rule or its device is not looked at any more. */
export const alertResolutions = ['cleared', 'by_hand', 'rule_changed', 'rule_removed', 'device_disabled'] as const;
export type AlertResolution = (typeof alertResolutions)[number];
export const alertStatuses = ['open', 'acknowledged', 'resolved'] as const satisfies readonly AlertStatus[];

/** What numbers are given to, per tenant: devices and metrics are known by them in readings, roll-ups are ordered by them. */
export const numberedKinds = ['device', 'metric', 'roll'] as const;
