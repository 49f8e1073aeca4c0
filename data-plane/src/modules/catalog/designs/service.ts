import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { RawJson } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { designs } from '@platen/schema/contracts/data/designs';
import { changedJson, foundJson, orDuplicate } from '../../../stored-json.js';
import { type FindOrganization, normalized, organizationOf } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import * as repo from './repo.js';

export interface DesignService {
  list(ctx: TenantCtx, query: QueryOf<typeof designs.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  create(ctx: TenantCtx, body: BodyOf<typeof designs.create>): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: BodyOf<typeof designs.update>): Promise<RawJson>;
}

export function createDesignService(deps: { cursors: Cursors; findOrganization: FindOrganization }): DesignService {
  return {
    list(ctx, { customer_id, code_prefix, ...query }) {
      const prefix = normalized(code_prefix, normalizeCode, '/query/code_prefix');
      return repo.listDesigns(ctx, deps.cursors, query, { customer_id }, prefix);
    },

    get: async (ctx, id) => foundJson(await repo.findDesign(ctx.db, id)),

    create(ctx, body) {
      const owner = {
        tenantId: ctx.tenant.id,
        organizationId: organizationOf(deps.findOrganization, ctx).id,
        id: ctx.newId(),
      };
      const fields = { ...body, code: normalizeCode(body.code, '/body/code') };
      return ctx.write(async (tx) => {
        const inserting = repo.insertDesign(tx, owner, fields);
        const made = await orDuplicate(inserting, codeKey, duplicateDetail(fields.code), '/body/code');
        requireKnown(made);
        if (made.json === null) throw new Error('a design with known references is written');
        return new RawJson(made.json, made.version);
      });
    },

    async update(ctx, id, { code, ...rest }) {
      const patch = { ...rest, ...(code !== undefined && { code: normalizeCode(code, '/body/code') }) };
      const changing = repo.updateDesign(ctx.db.leased, id, ctx.ifMatch, patch);
      const row = await orDuplicate(changing, codeKey, duplicateDetail(patch.code ?? ''), '/body/code');
      if (row) requireKnown(row);
      return changedJson(row);
    },
  };
}

/** @throws AppError unknown_reference */
function requireKnown({ customer_known, file_known }: { customer_known: boolean; file_known: boolean }): void {
  const fields = [
    ...(customer_known ? [] : [{ path: '/body/customer_id', message: 'names no customer' }]),
    ...(file_known ? [] : [{ path: '/body/file_id', message: 'names no file' }]),
  ];
  if (fields.length > 0) throw new AppError('unknown_reference', undefined, { fields });
}

const codeKey = 'erp_designs_code_key';
const duplicateDetail = (code: string): string => `There is a design with the code "${code}"`;
