import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { definePage, firstId, type PageQuery, readPage } from '@platen/chassis/http/paging';
import { RawJson } from '@platen/chassis/http/types';
import type { QueryOf } from '@platen/schema/contract';
import { orders } from '@platen/schema/contracts/data/orders';
import { beginsWith, type FindOrganization, newestFirst } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import type { PricingService } from '../pricing/index.js';
import { createDraftService, type DraftService } from './drafts.js';
import { orderSummaryJson, statusChangeJson } from './json.js';
import { createMoveService, type MoveService } from './moves.js';
import { createPaymentService, type PaymentService } from './payments.js';
import { findOrder, isOrder } from './repo.js';

export interface OrderService extends DraftService, MoveService {
  list(ctx: TenantCtx, query: QueryOf<typeof orders.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  listHistory(ctx: TenantCtx, id: string, query: PageQuery): Promise<RawJson>;
  readonly payments: PaymentService;
}

const listOrders = newestFirst({
  contract: orders.list,
  table: 'erp_orders',
  item: orderSummaryJson('t'),
  filters: {
    status: 'text',
    payment_status: 'text',
    customer_id: 'uuid',
    due_from: (parameter) => `t.due_on >= ${parameter}::date`,
    due_to: (parameter) => `t.due_on <= ${parameter}::date`,
    number_prefix: beginsWith('number'),
  },
});

const historyPage = definePage({
  contract: orders.history,
  item: statusChangeJson,
  key: 't.id::text',
  rows: 'select t.* from erp_order_status_changes t where t.order_id = $3::uuid and t.id > $2::uuid order by t.id',
  start: firstId,
});

export function createOrderService(deps: {
  readonly cursors: Cursors;
  readonly findOrganization: FindOrganization;
  readonly pricing: PricingService;
}): OrderService {
  return {
    list: (ctx, { limit, cursor, ...filters }) =>
      listOrders(ctx, deps.cursors, { ...(limit && { limit }), ...(cursor && { cursor }) }, filters),

    async get(ctx, id) {
      const order = await findOrder(ctx.db, id);
      if (!order) throw new AppError('not_found');
      return new RawJson(order.body, order.version);
    },

    async listHistory(ctx, id, query) {
      const [page, exists] = await Promise.all([
        readPage(ctx, deps.cursors, historyPage, query, [id]),
        isOrder(ctx.db, id),
      ]);
      if (!exists) throw new AppError('not_found');
      return page;
    },

    ...createDraftService(deps.pricing),
    ...createMoveService(deps),
    payments: createPaymentService(deps),
  };
}
