import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { products } from '@platen/schema/contracts/data/catalog';
import { changedJson, foundJson, orDuplicate } from '../../../stored-json.js';
import { type FindOrganization, organizationOf } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { wrongCurrency } from '../currency.js';
import * as repo from './repo.js';

export interface ProductService {
  list(ctx: TenantCtx, query: QueryOf<typeof products.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  create(ctx: TenantCtx, body: BodyOf<typeof products.create>): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: BodyOf<typeof products.update>): Promise<RawJson>;
}

export function createProductService(deps: { cursors: Cursors; findOrganization: FindOrganization }): ProductService {
  return {
    list(ctx, { status = null, category_id, ...query }) {
      return category_id === undefined
        ? readPage(ctx, deps.cursors, repo.productPage, query, [status])
        : readPage(ctx, deps.cursors, repo.productPageOfCategory, query, [status, category_id]);
    },

    get: async (ctx, id) => foundJson(await repo.findProduct(ctx.db, id)),

    create(ctx, body) {
      const { id: organizationId, settings } = organizationOf(deps.findOrganization, ctx);
      if (body.base_price.currency !== settings.currency) throw wrongCurrency('/body/base_price', settings.currency);
      const row = {
        tenantId: ctx.tenant.id,
        organizationId,
        id: ctx.newId(),
        code: normalizeCode(body.code, '/body/code'),
        name: body.name,
        status: body.status ?? 'draft',
        kind: body.kind,
        categoryId: body.category_id ?? null,
        taxClass: body.tax_class === undefined ? 'standard' : normalizeCode(body.tax_class, '/body/tax_class'),
        basePrice: body.base_price.amount,
        currency: body.base_price.currency,
      };
      return ctx.write(async (tx) => {
        const created = await orDuplicate(repo.insertProduct(tx, row), codeKey, duplicateDetail(row.code));
        if (!created) throw unknownCategory();
        return foundJson(created);
      });
    },

    async update(ctx, id, { code, tax_class, base_price, ...rest }) {
      const patch = {
        ...rest,
        ...(code !== undefined && { code: normalizeCode(code, '/body/code') }),
        ...(tax_class !== undefined && { tax_class: normalizeCode(tax_class, '/body/tax_class') }),
        ...(base_price !== undefined && { base_price: base_price.amount }),
      };
      const currency = base_price?.currency ?? null;
      const changing = repo.updateProduct(ctx.db.leased, id, ctx.ifMatch, patch, currency);
      const row = await orDuplicate(changing, codeKey, duplicateDetail(patch.code ?? ''));
      if (row && !row.category_known) throw unknownCategory();
      if (row && currency !== null && row.currency !== currency) throw wrongCurrency('/body/base_price', row.currency);
      return changedJson(row);
    },
  };
}

const codeKey = 'erp_products_code_key';
const duplicateDetail = (code: string): string => `There is a product with the code "${code}"`;
const unknownCategory = () =>
  new AppError('unknown_reference', undefined, {
    fields: [{ path: '/body/category_id', message: 'names no category' }],
  });
