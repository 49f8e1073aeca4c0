import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { ReadingsAnswer, SentReading } from '../data/telemetry-readings.js';
import { closed, Id } from '../shapes.js';

export const maxEventReadings = 1_000;

export const telemetryReadings = contracts('internal.telemetryReadings', {
  write: {
    method: 'POST',
    path: '/internal/tenants/:tenant_id/readings',
    access: { service: 'telemetry' },
    summary: 'Store the readings of an event',
    description:
      'Once: the event is noted in the transaction of its readings, and of a repeat nothing counts. What is refused is told, and never will be stored.',
    params: closed({ tenant_id: Id }),
    body: closed({
      organization_id: Id,
      workspace_id: Type.Optional(Id),
      event_id: Id,
      readings: Type.Array(SentReading, { minItems: 1, maxItems: maxEventReadings }),
    }),
    status: 200,
    response: ReadingsAnswer,
    idempotency: 'exempt',
  },
});
