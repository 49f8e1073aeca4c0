import { insertEvent } from '@platen/chassis/bus/outbox';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { QuoteStatus } from '@platen/schema/states/quote';
import { organizationOf } from '../documents/index.js';
import type { WorkCtx } from '../module.js';
import { depositOf } from '../priced-lines/index.js';
import type { PricedBasket } from '../pricing/index.js';
import { originOf, type QuoteDeps } from './deps.js';
import { changedHead, keptDeposit, priceRequest } from './quote-head.js';
import { type LineReceipt, listLineReceipts, listRequestedLines, lockQuote } from './repo.js';
import { statusOn, todayOf } from './status.js';
import { replaceQuote } from './write-quote.js';

export interface OpenQuote {
  readonly workspaceId: string | null;
  readonly version: number;
  readonly currency: string;
  readonly total: string;
  readonly tax: string;
  readonly ruleSetVersionId: string;
  readonly lines: readonly LineReceipt[];
}
export interface RepricedOpenQuote {
  readonly quote: OpenQuote;
  /** Or why no price can be given. */
  readonly now: PricedBasket | AppError;
  readonly isChanged: boolean;
  /** The draft has its new prices. */
  readonly isApplied: boolean;
}
export interface RepriceOptions {
  /** Prices as of this day; null: today. */
  readonly priceOn: string | null;
  /** Drafts get their new prices; for the job that asks. */
  readonly apply: { readonly jobId: string } | null;
}
/** Locks the quote. undefined: it is not open, or not there. */
export type RepriceOpenQuote = (
  tx: Tx,
  ctx: WorkCtx,
  id: string,
  options: RepriceOptions,
) => Promise<RepricedOpenQuote | undefined>;

const openStatuses: readonly QuoteStatus[] = ['draft', 'sent'];

/** What an open quote would cost now. A sent one is a promise: it is looked at and left. */
export const createRepriceOpenQuote =
  ({ pricing, findOrganization }: Pick<QuoteDeps, 'pricing' | 'findOrganization'>): RepriceOpenQuote =>
  async (tx, ctx, id, { priceOn, apply }) => {
    const today = todayOf(organizationOf(findOrganization, ctx), ctx);
    const [locked, requested, lines] = await Promise.all([
      lockQuote(tx, id),
      listRequestedLines(tx, id),
      listLineReceipts(tx, id),
    ]);
    if (!locked || !openStatuses.includes(statusOn(locked, today))) return undefined;
    const { workspace_id: workspaceId, version, currency, total, tax, rule_set_version_id: ruleSetVersionId } = locked;
    const quote = { workspaceId, version, currency, total, tax, ruleSetVersionId, lines };
    const refused = (now: AppError) => ({ quote, now, isChanged: false, isApplied: false });
    const now = await orRefusal(() => pricing.price(ctx, tx, { ...priceRequest(locked, requested), priceOn }));
    if (now instanceof AppError) return refused(now);
    const isChanged = differs(quote, now);
    const isApplied = isChanged && apply !== null && locked.status === 'draft';
    if (isApplied) {
      // One that is more than the quote costs now is somebody's to decide.
      const depositDue = await orRefusal(async () => depositOf(keptDeposit(locked), now));
      if (depositDue instanceof AppError) return refused(depositDue);
      replaceQuote(tx, ctx, { ...changedHead(ctx, id, locked), depositDue }, now);
      insertEvent(tx, originOf(ctx, workspaceId), {
        type: 'erp.quote.repriced',
        aggregateId: id,
        data: {
          quote_id: id,
          job_id: apply.jobId,
          old_total: { amount: total, currency },
          new_total: { amount: now.total, currency: now.currency },
        },
      });
    }
    return { quote, now, isChanged, isApplied };
  };

async function orRefusal<R>(compute: () => Promise<R>): Promise<R | AppError> {
  try {
    return await compute();
  } catch (error) {
    if (error instanceof AppError && refusals.has(error.code)) return error;
    throw error;
  }
}
/** What a price list, a catalogue or a customer says, and no repeat changes. */
const refusals: ReadonlySet<string> = new Set([
  'unknown_reference',
  'price_unavailable',
  'currency_mismatch',
  'amount_out_of_range',
]);

const differs = (quote: OpenQuote, now: PricedBasket): boolean =>
  quote.currency !== now.currency ||
  quote.total !== now.total ||
  quote.tax !== now.tax ||
  quote.lines.some((line, index) => line.line_total !== now.lines[index]?.lineTotal);
