import type { Module, ModuleDeps } from '../module.js';
import type { PricingService } from '../pricing/index.js';
import { orderMailRoute } from './mail.js';
import { orderRoutes } from './routes.js';
import { createOrderService } from './service.js';

export { insertOrderFromQuote, type QuoteToCopy } from './from-quote.js';
export {
  deleteImportedOrder,
  listOrderStates,
  lockOrderState,
  type OrderState,
  settlePaid,
  updateImportedOrder,
} from './imported-changes.js';
export { type ImportedLine, type ImportedOrder, insertImportedOrder } from './imported-orders.js';
export { createMoveSteps, type MoveSteps } from './moves.js';

export const ordersModule = (deps: ModuleDeps, pricing: PricingService): Module => ({
  implementations: orderRoutes(
    createOrderService({
      cursors: deps.cursors,
      findOrganization: (tenantId, id) => deps.feed.organization(tenantId, id),
      pricing,
    }),
  ),
  internal: [orderMailRoute(deps)],
});
