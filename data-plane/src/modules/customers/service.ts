import type { Cursors } from '@platen/chassis/http/cursor';
import type { RawJson } from '@platen/chassis/http/types';
import { normalizeCode, normalizeEmail } from '@platen/chassis/validation/normalize';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { customers } from '@platen/schema/contracts/data/customers';
import { changedJson, foundJson, orDuplicate } from '../../stored-json.js';
import { type FindOrganization, normalized, organizationOf } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import * as repo from './repo.js';

export interface CustomerService {
  list(ctx: TenantCtx, query: QueryOf<typeof customers.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  create(ctx: TenantCtx, body: BodyOf<typeof customers.create>): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: BodyOf<typeof customers.update>): Promise<RawJson>;
}

export function createCustomerService(deps: { cursors: Cursors; findOrganization: FindOrganization }): CustomerService {
  return {
    list(ctx, { customer_group, code_prefix, ...query }) {
      const filters = { customer_group: normalized(customer_group, normalizeCode, '/query/customer_group') };
      const prefix = normalized(code_prefix, normalizeCode, '/query/code_prefix');
      return repo.listCustomers(ctx, deps.cursors, query, filters, prefix);
    },

    get: async (ctx, id) => foundJson(await repo.findCustomer(ctx.db, id)),

    create(ctx, body) {
      const { id: organizationId, settings } = organizationOf(deps.findOrganization, ctx);
      const row = {
        tenantId: ctx.tenant.id,
        organizationId,
        id: ctx.newId(),
        code: normalizeCode(body.code, '/body/code'),
        name: body.name,
        email: normalized(body.email, normalizeEmail, '/body/email') ?? null,
        customerGroup: normalized(body.customer_group, normalizeCode, '/body/customer_group') ?? null,
        taxExempt: body.tax_exempt ?? false,
        currency: body.currency ?? settings.currency,
        addresses: body.addresses ?? [],
      };
      return ctx.write(async (tx) =>
        foundJson(await orDuplicate(repo.insertCustomer(tx, row), codeKey, duplicateDetail(row.code), '/body/code')),
      );
    },

    async update(ctx, id, { code, email, customer_group, ...rest }) {
      const patch = {
        ...rest,
        ...(code !== undefined && { code: normalizeCode(code, '/body/code') }),
        ...(email !== undefined && { email: normalized(email, normalizeEmail, '/body/email') ?? null }),
        ...(customer_group !== undefined && {
          customer_group: normalized(customer_group, normalizeCode, '/body/customer_group') ?? null,
        }),
      };
      const changing = repo.updateCustomer(ctx.db.leased, id, ctx.ifMatch, patch);
      return changedJson(await orDuplicate(changing, codeKey, duplicateDetail(patch.code ?? ''), '/body/code'));
    },
  };
}

const codeKey = 'erp_customers_code_key';
const duplicateDetail = (code: string): string => `There is a customer with the code "${code}"`;
