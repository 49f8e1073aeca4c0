import type { Module, ModuleDeps } from '../module.js';
import type { PricingService } from '../pricing/index.js';
import { orderRoutes } from './routes.js';
import { createOrderService } from './service.js';

export { insertOrderFromQuote, type QuoteToCopy } from './from-quote.js';

export const ordersModule = ({ feed, cursors }: ModuleDeps, pricing: PricingService): Module => ({
  implementations: orderRoutes(
    createOrderService({ cursors, findOrganization: (tenantId, id) => feed.organization(tenantId, id), pricing }),
  ),
});
