import { insertEvent } from '@platen/chassis/bus/outbox';
import { AppError } from '@platen/chassis/http/app-error';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { quotes } from '@platen/schema/contracts/data/quotes';
import { addDays, organizationOf, requireVersion } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import { depositOf } from '../priced-lines/index.js';
import { originOf, type QuoteDeps } from './deps.js';
import { supersedeQuote } from './moves-repo.js';
import { changedHead, headOf, keptDeposit, priceRequest } from './quote-head.js';
import { type LockedQuote, listLinePrices, listRequestedLines, lockQuote } from './repo.js';
import { repricingOf, withRepricing } from './repricing.js';
import { requireMoveOn, requireOpen, todayOf } from './status.js';
import { insertQuote, type QuoteHead, replaceQuote } from './write-quote.js';

type CreateBody = BodyOf<typeof quotes.create>;
type UpdateBody = BodyOf<typeof quotes.update>;
type ReviseBody = NonNullable<BodyOf<typeof quotes.revise>>;

export interface DraftQuotes {
  create(ctx: TenantCtx, body: CreateBody): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: UpdateBody): Promise<RawJson>;
  reprice(ctx: TenantCtx, id: string): Promise<RawJson>;
  revise(ctx: TenantCtx, id: string, body: ReviseBody): Promise<RawJson>;
}

/** Drafts: made, changed, priced again, and put in the place of another quote. */
export function createDraftQuotes({ findOrganization, pricing }: QuoteDeps): DraftQuotes {
  return {
    async create(ctx, body) {
      const organization = organizationOf(findOrganization, ctx);
      const today = todayOf(organization, ctx);
      const validUntil = body.valid_until ?? addDays(today, organization.settings.quote_valid_days);
      requireOpen(validUntil, today);
      return ctx.write(async (tx) => {
        const dueOn = body.due_on ?? null;
        const request = { customerId: body.customer_id, priceOn: null, dueOn, lines: body.lines };
        const priced = await pricing.price(ctx, tx, request);
        const now = ctx.now();
        const head = {
          id: ctx.newId(),
          number: null,
          revision: 1,
          supersedesId: null,
          customerId: body.customer_id,
          workspaceId: ctx.workspaceId,
          storeId: ctx.tenant.store?.id ?? null,
          depositDue: depositOf(body.deposit_due ?? null, priced),
          validUntil,
          dueOn,
          version: 1,
          createdAt: now,
          updatedAt: now,
        };
        return new RawJson(insertQuote(tx, ctx, head, priced), 1);
      });
    },

    async update(ctx, id, body) {
      const today = todayOf(organizationOf(findOrganization, ctx), ctx);
      return ctx.write(async (tx) => {
        const [locked, stored] = await Promise.all([lockQuote(tx, id), listRequestedLines(tx, id)]);
        const quote = requireDraft(ctx, locked, today);
        if (body.valid_until !== undefined) requireOpen(body.valid_until, today);
        const customerId = body.customer_id ?? quote.customer_id;
        const dueOn = body.due_on === undefined ? quote.due_on : body.due_on;
        const priced = await pricing.price(ctx, tx, { customerId, priceOn: null, dueOn, lines: body.lines ?? stored });
        const head = {
          ...changedHead(ctx, id, quote),
          customerId,
          dueOn,
          validUntil: body.valid_until ?? quote.valid_until,
          depositDue: depositOf(body.deposit_due === undefined ? keptDeposit(quote) : body.deposit_due, priced),
        };
        return new RawJson(replaceQuote(tx, ctx, head, priced), head.version);
      });
    },

    async reprice(ctx, id) {
      const today = todayOf(organizationOf(findOrganization, ctx), ctx);
      return ctx.write(async (tx) => {
        const [locked, lines, before] = await Promise.all([
          lockQuote(tx, id),
          listRequestedLines(tx, id),
          listLinePrices(tx, id),
        ]);
        const quote = requireDraft(ctx, locked, today);
        const priced = await pricing.price(ctx, tx, priceRequest(quote, lines));
        const head = { ...changedHead(ctx, id, quote), depositDue: depositOf(keptDeposit(quote), priced) };
        const text = replaceQuote(tx, ctx, head, priced);
        return new RawJson(withRepricing(text, repricingOf(quote, before, priced, today)), head.version);
      });
    },

    async revise(ctx, id, body) {
      const organization = organizationOf(findOrganization, ctx);
      const today = todayOf(organization, ctx);
      const validUntil = body.valid_until ?? addDays(today, organization.settings.quote_valid_days);
      requireOpen(validUntil, today);
      return ctx.write(async (tx) => {
        const [quote, lines, before] = await Promise.all([
          lockQuote(tx, id),
          listRequestedLines(tx, id),
          listLinePrices(tx, id),
        ]);
        if (!quote) throw new AppError('not_found');
        requireVersion(ctx, quote.version);
        requireMoveOn(quote, 'superseded', today);
        const priced = await pricing.price(ctx, tx, priceRequest(quote, lines));
        const given = body.deposit_due === undefined ? keptDeposit(quote) : body.deposit_due;
        const head = { ...revisionHead(ctx, id, quote), validUntil, depositDue: depositOf(given, priced) };
        supersedeQuote(tx, id, head.createdAt);
        insertEvent(tx, originOf(ctx, quote.workspace_id), {
          type: 'erp.quote.superseded',
          aggregateId: id,
          data: { quote_id: id, number: quote.number, superseded_by: head.id },
        });
        const text = insertQuote(tx, ctx, head, priced);
        return new RawJson(withRepricing(text, repricingOf(quote, before, priced, today)), 1);
      });
    },
  };
}

/** A quote is changed for as long as it may still be sent. */
function requireDraft(ctx: TenantCtx, quote: LockedQuote | undefined, today: string): LockedQuote {
  if (!quote) throw new AppError('not_found');
  requireVersion(ctx, quote.version);
  requireMoveOn(quote, 'sent', today);
  return quote;
}

/** A draft in its place. */
function revisionHead(ctx: TenantCtx, id: string, quote: LockedQuote): QuoteHead {
  const now = ctx.now();
  const of = { id: ctx.newId(), revision: quote.revision + 1, supersedesId: id };
  return { ...headOf(quote), ...of, version: 1, createdAt: now, updatedAt: now };
}
