import type { Implementation } from '@platen/chassis/http/types';
import { designs } from '@platen/schema/contracts/data/designs';
import type { Tenant } from '../../../feed/tenant.js';
import { implement } from '../../module.js';
import type { DesignService } from './service.js';

export const designRoutes = (service: DesignService): Implementation<Tenant>[] => [
  implement(designs.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(designs.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(designs.create, ({ ctx, body }) => service.create(ctx, body)),
  implement(designs.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
];
