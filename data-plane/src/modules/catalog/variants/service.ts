import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { type PageQuery, readPage } from '@platen/chassis/http/paging';
import { RawJson } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { variants } from '@platen/schema/contracts/data/catalog';
import { changedJson, foundJson, orDuplicate } from '../../../stored-json.js';
import { beginningWith, type FindOrganization, normalized, organizationOf } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { wrongCurrency } from '../currency.js';
import { type Option, optionFaults } from '../options.js';
import { generateVariants } from './generate.js';
import * as repo from './repo.js';
import { pageByWords, pagesBySku } from './search-repo.js';

export interface VariantService {
  search(ctx: TenantCtx, query: QueryOf<typeof variants.search>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  list(ctx: TenantCtx, productId: string, query: PageQuery): Promise<RawJson>;
  create(ctx: TenantCtx, productId: string, body: BodyOf<typeof variants.create>): Promise<RawJson>;
  /** The variants that the options of a product lack. */
  generate(ctx: TenantCtx, productId: string, body: BodyOf<typeof variants.generate>): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: BodyOf<typeof variants.update>): Promise<RawJson>;
}

export function createVariantService(deps: { cursors: Cursors; findOrganization: FindOrganization }): VariantService {
  return {
    search(ctx, { q, sku_prefix, status, product_status, category_id, ...query }) {
      const range = beginningWith(normalized(sku_prefix, normalizeCode, '/query/sku_prefix') ?? '');
      if (q === undefined && product_status === undefined && category_id === undefined) {
        return readPage(ctx, deps.cursors, pagesBySku[status ?? 'any'], query, range);
      }
      const filters = [q ?? null, ...range, status ?? null, product_status ?? null, category_id ?? null];
      // Some milliseconds at worst: not where short reads queue behind each other.
      const { tenant, organizationId, workspaceId } = ctx;
      const apart = { tenant, organizationId, workspaceId, db: ctx.db.leased };
      return readPage(apart, deps.cursors, pageByWords, query, filters);
    },

    get: async (ctx, id) => foundJson(await repo.findVariant(ctx.db, id)),

    async list(ctx, productId, query) {
      const page = await readPage(ctx, deps.cursors, repo.variantPageOfProduct, query, [productId]);
      // Only an empty page leaves open whether there is such a product.
      if (page.text.startsWith('{"items":[]') && !(await repo.isProductThere(ctx.db, productId))) {
        throw new AppError('not_found');
      }
      return page;
    },

    create(ctx, productId, body) {
      const organization = organizationOf(deps.findOrganization, ctx);
      const currency = currencyOf(body);
      const row = {
        tenantId: ctx.tenant.id,
        organizationId: organization.id,
        id: ctx.newId(),
        productId,
        sku: normalizeCode(body.sku, '/body/sku'),
        optionValues: body.option_values,
        gtin: body.gtin ?? null,
        cost: body.cost?.amount ?? null,
        priceDelta: body.price_delta?.amount ?? '0',
        weightG: body.weight_g ?? null,
        status: body.status ?? 'active',
      };
      return ctx.write(async (tx) => {
        const made = await orDuplicate(
          repo.insertVariant(tx, row, currency),
          skuKey,
          duplicateDetail(row.sku),
          '/body/sku',
        );
        if (!made) throw new AppError('not_found');
        if (made.json === null) {
          if (currency !== null && made.currency !== currency) throw wrongCurrency(amountPath(body), made.currency);
          throw wrongOptions(body.option_values, made.options);
        }
        return new RawJson(made.json, made.version);
      });
    },

    generate: (ctx, productId, body) =>
      generateVariants(ctx, organizationOf(deps.findOrganization, ctx).id, productId, body),

    async update(ctx, id, body) {
      const { sku, cost, price_delta, ...rest } = body;
      const currency = currencyOf(body);
      const patch = {
        ...rest,
        ...(sku !== undefined && { sku: normalizeCode(sku, '/body/sku') }),
        ...(cost !== undefined && { cost: cost?.amount ?? null }),
        ...(price_delta !== undefined && { price_delta: price_delta.amount }),
      };
      const changing = repo.updateVariant(ctx.db.leased, id, ctx.ifMatch, patch, currency);
      const row = await orDuplicate(changing, skuKey, duplicateDetail(patch.sku ?? ''), '/body/sku');
      if (row && currency !== null && row.currency !== currency) throw wrongCurrency(amountPath(body), row.currency);
      if (row && !row.options_known) throw wrongOptions(body.option_values ?? {}, row.options);
      return changedJson(row);
    },
  };
}

type Amounts = Pick<BodyOf<typeof variants.update>, 'cost' | 'price_delta'>;

/** Of the amounts given; null without any. @throws AppError currency_mismatch when they differ among themselves */
function currencyOf({ cost, price_delta }: Amounts): string | null {
  if (cost && price_delta && cost.currency !== price_delta.currency) {
    throw wrongCurrency('/body/price_delta', cost.currency);
  }
  return cost?.currency ?? price_delta?.currency ?? null;
}

const wrongOptions = (values: Readonly<Record<string, string>>, options: readonly Option[]): AppError =>
  new AppError('validation_failed', undefined, { fields: optionFaults(values, options) });
const amountPath = ({ cost }: Amounts): string => (cost ? '/body/cost' : '/body/price_delta');
const skuKey = 'erp_product_variants_sku_key';
const duplicateDetail = (sku: string): string => `There is a variant with the SKU "${sku}"`;
