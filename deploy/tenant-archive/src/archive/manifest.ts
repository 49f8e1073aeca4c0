import { createChecker } from '@platen/chassis/validation/checker';
import { closed } from '@platen/schema/contracts/shapes';
import { type Static, Type } from 'typebox';

/** A later one may be read by nobody older. */
export const archiveFormat = 1;
export const manifestName = 'manifest.json';

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Id = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' });
const Count = Type.Integer({ minimum: 0 });
const Kind = Type.Enum(['control', 'erp', 'telemetry']);
const Database = closed({
  kind: Kind,
  /** Of the data plane's catalogue; null: the control database. */
  key: Type.Union([Type.String({ maxLength: 63 }), Type.Null()]),
  /** The last migration that it had. */
  migration: Type.String({ maxLength: 200 }),
});
const Table = closed({
  database: Kind,
  name: Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' }),
  rows: Count,
  /** Of its rows as they stand in the parts, one after the other. */
  sha256: Sha256,
});
const Part = closed({ name: Type.String({ maxLength: 300 }), bytes: Count, sha256: Sha256 });
const File = closed({ key: Type.String({ maxLength: 300 }), media_type: Type.String({ maxLength: 255 }) });

/** The last entry of an archive: what must have been before it. */
export const Manifest = closed({
  format: Type.Integer({ minimum: 1 }),
  tenant: closed({ id: Id, slug: Type.String({ pattern: '^[a-z0-9-]{1,63}$' }) }),
  organizations: Type.Array(Id),
  taken_at: Type.String({ format: 'date-time' }),
  databases: Type.Array(Database),
  tables: Type.Array(Table),
  parts: Type.Array(Part),
  files: Type.Array(File),
  /** Files that a row names and the storage did not have, or with other bytes. */
  missing_files: Type.Array(Type.String({ maxLength: 300 })),
});
export type Manifest = Static<typeof Manifest>;
export type ArchivedKind = Static<typeof Kind>;

const checker = createChecker(Manifest);

/** @throws ArchiveError */
export function readManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ArchiveError('its manifest is no JSON');
  }
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (typeof format === 'number' && format > archiveFormat)
    throw new ArchiveError(`its format is ${format}, this release reads up to ${archiveFormat}`);
  if (!checker.check(value)) throw new ArchiveError(`its manifest${checker.describe(value)}`);
  const kinds = new Set(value.databases.map(({ kind }) => kind));
  if (
    kinds.size < value.databases.length ||
    value.databases.some(({ kind, key }) => (kind === 'control') !== (key === null))
  )
    throw new ArchiveError('its manifest: databases that no tenant has');
  return value;
}

/** What is wrong with an archive; the message goes to the person who gave it. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

/** Rows of one table, of one organization or, in tables without, of none. */
export interface RowsPart {
  readonly kind: ArchivedKind;
  readonly table: string;
  readonly organizationId: string | null;
}

const rowsName = /^rows\/(control|erp|telemetry)\/([a-z][a-z0-9_]{0,62})\/([0-9a-f-]{36}|tenant)-\d{6}\.jsonl$/;
const filesName =
  /^files\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/[a-z0-9][a-z0-9._-]*)$/;

export const rowsPartName = ({ kind, table, organizationId }: RowsPart, number: number): string =>
  `rows/${kind}/${table}/${organizationId ?? 'tenant'}-${String(number).padStart(6, '0')}.jsonl`;

export function readRowsPartName(name: string): RowsPart | null {
  const [, kind, table = '', organization = ''] = rowsName.exec(name) ?? [];
  if (kind !== 'control' && kind !== 'erp' && kind !== 'telemetry') return null;
  return { kind, table, organizationId: organization === 'tenant' ? null : organization };
}

/** The key of the storage, none of whose segments leads upwards. */
export const readFileName = (name: string): string | null => filesName.exec(name)?.[1] ?? null;
