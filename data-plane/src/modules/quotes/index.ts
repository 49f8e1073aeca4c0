import type { Module, ModuleDeps } from '../module.js';
import type { PricingService } from '../pricing/index.js';
import { quoteMailRoute } from './mail.js';
import { quoteRoutes } from './routes.js';
import { createQuoteService } from './service.js';

export const quotesModule = (deps: ModuleDeps, pricing: PricingService): Module => ({
  implementations: quoteRoutes(
    createQuoteService({
      cursors: deps.cursors,
      findOrganization: (tenantId, id) => deps.feed.organization(tenantId, id),
      pricing,
    }),
  ),
  internal: [quoteMailRoute(deps)],
});
