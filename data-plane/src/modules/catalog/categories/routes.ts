import type { Implementation } from '@platen/chassis/http/types';
import { categories } from '@platen/schema/contracts/data/catalog';
import type { Tenant } from '../../../feed/tenant.js';
import { implement } from '../../module.js';
import type { CategoryService } from './service.js';

export const categoryRoutes = (service: CategoryService): Implementation<Tenant>[] => [
  implement(categories.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(categories.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(categories.create, ({ ctx, body }) => service.create(ctx, body)),
  implement(categories.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
];
