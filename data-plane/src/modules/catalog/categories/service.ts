import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { categories } from '@platen/schema/contracts/data/catalog';
import { changedJson, foundJson, orDuplicate } from '../../../stored-json.js';
import { type FindOrganization, organizationOf } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import * as repo from './repo.js';

export interface CategoryService {
  list(ctx: TenantCtx, query: QueryOf<typeof categories.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  create(ctx: TenantCtx, body: BodyOf<typeof categories.create>): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: BodyOf<typeof categories.update>): Promise<RawJson>;
}

export function createCategoryService(deps: { cursors: Cursors; findOrganization: FindOrganization }): CategoryService {
  return {
    list(ctx, { parent_id, ...query }) {
      if (parent_id === undefined) return readPage(ctx, deps.cursors, repo.categoryPage, query);
      if (parent_id === 'none') return readPage(ctx, deps.cursors, repo.topCategoryPage, query);
      return readPage(ctx, deps.cursors, repo.categoryPageOfParent, query, [parent_id]);
    },

    get: async (ctx, id) => foundJson(await repo.findCategory(ctx.db, id)),

    create(ctx, body) {
      const row = {
        tenantId: ctx.tenant.id,
        organizationId: organizationOf(deps.findOrganization, ctx).id,
        id: ctx.newId(),
        code: normalizeCode(body.code, '/body/code'),
        name: body.name,
        parentId: body.parent_id ?? null,
        position: body.position ?? 0,
      };
      return ctx.write(async (tx) => {
        const created = await orDuplicate(
          repo.insertCategory(tx, row),
          codeKey,
          duplicateDetail(row.code),
          '/body/code',
        );
        if (!created) throw unknownParent();
        return foundJson(created);
      });
    },

    async update(ctx, id, body) {
      const { code, ...rest } = body;
      const patch = { ...rest, ...(code !== undefined && { code: normalizeCode(code, '/body/code') }) };
      const organization = organizationOf(deps.findOrganization, ctx);
      const change = (db: Parameters<typeof repo.updateCategory>[0]) => repo.updateCategory(db, id, ctx.ifMatch, patch);
      const changing = patch.parent_id
        ? ctx.db.transaction(
            async (tx) => (await Promise.all([repo.lockCategoryTree(tx, organization.id), change(tx)]))[1],
          )
        : change(ctx.db.leased);
      const row = await orDuplicate(changing, codeKey, duplicateDetail(patch.code ?? ''), '/body/code');
      if (row && !row.parent_known) throw unknownParent();
      if (row?.makes_cycle) throw new AppError('category_cycle');
      return changedJson(row);
    },
  };
}

const codeKey = 'erp_categories_code_key';
const duplicateDetail = (code: string): string => `There is a category with the code "${code}"`;
const unknownParent = () =>
  new AppError('unknown_reference', undefined, {
    fields: [{ path: '/body/parent_id', message: 'names no category' }],
  });
