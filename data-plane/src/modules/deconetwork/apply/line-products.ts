import type { DnOrderRecord } from '@platen/schema/contracts/internal/deconetwork';
import type { Wanted } from './refs.js';

/** What the lines of an order name: a variant for each size, a product where a line has no sizes. */
export function wantedOfLines({ lines }: Pick<DnOrderRecord, 'lines'>): Wanted[] {
  return lines
    .filter(({ quantity }) => quantity > 0)
    .flatMap((line) => {
      const sizes = line.sizes.filter(({ quantity }) => quantity > 0);
      return sizes.length === 0 ? [wantedProduct(line.product)] : sizes.map((size) => wantedVariant(line, size));
    });
}

type Line = DnOrderRecord['lines'][number];

export const wantedProduct = ({ dn_id: dnId, name, code }: Line['product']): Wanted => ({
  kind: 'product',
  dnId,
  label: name,
  detail: { code },
});

export const wantedVariant = ({ product }: Line, size: Line['sizes'][number]): Wanted => ({
  kind: 'variant',
  dnId: size.dn_id,
  label: [product.name, product.colour, size.size].filter((text) => text).join(', '),
  detail: {
    sku: size.sku,
    code: product.code,
    size: size.size,
    colour: product.colour,
    product_dn_id: product.dn_id,
  },
});
