import { buffer } from 'node:stream/consumers';
import type { StorageProvider } from '@platen/data-plane/storage/storage';
import { oldestReadingDays } from '@platen/schema/tables/telemetry/storage';
import type { TransactionSql } from 'postgres';
import { ArchiveError, type Manifest, readFileName, readRowsPartName } from './archive/manifest.js';
import { eachEntry } from './archive/read-archive.js';
import { type Verified, verifyArchive } from './archive/verify-archive.js';
import { type Databases, type OpenDatabase, openOne, RefusedError } from './databases.js';
import { archivedTables } from './rows/archived-tables.js';
import { countLeft, deleteRows, liveCredentials, requireNoOthers, revokeOthers } from './rows/clear-rows.js';
import { findState, finishControl, type RestoreState, rewriteControl, whileSuspended } from './rows/control-rows.js';
import { enter } from './rows/enter.js';
import { loadTable, type TableLoader } from './rows/load-rows.js';

export interface RestoreOptions {
  /** For a tenant that is gone and whose old name another has now. */
  readonly slug: string | null;
  /** Rows that are there give way. */
  readonly replace: boolean;
}
export interface RestoreDeps {
  readonly databases: Databases;
  readonly storage: Pick<StorageProvider, 'put'>;
  readonly print: (line: string) => void;
  /** Before anything is deleted: false ends it. */
  readonly confirm: (slug: string) => Promise<boolean>;
  readonly now: () => Date;
}

/** Answers the tenant's slug. @throws RefusedError, ArchiveError */
export async function restoreTenant(deps: RestoreDeps, file: string, options: RestoreOptions): Promise<string> {
  const verified = await verifyArchive(file);
  const { manifest } = verified;
  deps.print(`${manifest.tenant.slug} of ${manifest.taken_at}: ${verified.bytes} bytes, as they were written`);
  const opened: OpenDatabase[] = [];
  try {
    for (const { kind, key } of inOrder(manifest)) opened.push(await openOne(deps.databases, kind, key));
    for (const database of opened) requireSameSchema(manifest, database);
    const control = opened.find(({ kind }) => kind === 'control');
    if (control === undefined) throw new ArchiveError('it has no control database');
    const state = await findState(control.sql, manifest, options.slug);
    await requireRoom(deps, opened, state, manifest, options);
    const restore = async (databases: readonly OpenDatabase[], requireHeld: () => void) => {
      await putFiles(deps, file, manifest);
      for (const database of databases) await restoreDatabase(deps, database, file, verified, state, requireHeld);
    };
    if (state.isThere) {
      const rest = opened.filter((database) => database !== control);
      await whileSuspended(control.sql, manifest, (requireHeld) => restore(rest, requireHeld));
    } else await restore(opened, () => undefined);
    return state.slug;
  } finally {
    for (const { sql } of opened) await sql.end({ timeout: 5 });
  }
}

/** The control database last: until then nobody is told that the tenant is there. */
const inOrder = ({ databases }: Manifest): Manifest['databases'] => {
  const order = { telemetry: 0, erp: 1, control: 2 } as const;
  return [...databases].sort((a, b) => order[a.kind] - order[b.kind]);
};

function requireSameSchema({ databases }: Manifest, { kind, key, migration }: OpenDatabase): void {
  const then = databases.find((database) => database.kind === kind)?.migration;
  if (then === migration) return;
  throw new RefusedError(
    `The archive is of ${kind} databases at ${then}, ${key ?? 'the control database'} is at ${migration}: restore it with the release it was made by, then migrate`,
  );
}

async function requireRoom(
  { confirm, print }: RestoreDeps,
  opened: readonly OpenDatabase[],
  state: RestoreState,
  { tenant }: Manifest,
  { replace }: RestoreOptions,
): Promise<void> {
  for (const { key } of opened.filter(({ kind }) => kind !== 'control'))
    if (state.isThere && !state.keys.includes(key)) throw new RefusedError(`${state.slug} is not in ${key} any more`);
  let left = 0;
  for (const database of opened.filter(({ kind }) => kind !== 'control'))
    left += await countLeft(database, tenant.id, state.organizationIds);
  if (left === 0) return;
  if (!replace) throw new RefusedError(`${left} rows of ${state.slug} are there; --replace deletes them first`);
  print(`${left} rows of ${state.slug} are to be replaced`);
  if (!(await confirm(state.slug))) throw new RefusedError('Nothing was changed');
}

