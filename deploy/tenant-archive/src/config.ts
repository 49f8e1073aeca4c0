import { readFileSync } from 'node:fs';
import { ConfigError, loadConfig, secret } from '@platen/chassis/config/load-config';
import { createChecker } from '@platen/chassis/validation/checker';
import { storageFields, storageOf } from '@platen/data-plane/storage/storage-config';
import { closed } from '@platen/schema/contracts/shapes';
import { Type } from 'typebox';
import type { Databases } from './databases.js';

/** Those of a migration, and those of the storage. */
const Environment = Type.Object({
  MIGRATE_CONTROL_DB_URL: secret({ description: 'The control-plane database as its owner' }),
  MIGRATE_DB_CATALOG: secret({
    description: 'The other databases as their owner: JSON, or the path of a file with it',
  }),
  ...storageFields,
});
const postgresUrl = Type.String({ pattern: '^postgres(ql)?://', maxLength: 2048 });
const catalogue = createChecker(
  Type.Record(
    Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,62}$' }),
    closed({ url: postgresUrl, kind: Type.Enum(['erp', 'telemetry']) }),
    { minProperties: 1 },
  ),
);

/** @throws ConfigError, which quotes no URL */
export function readConfig(env: Readonly<Record<string, string | undefined>>) {
  const values = loadConfig(Environment, env);
  const databases: Databases = {
    controlUrl: values.MIGRATE_CONTROL_DB_URL,
    catalogue: readCatalogue(values.MIGRATE_DB_CATALOG),
  };
  return { databases, storage: storageOf(values) };
}

function readCatalogue(given: string): Databases['catalogue'] {
  let value: unknown;
  try {
    value = JSON.parse(given.trimStart().startsWith('{') ? given : readFileSync(given, 'utf8'));
  } catch {
    throw new ConfigError(['MIGRATE_DB_CATALOG: neither JSON nor a file with it']);
  }
  if (!catalogue.check(value)) throw new ConfigError([`MIGRATE_DB_CATALOG${catalogue.describe(value)}`]);
  return new Map(Object.entries(value));
}
