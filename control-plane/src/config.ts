import { duration, integerList, list, loadConfig, secret } from '@platen/chassis/config/load-config';
import { logLevels } from '@platen/chassis/log/logger';
import { Type } from 'typebox';

/** 32 bytes in base64. In development only; production refuses to start on it. */
const developmentKey = Buffer.from('platen development key, 32 bytes').toString('base64');

const port = (preset: number) => Type.Integer({ minimum: 0, maximum: 65_535, default: preset });

export const KeyEncryptionKey = secret({ minLength: 43, developmentDefault: developmentKey });

const Environment = Type.Object({
  NODE_ENV: Type.Enum(['production', 'development', 'test'], { default: 'development' }),
  LOG_LEVEL: Type.Enum(logLevels, { default: 'info' }),
  HOST: Type.String({ minLength: 1, default: '0.0.0.0' }),
  CONTROL_PLANE_PORT: port(4000),
  CONTROL_INTERNAL_HOST: Type.String({ minLength: 1, default: '127.0.0.1' }),
  CONTROL_INTERNAL_PORT: port(4100),
  /** As the role `control_tenant`. */
  CONTROL_DB_URL: secret(),
  CONTROL_DB_POOL_SIZE: Type.Integer({ minimum: 3, maximum: 200, default: 10 }),
  /** As the role `control_platform`. */
  CONTROL_PLATFORM_DB_URL: secret(),
  CONTROL_PLATFORM_DB_POOL_SIZE: Type.Integer({ minimum: 1, maximum: 50, default: 4 }),
  /** Encrypts signing keys; the key that refresh tokens are chained with is derived from it too. */
  KEY_ENCRYPTION_KEY: KeyEncryptionKey,
  TOKEN_ISSUER: Type.String({ minLength: 1, default: 'platen' }),
  /** Tenants live at `<slug>.<this>`. */
  BASE_DOMAIN: Type.String({ minLength: 1, default: 'localhost' }),
  /** Ports of front ends on a developer's machine whose pages may write. */
  DEV_ORIGIN_PORTS: integerList([]),
  /** Addresses of reverse proxies whose X-Forwarded-For is believed. */
  TRUSTED_PROXIES: list([]),
  /** Sign-ins, refreshes and sign-outs per address, tenant and minute. */
  AUTH_REQUESTS_PER_MINUTE: Type.Integer({ minimum: 1, default: 600 }),
  /** Threads that hash passwords: 19 MiB and one core each while they work. */
  PASSWORD_THREADS: Type.Integer({ minimum: 1, maximum: 64, default: 2 }),
  /** Sign-ins that may wait for a thread. */
  PASSWORD_QUEUE: Type.Integer({ minimum: 1, maximum: 10_000, default: 64 }),
  /** Between "not ready" and closing, for load balancers. */
  DRAIN_TIME: duration('0ms'),
});

/** The only place of the service that reads the environment. */
export function readConfig(env: Readonly<Record<string, string | undefined>>) {
  const config = loadConfig(Environment, env);
  return { ...config, production: config.NODE_ENV === 'production' };
}
export type Config = ReturnType<typeof readConfig>;
