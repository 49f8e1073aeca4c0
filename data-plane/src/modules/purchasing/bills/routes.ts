import type { Implementation } from '@platen/chassis/http/types';
import { purchaseBills } from '@platen/schema/contracts/data/purchase-bills';
import type { Tenant } from '../../../feed/tenant.js';
import { implement } from '../../module.js';
import type { PurchaseBillService } from './service.js';

export const purchaseBillRoutes = (service: PurchaseBillService): Implementation<Tenant>[] => [
  implement(purchaseBills.list, ({ ctx, params, query }) => service.list(ctx, params.id, query)),
  implement(purchaseBills.create, ({ ctx, params, body }) => service.create(ctx, params.id, body)),
];
