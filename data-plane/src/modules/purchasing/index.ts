import type { Module, ModuleDeps } from '../module.js';
import { purchaseBillRoutes } from './bills/routes.js';
import { createPurchaseBillService } from './bills/service.js';
import { purchaseOrderRoutes } from './orders/routes.js';
import { createPurchaseOrderService } from './orders/service.js';
import { purchaseReceiptRoutes } from './receipts/routes.js';
import { createPurchaseReceiptService } from './receipts/service.js';
import { supplierVariantRoutes } from './supplier-variants/routes.js';
import { createSupplierVariantService } from './supplier-variants/service.js';

export function purchasingModule({ cursors, feed }: ModuleDeps): Module {
  const findOrganization = (tenantId: string, id: string) => feed.organization(tenantId, id);
  const deps = { cursors, findOrganization };
  return {
    implementations: [
      ...supplierVariantRoutes(createSupplierVariantService(deps)),
      ...purchaseOrderRoutes(createPurchaseOrderService(deps)),
      ...purchaseReceiptRoutes(createPurchaseReceiptService(deps)),
      ...purchaseBillRoutes(createPurchaseBillService(deps)),
    ],
  };
}
