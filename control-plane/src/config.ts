import { eventBusFields, relayFields, relayOf } from '@platen/chassis/bus/kafka/settings';
import { RedisUrl } from '@platen/chassis/cache/shared-state';
import { featureFlags } from '@platen/chassis/config/feature-flags';
import { duration, integerList, list, loadConfig, secret } from '@platen/chassis/config/load-config';
import { logLevels } from '@platen/chassis/log/logger';
import { tracingFields, tracingOf } from '@platen/chassis/tracing/settings';
import { Type } from 'typebox';

/** 32 bytes in base64. In development only; production refuses to start on it. */
const developmentKey = Buffer.from('platen development key, 32 bytes').toString('base64');

const port = (preset: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 65_535, default: preset, description });
const count = (minimum: number, maximum: number, preset: number, description: string) =>
  Type.Integer({ minimum, maximum, default: preset, description });
const text = (preset: string, description: string) => Type.String({ minLength: 1, default: preset, description });

export const KeyEncryptionKey = secret({
  minLength: 43,
  developmentDefault: developmentKey,
  description:
    '32 bytes in base64. Encrypts the signing keys in the database; the key that chains refresh tokens is derived from it',
});

export const Environment = Type.Object({
  NODE_ENV: Type.Enum(['production', 'development', 'test'], {
    default: 'development',
    description: '`production`: `__Host-` cookies, https origins, HSTS, and no start on a development default',
  }),
  LOG_LEVEL: Type.Enum(logLevels, { default: 'info', description: 'The least level that is logged' }),
  CONTROL_PLANE_HOST: text('127.0.0.1', "Address of the listener for tenants' hosts"),
  CONTROL_PLANE_PORT: port(4000, "Port of the listener for tenants' hosts"),
  CONTROL_INTERNAL_HOST: text('127.0.0.1', 'Address of the listener for our own processes'),
  CONTROL_INTERNAL_PORT: port(4100, 'Port of the listener for our own processes: tokens, feed, metrics'),
  CONTROL_DB_URL: secret({ description: 'The control-plane database as the role `control_tenant`' }),
  CONTROL_DB_POOL_SIZE: count(3, 200, 10, 'Connections as `control_tenant`, both lanes together'),
  CONTROL_PLATFORM_DB_URL: secret({ description: 'The control-plane database as the role `control_platform`' }),
  CONTROL_PLATFORM_DB_POOL_SIZE: count(1, 50, 4, 'Connections as `control_platform`'),
  KEY_ENCRYPTION_KEY: KeyEncryptionKey,
  TOKEN_ISSUER: text('platen', 'The claim `iss` of every token; the same for all services'),
  BASE_DOMAIN: text('localhost', 'Tenants live at `<slug>.<this>`; the same for all services'),
  DEV_ORIGIN_PORTS: integerList([], {
    description: "Ports of front ends on a developer's machine whose pages may write; without meaning in production",
  }),
  TRUSTED_PROXIES: list([], { description: 'Addresses of reverse proxies whose `X-Forwarded-For` is believed' }),
  AUTH_REQUESTS_PER_MINUTE: Type.Integer({
    minimum: 1,
    default: 600,
    description: 'Sign-ins, refreshes and sign-outs per address, tenant and minute',
  }),
  PASSWORD_THREADS: count(1, 64, 2, 'Threads that hash passwords: 19 MiB and one core each while they work'),
  PASSWORD_QUEUE: count(
    8,
    100_000,
    512,
    'Sign-ins that may wait for a thread, of one tenant an eighth of them; beyond, 429 `sign_in_busy`',
  ),
  DNS_SERVERS: list([], {
    description:
      'Name servers, `address` or `address:port`, that are asked for the records of domains; empty: those of the system',
  }),
  DNS_TIMEOUT: duration('3s', { description: 'How long a domain’s name servers are waited for' }),
  DATA_INTERNAL_URL: Type.String({
    pattern: '^https?://',
    maxLength: 2048,
    default: 'http://127.0.0.1:4101',
    description:
      "A data plane's internal listener: the databases of tenants are checked, prepared and purged through it",
  }),
  TENANT_DELETION_GRACE: duration('30d', { description: "How long a tenant's deletion can be taken back" }),
  DEFAULT_TELEMETRY_DB: Type.String({
    pattern: '^([a-z0-9][a-z0-9_-]{0,62})?$',
    default: '',
    description:
      "Key of the telemetry database, in the data planes' catalogue, of a new tenant that names none; empty: it has no telemetry",
  }),
  REDIS_URL: RedisUrl,
  ...eventBusFields,
  ...relayFields,
  ...tracingFields,
  DRAIN_TIME: duration('0ms', {
    description: 'Between "not ready" and closing, for load balancers that poll `/ready`',
  }),
});

/** The only place of the service that reads the environment. */
export function readConfig(env: Readonly<Record<string, string | undefined>>) {
  const config = loadConfig(Environment, env);
  return {
    ...config,
    production: config.NODE_ENV === 'production',
    relay: relayOf(config, 'control-plane'),
    tracing: tracingOf(config, 'control-plane'),
    isFeatureEnabled: featureFlags(env),
  };
}
export type Config = ReturnType<typeof readConfig>;
