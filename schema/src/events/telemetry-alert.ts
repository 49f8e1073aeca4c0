import { type Static, Type } from 'typebox';
import { closed, Id, literals, nullable, stamps, Timestamp, Version } from '../contracts/shapes.js';
import { alertConditions, alertResolutions, alertSeverities, alertStatuses } from '../states/telemetry.js';

export const topic = 'telemetry.alert';

const Named = { id: Id, code: Type.String(), name: Type.String() };
/** Measured, in the metric's unit. */
const Measured = nullable(Type.Number());

/** An alert as the API shows it, and as events tell of it: a reader that knows this version or a later one leaves it. */
export const Alert = closed({
  id: Id,
  status: literals(alertStatuses),
  /** The rule's, when it was raised. */
  severity: literals(alertSeverities),
  rule: closed(Named),
  condition: literals(alertConditions),
  device: closed(Named),
  metric: closed({ ...Named, unit: nullable(Type.String()) }),
  /** By the clock of the reading that raised it; of `no_data` by ours. */
  raised_at: Timestamp,
  /** What was measured then; null: nothing was. */
  value: Measured,
  acknowledged_at: nullable(Timestamp),
  acknowledged_by: nullable(Id),
  note: nullable(Type.String()),
  resolved_at: nullable(Timestamp),
  resolution: nullable(literals(alertResolutions)),
  resolved_by: nullable(Id),
  /** The furthest beyond the threshold, once it is over. */
  peak: Measured,
  version: Version,
  ...stamps,
});
export type Alert = Static<typeof Alert>;

export const telemetryAlertEvents = {
  'telemetry.alert.raised': Alert,
  'telemetry.alert.acknowledged': Alert,
  'telemetry.alert.resolved': Alert,
} as const;
