import type { PageQuery } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import { organizationOf } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import { type AnswerQuotes, createAnswerQuotes } from './answer-quote.js';
import { found, type QuoteDeps } from './deps.js';
import { createDraftQuotes, type DraftQuotes } from './draft-quotes.js';
import { listQuotes, type QuoteFilters } from './list-quotes.js';
import type { PrintedPdf, PrintQuotes } from './print-quotes.js';
import { findQuote } from './repo.js';
import { createSendQuotes, type SendQuotes } from './send-quote.js';
import { todayOf } from './status.js';

/** What users of the shop do with quotes. */
export interface QuoteService extends DraftQuotes, SendQuotes, AnswerQuotes {
  list(ctx: TenantCtx, query: QuoteFilters & PageQuery): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  print(ctx: TenantCtx, id: string): Promise<PrintedPdf>;
}

export function createQuoteService(deps: QuoteDeps, printing: PrintQuotes): QuoteService {
  const today = (ctx: TenantCtx) => todayOf(organizationOf(deps.findOrganization, ctx), ctx);
  return {
    ...createDraftQuotes(deps),
    ...createSendQuotes(deps),
    ...createAnswerQuotes(deps),
    list: async (ctx, query) => listQuotes(ctx, deps.cursors, query, today(ctx)),
    print: (ctx, id) => printing.print(ctx, organizationOf(deps.findOrganization, ctx), id),
    get: async (ctx, id) => found(await findQuote(ctx.db, id, today(ctx))),
  };
}
