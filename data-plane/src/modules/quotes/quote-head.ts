import type { WorkCtx } from '../module.js';
import type { RequestedLine } from '../priced-lines/index.js';
import type { LockedQuote } from './repo.js';
import type { QuoteHead } from './write-quote.js';

/** What pricing a stored quote again asks for, by today's prices. */
export const priceRequest = (quote: LockedQuote, lines: readonly RequestedLine[]) => ({
  customerId: quote.customer_id,
  priceOn: null,
  dueOn: quote.due_on,
  lines,
});

export const keptDeposit = ({ deposit_due: amount, currency }: LockedQuote) =>
  amount === null ? null : { amount, currency };

/** What a quote keeps, whatever becomes of its prices. */
export const headOf = (quote: LockedQuote) => ({
  number: quote.number,
  customerId: quote.customer_id,
  workspaceId: quote.workspace_id,
  storeId: quote.store_id,
  depositDue: quote.deposit_due,
  validUntil: quote.valid_until,
  dueOn: quote.due_on,
});

/** The same quote in its next version. */
export const changedHead = (ctx: WorkCtx, id: string, quote: LockedQuote): QuoteHead => ({
  ...headOf(quote),
  id,
  version: quote.version + 1,
  revision: quote.revision,
  supersedesId: quote.supersedes_id,
  createdAt: quote.created_at,
  updatedAt: ctx.now(),
});
