import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { definePage, firstId, type PageQuery, readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import type { QueryOf } from '@platen/schema/contract';
import { purchaseOrders } from '@platen/schema/contracts/data/purchase-orders';
import { foundJson } from '../../../stored-json.js';
import { beginsWith, type FindOrganization, newestFirst } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { statusChangeJson, summaryJson } from '../json.js';
import { createPurchaseDraftService, type PurchaseDraftService } from './drafts.js';
import { createPurchaseMoveService, type PurchaseMoveService } from './moves.js';
import { findPurchaseOrder, isPurchaseOrder } from './repo.js';

export interface PurchaseOrderService extends PurchaseDraftService, PurchaseMoveService {
  list(ctx: TenantCtx, query: QueryOf<typeof purchaseOrders.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  listHistory(ctx: TenantCtx, id: string, query: PageQuery): Promise<RawJson>;
}

const listOrders = newestFirst({
  contract: purchaseOrders.list,
  table: 'erp_purchase_orders',
  item: summaryJson,
  filters: { status: 'text', supplier_id: 'uuid', number_prefix: beginsWith('number') },
});

const historyPage = definePage({
  contract: purchaseOrders.history,
  item: statusChangeJson,
  key: 't.id::text',
  rows: `select t.* from erp_purchase_order_status_changes t
    where t.purchase_order_id = $3::uuid and t.id > $2::uuid order by t.id`,
  start: firstId,
});

export const createPurchaseOrderService = (deps: {
  readonly cursors: Cursors;
  readonly findOrganization: FindOrganization;
}): PurchaseOrderService => ({
  list: (ctx, { limit, cursor, ...filters }) =>
    listOrders(ctx, deps.cursors, { ...(limit && { limit }), ...(cursor && { cursor }) }, filters),

  get: async (ctx, id) => foundJson(await findPurchaseOrder(ctx.db, id)),

  async listHistory(ctx, id, query) {
    const [page, exists] = await Promise.all([
      readPage(ctx, deps.cursors, historyPage, query, [id]),
      isPurchaseOrder(ctx.db, id),
    ]);
    if (!exists) throw new AppError('not_found');
    return page;
  },

  ...createPurchaseDraftService(),
  ...createPurchaseMoveService(deps),
});
