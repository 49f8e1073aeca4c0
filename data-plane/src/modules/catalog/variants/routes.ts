import type { Implementation } from '@platen/chassis/http/types';
import { variants } from '@platen/schema/contracts/data/catalog';
import type { Tenant } from '../../../feed/tenant.js';
import { implement } from '../../module.js';
import type { VariantService } from './service.js';

export const variantRoutes = (service: VariantService): Implementation<Tenant>[] => [
  implement(variants.search, ({ ctx, query }) => service.search(ctx, query)),
  implement(variants.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(variants.generate, ({ ctx, params, body }) => service.generate(ctx, params.id, body)),
  implement(variants.list, ({ ctx, params, query }) => service.list(ctx, params.id, query)),
  implement(variants.create, ({ ctx, params, body }) => service.create(ctx, params.id, body)),
  implement(variants.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
];
