import type { DnOrderRecord } from '@platen/schema/contracts/internal/deconetwork';
import type { Work } from './call.js';
import { wantedOfLines, wantedProduct, wantedVariant } from './line-products.js';
import { makeProduct, type NewProduct, type NewVariant, optionsOf, productCodeOf, skuOf } from './make-products.js';
import { bookKey, type MapBook } from './maps-repo.js';
import { isMapped, meetAll, type Wanted } from './refs.js';

type Line = DnOrderRecord['lines'][number];
const maxNameLength = 200;

/**
 * Products and variants that are found only in the lines of an order, where what is missing is to be made. Answers the
 * products that somebody has to map first.
 */
export async function makeLineProducts(
  work: Work<DnOrderRecord>,
  book: MapBook,
  currency: string,
): Promise<readonly Wanted[]> {
  if (!work.options.createMissing.includes('product')) return [];
  const isOpen = ({ kind, dnId }: Wanted) => !isMapped(book.get(bookKey(kind, dnId)));
  const lines = work.record.lines.filter((line) => wantedOfLines({ lines: [line] }).some(isOpen));
  if (lines.length === 0) return [];
  const products = [...new Map(lines.map((line) => [line.product.dn_id, wantedProduct(line.product)])).values()];
  await meetAll(work, book, products);
  for (const wanted of products) {
    const ofIt = lines.filter((line) => line.product.dn_id === wanted.dnId);
    await makeProduct(work, book, newProductOf(wanted, ofIt), currency);
  }
  return products.filter(isOpen);
}

function newProductOf(wanted: Wanted, lines: readonly Line[]): NewProduct {
  const variants = new Map<string, NewVariant>();
  for (const line of lines) {
    for (const size of line.sizes) {
      if (size.quantity === 0 || variants.has(size.dn_id)) continue;
      variants.set(size.dn_id, {
        wanted: wantedVariant(line, size),
        fields: {
          sku: skuOf(size.sku, size.dn_id),
          option_values: optionsOf(size.size, line.product.colour),
          cost: null,
        },
        price: size.unit_price,
        // A list of products may say more of it than an order does.
        hash: null,
      });
    }
  }
  return {
    wanted,
    fields: {
      code: productCodeOf(wanted.detail.code ?? null, wanted.dnId),
      name: (wanted.label.trim() || `DecoNetwork ${wanted.dnId}`).slice(0, maxNameLength),
      brand: null,
      status: 'active',
    },
    hash: null,
    variants: [...variants.values()],
  };
}
