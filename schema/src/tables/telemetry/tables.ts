import { telAlertRules, telAlertStates, telAlerts } from './alerts.js';
import { telDeviceCredentials, telDevices, telMetrics } from './devices.js';
import {
  dueWork,
  idempotencyKeys,
  inboxEvents,
  outboxDeadLetters,
  outboxEvents,
  outboxPositions,
  telNumbers,
  usageCounters,
} from './plumbing.js';
import { telDirtyBuckets, telLatest, telReadings, telReadings1d, telReadings1h, telReadings1m } from './readings.js';
import { telRetentionPolicies } from './retention.js';
import { telJobRuns } from './runs.js';

/** Every table of a telemetry database, by area: what migrations, access rules and the ERD derive from. */
export const telemetryAreas = {
  devices: { telDevices, telDeviceCredentials, telMetrics },
  readings: {
    telReadings,
    telLatest,
    telReadings1m,
    telReadings1h,
    telReadings1d,
    telDirtyBuckets,
    telRetentionPolicies,
  },
  alerts: { telAlertRules, telAlertStates, telAlerts },
  runs: { telJobRuns },
  plumbing: {
    telNumbers,
    outboxEvents,
    outboxPositions,
    outboxDeadLetters,
    inboxEvents,
    idempotencyKeys,
    dueWork,
    usageCounters,
  },
} as const;

export const telemetryTables = {
  ...telemetryAreas.devices,
  ...telemetryAreas.readings,
  ...telemetryAreas.alerts,
  ...telemetryAreas.runs,
  ...telemetryAreas.plumbing,
} as const;
