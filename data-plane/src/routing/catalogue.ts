import { readFileSync } from 'node:fs';
import { ConfigError } from '@platen/chassis/config/load-config';
import { createChecker } from '@platen/chassis/validation/checker';
import { closed } from '@platen/schema/contracts/shapes';
import { type Static, Type } from 'typebox';

const postgresUrl = Type.String({ pattern: '^postgres(ql)?://', maxLength: 2048 });
const Entry = closed({
  /** As the application's role: everything that requests do. */
  url: postgresUrl,
  /** As the system role: the outbox's relay, due work. */
  system_url: postgresUrl,
  pool_size: Type.Optional(Type.Integer({ minimum: 3, maximum: 200 })),
  /** What is in it: a tenant's configuration names one of each. */
  kind: Type.Union([Type.Literal('erp'), Type.Literal('telemetry')]),
});
const catalogue = createChecker(
  Type.Record(Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,62}$' }), Entry, { minProperties: 1 }),
);

export type CatalogueEntry = Static<typeof Entry>;
export type DatabaseKind = CatalogueEntry['kind'];
/** The databases of this installation, by the keys that tenants are configured with. */
export type Catalogue = ReadonlyMap<string, CatalogueEntry>;

/**
 * `DATA_DB_CATALOG`: JSON, or the path of a file with it.
 * @throws ConfigError, which never quotes the text: it holds passwords
 */
export function readCatalogue(given: string): Catalogue {
  const text = given.trimStart().startsWith('{') ? given : readCatalogueFile(given);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ConfigError(['DATA_DB_CATALOG: not valid JSON']);
  }
  if (!catalogue.check(value)) throw new ConfigError([`DATA_DB_CATALOG${catalogue.describe(value)}`]);
  return new Map(Object.entries(value));
}

function readCatalogueFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new ConfigError(['DATA_DB_CATALOG: neither JSON nor a file that can be read']);
  }
}
