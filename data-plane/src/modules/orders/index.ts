import type { Module, ModuleDeps } from '../module.js';
import { orderRoutes } from './routes.js';
import { createOrderService } from './service.js';

export { insertOrderFromQuote, type QuoteToCopy } from './from-quote.js';

export const ordersModule = ({ feed, cursors }: ModuleDeps): Module => ({
  implementations: orderRoutes(
    createOrderService({ cursors, findOrganization: (tenantId, id) => feed.organization(tenantId, id) }),
  ),
});
