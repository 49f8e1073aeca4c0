import type { SiteState } from './state.js';
import type { SiteProduct } from './truth.js';

/** As a person at the site would; its SKUs' inventories show it, too. */
export function changeProduct(state: SiteState, id: number, patch: Partial<Omit<SiteProduct, 'id'>>): SiteProduct {
  const { products } = state.world;
  const index = products.findIndex((product) => product.id === id);
  const before = products[index];
  if (before === undefined) throw new RangeError(`The site has no product ${id}`);
  const product = { ...before, modifiedAt: state.clock.tick(), ...patch };
  products[index] = product;
  for (const [dnSkuId, row] of state.inventories) {
    if (row.product.id === id) state.inventories.set(dnSkuId, { ...row, product });
  }
  return product;
}
