import type { Implementation } from '@platen/chassis/http/types';
import { orderPayments, orders } from '@platen/schema/contracts/data/orders';
import type { Tenant } from '../../feed/tenant.js';
import { implement } from '../module.js';
import type { OrderService } from './service.js';

export const orderRoutes = (service: OrderService): Implementation<Tenant>[] => [
  implement(orders.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(orders.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(orders.confirm, ({ ctx, params }) => service.confirm(ctx, params.id)),
  implement(orderPayments.list, ({ ctx, params, query }) => service.listPayments(ctx, params.id, query)),
  implement(orderPayments.create, ({ ctx, params, body }) => service.createPayment(ctx, params.id, body)),
];
