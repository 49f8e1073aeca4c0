import { Type } from 'typebox';
import { contracts, requiresOrDevice } from '../../contract.js';
import { closed, literals, nullable } from '../shapes.js';

/** Of one request, as it is and unpacked. */
export const maxReadingsBytes = 4 * 1024 * 1024;
/** Of one request: what is stored at once, or not at all. */
export const maxReadings = 10_000;
/** More are counted, not listed. */
export const maxRefusedReadings = 1_000;

/** As devices and metrics are called; what is called otherwise is unknown, and refused alone. */
const SentCode = Type.String({ minLength: 1, maxLength: 64 });

/** Why a reading is not stored, while those beside it are. */
export const refusalReasons = [
  'malformed',
  'not_finite',
  'unknown_device',
  'unknown_metric',
  /** A credential sends readings of its own device. */
  'other_device',
  'device_disabled',
  /** Older than what is kept. */
  'too_old',
  'ahead_of_time',
  'limit_reached',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

export const timestampPrecisions = ['ns', 'us', 'ms', 's'] as const;

export const SentReading = closed({
  device: Type.Optional({
    ...SentCode,
    description: 'Its code. Absent: the device whose credential this is',
    examples: ['press-1'],
  }),
  metric: { ...SentCode, description: 'Its code', examples: ['pieces'] },
  ts: Type.Optional(
    Type.Union([Type.String({ minLength: 20, maxLength: 40, examples: ['2026-03-01T09:30:00.000Z'] }), Type.Number()], {
      description: 'RFC 3339, or milliseconds since 1970; finer than a millisecond is cut off. Absent: when it arrives',
    }),
  ),
  value: Type.Union([Type.Number({ examples: [1200] }), Type.Boolean()]),
});

const Count = Type.Integer({ minimum: 0 });
export const ReadingsAnswer = closed({
  /** Stored, committed, and not there before. */
  accepted: Count,
  /** There before under the same device, metric and time, whose value stays as it was. */
  duplicates: Count,
  refused_count: Count,
  /** The first of them. */
  refused: Type.Array(
    closed({
      /** Of lines, from 1; of a JSON document its place in `readings`. */
      line: Type.Integer({ minimum: 1 }),
      device: nullable(Type.String()),
      metric: nullable(Type.String()),
      code: literals(refusalReasons),
      detail: Type.String(),
    }),
    { maxItems: maxRefusedReadings },
  ),
  /** The newest reading's time less ours, of the device that is furthest off; absent where nothing was stored. */
  clock_skew_ms: Type.Optional(Type.Integer()),
});

const lines = [
  '{"device":"press-1","metric":"pieces","ts":"2026-03-01T09:30:00.000Z","value":1200}',
  '{"device":"press-1","metric":"temperature","ts":1772357400000,"value":181.5}',
  '',
].join('\n');

export const readings = contracts('telemetry.readings', {
  write: {
    method: 'POST',
    path: '/api/telemetry/readings',
    access: requiresOrDevice('telemetry.reading.write'),
    summary: 'Send readings',
    description: `What is good is stored, and committed before this answers; what is not is told line by line. A reading that comes twice is stored once: device, metric and time tell them apart, so a request may be repeated. They may come late, and in any order. At most ${maxReadings} at once; with a device credential, of that device alone.`,
    query: closed({
      precision: Type.Optional({
        ...literals(timestampPrecisions),
        description: 'Of the times in line protocol; without it nanoseconds',
      }),
    }),
    body: closed({ readings: Type.Array(SentReading, { maxItems: maxReadings }) }),
    upload: {
      mediaType: 'application/json',
      also: {
        'application/x-ndjson': { description: 'A reading in each line', example: lines },
        'text/plain': {
          description:
            'Line protocol of InfluxDB: device, tags (which are not kept), a field for each metric, the time',
          example: 'press-1,hall=2 pieces=1200i,temperature=181.5 1772357400000000000\n',
        },
      },
      maxBytes: maxReadingsBytes,
      encodings: ['gzip'],
    },
    idempotency: 'exempt',
    status: 200,
    response: ReadingsAnswer,
    errors: ['busy', 'invalid_device_credential', 'too_many_attempts'],
  },
});
