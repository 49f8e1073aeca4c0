import type { Implementation } from '@platen/chassis/http/types';
import { purchaseReceipts } from '@platen/schema/contracts/data/purchase-receipts';
import type { Tenant } from '../../../feed/tenant.js';
import { implement } from '../../module.js';
import type { PurchaseReceiptService } from './service.js';

export const purchaseReceiptRoutes = (service: PurchaseReceiptService): Implementation<Tenant>[] => [
  implement(purchaseReceipts.list, ({ ctx, params, query }) => service.list(ctx, params.id, query)),
  implement(purchaseReceipts.create, ({ ctx, params, body }) => service.create(ctx, params.id, body)),
];
