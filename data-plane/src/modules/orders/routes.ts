import type { Implementation } from '@platen/chassis/http/types';
import { orderPayments } from '@platen/schema/contracts/data/order-payments';
import { orders } from '@platen/schema/contracts/data/orders';
import type { Tenant } from '../../feed/tenant.js';
import { implement } from '../module.js';
import type { OrderService } from './service.js';

export const orderRoutes = (service: OrderService): Implementation<Tenant>[] => [
  implement(orders.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(orders.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(orders.create, ({ ctx, body }) => service.create(ctx, body)),
  implement(orders.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
  implement(orders.confirm, ({ ctx, params }) => service.confirm(ctx, params.id)),
  implement(orders.start, ({ ctx, params, body }) => service.start(ctx, params.id, body)),
  implement(orders.ready, ({ ctx, params, body }) => service.ready(ctx, params.id, body)),
  implement(orders.ship, ({ ctx, params }) => service.ship(ctx, params.id)),
  implement(orders.complete, ({ ctx, params }) => service.complete(ctx, params.id)),
  implement(orders.cancel, ({ ctx, params, body }) => service.cancel(ctx, params.id, body)),
  implement(orders.history, ({ ctx, params, query }) => service.listHistory(ctx, params.id, query)),
  implement(orderPayments.list, ({ ctx, params, query }) => service.payments.list(ctx, params.id, query)),
  implement(orderPayments.create, ({ ctx, params, body }) => service.payments.create(ctx, params.id, body)),
];
