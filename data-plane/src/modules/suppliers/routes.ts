import type { Implementation } from '@platen/chassis/http/types';
import { suppliers } from '@platen/schema/contracts/data/suppliers';
import type { Tenant } from '../../feed/tenant.js';
import { implement } from '../module.js';
import type { SupplierService } from './service.js';

export const supplierRoutes = (service: SupplierService): Implementation<Tenant>[] => [
  implement(suppliers.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(suppliers.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(suppliers.create, ({ ctx, body }) => service.create(ctx, body)),
  implement(suppliers.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
];
