import { insertEvent } from '@platen/chassis/bus/outbox';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import type { PageQuery } from '@platen/chassis/http/paging';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import { quotes } from '@platen/schema/contracts/data/quotes';
import { quoteMachine } from '@platen/schema/states/quote';
import type { Organization } from '../../feed/tenant.js';
import {
  actorOf,
  addDays,
  dateIn,
  type FindOrganization,
  newestFirst,
  organizationOf,
  requireMove,
  requireVersion,
} from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import { insertOrderFromQuote } from '../orders/index.js';
import { depositOf } from '../priced-lines/index.js';
import type { PricingService } from '../pricing/index.js';
import { quoteSummaryJson } from './json.js';
import {
  acceptQuote,
  convertQuote,
  findCustomerEmail,
  findLineIds,
  findQuote,
  type JsonDocument,
  listRequestedLines,
  lockQuote,
  sendQuote,
} from './repo.js';
import { insertQuote, replaceQuote } from './write-quote.js';

type CreateBody = BodyOf<typeof quotes.create>;
type UpdateBody = BodyOf<typeof quotes.update>;
interface QuoteFilters {
  readonly status?: string;
  readonly customer_id?: string;
}

export interface QuoteService {
  list(ctx: TenantCtx, query: QuoteFilters & PageQuery): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  create(ctx: TenantCtx, body: CreateBody): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: UpdateBody): Promise<RawJson>;
  send(ctx: TenantCtx, id: string): Promise<RawJson>;
  accept(ctx: TenantCtx, id: string): Promise<RawJson>;
  convert(ctx: TenantCtx, id: string, dueOn: string | null): Promise<RawJson>;
}

const listQuotes = newestFirst({
  contract: quotes.list,
  table: 'erp_quotes',
  item: quoteSummaryJson,
  filters: { status: 'text', customer_id: 'uuid' },
});

export function createQuoteService(deps: {
  readonly cursors: Cursors;
  readonly findOrganization: FindOrganization;
  readonly pricing: PricingService;
}): QuoteService {
  const today = (organization: Organization, ctx: TenantCtx) => dateIn(organization.settings.time_zone, ctx.now());

  return {
    list: (ctx, query) =>
      listQuotes(ctx, deps.cursors, query, { status: query.status, customer_id: query.customer_id }),

    get: async (ctx, id) => answer(await findQuote(ctx.db, id)),

    async create(ctx, body) {
      const organization = organizationOf(deps.findOrganization, ctx);
      const validUntil = body.valid_until ?? addDays(today(organization, ctx), organization.settings.quote_valid_days);
      requireOpen(validUntil, today(organization, ctx));
      return ctx.write(async (tx) => {
        const dueOn = body.due_on ?? null;
        const request = { customerId: body.customer_id, priceOn: null, dueOn, lines: body.lines };
        const priced = await deps.pricing.price(ctx, tx, request);
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
      const organization = organizationOf(deps.findOrganization, ctx);
      return ctx.write(async (tx) => {
        const [quote, stored] = await Promise.all([lockQuote(tx, id), listRequestedLines(tx, id)]);
        if (!quote) throw new AppError('not_found');
        requireVersion(ctx, quote.version);
        // A quote is edited for as long as it may still be sent for the first time.
        requireMove(quoteMachine, quote.status, 'sent');
        const customerId = body.customer_id ?? quote.customer_id;
        const dueOn = body.due_on === undefined ? quote.due_on : body.due_on;
        const request = { customerId, priceOn: null, dueOn, lines: body.lines ?? stored };
        const priced = await deps.pricing.price(ctx, tx, request);
        const validUntil = body.valid_until ?? quote.valid_until;
        if (body.valid_until !== undefined) requireOpen(validUntil, today(organization, ctx));
        const kept = quote.deposit_due && { amount: quote.deposit_due, currency: quote.currency };
        const head = {
          id,
          number: quote.number,
          revision: quote.revision,
          supersedesId: quote.supersedes_id,
          customerId,
          workspaceId: quote.workspace_id,
          storeId: quote.store_id,
          depositDue: depositOf(body.deposit_due === undefined ? kept || null : body.deposit_due, priced),
          validUntil,
          dueOn,
          version: quote.version + 1,
          createdAt: quote.created_at,
          updatedAt: ctx.now(),
        };
        return new RawJson(replaceQuote(tx, ctx, head, priced), head.version);
      });
    },

    async send(ctx, id) {
      const organization = organizationOf(deps.findOrganization, ctx);
      return ctx.write(async (tx) => {
        const [quote, email] = await Promise.all([lockQuote(tx, id), findCustomerEmail(tx, id)]);
        if (!quote) throw new AppError('not_found');
        requireVersion(ctx, quote.version);
        requireMove(quoteMachine, quote.status, 'sent');
        if (email === null) throw new AppError('customer_email_missing');
        const date = today(organization, ctx);
        requireOpen(quote.valid_until, date);
        const { quote_prefix: prefix } = organization.settings;
        return answer(await sendQuote(tx, ctx, { id, prefix, year: Number(date.slice(0, 4)) }));
      });
    },

    async accept(ctx, id) {
      const organization = organizationOf(deps.findOrganization, ctx);
      const by = actorOf(ctx);
      return ctx.write(async (tx) => {
        const quote = await lockQuote(tx, id);
        if (!quote) throw new AppError('not_found');
        requireVersion(ctx, quote.version);
        requireMove(quoteMachine, quote.status, 'accepted');
        requireOpen(quote.valid_until, today(organization, ctx));
        return answer(await acceptQuote(tx, ctx, { id, by }));
      });
    },

    async convert(ctx, id, dueOn) {
      const by = actorOf(ctx);
      return ctx.write(async (tx) => {
        const [quote, lines] = await Promise.all([lockQuote(tx, id), findLineIds(tx, id)]);
        if (!quote) throw new AppError('not_found');
        requireVersion(ctx, quote.version);
        requireMove(quoteMachine, quote.status, 'converted');
        const orderId = ctx.newId();
        convertQuote(tx, ctx, id);
        insertEvent(tx, ctx, {
          type: 'erp.quote.converted',
          aggregateId: id,
          data: { quote_id: id, order_id: orderId },
        });
        const source = { quoteId: id, workspaceId: quote.workspace_id, ...lines };
        return answer(await insertOrderFromQuote(tx, ctx, source, { id: orderId, dueOn, by }));
      });
    },
  };
}

function answer(document: JsonDocument | undefined): RawJson {
  if (!document) throw new AppError('not_found');
  return new RawJson(document.body, document.version);
}

/** Valid to the end of its last day. */
function requireOpen(validUntil: string, today: string): void {
  if (validUntil < today) throw new AppError('quote_expired', `The quote was valid until ${validUntil}`);
}
