import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import type { RawJson } from '@platen/chassis/http/types';
import { normalizeCode, normalizeEmail } from '@platen/chassis/validation/normalize';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { suppliers } from '@platen/schema/contracts/data/suppliers';
import { changedJson, foundJson, orDuplicate } from '../../stored-json.js';
import { type FindOrganization, normalized, organizationOf } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import * as repo from './repo.js';

export interface SupplierService {
  list(ctx: TenantCtx, query: QueryOf<typeof suppliers.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  create(ctx: TenantCtx, body: BodyOf<typeof suppliers.create>): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: BodyOf<typeof suppliers.update>): Promise<RawJson>;
}

export function createSupplierService(deps: { cursors: Cursors; findOrganization: FindOrganization }): SupplierService {
  return {
    list(ctx, { code_prefix, ...query }) {
      const prefix = normalized(code_prefix, normalizeCode, '/query/code_prefix');
      return repo.listSuppliers(ctx, deps.cursors, query, {}, prefix);
    },

    get: async (ctx, id) => foundJson(await repo.findSupplier(ctx.db, id)),

    create(ctx, body) {
      const { id: organizationId, settings } = organizationOf(deps.findOrganization, ctx);
      const row = {
        tenantId: ctx.tenant.id,
        organizationId,
        id: ctx.newId(),
        code: normalizeCode(body.code, '/body/code'),
        name: body.name,
        email: normalized(body.email, normalizeEmail, '/body/email') ?? null,
        currency: body.currency ?? settings.currency,
        addresses: body.addresses ?? [],
      };
      return ctx.write(async (tx) =>
        foundJson(await orDuplicate(repo.insertSupplier(tx, row), codeKey, duplicateDetail(row.code), '/body/code')),
      );
    },

    async update(ctx, id, { code, email, ...rest }) {
      const patch = {
        ...rest,
        ...(code !== undefined && { code: normalizeCode(code, '/body/code') }),
        ...(email !== undefined && { email: normalized(email, normalizeEmail, '/body/email') ?? null }),
      };
      const { currency } = rest;
      const changing =
        currency === undefined
          ? repo.updateSupplier(ctx.db.leased, id, ctx.ifMatch, patch)
          : ctx.db.transaction(async (tx) => {
              if (await repo.isBoundToCurrency(tx, id, currency)) throw new AppError('in_use', costsInCurrency);
              return repo.updateSupplier(tx, id, ctx.ifMatch, patch);
            });
      return changedJson(await orDuplicate(changing, codeKey, duplicateDetail(patch.code ?? ''), '/body/code'));
    },
  };
}

const costsInCurrency = 'The supplier has costs of variants in its currency: take those away first';
const codeKey = 'erp_suppliers_code_key';
const duplicateDetail = (code: string): string => `There is a supplier with the code "${code}"`;
