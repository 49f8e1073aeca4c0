import { closed, Id } from '../contracts/shapes.js';

export const topic = 'telemetry.alert';

/** Of a device, by one of its rules. */
const Alert = closed({ alert_id: Id, rule_id: Id, device_id: Id });

export const telemetryAlertEvents = {
  'telemetry.alert.raised': Alert,
  'telemetry.alert.resolved': Alert,
} as const;
