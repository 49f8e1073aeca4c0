import { type Static, Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { quoteStatuses } from '../../states/quote.js';
import {
  CalendarDate,
  Currency,
  closed,
  Id,
  IdParams,
  literals,
  Money,
  nullable,
  PositiveMoney,
  page,
  pageQuery,
  partial,
  stamps,
  Timestamp,
  Version,
} from '../shapes.js';
import { Order } from './orders.js';
import { BasketLine, Decorations, PieceSum, PricedSize, Receipt, TaxShare } from './pricing.js';

export const QuoteLine = closed({
  id: Id,
  position: Type.Integer({ minimum: 1 }),
  product_id: Id,
  design_id: nullable(Id),
  decorations: Decorations,
  quantity: PieceSum,
  unit_price: Money,
  fee_total: Money,
  line_total: Money,
  sizes: Type.Array(PricedSize),
  receipt: Receipt,
  receipt_hash: Type.String(),
});
const head = {
  id: Id,
  /** Given when the quote is sent. */
  number: nullable(Type.String()),
  status: literals(quoteStatuses),
  revision: Type.Integer({ minimum: 1 }),
  /** The quote whose place this one took. */
  supersedes_id: nullable(Id),
  customer_id: Id,
  organization_id: Id,
  workspace_id: nullable(Id),
  /** Of the storefront at whose host it was made. */
  store_id: nullable(Id),
  currency: Currency,
  subtotal: Money,
  discount: Money,
  tax: Money,
  total: Money,
  deposit_due: nullable(Money),
  /** Open to acceptance to the end of this day, by the organization's clock. */
  valid_until: CalendarDate,
  /** When the customer needs the work; rush rules go by it. */
  due_on: nullable(CalendarDate),
  rule_set_version_id: Id,
  version: Version,
  ...stamps,
};
export const QuoteSummary = closed(head);
/** What became of it. */
const outcome = {
  sent_at: nullable(Timestamp),
  /** SHA-256 of what the customer is shown, fixed when it is sent; lower-case hex. */
  document_hash: nullable(Type.String()),
  accepted_at: nullable(Timestamp),
  /** The user who recorded it; null with `accepted_at`: the customer, by the link. */
  accepted_by: nullable(Id),
  /** As the customer signed by the link, from that address. */
  accepted_name: nullable(Type.String()),
  accepted_ip: nullable(Type.String()),
  rejected_at: nullable(Timestamp),
  rejected_by: nullable(Id),
  rejected_name: nullable(Type.String()),
  reject_reason: nullable(Type.String()),
};
const body = { ...head, ...outcome, lines: Type.Array(QuoteLine), taxes: Type.Array(TaxShare) };
export const Quote = closed(body);

const change = closed({ before: Money, after: Money });
/** What pricing again did, line by line: lines keep their places. */
export const Repricing = closed({
  /** The day whose prices hold, by the organization's clock. */
  priced_on: CalendarDate,
  rule_set_version_id: closed({ before: Id, after: Id }),
  lines: Type.Array(
    closed({ position: Type.Integer({ minimum: 1 }), unit_price: change, fee_total: change, line_total: change }),
  ),
  tax: change,
  total: change,
});
export type Repricing = Static<typeof Repricing>;
export const RepricedQuote = closed({ ...body, repricing: Repricing });

const fields = {
  customer_id: Id,
  lines: Type.Array(BasketLine, { minItems: 1, maxItems: 200 }),
  valid_until: Type.Optional(CalendarDate),
  due_on: Type.Optional(nullable(CalendarDate)),
  deposit_due: Type.Optional(nullable(PositiveMoney)),
};

/** Free text of the customer's. */
export const RejectReason = Type.String({ minLength: 1, maxLength: 2000, pattern: '\\S' });
const pricingErrors = ['unknown_reference', 'price_unavailable', 'currency_mismatch', 'amount_out_of_range'] as const;

export const quotes = contracts('erp.quotes', {
  list: {
    method: 'GET',
    path: '/api/erp/quotes',
    access: requires('erp.quote.read'),
    summary: 'List quotes, newest first',
    description: 'A sent quote that is past its last day is listed, and found, as expired.',
    query: closed({
      ...pageQuery,
      status: Type.Optional(literals(quoteStatuses)),
      customer_id: Type.Optional(Id),
      /** `Q-2026-`: quotes whose number begins so. A number stays with the revisions of its quote. */
      number_prefix: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    }),
    status: 200,
    response: page(QuoteSummary),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/quotes/:id',
    access: requires('erp.quote.read'),
    summary: 'Get a quote with its lines and receipts',
    params: IdParams,
    status: 200,
    response: Quote,
    versioned: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/quotes',
    access: requires('erp.quote.write'),
    summary: 'Create a draft quote, priced by the rule set in force',
    body: closed(fields),
    status: 201,
    response: Quote,
    versioned: true,
    errors: ['quote_expired', ...pricingErrors],
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/quotes/:id',
    access: requires('erp.quote.write'),
    summary: 'Change a draft quote and price it again',
    params: IdParams,
    body: partial(fields),
    status: 200,
    response: Quote,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch', 'quote_expired', ...pricingErrors],
  },
  send: {
    method: 'POST',
    path: '/api/erp/quotes/:id/send',
    access: requires('erp.quote.send'),
    summary: 'Give the quote its number and mail it to the customer',
    description:
      'Numbers have no gaps: one is given only when the draft is sent, and a revision keeps the one it has. What the customer is shown is fixed here, with its hash; the mail leads to it by a link that holds for this revision alone.',
    params: IdParams,
    status: 200,
    response: Quote,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch', 'customer_email_missing', 'quote_expired'],
  },
  accept: {
    method: 'POST',
    path: '/api/erp/quotes/:id/accept',
    access: requires('erp.quote.accept'),
    summary: "Record the customer's acceptance",
    params: IdParams,
    status: 200,
    response: Quote,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch', 'quote_expired'],
  },
  reject: {
    method: 'POST',
    path: '/api/erp/quotes/:id/reject',
    access: requires('erp.quote.reject'),
    summary: 'Record that the customer rejected the quote',
    params: IdParams,
    body: Type.Optional(closed({ reason: Type.Optional(nullable(RejectReason)) })),
    status: 200,
    response: Quote,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch', 'quote_expired'],
  },
  reprice: {
    method: 'POST',
    path: '/api/erp/quotes/:id/reprice',
    access: requires('erp.quote.write'),
    summary: 'Price a draft quote again, as of today',
    description: 'Its lines stay as they are. What was sent is not priced again: revise it.',
    params: IdParams,
    status: 200,
    response: RepricedQuote,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch', ...pricingErrors],
    rateClass: 'compute',
  },
  revise: {
    method: 'POST',
    path: '/api/erp/quotes/:id/revise',
    access: requires('erp.quote.write'),
    summary: 'Put a new draft in the place of a quote',
    description:
      'The draft has the lines, the number and the next revision of its predecessor, which is superseded: its link takes no acceptance any more. It is priced as of today; the answer says what that changed.',
    params: IdParams,
    body: Type.Optional(
      closed({
        /** Default: as a new quote. */
        valid_until: Type.Optional(CalendarDate),
        deposit_due: Type.Optional(nullable(PositiveMoney)),
      }),
    ),
    status: 201,
    response: RepricedQuote,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch', 'quote_expired', ...pricingErrors],
    rateClass: 'compute',
  },
  pdf: {
    method: 'GET',
    path: '/api/erp/quotes/:id/pdf',
    access: requires('erp.quote.read'),
    summary: 'Get a quote as a PDF',
    description:
      'A sent quote as its customer sees it; a draft as it would be sent today, marked as one. In English or German, as the organization’s locale says.',
    params: IdParams,
    status: 200,
    response: Type.String({ description: 'A PDF' }),
    mediaType: 'application/pdf',
    errors: ['busy'],
    navigable: true,
    rateClass: 'compute',
  },
  link: {
    method: 'GET',
    path: '/api/erp/quotes/:id/link',
    access: requires('erp.quote.send'),
    summary: 'Get the link that the customer was sent',
    description: 'For those who bring it to the customer by other ways. It is good for as long as the quote is sent.',
    params: IdParams,
    status: 200,
    response: closed({ url: Type.String(), token: Type.String() }),
    errors: ['illegal_transition'],
  },
  convert: {
    method: 'POST',
    path: '/api/erp/quotes/:id/convert',
    access: requires('erp.quote.convert'),
    summary: 'Turn an accepted quote into a draft order',
    params: IdParams,
    body: Type.Optional(closed({ due_on: Type.Optional(nullable(CalendarDate)) })),
    status: 201,
    response: Order,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch'],
  },
});
