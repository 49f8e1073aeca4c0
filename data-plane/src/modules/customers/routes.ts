import type { Implementation } from '@platen/chassis/http/types';
import { customers } from '@platen/schema/contracts/data/customers';
import type { Tenant } from '../../feed/tenant.js';
import { implement } from '../module.js';
import type { CustomerService } from './service.js';

export const customerRoutes = (service: CustomerService): Implementation<Tenant>[] => [
  implement(customers.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(customers.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(customers.create, ({ ctx, body }) => service.create(ctx, body)),
  implement(customers.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
];
