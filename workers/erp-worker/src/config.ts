import { duration, loadConfig, secret } from '@platen/chassis/config/load-config';
import { logLevels } from '@platen/chassis/log/logger';
import { type Static, Type } from 'typebox';

const Config = Type.Object({
  NODE_ENV: Type.Enum(['development', 'production', 'test'], { default: 'development' }),
  LOG_LEVEL: Type.Enum([...logLevels], { default: 'info' }),
  /** Gives service tokens. */
  CONTROL_INTERNAL_URL: Type.String({ pattern: '^https?://', default: 'http://127.0.0.1:4100' }),
  DATA_INTERNAL_URL: Type.String({ pattern: '^https?://', default: 'http://127.0.0.1:4101' }),
  SERVICE_CLIENT_ID: Type.String({ minLength: 1, default: 'erp-worker' }),
  SERVICE_CLIENT_SECRET: secret({ minLength: 16 }),
  /** Bound to loopback. */
  WORKER_HEALTH_PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 4200 }),
  /** Keys handled at once. */
  WORKER_CONCURRENCY: Type.Integer({ minimum: 1, maximum: 256, default: 8 }),
  /** How long another worker waits before it takes over from one that died. */
  OUTBOX_LEASE: duration('15s', { minimum: 5_000, maximum: 300_000 }),
  EVENT_BUS: Type.Enum(['outbox'], { default: 'outbox' }),
  MAIL_PROVIDER: Type.Enum(['log'], { default: 'log' }),
  MAIL_FROM_ADDRESS: Type.String({ pattern: '^[^\\s@<>"]+@[A-Za-z0-9.-]+$', default: 'no-reply@platen.localhost' }),
  PLATEN_DATA_DIR: Type.String({ minLength: 1, default: '.platen' }),
});
export type Config = Static<typeof Config>;

/** @throws ConfigError naming every variable that is wrong */
export const readConfig = (env: Readonly<Record<string, string | undefined>>): Config => loadConfig(Config, env);
