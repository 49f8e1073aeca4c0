import { loadConfig, secret } from '@platen/chassis/config/load-config';
import { Type } from 'typebox';
import { KeyEncryptionKey } from '../config.js';

/** Of commands that work on the control-plane database. */
export const AuditEnvironment = Type.Object({
  CONTROL_PLATFORM_DB_URL: secret({ description: 'The control-plane database as the role `control_platform`' }),
});
export const KeysEnvironment = Type.Object({
  ...AuditEnvironment.properties,
  NODE_ENV: Type.Enum(['production', 'development', 'test'], {
    default: 'development',
    description: '`production`: no start on a development default',
  }),
  KEY_ENCRYPTION_KEY: KeyEncryptionKey,
});

export const readAuditConfig = (env: Readonly<Record<string, string | undefined>>) => loadConfig(AuditEnvironment, env);
export const readKeysConfig = (env: Readonly<Record<string, string | undefined>>) => loadConfig(KeysEnvironment, env);
