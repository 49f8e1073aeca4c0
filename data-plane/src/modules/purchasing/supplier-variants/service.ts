import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { supplierVariants } from '@platen/schema/contracts/data/supplier-variants';
import { changedJson, foundJson, orDuplicate } from '../../../stored-json.js';
import { type FindOrganization, organizationOf } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import * as repo from './repo.js';

type NewTerms = BodyOf<typeof supplierVariants.create>;
type TermsPatch = BodyOf<typeof supplierVariants.update>;

export interface SupplierVariantService {
  list(ctx: TenantCtx, query: QueryOf<typeof supplierVariants.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  create(ctx: TenantCtx, body: NewTerms): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: TermsPatch): Promise<RawJson>;
  remove(ctx: TenantCtx, id: string): Promise<void>;
}

/** What suppliers deliver, at which cost and how soon. */
export function createSupplierVariantService(deps: {
  readonly cursors: Cursors;
  readonly findOrganization: FindOrganization;
}): SupplierVariantService {
  return {
    list: (ctx, { limit, cursor, ...filters }) =>
      repo.listSupplierVariants(ctx, deps.cursors, { ...(limit && { limit }), ...(cursor && { cursor }) }, filters),

    get: async (ctx, id) => foundJson(await repo.findSupplierVariant(ctx.db, id)),

    create(ctx, body) {
      const { id: organizationId } = organizationOf(deps.findOrganization, ctx);
      const row = {
        tenantId: ctx.tenant.id,
        organizationId,
        id: ctx.newId(),
        supplierId: body.supplier_id,
        variantId: body.variant_id,
        sku: body.sku ?? null,
        cost: body.cost.amount,
        currency: body.cost.currency,
        leadDays: body.lead_days,
      };
      return ctx.write(async (tx) => {
        const inserting = repo.insertSupplierVariant(tx, row);
        const made = await orDuplicate(inserting, pairKey, 'The supplier has terms for this variant already');
        if (made.currency === null) throw unknown('/body/supplier_id', 'names no supplier');
        if (!made.has_variant) throw unknown('/body/variant_id', 'names no variant');
        if (made.json === null) throw otherCurrency(made.currency);
        return new RawJson(made.json, made.version);
      });
    },

    async update(ctx, id, { cost, ...rest }) {
      const patch = { ...rest, ...(cost && { cost: cost.amount }) };
      const currency = cost?.currency ?? null;
      const row = await repo.updateSupplierVariant(ctx.db.leased, id, ctx.ifMatch, patch, currency);
      const isRefused = row?.json === null && currency !== null && currency !== row.currency;
      if (isRefused && (ctx.ifMatch === null || ctx.ifMatch === row.version_before)) throw otherCurrency(row.currency);
      return changedJson(row);
    },

    async remove(ctx, id) {
      if (!(await repo.deleteSupplierVariant(ctx.db.leased, id))) throw new AppError('not_found');
    },
  };
}

const pairKey = 'erp_supplier_variants_variant_key';

const unknown = (path: string, message: string): AppError =>
  new AppError('unknown_reference', undefined, { fields: [{ path, message }] });

function otherCurrency(currency: string): AppError {
  const message = `The supplier is in ${currency}`;
  return new AppError('currency_mismatch', message, { fields: [{ path: '/body/cost/currency', message }] });
}
