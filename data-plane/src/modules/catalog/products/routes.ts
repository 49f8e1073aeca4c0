import type { Implementation } from '@platen/chassis/http/types';
import { products } from '@platen/schema/contracts/data/catalog';
import type { Tenant } from '../../../feed/tenant.js';
import { implement } from '../../module.js';
import type { ProductService } from './service.js';

export const productRoutes = (service: ProductService): Implementation<Tenant>[] => [
  implement(products.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(products.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(products.create, ({ ctx, body }) => service.create(ctx, body)),
  implement(products.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
];
