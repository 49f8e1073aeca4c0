import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { stock, stockAdjustments, stockMoves } from '@platen/schema/contracts/data/stock';
import { type FindOrganization, normalized } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import { adjustStock } from './adjustments/service.js';
import { type CheckService, createCheckService } from './check/service.js';
import { listLevels } from './levels/repo.js';
import { createLocationService, type LocationService } from './locations/service.js';
import { listMoves } from './moves/repo.js';
import { transferStock } from './moves/transfer.js';
import { shortagePage, shortagePageOfOrder } from './shortages/repo.js';

export interface StockService {
  readonly locations: LocationService;
  readonly check: CheckService;
  levels(ctx: TenantCtx, query: QueryOf<typeof stock.levels>): Promise<RawJson>;
  moves(ctx: TenantCtx, query: QueryOf<typeof stockMoves.list>): Promise<RawJson>;
  transfer(ctx: TenantCtx, body: BodyOf<typeof stockMoves.transfer>): Promise<RawJson>;
  adjust(ctx: TenantCtx, body: BodyOf<typeof stockAdjustments.create>): Promise<RawJson>;
  shortages(ctx: TenantCtx, query: QueryOf<typeof stock.shortages>): Promise<RawJson>;
}

export function createStockService(deps: {
  readonly cursors: Cursors;
  readonly findOrganization: FindOrganization;
}): StockService {
  const { cursors } = deps;
  return {
    locations: createLocationService(deps),
    check: createCheckService(deps),
    transfer: transferStock,
    adjust: adjustStock,
    moves: (ctx, query) => listMoves(ctx, cursors, query),

    levels(ctx, { sku_prefix, limit, cursor, ...filters }) {
      const skuPrefix = normalized(sku_prefix, normalizeCode, '/query/sku_prefix');
      const page = { ...(limit && { limit }), ...(cursor && { cursor }) };
      return listLevels(ctx, cursors, page, { ...filters, ...(skuPrefix !== undefined && { skuPrefix }) });
    },

    shortages({ tenant, organizationId, workspaceId, db }, { order_id: orderId, ...query }) {
      const slow = { tenant, organizationId, workspaceId, db: db.leased };
      return orderId === undefined
        ? readPage(slow, cursors, shortagePage, query)
        : readPage(slow, cursors, shortagePageOfOrder, query, [orderId]);
    },
  };
}
