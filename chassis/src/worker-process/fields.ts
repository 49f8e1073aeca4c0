import { Type } from 'typebox';
import { eventBusFields, kafkaPlaceOf } from '../bus/kafka/settings.js';
import { duration, secret } from '../config/load-config.js';
import { logLevels } from '../log/logger.js';
import { tracingFields, tracingOf } from '../tracing/settings.js';

/** What is a worker's own of the variables that all workers have. */
export interface WorkerIdentity {
  /** Of its service account too. */
  readonly name: string;
  /** Of the seeds: where its secret is from. */
  readonly seedSecret: string;
  readonly healthPort: number;
  /** What it asks of the planes, for their descriptions. */
  readonly asksControlPlane: string;
  readonly asksDataPlane: string;
}

const url = (preset: string, description: string) =>
  Type.String({ pattern: '^https?://', default: preset, description });

export const workerFields = (worker: WorkerIdentity) => ({
  NODE_ENV: Type.Enum(['development', 'production', 'test'], {
    default: 'development',
    description: '`production`: no start on a development default; this service has none',
  }),
  LOG_LEVEL: Type.Enum([...logLevels], { default: 'info', description: 'The least level that is logged' }),
  CONTROL_INTERNAL_URL: url(
    'http://127.0.0.1:4100',
    `The control plane's internal listener: ${worker.asksControlPlane}`,
  ),
  DATA_INTERNAL_URL: url('http://127.0.0.1:4101', `The data plane's internal listener: ${worker.asksDataPlane}`),
  SERVICE_CLIENT_ID: Type.String({ minLength: 1, default: worker.name, description: 'Service account' }),
  SERVICE_CLIENT_SECRET: secret({ minLength: 16, description: `What \`${worker.seedSecret}\` was when the seeds ran` }),
  WORKER_HEALTH_HOST: Type.String({
    minLength: 1,
    default: '127.0.0.1',
    description:
      'Address of the health probe and of metrics; another than loopback where a probe or Prometheus is elsewhere',
  }),
  WORKER_HEALTH_PORT: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: worker.healthPort,
    description: 'Port of the health probe and of metrics',
  }),
  WORKER_CONCURRENCY: Type.Integer({
    minimum: 1,
    maximum: 256,
    default: 8,
    description: 'Events handled at once; those of one key are always handled one after the other',
  }),
  OUTBOX_LEASE: duration('15s', {
    minimum: 5_000,
    maximum: 300_000,
    description: 'How long another worker waits before it takes over from one that died; with Kafka at least 6s',
  }),
  ...eventBusFields,
  ...tracingFields,
});

type WorkerValues = Parameters<typeof kafkaPlaceOf>[0] & Parameters<typeof tracingOf>[0];

/** What follows from these variables together. `kafka` null: events are pulled. */
export const workerSettings = (values: WorkerValues, name: string) => ({
  kafka: kafkaPlaceOf(values, name),
  tracing: tracingOf(values, name),
});
export type WorkerSettings = ReturnType<typeof workerSettings> & {
  readonly WORKER_HEALTH_HOST: string;
  readonly WORKER_HEALTH_PORT: number;
  readonly WORKER_CONCURRENCY: number;
  readonly OUTBOX_LEASE: number;
  readonly LOG_LEVEL: (typeof logLevels)[number];
};
