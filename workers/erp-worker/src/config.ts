import { eventBusFields, kafkaPlaceOf } from '@platen/chassis/bus/kafka/settings';
import { featureFlags } from '@platen/chassis/config/feature-flags';
import { duration, loadConfig, secret } from '@platen/chassis/config/load-config';
import { logLevels } from '@platen/chassis/log/logger';
import { tracingFields, tracingOf } from '@platen/chassis/tracing/settings';
import { Type } from 'typebox';
import { mailFields, mailSettingsOf } from './mail/mail-config.js';

export const Environment = Type.Object({
  NODE_ENV: Type.Enum(['development', 'production', 'test'], {
    default: 'development',
    description: '`production`: no start on a development default; this service has none',
  }),
  LOG_LEVEL: Type.Enum([...logLevels], { default: 'info', description: 'The least level that is logged' }),
  CONTROL_INTERNAL_URL: Type.String({
    pattern: '^https?://',
    default: 'http://127.0.0.1:4100',
    description: "The control plane's internal listener: service tokens, events of accounts, and what their mails say",
  }),
  DATA_INTERNAL_URL: Type.String({
    pattern: '^https?://',
    default: 'http://127.0.0.1:4101',
    description: "The data plane's internal listener: events, and what a mail says",
  }),
  SERVICE_CLIENT_ID: Type.String({ minLength: 1, default: 'erp-worker', description: 'Service account' }),
  SERVICE_CLIENT_SECRET: secret({
    minLength: 16,
    description: 'What `SEED_ERP_WORKER_SECRET` was when the seeds ran',
  }),
  WORKER_HEALTH_PORT: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: 4200,
    description: 'Port of the health probe, bound to 127.0.0.1',
  }),
  WORKER_CONCURRENCY: Type.Integer({
    minimum: 1,
    maximum: 256,
    default: 8,
    description: 'Events handled at once; those of one key are always handled one after the other',
  }),
  WORKER_JOBS: Type.Integer({ minimum: 1, maximum: 64, default: 4, description: 'Jobs that run here at once' }),
  JOB_LEASE: duration('30s', {
    minimum: 5_000,
    maximum: 300_000,
    description: 'How long a job whose worker died waits for another',
  }),
  OUTBOX_LEASE: duration('15s', {
    minimum: 5_000,
    maximum: 300_000,
    description: 'How long another worker waits before it takes over from one that died; with Kafka at least 6s',
  }),
  ...eventBusFields,
  ...mailFields,
  ...tracingFields,
  PLATEN_DATA_DIR: Type.String({
    minLength: 1,
    default: '.platen',
    description: 'Folder for mails, `<folder>/mail`',
  }),
});
export type Config = ReturnType<typeof readConfig>;

/** @throws ConfigError naming every variable that is wrong */
export function readConfig(env: Readonly<Record<string, string | undefined>>) {
  const values = loadConfig(Environment, env);
  return {
    ...values,
    /** Null: events are pulled. */
    kafka: kafkaPlaceOf(values, 'erp-worker'),
    tracing: tracingOf(values, 'erp-worker'),
    mail: mailSettingsOf(values, values.NODE_ENV === 'production'),
    isFeatureEnabled: featureFlags(env),
  };
}
