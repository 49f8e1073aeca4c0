import type { Readable } from 'node:stream';
import type { StorageProvider } from '@platen/data-plane/storage/storage';
import type { TransactionSql } from 'postgres';
import { type ArchivedKind, archiveFormat, type Manifest } from './archive/manifest.js';
import { type ArchiveWriter, openArchiveWriter } from './archive/write-archive.js';
import { type Databases, type OpenDatabase, openOne, RefusedError } from './databases.js';
import { archivedTables } from './rows/archived-tables.js';
import { dumpTable } from './rows/dump-rows.js';

export interface BackupDeps {
  readonly databases: Databases;
  readonly storage: Pick<StorageProvider, 'get' | 'stat'>;
  readonly print: (line: string) => void;
  readonly now: () => Date;
}

interface Root {
  readonly id: string;
  readonly slug: string;
  readonly erp_db_key: string;
  readonly telemetry_db_key: string | null;
}
/** A file that a row names, with the hash that it must have; null: nobody wrote one down. */
type WantedFiles = Map<string, { readonly mediaType: string; readonly sha256: string | null }>;

/** @throws RefusedError */
export async function backupTenant(deps: BackupDeps, slug: string, file: string): Promise<Manifest['tenant']> {
  const control = await openOne(deps.databases, 'control', null);
  const opened = [control];
  const archive = openArchiveWriter(file);
  try {
    const tenant = await findTenant(control, slug);
    opened.push(await openOne(deps.databases, 'erp', tenant.erp_db_key));
    if (tenant.telemetry_db_key !== null)
      opened.push(await openOne(deps.databases, 'telemetry', tenant.telemetry_db_key));
    const manifest = await writeAll(deps, archive, tenant, opened);
    await archive.finish(manifest);
    return manifest.tenant;
  } catch (error) {
    await archive.abort();
    throw error;
  } finally {
    for (const { sql } of opened) await sql.end({ timeout: 5 });
  }
}

async function findTenant({ sql }: OpenDatabase, slug: string): Promise<Root> {
  const [found] = await sql.begin(async (tx) => {
    await tx`set local role control_platform`;
    return tx<Root[]>`select id, slug, erp_db_key, telemetry_db_key from tenants where slug = ${slug}`;
  });
  if (found === undefined) throw new RefusedError(`There is no tenant ${slug}`);
  return found;
}

async function writeAll(
  { storage, print, now }: BackupDeps,
  archive: ArchiveWriter,
  tenant: Root,
  opened: readonly OpenDatabase[],
): Promise<Omit<Manifest, 'parts'>> {
  const takenAt = now().toISOString();
  const organizationIds: string[] = [];
  const wanted: WantedFiles = new Map();
  const tables: Manifest['tables'][number][] = [];
  for (const { kind, sql } of opened) {
    // All of one database is of one moment; others write on.
    await sql.begin('isolation level repeatable read read only', async (tx) => {
      for (const table of archivedTables(kind)) {
        const of = { id: tenant.id, organizationIds };
        const each = watcherOf(kind, table.name, organizationIds, wanted);
        const { rows, sha256 } = await dumpTable(tx as TransactionSql, table, of, archive, each);
        tables.push({ database: kind, name: table.name, rows, sha256 });
        if (rows > 0) print(`${kind} ${table.name}: ${rows}`);
      }
    });
  }
  const files = await writeFiles(storage, archive, wanted, print);
  return {
    format: archiveFormat,
    tenant: { id: tenant.id, slug: tenant.slug },
    organizations: organizationIds,
    taken_at: takenAt,
    databases: opened.map(({ kind, key, migration }) => ({ kind, key, migration })),
    tables,
    ...files,
  };
}

/** What later parts hang on: in which organizations to look, which files to fetch. */
function watcherOf(
  kind: ArchivedKind,
  table: string,
  organizationIds: string[],
  wanted: WantedFiles,
): ((line: string) => void) | undefined {
  if (kind === 'control' && table === 'res_organizations')
    return (line) => void organizationIds.push((JSON.parse(line) as { id: string }).id);
  if (kind === 'erp' && table === 'erp_files')
    return (line) => {
      // Columns of the table, as Postgres has written them.
      const row = JSON.parse(line) as {
        storage_key: string;
        thumbnail_key: string | null;
        media_type: string;
        sha256: string;
        deleted_at: string | null;
      };
      if (row.deleted_at !== null) return;
      wanted.set(row.storage_key, { mediaType: row.media_type, sha256: row.sha256 });
      if (row.thumbnail_key !== null) wanted.set(row.thumbnail_key, { mediaType: 'image/webp', sha256: null });
    };
  if (kind === 'erp' && table === 'erp_job_parts')
    return (line) => {
      const { storage_key: key } = JSON.parse(line) as { storage_key: string };
      wanted.set(key, { mediaType: 'application/octet-stream', sha256: null });
    };
  return undefined;
}

async function writeFiles(
  storage: BackupDeps['storage'],
  archive: ArchiveWriter,
  wanted: WantedFiles,
  print: (line: string) => void,
): Promise<Pick<Manifest, 'files' | 'missing_files'>> {
  const files: Manifest['files'][number][] = [];
  const missing: string[] = [];
  let bytes = 0;
  for (const [key, { mediaType, sha256 }] of wanted) {
    const stat = await storage.stat(key);
    const body: Readable | undefined = stat && (await storage.get(key));
    if (stat === undefined || body === undefined) {
      missing.push(key);
      continue;
    }
    const written = await archive.addStream(`files/${key}`, stat.byteSize, body);
    files.push({ key, media_type: mediaType });
    if (sha256 !== null && written !== sha256) missing.push(key);
    bytes += stat.byteSize;
  }
  print(`files: ${files.length}, ${bytes} bytes`);
  for (const key of missing) print(`missing or damaged in the storage: ${key}`);
  return { files, missing_files: missing };
}
