import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { orderStatuses, paymentStatuses } from '../../states/order.js';
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
import { BasketLine, Decorations, PieceSum, PricedSize, Receipt, TaxShare } from './pricing.js';

export const OrderLine = closed({
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
  /** Of a quote's line, as it was accepted; null: an order from before receipts were kept with orders. */
  receipt: nullable(Receipt),
  receipt_hash: nullable(Type.String()),
});
const head = {
  id: Id,
  /** Given when the order is confirmed. */
  number: nullable(Type.String()),
  status: literals(orderStatuses),
  payment_status: literals(paymentStatuses),
  quote_id: nullable(Id),
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
  /** Shipping, rush and the like: what an imported order has beside goods and tax. Part of `total`. */
  charges: Money,
  /** To be paid before the work begins. */
  deposit_due: nullable(Money),
  /** When the customer needs the work; rush rules go by it. */
  due_on: nullable(CalendarDate),
  version: Version,
  ...stamps,
};
export const OrderSummary = closed(head);
export const Order = closed({ ...head, lines: Type.Array(OrderLine), taxes: Type.Array(TaxShare) });
/** One move of an order through its states. */
export const OrderStatusChange = closed({
  id: Id,
  /** null: it was made in this state. */
  from: nullable(literals(orderStatuses)),
  to: literals(orderStatuses),
  /** The user or API key. */
  changed_by: Id,
  /** Why, where somebody said: of a cancellation. */
  reason: nullable(Type.String()),
  created_at: Timestamp,
});

const AllowShort = Type.Optional(
  closed({ allow_short: Type.Optional(Type.Boolean({ description: 'Go on although something is missing' })) }),
);

const fields = {
  customer_id: Id,
  lines: Type.Array(BasketLine, { minItems: 1, maxItems: 200 }),
  due_on: Type.Optional(nullable(CalendarDate)),
  deposit_due: Type.Optional(nullable(PositiveMoney)),
};

export const orders = contracts('erp.orders', {
  list: {
    method: 'GET',
    path: '/api/erp/orders',
    access: requires('erp.order.read'),
    summary: 'List orders, newest first',
    query: closed({
      ...pageQuery,
      status: Type.Optional(literals(orderStatuses)),
      payment_status: Type.Optional(literals(paymentStatuses)),
      customer_id: Type.Optional(Id),
      /** Due on this day or later; an order that is due on no day is in no range. */
      due_from: Type.Optional(CalendarDate),
      due_to: Type.Optional(CalendarDate),
      number_prefix: Type.Optional(Type.String({ minLength: 1, maxLength: 64, examples: ['SO-2026-'] })),
    }),
    status: 200,
    response: page(OrderSummary),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/orders/:id',
    access: requires('erp.order.read'),
    summary: 'Get an order with its lines and receipts',
    params: IdParams,
    status: 200,
    response: Order,
    versioned: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/orders',
    access: requires('erp.order.write'),
    summary: 'Create a draft order, priced by the rule set in force',
    body: closed(fields),
    status: 201,
    response: Order,
    versioned: true,
    errors: ['unknown_reference', 'price_unavailable', 'currency_mismatch', 'amount_out_of_range'],
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/orders/:id',
    access: requires('erp.order.write'),
    summary: 'Change a draft order and price it again',
    description:
      'An order that was made of a quote, or imported, keeps the lines and prices that were accepted: only `due_on` and `deposit_due` change.',
    params: IdParams,
    body: partial(fields),
    status: 200,
    response: Order,
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
  confirm: {
    method: 'POST',
    path: '/api/erp/orders/:id/confirm',
    access: requires('erp.order.confirm'),
    summary: 'Confirm a draft order and give it its number',
    description: 'What is in stock is promised to it; `erp.stock.shortages` says what is missing.',
    params: IdParams,
    status: 200,
    response: Order,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch'],
  },
  start: {
    method: 'POST',
    path: '/api/erp/orders/:id/start',
    access: requires('erp.order.start'),
    summary: 'Begin the production of a confirmed order',
    description:
      'Only once its payments, less refunds, cover the deposit: `missing` in the refusal says what lacks. What is promised to the order leaves the stock for production. Where blanks are missing it is refused, unless `allow_short` is true: then what is there is taken, and what comes later is taken when the order is ready.',
    params: IdParams,
    body: AllowShort,
    status: 200,
    response: Order,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch', 'deposit_unpaid', 'stock_short'],
  },
  ready: {
    method: 'POST',
    path: '/api/erp/orders/:id/ready',
    access: requires('erp.order.ready'),
    summary: 'Say that an order in production is ready',
    description:
      'Its jobs leave the board. Refused while blanks or pieces are missing, unless `allow_short` is true: then it is ready with what there is.',
    params: IdParams,
    body: AllowShort,
    status: 200,
    response: Order,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch', 'stock_short', 'pieces_open'],
  },
  ship: {
    method: 'POST',
    path: '/api/erp/orders/:id/ship',
    access: requires('erp.order.ship'),
    summary: 'Ship an order that is ready',
    params: IdParams,
    status: 200,
    response: Order,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch'],
  },
  complete: {
    method: 'POST',
    path: '/api/erp/orders/:id/complete',
    access: requires('erp.order.complete'),
    summary: 'Complete a shipped order',
    params: IdParams,
    status: 200,
    response: Order,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch'],
  },
  cancel: {
    method: 'POST',
    path: '/api/erp/orders/:id/cancel',
    access: requires('erp.order.cancel'),
    summary: 'Cancel an order that is not shipped yet',
    description:
      'Payments stay recorded until they are refunded, and `payment_status` with them. What was promised to it is free for others, its jobs leave the board, and what production took goes back to stock; once pieces were done or scrapped, `consumed` has to say whether it does.',
    params: IdParams,
    body: closed({
      reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' }),
      consumed: Type.Optional({
        ...literals(['return', 'write_off']),
        description: 'What production took and did not scrap: back to where it came from, or lost',
      }),
    }),
    status: 200,
    response: Order,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch', 'disposition_required'],
  },
  history: {
    method: 'GET',
    path: '/api/erp/orders/:id/history',
    access: requires('erp.order.read'),
    summary: 'List who moved an order from state to state, oldest first',
    params: IdParams,
    query: closed(pageQuery),
    status: 200,
    response: page(OrderStatusChange),
    paged: true,
  },
});
