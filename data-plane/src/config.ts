import path from 'node:path';
import { createTextCipher, deriveKey, type TextCipher } from '@platen/chassis/auth/text-cipher';
import { eventBusFields, relayFields, relayOf } from '@platen/chassis/bus/kafka/settings';
import { RedisUrl } from '@platen/chassis/cache/shared-state';
import { featureFlags } from '@platen/chassis/config/feature-flags';
import { ConfigError, duration, integerList, list, loadConfig, secret } from '@platen/chassis/config/load-config';
import { logLevels } from '@platen/chassis/log/logger';
import { allowedHostsOf, outboundFields } from '@platen/chassis/outbound/allowed-hosts';
import { tracingFields, tracingOf } from '@platen/chassis/tracing/settings';
import { Type } from 'typebox';
import { type Catalogue, readCatalogue } from './routing/catalogue.js';
import { storageFields, storageOf } from './storage/storage-config.js';

const port = (defaultPort: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 65_535, default: defaultPort, description });

const developmentCredentialsKey = Buffer.from('platen development key, 32 bytes').toString('base64');

export const Environment = Type.Object({
  NODE_ENV: Type.Enum(['development', 'test', 'production'], {
    default: 'development',
    description: '`production`: `__Host-` cookies, https origins, HSTS, and no start on a development default',
  }),
  LOG_LEVEL: Type.Enum([...logLevels], { default: 'info', description: 'The least level that is logged' }),
  DATA_PLANE_HOST: Type.String({ default: '127.0.0.1', description: "Address of the listener for tenants' hosts" }),
  DATA_PLANE_PORT: port(4001, "Port of the listener for tenants' hosts"),
  DATA_INTERNAL_HOST: Type.String({
    default: '127.0.0.1',
    description: 'Address of the listener for our own processes',
  }),
  DATA_INTERNAL_PORT: port(4101, 'Port of the listener for our own processes: outbox, mails, metrics'),
  BASE_DOMAIN: Type.String({
    pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$',
    maxLength: 253,
    default: 'localhost',
    description: 'Tenants live at `<slug>.<this>`; the same for all services',
  }),
  DEV_ORIGIN_PORTS: integerList([], {
    description: "Ports of front ends on a developer's machine whose pages may write; without meaning in production",
  }),
  TRUSTED_PROXIES: list([], { description: 'Addresses of reverse proxies whose `X-Forwarded-For` is believed' }),
  TOKEN_ISSUER: Type.String({
    minLength: 1,
    maxLength: 512,
    default: 'platen',
    description: 'The claim `iss` that tokens must have: what the control plane has',
  }),
  CONTROL_INTERNAL_URL: Type.String({
    pattern: '^https?://',
    maxLength: 2048,
    description: "The control plane's internal listener: service tokens and the feed",
  }),
  SERVICE_CLIENT_ID: Type.String({ minLength: 1, maxLength: 64, description: 'Service account: `data-plane`' }),
  SERVICE_CLIENT_SECRET: secret({ description: 'What `SEED_DATA_PLANE_SECRET` was when the seeds ran' }),
  CURSOR_SECRET: secret({
    minLength: 16,
    developmentDefault: 'a cursor secret for development',
    description: 'Signs the cursors of lists; the same for all instances',
  }),
  QUOTE_LINK_SECRET: secret({
    minLength: 16,
    developmentDefault: 'a quote link secret for development',
    description:
      'Makes the links that customers of sent quotes get; the same for all instances. With another one, links that were mailed still hold, but are not made again',
  }),
  DN_CREDENTIALS_KEY: secret({
    minLength: 43,
    developmentDefault: developmentCredentialsKey,
    description:
      "Encrypts what signs in at DecoNetwork sites: 32 bytes in base64; the same for all instances. Two, separated by a comma, while one takes the other's place: the first encrypts, both decrypt",
  }),
  ...outboundFields,
  DATA_DB_CATALOG: secret({
    description:
      'The ERP databases: JSON, or the path of a file with it. `{"<key>": {"url": as platen_app, "system_url": as platen_system, "pool_size": 10, "kind": "erp"}}`',
  }),
  PLATEN_DATA_DIR: Type.String({
    minLength: 1,
    default: '.platen',
    description: 'Folder for the copy of the feed, `<folder>/data-plane/feed`; one for each instance',
  }),
  REDIS_URL: RedisUrl,
  ...eventBusFields,
  ...relayFields,
  ...tracingFields,
  ...storageFields,
  DRAIN_TIME: duration('0ms', {
    description: 'Between "not ready" and closing, for load balancers that poll `/ready`',
  }),
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
    drainMs: values.DRAIN_TIME,
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
    keySetUrl: new URL('/internal/key-set', values.CONTROL_INTERNAL_URL).href,
    redisUrl: values.REDIS_URL,
    relay: relayOf(values, 'data-plane'),
    tracing: tracingOf(values, 'data-plane'),
    cursorSecret: values.CURSOR_SECRET,
    quoteLinks: {
      secret: values.QUOTE_LINK_SECRET,
      baseDomain: values.BASE_DOMAIN,
      // The front end's, where there is one.
      devPort: values.DEV_ORIGIN_PORTS[0] ?? values.DATA_PLANE_PORT,
      production: values.NODE_ENV === 'production',
    },
    deconetwork: {
      cipher: credentialsCipher(values.DN_CREDENTIALS_KEY, values.NODE_ENV === 'production'),
      allowedHosts: allowedHostsOf(values.OUTBOUND_ALLOWED_HOSTS),
    },
    catalogue,
    storage: storageOf(values),
    maxFileBytes: values.FILE_MAX_BYTES,
    feedFolder: path.resolve(values.PLATEN_DATA_DIR, 'data-plane', 'feed'),
    isFeatureEnabled: featureFlags(env),
  };
}

/** @throws ConfigError */
function credentialsCipher(text: string, production: boolean): TextCipher {
  const secrets = text.split(',').map((part) => part.trim());
  if (production && secrets.includes(developmentCredentialsKey)) {
    throw new ConfigError(['DN_CREDENTIALS_KEY: production does not start on the development default']);
  }
  const [first, ...older] = secrets.map((part) => deriveKey(part, 'dn-credentials', 'DN_CREDENTIALS_KEY'));
  if (first === undefined) throw new ConfigError(['DN_CREDENTIALS_KEY: required']);
  return createTextCipher(first, ...older);
}
