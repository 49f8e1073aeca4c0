import { AppError } from '@platen/chassis/http/app-error';
import type { RawJson } from '@platen/chassis/http/types';
import { organizationOf, requireStatus, requireVersion } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import { found, originOf, type QuoteDeps } from './deps.js';
import { putExpiry } from './expire-quote.js';
import { sameHash } from './links.js';
import { sendQuote } from './moves-repo.js';
import { findLinked, lockQuote } from './repo.js';
import { aroundNumber, findShownContent, shownQuote } from './shown-quote.js';
import { requireMoveOn, requireOpen, statusOn, todayOf } from './status.js';

export interface SendQuotes {
  send(ctx: TenantCtx, id: string): Promise<RawJson>;
  link(ctx: TenantCtx, id: string): Promise<{ url: string; token: string }>;
}

export function createSendQuotes({ findOrganization, links }: QuoteDeps): SendQuotes {
  return {
    async send(ctx, id) {
      const organization = organizationOf(findOrganization, ctx);
      const { id: organizationId, settings } = organization;
      const today = todayOf(organization, ctx);
      return ctx.write(async (tx) => {
        const [quote, content] = await Promise.all([lockQuote(tx, id), findShownContent(tx, id)]);
        if (!quote || !content) throw new AppError('not_found');
        requireVersion(ctx, quote.version);
        requireMoveOn(quote, 'sent', today);
        if (content.customer.email === null) throw new AppError('customer_email_missing');
        requireOpen(quote.valid_until, today);
        const document = (number: string) => shownQuote(organization, content, { number, issuedOn: today });
        const sent = {
          id,
          document: aroundNumber(document, ctx.newId()),
          tokenHash: links.hashOf({ tenantId: ctx.tenant.id, organizationId, id }),
          at: ctx.now(),
        };
        putExpiry(tx, ctx, organization, { id, workspaceId: quote.workspace_id, validUntil: quote.valid_until });
        const source = { organizationId, year: Number(today.slice(0, 4)), prefix: settings.quote_prefix };
        return found(await sendQuote(tx, originOf(ctx, quote.workspace_id), sent, quote.number ?? source));
      });
    },

    async link(ctx, id) {
      const organization = organizationOf(findOrganization, ctx);
      const quote = await findLinked(ctx.db, id);
      if (!quote) throw new AppError('not_found');
      requireStatus(statusOn(quote, todayOf(organization, ctx)), ['sent'], 'link');
      const of = { tenantId: ctx.tenant.id, organizationId: organization.id, id };
      // The installation's secret is another one now: the link that was mailed still holds, but only its receiver has it.
      if (quote.accept_token_hash === null || !sameHash(quote.accept_token_hash, links.hashOf(of))) {
        throw new AppError('not_found', 'The link of this quote cannot be made again');
      }
      const token = links.tokenOf(of);
      return { url: links.urlOf(ctx.tenant, quote.store_id, token), token };
    },
  };
}
