import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { metricKinds } from '../../states/telemetry.js';
import { Code, closed, Id, literals, nullable, pageQuery, streamQuery, Timestamp } from '../shapes.js';

export const seriesAggregates = ['avg', 'min', 'max', 'sum', 'count', 'first', 'last', 'increase', 'rate'] as const;
export type SeriesAggregate = (typeof seriesAggregates)[number];
/** `raw`: the readings themselves. Days, weeks and months are those of the organization's time zone. */
export const seriesSteps = [
  'raw',
  '1s',
  '5s',
  '10s',
  '15s',
  '30s',
  '1m',
  '2m',
  '5m',
  '10m',
  '15m',
  '30m',
  '1h',
  '2h',
  '3h',
  '4h',
  '6h',
  '12h',
  '1d',
  '1w',
  '1mo',
] as const;
export type SeriesStep = (typeof seriesSteps)[number];

export const maxSeriesDevices = 50;
export const maxSeriesMetrics = 20;
/** Of one series, and of all of an answer. */
export const maxSeriesPoints = 5_000;
export const maxAnswerPoints = 50_000;
/** Of a page of `latest`, and as many can be named there and for a stream. */
export const maxLatestDevices = 1_000;

/** Codes or ids, with commas between: what has neither in it is no code. */
const list = (description: string, example: string, maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: '^[\\p{L}\\p{N}._/,-]+$', description, examples: [example] });
const Milliseconds = Type.Integer({
  description: 'Milliseconds since 1970-01-01T00:00:00Z',
  examples: [1772359200000],
});

const of = {
  // An address and its headers have 16 KiB: what is longer would be refused before anybody could say why.
  devices: list('Their codes or ids, with commas between; 1,000 at most', 'press-1,press-2', 12_000),
  metrics: list('Their codes or ids, with commas between; 20 at most', 'speed,temperature', 2_000),
};
const which = {
  device_id: Id,
  device: Code,
  metric_id: Id,
  metric: Code,
};

export const Series = closed({
  ...which,
  kind: literals(metricKinds),
  aggregate: literals(seriesAggregates),
  /** When each bucket begins, or a reading was taken; buckets without readings are left out. */
  t: Type.Array(Milliseconds),
  /** A value for each of `t`; null: there is none, such as the rate of a first reading. */
  v: Type.Array(nullable(Type.Number())),
  /** With `detail`: how many readings each rests on. */
  count: Type.Optional(Type.Array(Type.Integer())),
  /** With `detail`: when the last of them came in; null: that is kept of rollups alone. */
  arrived_at: Type.Optional(Type.Array(nullable(Milliseconds))),
  /** With `gaps`: from when until when nothing came for more than three times the metric's expected interval. */
  gaps: Type.Optional(Type.Array(Type.Array(Milliseconds, { minItems: 2, maxItems: 2 }))),
});

export const telemetrySeries = contracts('telemetry.series', {
  read: {
    method: 'GET',
    path: '/api/telemetry/series',
    access: requires('telemetry.reading.read'),
    summary: 'Read what devices measured, in steps',
    description:
      'One series for each device and metric, by columns. Without `step` it is the finest that gives no more than `max_points`. Buckets are whole: `from` and `to` of the answer are where the first begins and the last ends. What came a moment ago, or late, is in it.',
    query: closed({
      devices: list('Their codes or ids, with commas between; 50 at most', 'press-1,press-2', 4_000),
      metrics: of.metrics,
      from: Timestamp,
      to: Type.Optional({ ...Timestamp, description: 'Until before then; absent: now' }),
      step: Type.Optional(literals(seriesSteps)),
      max_points: Type.Optional(
        Type.Integer({
          minimum: 10,
          maximum: maxSeriesPoints,
          description: 'Of each series; 500 unless `step` says otherwise. All series together have 50,000 at most',
        }),
      ),
      aggregate: Type.Optional({
        ...literals(seriesAggregates),
        description:
          'Absent: `avg` of a gauge, `increase` of a counter, `last` of a state. A counter that fell had begun again from nothing; `rate` is its increase a second',
      }),
      gaps: Type.Optional(Type.Boolean()),
      detail: Type.Optional(Type.Boolean()),
      downsample: Type.Optional({
        ...literals(['lttb']),
        description:
          'Fewer points than were read, chosen so that a chart looks alike (largest triangle three buckets), with the least and the greatest value of each part',
      }),
    }),
    status: 200,
    response: closed({
      from: Timestamp,
      to: Timestamp,
      step: literals(seriesSteps),
      /** Where it was read; what no rollup has yet was read as it came. */
      source: literals(['raw', '1m', '1h', '1d']),
      time_zone: Type.String(),
      /** Something of this time had come in, and was in no rollup yet. */
      late_pending: Type.Boolean(),
      series: Type.Array(Series),
    }),
    errors: ['unknown_reference', 'context_required', 'database_unavailable'],
  },
});

const Reading = {
  metric_id: Id,
  metric: Code,
  ts: Timestamp,
  value: Type.Number(),
  arrived_at: Timestamp,
};

export const DeviceLatest = closed({
  device_id: Id,
  device: Code,
  readings: Type.Array(
    closed({
      ...Reading,
      /** How long ago it was taken; below nothing: the device's clock is ahead. */
      age_ms: Type.Integer(),
      /** Older than three times the metric's expected interval. */
      stale: Type.Boolean(),
    }),
  ),
});

export const telemetryLatest = contracts('telemetry.latest', {
  list: {
    method: 'GET',
    path: '/api/telemetry/latest',
    access: requires('telemetry.reading.read'),
    summary: 'List the last reading of each metric of each device',
    description:
      'Without `devices` all that this context sees. With `position` as `last_event_id`, `/api/telemetry/live` goes on from here: nothing between the two is missed.',
    query: closed({
      devices: Type.Optional(of.devices),
      metrics: Type.Optional(of.metrics),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: maxLatestDevices, default: maxLatestDevices })),
      cursor: pageQuery.cursor,
    }),
    status: 200,
    response: closed({
      items: Type.Array(DeviceLatest),
      next_cursor: nullable(Type.String()),
      position: Type.String({ pattern: '^\\d{1,19}$', examples: ['4711'] }),
    }),
    paged: true,
    errors: ['unknown_reference', 'context_required', 'invalid_cursor', 'database_unavailable'],
  },
});

/** The series whose last reading has changed, each as it is by now. */
export const LiveReadings = closed({ readings: Type.Array(closed({ device_id: Id, device: Code, ...Reading })) });

export const telemetryLive = contracts('telemetry.live', {
  follow: {
    method: 'GET',
    path: '/api/telemetry/live',
    access: requires('telemetry.reading.read'),
    summary: 'Follow the last readings as they come in',
    description:
      'Server-sent events. Who was away gets each series that has changed since once, as it is by now. After `reset`, get `/api/telemetry/latest` anew.',
    query: closed({ devices: Type.Optional(of.devices), metrics: Type.Optional(of.metrics), ...streamQuery }),
    status: 200,
    response: Type.String({ description: 'The stream' }),
    mediaType: 'text/event-stream',
    navigable: true,
    events: { readings: LiveReadings },
    errors: ['busy', 'unknown_reference', 'context_required', 'database_unavailable'],
  },
});
