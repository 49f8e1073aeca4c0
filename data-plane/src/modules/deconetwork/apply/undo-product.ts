import { statement } from '@platen/chassis/db/statement';
import { lockProduct, updateProduct } from '../../catalog/index.js';
import { forgetMade, noteApplied } from './maps-repo.js';
import type { Fields } from './merge.js';
import { keptError, restorable } from './restore.js';
import { inUse, refuse, type Undoing, type Undone } from './undoing.js';

const selectMade = statement<{ id: string; local_id: string }>(
  'dn_undo.list_made_variants',
  `select m.id, m.local_id from dn_maps m
   where m.kind = 'variant' and m.created_by_job_id = $1::uuid
     and m.local_id in (select v.id from erp_product_variants v where v.product_id = $2::uuid)`,
);
const removeVariants = statement<{ id: string }>(
  'dn_undo.delete_variants',
  'delete from erp_product_variants where id = any($1::uuid[]) returning id',
);
const remove = statement<{ id: string }>(
  'dn_undo.delete_product',
  'delete from erp_products where id = $1::uuid returning id',
);

/** Variants that the import made go with it, and a product that it made goes after them. */
export async function undoProduct({ tx, row, map, localId }: Undoing): Promise<Undone> {
  const [local, made] = await Promise.all([lockProduct(tx, localId), tx.query(selectMade, [row.job_id, localId])]);
  if (!local) return refuse('not_found', 'The product is not there');
  const { version, ...fields } = local;
  const ours: Fields = { ...fields };
  const isCreated = row.outcome === 'created';
  if (isCreated && version !== row.local_version) return refuse('changed_since', 'The product was changed here since');
  const back =
    isCreated || row.before === null ? null : restorable({ before: row.before, after: row.after ?? {} }, ours);
  const fieldsBack = Object.fromEntries(Object.entries(back?.fields ?? {}).filter(([name]) => name !== 'variants'));
  const kept = (back?.kept ?? []).filter((name) => name !== 'variants');
  const isNothing = !isCreated && made.length === 0 && Object.keys(fieldsBack).length === 0;
  if (isNothing) return refuse('changed_since', `Changed here since: ${kept.join(', ')}`);
  const ids = made.map((each) => each.local_id);
  if (ids.length > 0 && (await tx.query(removeVariants, [ids])).length < ids.length) return inUse;
  if (isCreated && (await tx.query(remove, [localId])).length === 0) return inUse;
  for (const { id } of made) forgetMade(tx, id);
  const before = { ...ours, variants: ids };
  if (isCreated) {
    forgetMade(tx, map.id);
    return { outcome: 'undone', before, after: null };
  }
  if (Object.keys(fieldsBack).length > 0) {
    await updateProduct(tx, localId, null, fieldsBack, null);
    noteApplied(tx, map.id, { hash: null, modifiedAt: null, base: row.before });
  }
  return { outcome: 'undone', before, after: { ...ours, ...fieldsBack, variants: [] }, error: keptError(kept) };
}
