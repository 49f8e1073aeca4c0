import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { updateVariant } from '../../catalog/index.js';
import type { Work } from './call.js';
import type { NewVariant } from './make-products.js';
import { bookKey, type MapBook, noteApplied } from './maps-repo.js';
import { type Fields, isOlder, mergeFields } from './merge.js';
import { isMapped } from './refs.js';

export interface VariantRow {
  readonly id: string;
  readonly sku: string;
  readonly option_values: object;
  readonly cost: string | null;
}
const selectSql =
  'select v.id, v.sku, v.option_values, v.cost from erp_product_variants v where v.id = any($1::uuid[])';
const parse = { option_values: 'json' } as const;
const select = statement<VariantRow>('dn_compare.list_variants', selectSql, { parse });
const lock = statement<VariantRow>('dn_apply.lock_variants', `${selectSql} order by v.id for no key update`, { parse });

export const listVariants = (tx: Tx, ids: readonly string[]): Promise<VariantRow[]> => tx.query(select, [ids]);
export const lockVariants = (tx: Tx, ids: readonly string[]): Promise<VariantRow[]> => tx.query(lock, [ids]);

export interface AppliedVariants {
  /** Those that changed, as they were and are, with their ids. */
  readonly before: readonly Fields[];
  readonly after: readonly Fields[];
  readonly conflicts: readonly string[];
  /** Of them, those that a person has to decide. */
  readonly waiting: readonly string[];
  readonly loser: Fields | null;
}

/** Mapped variants of a product whose part of the record is another one than it was. */
export async function applyVariants(
  work: Work,
  book: MapBook,
  variants: readonly NewVariant[],
): Promise<AppliedVariants> {
  const { tx, record, connection } = work;
  const due = variants.flatMap((variant) => {
    const map = book.get(bookKey('variant', variant.wanted.dnId));
    const isDue = isMapped(map) && map.dn_hash !== variant.hash && !isOlder(record.modified_at, map.dn_modified_at);
    // One that was made just now is as the record says.
    return isDue && map.created_by_job_id !== work.call.jobId ? [{ variant, map }] : [];
  });
  const ids = due.flatMap(({ map }) => map.local_id ?? []);
  const rows = new Map(ids.length === 0 ? [] : (await lockVariants(tx, ids)).map((row) => [row.id, row]));
  const before: Fields[] = [];
  const after: Fields[] = [];
  const conflicts: string[] = [];
  const waiting: string[] = [];
  const loser: Record<string, unknown> = {};
  for (const { variant, map } of due) {
    const row = rows.get(map.local_id ?? '');
    if (!row) continue;
    const { id, ...fields } = row;
    const ours: Fields = { ...fields };
    const merged = mergeFields({ base: map.base, theirs: theirsOf(variant, ours), ours }, connection.conflict_rule);
    const named = (names: readonly string[]) => names.map((name) => `${row.sku} ${name}`);
    conflicts.push(...named(merged.conflicts));
    waiting.push(...named(merged.waiting));
    if (merged.loser) loser[`variant ${row.sku}`] = merged.loser;
    // Its level comes with other records, and stays.
    const base = { ...map.base, ...merged.base };
    noteApplied(tx, map.id, {
      hash: merged.waiting.length > 0 ? null : variant.hash,
      modifiedAt: record.modified_at,
      base,
    });
    if (merged.changed.length === 0) continue;
    const patch = Object.fromEntries(merged.changed.map((name) => [name, merged.result[name]]));
    await updateVariant(tx, id, null, patch, null);
    before.push({ id, ...ours });
    after.push({ id, ...merged.result });
  }
  return { before, after, conflicts, waiting, loser: Object.keys(loser).length === 0 ? null : loser };
}

/** Money of both in one spelling. A cost that the site does not say is no news. */
function theirsOf({ fields }: NewVariant, ours: Fields): Fields {
  return { ...fields, cost: fields.cost ?? ours['cost'] };
}
