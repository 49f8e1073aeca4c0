import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import type { RawJson } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { products } from '@platen/schema/contracts/data/catalog';
import { changedJson, foundJson, orDuplicate } from '../../../stored-json.js';
import { type FindOrganization, normalized, organizationOf } from '../../documents/index.js';
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
    list(ctx, { status, category_id, brand, code_prefix, ...query }) {
      const prefix = normalized(code_prefix, normalizeCode, '/query/code_prefix');
      return repo.listProducts(ctx, deps.cursors, query, { status, category_id, brand }, prefix);
    },

    get: async (ctx, id) => foundJson(await repo.findProduct(ctx.db, id)),

    create(ctx, body) {
      const { id: organizationId, settings } = organizationOf(deps.findOrganization, ctx);
      if (body.base_price.currency !== settings.currency) throw wrongCurrency('/body/base_price', settings.currency);
      requireDistinct(body.options);
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
        brand: body.brand ?? null,
        description: body.description ?? null,
        options: body.options ?? [],
      };
      return ctx.write(async (tx) => {
        const created = await orDuplicate(
          repo.insertProduct(tx, row),
          codeKey,
          duplicateDetail(row.code),
          '/body/code',
        );
        if (!created) throw unknownCategory();
        return foundJson(created);
      });
    },

    async update(ctx, id, { code, tax_class, base_price, ...rest }) {
      requireDistinct(rest.options);
      const patch = {
        ...rest,
        ...(code !== undefined && { code: normalizeCode(code, '/body/code') }),
        ...(tax_class !== undefined && { tax_class: normalizeCode(tax_class, '/body/tax_class') }),
        ...(base_price !== undefined && { base_price: base_price.amount }),
      };
      const currency = base_price?.currency ?? null;
      const changing = repo.updateProduct(ctx.db.leased, id, ctx.ifMatch, patch, currency);
      const row = await orDuplicate(changing, codeKey, duplicateDetail(patch.code ?? ''), '/body/code');
      if (row && !row.category_known) throw unknownCategory();
      if (row?.options_in_use) throw optionsInUse();
      if (row && currency !== null && row.currency !== currency) throw wrongCurrency('/body/base_price', row.currency);
      return changedJson(row);
    },
  };
}

/** @throws AppError validation_failed: two options of one name */
function requireDistinct(options: readonly { readonly name: string }[] = []): void {
  const fields = options.flatMap(({ name }, index) =>
    options.findIndex((other) => other.name === name) === index
      ? []
      : [{ path: `/body/options/${index}/name`, message: 'is the name of another option' }],
  );
  if (fields.length > 0) throw new AppError('validation_failed', undefined, { fields });
}

const optionsInUse = () =>
  new AppError('in_use', 'A variant in use has an option or a value that these lack', {
    fields: [{ path: '/body/options', message: 'lack what a variant in use has' }],
  });
const codeKey = 'erp_products_code_key';
const duplicateDetail = (code: string): string => `There is a product with the code "${code}"`;
const unknownCategory = () =>
  new AppError('unknown_reference', undefined, {
    fields: [{ path: '/body/category_id', message: 'names no category' }],
  });