async function putFiles({ storage, print }: RestoreDeps, file: string, { files }: Manifest): Promise<void> {
  if (files.length === 0) return;
  const types = new Map(files.map(({ key, media_type }) => [key, media_type]));
  let count = 0;
  await eachEntry(file, async (name, body) => {
    const key = readFileName(name);
    if (key === null) return void body.resume();
    await storage.put(key, body, types.get(key) ?? 'application/octet-stream');
    count += 1;
  });
  print(`files: ${count}`);
}

/** All of it or nothing. */
async function restoreDatabase(
  { print, now }: RestoreDeps,
  { kind, key, sql }: OpenDatabase,
  file: string,
  { manifest, days }: Verified,
  state: RestoreState,
  requireHeld: () => void,
): Promise<void> {
  const { tenant } = manifest;
  if (kind === 'telemetry') await ensurePartitions(sql, days, now());
  const startedAtMs = performance.now();
  const rows = await sql.begin(async (begun) => {
    const tx = begun as TransactionSql;
    const live = kind === 'telemetry' ? await liveCredentials(tx, tenant.id, state.organizationIds) : null;
    if (kind !== 'control') await deleteRows(tx, kind, tenant.id);
    const written = await loadAll(tx, kind, file, manifest, state);
    if (live !== null && state.isThere) await revokeOthers(tx, tenant.id, manifest.organizations, live);
    if (kind === 'control') await finishControl(tx, manifest, state);
    else await requireNoOthers(tx, kind, manifest, state.organizationIds);
    requireHeld();
    return written;
  });
  const seconds = (performance.now() - startedAtMs) / 1_000;
  print(`${key ?? 'control database'}: ${rows} rows in ${seconds.toFixed(1)} s`);
}

async function ensurePartitions(sql: OpenDatabase['sql'], days: ReadonlySet<string>, now: Date): Promise<void> {
  const oldest = new Date(now.getTime() - oldestReadingDays * 86_400_000).toISOString().slice(0, 10);
  const wanted = [...days].filter((day) => day > oldest);
  await sql.begin(async (tx) => {
    await tx`set local role platen_app`;
    await tx`select tel_ensure_partitions(${wanted}::date[])`;
  });
}

async function loadAll(
  tx: TransactionSql,
  kind: OpenDatabase['kind'],
  file: string,
  manifest: Manifest,
  state: RestoreState,
): Promise<number> {
  const tables = new Map(archivedTables(kind).map((table) => [table.name, table]));
  const scope = { tenantId: manifest.tenant.id, organizationId: null as string | null };
  const actor = kind === 'control' ? 'platform' : 'app';
  await enter(tx, kind, actor, scope);
  const loaders = new Map<string, TableLoader>();
  let last: { readonly table: string; readonly loader: TableLoader } | undefined;
  await eachEntry(file, async (name, body) => {
    const part = readRowsPartName(name);
    if (part?.kind !== kind) return void body.resume();
    const table = tables.get(part.table);
    if (table === undefined)
      throw new ArchiveError(`it has rows of ${part.table}, which this release does not restore`);
    if (part.table !== last?.table || part.organizationId !== scope.organizationId) await last?.loader.settle();
    if (part.organizationId !== scope.organizationId) {
      scope.organizationId = part.organizationId;
      await enter(tx, kind, actor, scope);
    }
    const loader = loaders.get(part.table) ?? loadTable(tx, table, manifest.tenant.id);
    loaders.set(part.table, loader);
    last = { table: part.table, loader };
    const bytes = await buffer(body);
    await loader.load(name, kind === 'control' ? await rewriteControl(tx, part.table, bytes, state) : bytes);
  });
  await last?.loader.settle();
  let rows = 0;
  for (const { database, name, rows: expected } of manifest.tables) {
    if (database !== kind) continue;
    const written = loaders.get(name)?.rows ?? 0;
    if (written !== expected) throw new ArchiveError(`${name}: ${written} rows in place of ${expected}`);
    rows += written;
  }
  return rows;
}
