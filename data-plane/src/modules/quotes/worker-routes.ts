import type { ScopedDb } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { implementSite } from '@platen/chassis/http/implement';
import type { SiteImplementation } from '@platen/chassis/http/types';
import { quoteExpiry } from '@platen/schema/contracts/internal/quote-expiry';
import { quoteMail } from '@platen/schema/contracts/internal/quote-mail';
import type { Organization, Tenant } from '../../feed/tenant.js';
import type { ModuleDeps } from '../module.js';
import { expireDueQuote } from './expire-quote.js';
import type { QuoteLinks } from './links.js';
import { findQuoteMail } from './mail.js';

interface Entered {
  readonly tenant: Tenant;
  readonly organization: Organization;
  readonly db: ScopedDb;
}
interface EventScope {
  readonly organization_id: string;
  readonly workspace_id?: string | undefined;
}

/** For the worker, in the scope of the event that it handles. */
export function quoteWorkerRoutes({ feed, openDb }: ModuleDeps, links: QuoteLinks): SiteImplementation[] {
  /** @throws AppError not_found */
  function enter(
    tenantId: string,
    { organization_id: organizationId, workspace_id: workspaceId }: EventScope,
  ): Entered {
    const tenant = feed.tenantById(tenantId);
    const organization = feed.organization(tenantId, organizationId);
    if (!tenant || !organization) throw new AppError('not_found');
    return { tenant, organization, db: openDb(tenant, { tenantId, organizationId, workspaceId: workspaceId ?? null }) };
  }
  return [
    implementSite(quoteMail.get, async ({ params, query }) => {
      const { tenant, organization, db } = enter(params.tenant_id, query);
      return findQuoteMail(db, { tenant, organization, links }, params.id);
    }),
    implementSite(quoteExpiry.expire, async ({ ctx, params, body }) => {
      const { organization, db } = enter(params.tenant_id, body);
      const { correlationId, traceparent } = ctx;
      const call = { db, organization, correlationId, traceparent, newId: () => ctx.newId(), now: () => ctx.now() };
      return { expired: await expireDueQuote(call, params.id) };
    }),
  ];
}
