import { loadConfig, secret } from '@platen/chassis/config/load-config';
import { Type } from 'typebox';
import { KeyEncryptionKey } from '../config.js';

export const SeedEnvironment = Type.Object({
  NODE_ENV: Type.Enum(['production', 'development', 'test'], {
    default: 'development',
    description: '`production`: catalogue, roles, service accounts and a signing key, but no demo tenants',
  }),
  CONTROL_PLATFORM_DB_URL: secret({ description: 'The control-plane database as the role `control_platform`' }),
  KEY_ENCRYPTION_KEY: KeyEncryptionKey,
  BASE_DOMAIN: Type.String({ minLength: 1, default: 'localhost', description: 'Demo tenants live at `<slug>.<this>`' }),
  SEED_DATA_PLANE_SECRET: secret({
    minLength: 16,
    developmentDefault: 'development-data-plane',
    description: "The data plane's `SERVICE_CLIENT_SECRET`, of which a hash is stored",
  }),
  SEED_ERP_WORKER_SECRET: secret({
    minLength: 16,
    developmentDefault: 'development-erp-worker',
    description: "The erp-worker's `SERVICE_CLIENT_SECRET`, of which a hash is stored",
  }),
  SEED_TELEMETRY_WORKER_SECRET: secret({
    minLength: 16,
    developmentDefault: 'development-telemetry-worker',
    description: "The telemetry-worker's `SERVICE_CLIENT_SECRET`, of which a hash is stored",
  }),
});

export function readSeedConfig(env: Readonly<Record<string, string | undefined>>) {
  const config = loadConfig(SeedEnvironment, env);
  return { ...config, production: config.NODE_ENV === 'production' };
}
