import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { insertProduct, insertVariant } from '../../catalog/index.js';
import { compare, formatExact, parseExact, subtract } from '../../pricing/index.js';
import type { Work } from './call.js';
import { bookKey, type MapBook, type MapRow, putMap } from './maps-repo.js';
import type { Fields } from './merge.js';
import { codeFrom } from './project-customer.js';
import { isMapped, mayMake, type Wanted } from './refs.js';

/** A variant of the site's that is to be one here. */
export interface NewVariant {
  readonly wanted: Wanted;
  readonly fields: VariantFields;
  readonly price: string | null;
  readonly hash: string | null;
}
/** What of a variant the site's record sets. */
export interface VariantFields {
  readonly sku: string;
  readonly option_values: Readonly<Record<string, string>>;
  readonly cost: string | null;
}
export interface NewProduct {
  readonly wanted: Wanted;
  readonly fields: ProductFields;
  readonly hash: string | null;
  readonly variants: readonly NewVariant[];
}
export interface ProductFields {
  readonly code: string;
  readonly name: string;
  readonly brand: string | null;
  readonly status: 'active' | 'archived';
}

const maxOptionLength = 64;
export const optionsOf = (size: string | null, colour: string | null): Record<string, string> => ({
  ...(size && { size: size.slice(0, maxOptionLength) }),
  ...(colour && { colour: colour.slice(0, maxOptionLength) }),
});
export const skuOf = (sku: string | null, dnId: string): string =>
  codeFrom(sku ?? '') ?? codeFrom(`DN-${dnId}`) ?? 'dn';
export const productCodeOf = (code: string | null, dnId: string): string =>
  codeFrom(code ?? '') ?? codeFrom(`DN-${dnId}`) ?? 'dn';

const selectTaken = statement<{ code: string }>(
  'dn_apply.taken_codes',
  `select p.code from erp_products p where p.code = any($1::text[])
   union all select v.sku from erp_product_variants v where v.sku = any($2::text[])`,
);
/** Codes and SKUs that something else here has, though nothing was suggested: another record is mapped to it. */
async function listTaken(tx: Tx, product: NewProduct, variants: readonly NewVariant[]): Promise<Set<string>> {
  const rows = await tx.query(selectTaken, [[product.fields.code], variants.map(({ fields }) => fields.sku)]);
  return new Set(rows.map(({ code }) => code));
}

/**
 * Makes what is nowhere here of a product and its variants, in the currency of the connection, which has to be the
 * organization's. What was made is mapped in the book; what could not be stays as it was.
 */
export async function makeProduct(work: Work, book: MapBook, product: NewProduct, currency: string): Promise<void> {
  if (work.connection.currency !== currency) return;
  const key = bookKey('product', product.wanted.dnId);
  const open = product.variants.filter(({ wanted }) =>
    mayMake(work, book.get(bookKey('variant', wanted.dnId)), 'product'),
  );
  const taken = await listTaken(work.tx, product, open);
  const map = book.get(key);
  const isNew = map !== undefined && mayMake(work, map, 'product') && !taken.has(product.fields.code);
  if (map === undefined || (!isNew && !isMapped(map))) return;
  const free = open.filter(({ fields }) => !taken.has(fields.sku));
  if (!isNew && free.length === 0) return;
  const productId = isNew ? work.ctx.newId() : (map.local_id ?? '');
  const base = isNew ? lowest(free) : null;
  if (isNew) {
    await writeProduct(work, map, product, productId, base ?? '0');
    book.set(key, { ...map, state: 'mapped', local_id: productId });
  }
  const made = await writeVariants(work, book, productId, free, base);
  const variants = made.map(({ id, fields }) => ({ id, ...fields }));
  if (!isNew && made.length === 0) return;
  const fields: Fields = { ...product.fields };
  work.besides.push({
    kind: 'product',
    dnId: product.wanted.dnId,
    outcome: isNew ? 'created' : 'updated',
    mapId: map.id,
    localId: productId,
    localVersion: isNew ? 1 : null,
    before: isNew ? null : { variants: [] },
    after: isNew ? { ...fields, base_price: base ?? '0', currency, variants } : { variants },
  });
}

/** The lowest of the variants' prices: the others say by how much they are dearer. */
function lowest(variants: readonly NewVariant[]): string | null {
  const prices = variants.flatMap(({ price }) => (price === null ? [] : [parseExact(price)]));
  const [first, ...rest] = prices;
  if (!first) return null;
  return formatExact(rest.reduce((least, price) => (compare(price, least) < 0 ? price : least), first));
}

async function writeProduct(
  work: Work,
  map: MapRow,
  product: NewProduct,
  id: string,
  basePrice: string,
): Promise<void> {
  const { tx, ctx, connection, record } = work;
  const { fields, wanted, hash } = product;
  await insertProduct(tx, {
    tenantId: connection.tenant_id,
    organizationId: connection.organization_id,
    id,
    code: fields.code,
    name: fields.name,
    status: fields.status,
    kind: 'blank',
    categoryId: null,
    taxClass: 'standard',
    basePrice,
    currency: connection.currency,
    brand: fields.brand,
    description: null,
    options: [],
  });
  putMap(tx, ctx, connection, {
    ...wanted,
    id: map.id,
    localId: id,
    hash,
    modifiedAt: hash === null ? null : record.modified_at,
    base: { ...fields },
    createdByJobId: work.call.jobId,
  });
}

async function writeVariants(
  work: Work,
  book: MapBook,
  productId: string,
  variants: readonly NewVariant[],
  basePrice: string | null,
): Promise<{ readonly id: string; readonly fields: VariantFields }[]> {
  const { tx, ctx, connection, record, call } = work;
  const skus = new Set<string>();
  // Two of the site's with one SKU are one too many: the second waits for a person.
  const distinct = variants.filter(({ fields: { sku } }) => !skus.has(sku) && skus.add(sku));
  const rows = await Promise.all(
    distinct.map(async (variant) => {
      const id = ctx.newId();
      const delta =
        basePrice === null || variant.price === null
          ? '0'
          : formatExact(subtract(parseExact(variant.price), parseExact(basePrice)));
      const made = await insertVariant(
        tx,
        {
          tenantId: connection.tenant_id,
          organizationId: connection.organization_id,
          id,
          productId,
          sku: variant.fields.sku,
          optionValues: variant.fields.option_values,
          gtin: null,
          cost: variant.fields.cost,
          priceDelta: delta,
          weightG: null,
          status: 'active',
        },
        connection.currency,
      );
      return { variant, id, isMade: made?.version === 1 };
    }),
  );
  const made = rows.filter(({ isMade }) => isMade);
  for (const { variant, id } of made) {
    const key = bookKey('variant', variant.wanted.dnId);
    const map = book.get(key);
    if (!map) continue;
    putMap(tx, ctx, connection, {
      ...variant.wanted,
      id: map.id,
      localId: id,
      hash: variant.hash,
      modifiedAt: variant.hash === null ? null : record.modified_at,
      base: { ...variant.fields },
      createdByJobId: call.jobId,
    });
    book.set(key, { ...map, state: 'mapped', local_id: id, product_id: productId });
  }
  return made.map(({ variant, id }) => ({ id, fields: variant.fields }));
}
