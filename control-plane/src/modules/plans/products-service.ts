import { AppError } from '@platen/chassis/http/app-error';
import type { PlatformCtx } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import type { products } from '@platen/schema/contracts/platform/products';
import { recordAudit } from '../audit/index.js';
import type { IsFeatureEnabled } from '../availability/index.js';
import * as repo from './products-repo.js';

type Product = OutputOf<typeof products.get>;

export interface ProductService {
  listProducts(ctx: PlatformCtx): Promise<OutputOf<typeof products.list>>;
  /** @throws AppError not_found */
  getProduct(ctx: PlatformCtx, id: string): Promise<Product>;
  /** @throws AppError not_found */
  updateProduct(ctx: PlatformCtx, id: string, input: BodyOf<typeof products.update>): Promise<Product>;
  /** @throws AppError not_found */
  listModules(ctx: PlatformCtx, id: string): Promise<OutputOf<typeof products.modules>>;
}

export const createProductService = (deps: { readonly isFeatureEnabled: IsFeatureEnabled }): ProductService => ({
  listProducts: async (ctx) => ({ items: (await repo.listProducts(ctx.db)).map(describe) }),
  getProduct: async (ctx, id) => describe(await repo.findProduct(ctx.db, id)),

  updateProduct: (ctx, id, input) =>
    ctx.write(async (tx) => {
      const before = describe(await repo.lockProduct(tx, id));
      const { name = before.name, position = before.position } = input;
      const after = describe(await repo.updateProduct(tx, id, name, position));
      // Names and places are the platform's own affair: no data plane shows them.
      recordAudit(tx, ctx, null, { action: 'product.update', target: `product:${id}`, before, after });
      return after;
    }),

  async listModules(ctx, id) {
    const [product, rows] = await Promise.all([repo.findProduct(ctx.db, id), repo.listProductModules(ctx.db, id)]);
    if (product === undefined) throw new AppError('not_found');
    const items = rows.map((row) => ({
      ...row,
      enabled_here: row.feature_flag === null || deps.isFeatureEnabled(row.feature_flag),
    }));
    return { items };
  },
});

function describe(row: repo.ProductRow | undefined): Product {
  if (row === undefined) throw new AppError('not_found');
  return { ...row, created_at: row.created_at.toISOString(), updated_at: row.updated_at.toISOString() };
}
