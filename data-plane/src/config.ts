import path from 'node:path';
import { featureFlags } from '@platen/chassis/config/feature-flags';
import { integerList, list, loadConfig, secret } from '@platen/chassis/config/load-config';
import { logLevels } from '@platen/chassis/log/logger';
import { Type } from 'typebox';
import { type Catalogue, readCatalogue } from './routing/catalogue.js';

const port = (defaultPort: number) => Type.Integer({ minimum: 0, maximum: 65_535, default: defaultPort });

const Environment = Type.Object({
  NODE_ENV: Type.Enum(['development', 'test', 'production'], { default: 'development' }),
  LOG_LEVEL: Type.Enum([...logLevels], { default: 'info' }),
  DATA_PLANE_HOST: Type.String({ default: '127.0.0.1' }),
  DATA_PLANE_PORT: port(4001),
  DATA_INTERNAL_HOST: Type.String({ default: '127.0.0.1' }),
  DATA_INTERNAL_PORT: port(4101),
  BASE_DOMAIN: Type.String({ pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$', maxLength: 253, default: 'localhost' }),
  DEV_ORIGIN_PORTS: integerList([]),
  TRUSTED_PROXIES: list([]),
  TOKEN_ISSUER: Type.String({ minLength: 1, maxLength: 512 }),
  CONTROL_INTERNAL_URL: Type.String({ pattern: '^https?://', maxLength: 2048 }),
  SERVICE_CLIENT_ID: Type.String({ minLength: 1, maxLength: 64 }),
  SERVICE_CLIENT_SECRET: secret(),
  CURSOR_SECRET: secret({ minLength: 16, developmentDefault: 'a cursor secret for development' }),
  DATA_DB_CATALOG: secret(),
  PLATEN_DATA_DIR: Type.String({ minLength: 1, default: '.platen' }),
});

export type Config = ReturnType<typeof readConfig>;

/**
 * The one reader of the environment.
 * @throws ConfigError naming each variable that is not usable
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>) {
  const values = loadConfig(Environment, env);
  const catalogue: Catalogue = readCatalogue(values.DATA_DB_CATALOG);
  return {
    production: values.NODE_ENV === 'production',
    logLevel: values.LOG_LEVEL,
    listen: { host: values.DATA_PLANE_HOST, port: values.DATA_PLANE_PORT },
    listenInternal: { host: values.DATA_INTERNAL_HOST, port: values.DATA_INTERNAL_PORT },
    baseDomain: values.BASE_DOMAIN,
    devOriginPorts: values.DEV_ORIGIN_PORTS,
    trustedProxies: values.TRUSTED_PROXIES,
    tokenIssuer: values.TOKEN_ISSUER,
    control: {
      baseUrl: values.CONTROL_INTERNAL_URL,
      credentials: { clientId: values.SERVICE_CLIENT_ID, clientSecret: values.SERVICE_CLIENT_SECRET },
    },
    cursorSecret: values.CURSOR_SECRET,
    catalogue,
    feedFolder: path.resolve(values.PLATEN_DATA_DIR, 'data-plane', 'feed'),
    isFeatureEnabled: featureFlags(env),
  };
}
