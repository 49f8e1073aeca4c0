import type { ScopedDb } from '@platen/chassis/db/types';
import { finishDeletion, listFileKeys, listMarkedFiles } from '../../modules/files/index.js';
import { listPartKeys } from '../../modules/job-files/index.js';
import type { StorageProvider } from '../../storage/storage.js';

/** An organization, with the database that its tenant's rows are in now. */
export interface SweptPlace {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly db: ScopedDb;
}

export interface SweepDeps {
  readonly places: Iterable<SweptPlace>;
  readonly storage: StorageProvider;
  readonly print: (line: string) => void;
  readonly now: Date;
  /** Without it nothing is deleted: what would be is told. */
  readonly apply: boolean;
}

export interface SweepResult {
  /** Deletions that had stopped half-way. */
  readonly finished: number;
  /** Objects that no row knows. */
  readonly orphans: number;
  readonly orphanBytes: number;
  readonly unfinished: number;
}

/** Younger ones may be uploads whose row is still to come. */
const minAgeMs = 86_400_000;
const batch = 500;

/**
 * What killed processes left: uploads that never got a row, deletions that never got to their end, parts of uploads.
 * Only objects of organizations that the feed knows are looked at, each by its own database: of a tenant that is gone or
 * unknown, nothing can be said, and a purge takes what is left of it.
 */
export async function sweepFiles(deps: SweepDeps): Promise<SweepResult> {
  const before = new Date(deps.now.getTime() - minAgeMs);
  const result = { finished: 0, orphans: 0, orphanBytes: 0, unfinished: 0 };
  for (const { tenantId, organizationId, db } of deps.places) {
    result.finished += await finishDeletions(deps, db, before);
    const { count, byteSize } = await deleteOrphans(deps, db, `${tenantId}/${organizationId}/`, before);
    result.orphans += count;
    result.orphanBytes += byteSize;
  }
  if (deps.apply) result.unfinished = await deps.storage.deleteUnfinished(before);
  return result;
}

async function finishDeletions({ storage, apply, print }: SweepDeps, db: ScopedDb, before: Date): Promise<number> {
  let count = 0;
  for (;;) {
    const marked = await listMarkedFiles(db.leased, before);
    for (const file of marked) {
      print(`marked ${file.storage_key}`);
      if (apply) await finishDeletion(storage, db.leased, file);
    }
    count += marked.length;
    if (!apply || marked.length < batch) return count;
  }
}

async function deleteOrphans(
  { storage, apply, print }: SweepDeps,
  db: ScopedDb,
  prefix: string,
  before: Date,
): Promise<{ count: number; byteSize: number }> {
  const found = { count: 0, byteSize: 0 };
  let old: { key: string; byteSize: number }[] = [];
  const judge = async () => {
    const ids = new Set(old.flatMap(({ key }) => idOf(key, prefix) ?? []));
    const files = await listFileKeys(db.leased, [...ids]);
    const parts = await listPartKeys(
      db.leased,
      old.map(({ key }) => key),
    );
    const isKnown = (key: string) => files.has(key) || parts.has(key);
    for (const { key, byteSize } of old) {
      // A key that is none of ours was put there by somebody else, who may want it.
      if (isKnown(key) || idOf(key, prefix) === undefined) continue;
      print(`orphan ${key} ${byteSize}`);
      if (apply) await storage.delete(key);
      found.count += 1;
      found.byteSize += byteSize;
    }
    old = [];
  };
  for await (const { key, byteSize, modifiedAt } of storage.list(prefix)) {
    if (modifiedAt >= before) continue;
    old.push({ key, byteSize });
    if (old.length >= batch) await judge();
  }
  await judge();
  return found;
}

const idOf = (key: string, prefix: string): string | undefined =>
  /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.(?:thumbnail|part))?$/.exec(key.slice(prefix.length))?.[1];
