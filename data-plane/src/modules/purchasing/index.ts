import { purchaseMatch } from '@platen/schema/contracts/data/purchase-match';
import { purchaseSuggestions } from '@platen/schema/contracts/data/purchase-suggestions';
import { implement, type Module, type ModuleDeps } from '../module.js';
import { purchaseBillRoutes } from './bills/routes.js';
import { createPurchaseBillService } from './bills/service.js';
import { createPurchaseMatchService } from './match/service.js';
import { purchaseOrderRoutes } from './orders/routes.js';
import { createPurchaseOrderService } from './orders/service.js';
import { purchaseReceiptRoutes } from './receipts/routes.js';
import { createPurchaseReceiptService } from './receipts/service.js';
import { createPurchaseSuggestionService } from './suggestions/service.js';
import { supplierVariantRoutes } from './supplier-variants/routes.js';
import { createSupplierVariantService } from './supplier-variants/service.js';

export function purchasingModule({ cursors, feed }: ModuleDeps): Module {
  const findOrganization = (tenantId: string, id: string) => feed.organization(tenantId, id);
  const deps = { cursors, findOrganization };
  const match = createPurchaseMatchService();
  const suggestions = createPurchaseSuggestionService(deps);
  return {
    implementations: [
      ...supplierVariantRoutes(createSupplierVariantService(deps)),
      ...purchaseOrderRoutes(createPurchaseOrderService(deps)),
      ...purchaseReceiptRoutes(createPurchaseReceiptService(deps)),
      ...purchaseBillRoutes(createPurchaseBillService(deps)),
      implement(purchaseMatch.match, ({ ctx, params }) => match.get(ctx, params.id)),
      implement(purchaseSuggestions.suggestions, ({ ctx }) => suggestions.get(ctx)),
    ],
  };
}
