import { Type } from 'typebox';
import { closed, Id, Timestamp } from '../contracts/shapes.js';

export const topic = 'telemetry.readings';

const Reading = closed({
  /** As the device calls it: `temperature`, `stitches`. */
  metric: Type.String({ minLength: 1, maxLength: 64 }),
  value: Type.Number(),
  measured_at: Timestamp,
});

export const telemetryReadingsEvents = {
  /** What one device has measured since it last told. */
  'telemetry.readings.received': closed({
    device_id: Id,
    readings: Type.Array(Reading, { minItems: 1, maxItems: 1_000 }),
  }),
} as const;
