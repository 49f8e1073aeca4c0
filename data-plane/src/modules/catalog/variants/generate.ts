import { AppError } from '@platen/chassis/http/app-error';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { variants } from '@platen/schema/contracts/data/catalog';
import { orDuplicate } from '../../../stored-json.js';
import type { TenantCtx } from '../../module.js';
import { wrongCurrency } from '../currency.js';
import * as repo from './generate-repo.js';
import { cellOf, missingCells, skusOf } from './matrix.js';

/** Makes the variants that the matrix of a product's options lacks. */
export function generateVariants(
  ctx: TenantCtx,
  organizationId: string,
  productId: string,
  body: BodyOf<typeof variants.generate>,
): Promise<RawJson> {
  const { sku_pattern, only = {}, cost, price_delta } = body;
  return ctx.write(async (tx) => {
    const product = await repo.lockProductForVariants(tx, productId);
    if (!product) throw new AppError('not_found');
    const { code, currency, options } = product;
    if (cost && cost.currency !== currency) throw wrongCurrency('/body/cost', currency);
    if (price_delta && price_delta.currency !== currency) throw wrongCurrency('/body/price_delta', currency);
    const taken = await repo.listOptionValues(tx, productId);
    const { missing, existing } = missingCells(options, only, new Set(taken.map((row) => cellOf(row.option_values))));
    if (missing.length === 0) return answer('[]', existing);
    const skus = skusOf(sku_pattern, code, missing);
    const inserting = repo.insertVariants(tx, {
      tenantId: ctx.tenant.id,
      organizationId,
      productId,
      currency,
      cost: cost?.amount ?? null,
      priceDelta: price_delta?.amount ?? '0',
      cells: missing.map((option_values, index) => ({ id: ctx.newId(), sku: skus[index] ?? '', option_values })),
    });
    const detail = 'The pattern gives a SKU that another variant has';
    return answer(await orDuplicate(inserting, 'erp_product_variants_sku_key', detail, '/body/sku_pattern'), existing);
  });
}

const answer = (created: string, existing: number): RawJson =>
  new RawJson(`{"created":${created},"existing":${existing}}`);
