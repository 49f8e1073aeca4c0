import { Type } from 'typebox';
import { SentReading } from '../contracts/data/telemetry-readings.js';
import { maxEventReadings } from '../contracts/internal/telemetry-readings.js';
import { closed } from '../contracts/shapes.js';

export const topic = 'telemetry.readings';

/** As `POST /api/telemetry/readings` takes them. */
export const ReadingsReceived = closed({
  readings: Type.Array(SentReading, { minItems: 1, maxItems: maxEventReadings }),
});

export const telemetryReadingsEvents = {
  /** What a device has measured since it last told. From gateways into Kafka: nothing here writes it. */
  'telemetry.readings.received': ReadingsReceived,
} as const;
