import { DatabaseError } from '@platen/chassis/db/errors';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import type { RawJson } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { stockLocations } from '@platen/schema/contracts/data/stock';
import { changedJson, foundJson, orDuplicate } from '../../../stored-json.js';
import { type FindOrganization, organizationOf } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { findLocations } from '../open-sheet.js';
import * as repo from './repo.js';

export interface LocationService {
  list(ctx: TenantCtx, query: QueryOf<typeof stockLocations.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  create(ctx: TenantCtx, body: BodyOf<typeof stockLocations.create>): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: BodyOf<typeof stockLocations.update>): Promise<RawJson>;
}

export function createLocationService(deps: {
  readonly cursors: Cursors;
  readonly findOrganization: FindOrganization;
}): LocationService {
  return {
    list: (ctx, { kind, ...query }) => repo.listLocations(ctx, deps.cursors, query, { kind }),

    get: async (ctx, id) => foundJson(await repo.findLocation(ctx.db, id)),

    async create(ctx, body) {
      const organization = organizationOf(deps.findOrganization, ctx);
      const { workspace_id: workspaceId = ctx.workspaceId } = body;
      const isTheirs = ctx.workspaceId === null ? organization.workspaceIds : new Set([ctx.workspaceId]);
      if (workspaceId !== null && workspaceId !== ctx.workspaceId && !isTheirs.has(workspaceId)) {
        throw new AppError('unknown_reference', undefined, {
          fields: [{ path: '/body/workspace_id', message: 'is not a workspace of this context' }],
        });
      }
      const row = {
        tenantId: ctx.tenant.id,
        organizationId: organization.id,
        workspaceId,
        id: ctx.newId(),
        code: normalizeCode(body.code, '/body/code'),
        name: body.name,
        position: body.position ?? 0,
        allowNegative: body.allow_negative ?? false,
      };
      const detail = `There is a stock location with the code "${row.code}"`;
      return ctx.write(async (tx) => {
        // The standard ones first: nobody else's location takes their codes, without which no stock moves anywhere.
        await findLocations(tx, ctx);
        const inserting = repo.insertLocation(tx, row);
        return foundJson(await orDuplicate(inserting, 'erp_stock_locations_code_key', detail, '/body/code'));
      });
    },

    async update(ctx, id, patch) {
      try {
        return await ctx.write(async (tx) => {
          const changed = changedJson(await repo.updateLocation(tx, id, ctx.ifMatch, patch));
          if (patch.allow_negative !== undefined) repo.updateAllowance(tx, id, ctx.now());
          return changed;
        });
      } catch (error) {
        if (error instanceof DatabaseError && error.constraint === repo.belowZero) {
          throw new AppError('in_use', 'Something is below zero there', { cause: error });
        }
        throw error;
      }
    },
  };
}
