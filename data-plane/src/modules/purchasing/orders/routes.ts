import type { Implementation } from '@platen/chassis/http/types';
import { purchaseOrders } from '@platen/schema/contracts/data/purchase-orders';
import type { Tenant } from '../../../feed/tenant.js';
import { implement } from '../../module.js';
import type { PurchaseOrderService } from './service.js';

export const purchaseOrderRoutes = (service: PurchaseOrderService): Implementation<Tenant>[] => [
  implement(purchaseOrders.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(purchaseOrders.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(purchaseOrders.create, ({ ctx, body }) => service.create(ctx, body)),
  implement(purchaseOrders.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
  implement(purchaseOrders.submit, ({ ctx, params }) => service.submit(ctx, params.id)),
  implement(purchaseOrders.approve, ({ ctx, params }) => service.approve(ctx, params.id)),
  implement(purchaseOrders.reject, ({ ctx, params, body }) => service.reject(ctx, params.id, body.reason)),
  implement(purchaseOrders.reopen, ({ ctx, params }) => service.reopen(ctx, params.id)),
  implement(purchaseOrders.close, ({ ctx, params }) => service.close(ctx, params.id)),
  implement(purchaseOrders.cancel, ({ ctx, params, body }) => service.cancel(ctx, params.id, body.reason)),
  implement(purchaseOrders.history, ({ ctx, params, query }) => service.listHistory(ctx, params.id, query)),
];
