import { Type } from 'typebox';
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
export const Quote = closed({ ...head, lines: Type.Array(QuoteLine), taxes: Type.Array(TaxShare) });

const fields = {
  customer_id: Id,
  lines: Type.Array(BasketLine, { minItems: 1, maxItems: 200 }),
  valid_until: Type.Optional(CalendarDate),
  due_on: Type.Optional(nullable(CalendarDate)),
  deposit_due: Type.Optional(nullable(PositiveMoney)),
};

export const quotes = contracts('erp.quotes', {
  list: {
    method: 'GET',
    path: '/api/erp/quotes',
    access: requires('erp.quote.read'),
    summary: 'List quotes, newest first',
    query: closed({ ...pageQuery, status: Type.Optional(literals(quoteStatuses)), customer_id: Type.Optional(Id) }),
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
    errors: ['unknown_reference', 'price_unavailable', 'currency_mismatch', 'amount_out_of_range', 'quote_expired'],
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
    errors: [
      'illegal_transition',
      'version_mismatch',
      'unknown_reference',
      'price_unavailable',
      'currency_mismatch',
      'amount_out_of_range',
    ],
  },
  send: {
    method: 'POST',
    path: '/api/erp/quotes/:id/send',
    access: requires('erp.quote.send'),
    summary: 'Give the quote its number and mail it to the customer',
    description: 'Numbers have no gaps: one is given only when the draft is sent.',
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
