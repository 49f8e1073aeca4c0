import type { RateLimits } from '@platen/chassis/cache/token-buckets';
import type { Module, ModuleDeps } from '../module.js';
import type { PricingService } from '../pricing/index.js';
import type { QuoteLinks } from './links.js';
import { quoteMailRoute } from './mail.js';
import { createPublicQuoteService } from './public-service.js';
import { publicQuoteRoutes, quoteRoutes } from './routes.js';
import { createQuoteService } from './service.js';

export { createQuoteLinks, type LinkSettings, type QuoteLinks } from './links.js';

export function quotesModule(
  deps: ModuleDeps,
  own: { readonly pricing: PricingService; readonly links: QuoteLinks; readonly limits: RateLimits },
): Module {
  const findOrganization = (tenantId: string, id: string) => deps.feed.organization(tenantId, id);
  const { pricing, links, limits } = own;
  return {
    implementations: [
      ...quoteRoutes(createQuoteService({ cursors: deps.cursors, findOrganization, pricing, links })),
      ...publicQuoteRoutes(createPublicQuoteService({ findOrganization, limits })),
    ],
    internal: [quoteMailRoute(deps, links)],
  };
}
