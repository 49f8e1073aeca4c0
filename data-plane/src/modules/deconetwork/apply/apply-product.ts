import type { DnProductRecord } from '@platen/schema/contracts/internal/deconetwork';
import { lockProduct, updateProduct } from '../../catalog/index.js';
import { type FindOrganization, organizationOf } from '../../documents/index.js';
import { canonicalJson, formatExact, parseExact, sha256 } from '../../pricing/index.js';
import { applyVariants } from './apply-variants.js';
import type { Told, Work } from './call.js';
import { makeProduct, type NewProduct, type NewVariant, optionsOf, productCodeOf, skuOf } from './make-products.js';
import { bookKey, type MapBook, type MapRow, noteApplied } from './maps-repo.js';
import { conflictError, type Fields, isOlder, mergeFields } from './merge.js';
import { isMapped, meetAll, review, type Wanted, waitsFor } from './refs.js';

export type ProductWork = Work<DnProductRecord>;
export type DnVariant = DnProductRecord['variants'][number];
const maxNameLength = 200;

const wantedProductOf = ({ dn_id: dnId, name, code }: DnProductRecord): Wanted => ({
  kind: 'product',
  dnId,
  label: name,
  detail: { code },
});
const wantedVariantOf = (product: DnProductRecord, variant: DnVariant): Wanted => ({
  kind: 'variant',
  dnId: variant.dn_id,
  label: [product.name, variant.colour, variant.size].filter((text) => text).join(', '),
  detail: {
    sku: variant.sku,
    code: product.code,
    size: variant.size,
    colour: variant.colour,
    product_dn_id: product.dn_id,
  },
});
export const wantedByProduct = (record: DnProductRecord): Wanted[] => [
  wantedProductOf(record),
  ...record.variants.map((variant) => wantedVariantOf(record, variant)),
];
const hashOfVariant = (variant: DnVariant): string => sha256(canonicalJson(variant));

function projectVariant(product: DnProductRecord, variant: DnVariant): NewVariant {
  return {
    wanted: wantedVariantOf(product, variant),
    fields: {
      sku: skuOf(variant.sku, variant.dn_id),
      option_values: optionsOf(variant.size, variant.colour),
      cost: variant.cost === null ? null : formatExact(parseExact(variant.cost)),
    },
    price: variant.price,
    hash: hashOfVariant(variant),
  };
}

export function projectProduct(record: DnProductRecord, hash: string): NewProduct {
  return {
    wanted: wantedProductOf(record),
    fields: {
      code: productCodeOf(record.code, record.dn_id),
      name: (record.name.trim() || `DecoNetwork ${record.dn_id}`).slice(0, maxNameLength),
      brand: record.brand?.trim().slice(0, 100) || null,
      status: record.is_active ? 'active' : 'archived',
    },
    hash,
    variants: record.variants.map((variant) => projectVariant(record, variant)),
  };
}

/** A product of the site with its variants: made here, or brought up to date. What of it waits, waits alone. */
export async function applyProduct(
  { findOrganization }: { readonly findOrganization: FindOrganization },
  work: ProductWork,
  book: MapBook,
): Promise<Told> {
  const { record, ctx } = work;
  const wanted = wantedByProduct(record);
  const projected = projectProduct(record, work.hash);
  await meetAll(work, book, wanted);
  const before = book.get(bookKey('product', record.dn_id));
  const { settings } = organizationOf(findOrganization, ctx);
  if (work.options.createMissing.includes('product')) await makeProduct(work, book, projected, settings.currency);
  // What was made of it is told in its own row, with the record.
  const made = work.besides.pop() ?? null;
  const isOpen = !wanted.every(({ kind, dnId }) => isMapped(book.get(bookKey(kind, dnId))));
  const waits = isOpen ? waitsFor(work, book, wanted) : null;
  if (!isMapped(before)) {
    if (!made) return waits;
    if (waits && made.mapId)
      noteApplied(work.tx, made.mapId, { hash: null, modifiedAt: null, base: { ...projected.fields } });
    return { ...made, error: waits?.error ?? null };
  }
  return updateProductOf(work, book, before, projected, made, waits);
}

async function updateProductOf(
  work: ProductWork,
  book: MapBook,
  map: MapRow,
  projected: NewProduct,
  made: Told,
  waits: Told,
): Promise<Told> {
  const { tx, record, connection, hash } = work;
  const id = map.local_id ?? '';
  const local = await lockProduct(tx, id);
  if (!local) return review('not_found', 'The product that it is mapped to is not there', { mapId: map.id });
  const { version, ...fields } = local;
  const ours: Fields = { ...fields };
  const merged = mergeFields({ base: map.base, theirs: { ...projected.fields }, ours }, connection.conflict_rule);
  const changed =
    merged.changed.length === 0
      ? undefined
      : await updateProduct(
          tx,
          id,
          null,
          Object.fromEntries(merged.changed.map((name) => [name, merged.result[name]])),
          null,
        );
  const variants = await applyVariants(work, book, projected.variants);
  const conflicts = [...merged.conflicts, ...variants.conflicts];
  const isLeft = merged.waiting.length + variants.waiting.length > 0;
  const isWhole = !isLeft && waits === null;
  if (!isOlder(record.modified_at, map.dn_modified_at)) {
    noteApplied(tx, map.id, { hash: isWhole ? hash : null, modifiedAt: record.modified_at, base: merged.base });
  }
  const isNews = made !== null || merged.changed.length > 0 || variants.after.length > 0;
  if (!isNews && isWhole && conflicts.length === 0) return null;
  const added = made?.after?.['variants'];
  return {
    outcome: isWhole ? 'updated' : 'review',
    mapId: map.id,
    localId: id,
    localVersion: changed?.version ?? version,
    before: { ...ours, variants: variants.before },
    after: { ...merged.result, variants: [...variants.after, ...(Array.isArray(added) ? added : [])] },
    loser: merged.loser || variants.loser ? { ...merged.loser, ...variants.loser } : null,
    error: isLeft ? conflictError(conflicts) : (waits?.error ?? null),
  };
}
