import { loadConfig, secret } from '@platen/chassis/config/load-config';
import { Type } from 'typebox';
import { KeyEncryptionKey } from '../config.js';

const Environment = Type.Object({
  NODE_ENV: Type.Enum(['production', 'development', 'test'], { default: 'development' }),
  /** As the role `control_platform`. */
  CONTROL_PLATFORM_DB_URL: secret(),
  KEY_ENCRYPTION_KEY: KeyEncryptionKey,
  BASE_DOMAIN: Type.String({ minLength: 1, default: 'localhost' }),
  SEED_DATA_PLANE_SECRET: secret({ minLength: 16, developmentDefault: 'development-data-plane' }),
  SEED_ERP_WORKER_SECRET: secret({ minLength: 16, developmentDefault: 'development-erp-worker' }),
});

export function readSeedConfig(env: Readonly<Record<string, string | undefined>>) {
  const config = loadConfig(Environment, env);
  return { ...config, production: config.NODE_ENV === 'production' };
}
