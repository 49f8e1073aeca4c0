import { implementSite } from '@platen/chassis/http/implement';
import type { SiteImplementation } from '@platen/chassis/http/types';
import { quoteExpiry } from '@platen/schema/contracts/internal/quote-expiry';
import { quoteMail } from '@platen/schema/contracts/internal/quote-mail';
import type { ModuleDeps } from '../module.js';
import { enterOrganization } from '../worker-scope.js';
import { expireDueQuote } from './expire-quote.js';
import type { QuoteLinks } from './links.js';
import { findQuoteMail } from './mail.js';

/** For the worker, in the scope of the event that it handles. */
export function quoteWorkerRoutes(deps: ModuleDeps, links: QuoteLinks): SiteImplementation[] {
  return [
    implementSite(quoteMail.get, async ({ params, query }) => {
      const { tenant, organization, db } = enterOrganization(deps, params.tenant_id, query);
      return findQuoteMail(db, { tenant, organization, links }, params.id);
    }),
    implementSite(quoteExpiry.expire, async ({ ctx, params, body }) => {
      const { organization, db } = enterOrganization(deps, params.tenant_id, body);
      const { correlationId, traceparent } = ctx;
      const call = { db, organization, correlationId, traceparent, newId: () => ctx.newId(), now: () => ctx.now() };
      return { expired: await expireDueQuote(call, params.id) };
    }),
  ];
}
