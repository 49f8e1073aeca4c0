import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import {
  ArchiveError,
  type Manifest,
  manifestName,
  type RowsPart,
  readFileName,
  readManifest,
  readRowsPartName,
} from './manifest.js';
import { eachEntry } from './read-archive.js';

export interface Verified {
  readonly manifest: Manifest;
  /** Of readings and their roll-ups, which want partitions. */
  readonly days: ReadonlySet<string>;
  readonly bytes: number;
}

const mostManifestBytes = 256 * 1024 * 1024;
/** A writer cuts parts at a megabyte, and one row may be larger. */
const mostPartBytes = 256 * 1024 * 1024;

/**
 * Reads all of an archive, without a database: is everything there that its manifest names, as it was, and nothing else;
 * is every row of the tenant that it says?
 * @throws ArchiveError
 */
export async function verifyArchive(file: string): Promise<Verified> {
  const seen = new Map<string, { bytes: number; sha256: string }>();
  const tables = new Map<string, { rows: number; hash: ReturnType<typeof createHash> }>();
  const tenants = new Set<string>();
  const organizations = new Set<string>();
  const fileTenants = new Set<string>();
  const days = new Set<string>();
  let manifest: Manifest | undefined;
  let bytes = 0;
  await eachEntry(file, async (name, body, byteSize) => {
    if (manifest !== undefined) throw new ArchiveError('something comes after its manifest');
    if (name === manifestName) {
      if (byteSize > mostManifestBytes) throw new ArchiveError('its manifest is too large');
      manifest = readManifest((await buffer(body)).toString('utf8'));
      return;
    }
    if (seen.has(name)) throw new ArchiveError(`${name} is there twice`);
    const hash = createHash('sha256');
    const rows = readRowsPartName(name);
    const fileKey = readFileName(name);
    if (rows === null && fileKey === null) throw new ArchiveError(`it has no place for ${JSON.stringify(name)}`);
    if (rows !== null) {
      if (byteSize > mostPartBytes) throw new ArchiveError(`${name} is too large`);
      const part = await buffer(body);
      hash.update(part);
      const key = `${rows.kind} ${rows.table}`;
      const table = tables.get(key) ?? { rows: 0, hash: createHash('sha256') };
      tables.set(key, table);
      table.hash.update(part);
      if (rows.organizationId !== null) organizations.add(rows.organizationId);
      for (const row of readRows(name, part)) {
        table.rows += 1;
        tenants.add(String(row[rows.table === 'tenants' ? 'id' : 'tenant_id']));
        for (const fileTenant of tenantsOfFiles(rows, row)) fileTenants.add(fileTenant);
        const instant = row['bucket'] ?? row['ts'];
        if (rows.kind === 'telemetry' && typeof instant === 'string') days.add(instant.slice(0, 10));
      }
    } else {
      tenants.add(String(fileKey?.slice(0, 36)));
      for await (const chunk of body) hash.update(chunk as Buffer);
    }
    bytes += byteSize;
    seen.set(name, { bytes: byteSize, sha256: hash.digest('hex') });
  });
  if (manifest === undefined) throw new ArchiveError('its manifest is missing: it was cut off');
  requireParts(manifest, seen);
  requireTables(manifest, tables);
  const { id } = manifest.tenant;
  for (const tenant of tenants)
    if (tenant !== id) throw new ArchiveError(`it has rows of another tenant, ${JSON.stringify(tenant)}`);
  for (const tenant of fileTenants)
    if (tenant !== id) throw new ArchiveError('it has a row that names a file of another tenant');
  for (const organization of organizations)
    if (!manifest.organizations.includes(organization))
      throw new ArchiveError(`it has rows of an organization that its manifest lacks, ${organization}`);
  return { manifest, days, bytes };
}

/** Which file a row opens, and deletes, is in no policy's hands: whose is it? Of a key that we did not make: nobody's. */
function tenantsOfFiles({ kind, table }: RowsPart, row: Readonly<Record<string, unknown>>): string[] {
  if (kind !== 'erp' || (table !== 'erp_files' && table !== 'erp_job_parts')) return [];
  const keys = [row['storage_key'], ...(row['thumbnail_key'] == null ? [] : [row['thumbnail_key']])];
  return keys.map((key) => (typeof key === 'string' ? readFileName(`files/${key}`) : null)?.split('/', 1)[0] ?? '');
}

function requireParts({ parts }: Manifest, seen: ReadonlyMap<string, { bytes: number; sha256: string }>): void {
  const named = new Set(parts.map(({ name }) => name));
  for (const name of seen.keys()) if (!named.has(name)) throw new ArchiveError(`${name} is not in its manifest`);
  for (const { name, bytes, sha256 } of parts) {
    const found = seen.get(name);
    if (found === undefined) throw new ArchiveError(`${name} is missing`);
    if (found.bytes !== bytes || found.sha256 !== sha256) throw new ArchiveError(`${name} is not what was written`);
  }
}

function requireTables(
  manifest: Manifest,
  seen: ReadonlyMap<string, { rows: number; hash: ReturnType<typeof createHash> }>,
): void {
  const named = new Map(manifest.tables.map((table) => [`${table.database} ${table.name}`, table]));
  for (const key of seen.keys()) if (!named.has(key)) throw new ArchiveError(`${key} is not in its manifest`);
  for (const [key, { rows, sha256 }] of named) {
    const found = seen.get(key) ?? { rows: 0, hash: createHash('sha256') };
    if (found.rows !== rows) throw new ArchiveError(`${key} has ${found.rows} rows in place of ${rows}`);
    if (found.hash.digest('hex') !== sha256) throw new ArchiveError(`${key}: its rows are not those that were written`);
  }
}

/** @throws ArchiveError */
export function* readRows(name: string, part: Buffer): Generator<Readonly<Record<string, unknown>>> {
  for (const line of part.toString('utf8').split('\n')) {
    if (line === '') continue;
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch {
      throw new ArchiveError(`${name}: a row is no JSON`);
    }
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw new ArchiveError(`${name}: a row is no object`);
    // Just seen to be one.
    yield row as Record<string, unknown>;
  }
}
