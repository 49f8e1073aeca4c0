import type { RateLimits } from '@platen/chassis/cache/token-buckets';
import { organizationOf } from '../documents/index.js';
import type { Module, ModuleDeps } from '../module.js';
import type { PricingService } from '../pricing/index.js';
import { quoteExpiryDue, runDueQuote } from './expire-quote.js';
import type { QuoteLinks } from './links.js';
import { createPrintQuotes, type PrintDeps } from './print-quotes.js';
import { createPublicQuoteService } from './public-service.js';
import { publicQuoteRoutes, quoteRoutes } from './routes.js';
import { createQuoteService } from './service.js';
import { quoteWorkerRoutes } from './worker-routes.js';

export { createQuoteLinks, type LinkSettings, type QuoteLinks } from './links.js';
export type { PrintDeps } from './print-quotes.js';
export { createRepriceOpenQuote, type RepricedOpenQuote, type RepriceOpenQuote } from './reprice-open.js';
export { statusSql as quoteStatusSql } from './status.js';

export function quotesModule(
  deps: ModuleDeps,
  own: {
    readonly pricing: PricingService;
    readonly links: QuoteLinks;
    readonly limits: RateLimits;
    readonly printing: PrintDeps;
  },
): Module {
  const findOrganization = (tenantId: string, id: string) => deps.feed.organization(tenantId, id);
  const { pricing, links, limits } = own;
  const printing = createPrintQuotes(own.printing);
  return {
    implementations: [
      ...quoteRoutes(createQuoteService({ cursors: deps.cursors, findOrganization, pricing, links }, printing)),
      ...publicQuoteRoutes(createPublicQuoteService({ findOrganization, limits, printing })),
    ],
    internal: quoteWorkerRoutes(deps, links),
    dueWork: [
      {
        kinds: [quoteExpiryDue],
        leaseSeconds: 30,
        run: (call) => runDueQuote({ ...call, organization: organizationOf(findOrganization, call) }, call.work),
      },
    ],
  };
}
