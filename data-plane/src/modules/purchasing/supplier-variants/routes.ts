import type { Implementation } from '@platen/chassis/http/types';
import { supplierVariants } from '@platen/schema/contracts/data/supplier-variants';
import type { Tenant } from '../../../feed/tenant.js';
import { implement } from '../../module.js';
import type { SupplierVariantService } from './service.js';

export const supplierVariantRoutes = (service: SupplierVariantService): Implementation<Tenant>[] => [
  implement(supplierVariants.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(supplierVariants.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(supplierVariants.create, ({ ctx, body }) => service.create(ctx, body)),
  implement(supplierVariants.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
  implement(supplierVariants.remove, ({ ctx, params }) => service.remove(ctx, params.id)),
];
