import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { lockProduct, updateProduct, updateVariant } from '../../catalog/index.js';
import { lockVariants } from './apply-variants.js';
import type { ImportRow } from './call.js';
import { forgetMade, noteApplied } from './maps-repo.js';
import type { Fields } from './merge.js';
import { keptError, restorable } from './restore.js';
import { inUse, refuse, type Undoing, type Undone } from './undoing.js';

const selectMade = statement<{ id: string; local_id: string }>(
  'dn_undo.list_made_variants',
  `select m.id, m.local_id from dn_maps m
   where m.kind = 'variant' and m.created_by_job_id = $1::uuid
     and m.local_id = any(array(select v.id from erp_product_variants v where v.product_id = $2::uuid))`,
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
  const ofVariants = isCreated ? [] : await restoreVariants(tx, row);
  const isNothing = !isCreated && made.length + ofVariants.length === 0 && Object.keys(fieldsBack).length === 0;
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
    noteApplied(tx, map.id, { hash: null, modifiedAt: null, base: { ...map.base, ...fieldsBack } });
  }
  return { outcome: 'undone', before, after: { ...ours, ...fieldsBack, variants: ofVariants }, error: keptError(kept) };
}

/** Fields of variants that the row changed, where they are still as it made them; answers those variants as they are now. */
async function restoreVariants(tx: Tx, { before, after }: ImportRow): Promise<Fields[]> {
  const pairs = variantsOf(before).flatMap((was) => {
    const is = variantsOf(after).find(({ id }) => id === was.id);
    return is ? [{ was, is }] : [];
  });
  if (pairs.length === 0) return [];
  const rows = new Map(
    (
      await lockVariants(
        tx,
        pairs.map(({ was }) => was.id),
      )
    ).map((row) => [row.id, row]),
  );
  const restored: Fields[] = [];
  for (const { was, is } of pairs) {
    const row = rows.get(was.id);
    const back = row && restorable({ before: was, after: is }, { ...row }).fields;
    if (!back || Object.keys(back).length === 0) continue;
    await updateVariant(tx, was.id, null, back, null);
    tx.defer(forgetHash, [was.id, JSON.stringify(back)]);
    restored.push({ id: was.id, ...back });
  }
  return restored;
}

// The next import has it as changed there again.
const forgetHash = statement<never>(
  'dn_undo.forget_variant_hash',
  `update dn_maps set dn_hash = null, dn_modified_at = null, base = coalesce(base, '{}') || $2::jsonb, updated_at = now()
   where kind = 'variant' and local_id = $1::uuid`,
);

type VariantFields = Fields & { readonly id: string };
function variantsOf(side: Fields | null): VariantFields[] {
  const variants = side?.['variants'];
  return Array.isArray(variants) ? variants.filter((each): each is VariantFields => typeof each?.id === 'string') : [];
}
