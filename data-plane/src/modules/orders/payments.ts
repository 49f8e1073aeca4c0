import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { definePage, firstId, type PageQuery, readPage } from '@platen/chassis/http/paging';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import { orderPayments } from '@platen/schema/contracts/data/order-payments';
import type { OrderStatus } from '@platen/schema/states/order';
import { dateIn, type FindOrganization, organizationOf, requireStatus, requireVersion } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import {
  add,
  compare,
  type Exact,
  formatExact,
  minorUnitDigits,
  parseExact,
  roundHalfUp,
  subtract,
  zero,
} from '../pricing/index.js';
import { paymentJson } from './json.js';
import { paymentStatusOf } from './payment-status.js';
import { insertPayment, isOrder, type LockedOrder, lockOrder, sumPayments } from './repo.js';

type PaymentBody = BodyOf<typeof orderPayments.create>;

export interface PaymentService {
  list(ctx: TenantCtx, orderId: string, query: PageQuery): Promise<RawJson>;
  create(ctx: TenantCtx, orderId: string, body: PaymentBody): Promise<RawJson>;
}

const paymentPage = definePage({
  contract: orderPayments.list,
  item: `(select ${paymentJson} from erp_orders o, (select t.*) p where o.id = p.order_id)`,
  key: 't.id::text',
  rows: 'select t.* from erp_order_payments t where t.order_id = $3::uuid and t.id > $2::uuid order by t.id',
  start: firstId,
});

const takesPayments: readonly OrderStatus[] = ['confirmed', 'in_production', 'ready', 'shipped', 'completed'];
const takesRefunds: readonly OrderStatus[] = [...takesPayments, 'cancelled'];

export function createPaymentService(deps: {
  readonly cursors: Cursors;
  readonly findOrganization: FindOrganization;
}): PaymentService {
  return {
    async list(ctx, orderId, query) {
      const [page, exists] = await Promise.all([
        readPage(ctx, deps.cursors, paymentPage, query, [orderId]),
        isOrder(ctx.db, orderId),
      ]);
      // An order without payments and no order are told apart.
      if (!exists) throw new AppError('not_found');
      return page;
    },

    async create(ctx, orderId, body) {
      const { settings } = organizationOf(deps.findOrganization, ctx);
      const receivedOn = body.received_on ?? dateIn(settings.time_zone, ctx.now());
      return ctx.write(async (tx) => {
        const [order, sums] = await Promise.all([lockOrder(tx, orderId), sumPayments(tx, orderId)]);
        if (!order) throw new AppError('not_found');
        requireVersion(ctx, order.version);
        requireStatus(order.status, body.kind === 'payment' ? takesPayments : takesRefunds, body.kind);
        const before = parseExact(sums.paid);
        const rest = body.kind === 'refund' ? before : subtract(parseExact(order.total), before);
        const amount = requireAmount(order, body.amount, rest);
        const paid = settle(order, body.kind, before, amount);
        const refunded = body.kind === 'refund' || sums.refunds > 0;
        const answer = await insertPayment(tx, ctx, {
          orderId,
          kind: body.kind,
          method: body.method,
          reference: body.reference ?? null,
          amount: formatExact(amount),
          receivedOn,
          paymentStatus: paymentStatusOf(parseExact(order.total), { paid, refunded }),
        });
        if (answer === undefined) throw new AppError('not_found');
        return new RawJson(answer);
      });
    },
  };
}

/** `rest`: all that is due, or was paid. Of an imported order it may be less than the currency has a coin for. */
function requireAmount(order: LockedOrder, given: { amount: string; currency: string }, rest: Exact): Exact {
  if (given.currency !== order.currency) {
    const message = `The order is in ${order.currency}`;
    throw new AppError('currency_mismatch', message, { fields: [{ path: '/body/amount/currency', message }] });
  }
  const amount = parseExact(given.amount);
  const isWhole = compare(roundHalfUp(amount, minorUnitDigits(order.currency)), amount) === 0;
  const whole = isWhole || compare(amount, rest) === 0;
  if (compare(amount, zero) > 0 && whole) return amount;
  const message = whole ? 'The amount must be more than zero' : `${order.currency} has no such small unit`;
  throw new AppError('amount_out_of_range', message, { fields: [{ path: '/body/amount/amount', message }] });
}

/** What is paid afterwards: never more than the total, never less than nothing. */
function settle(order: LockedOrder, kind: 'payment' | 'refund', paid: Exact, amount: Exact): Exact {
  if (kind === 'refund') {
    const left = subtract(paid, amount);
    if (compare(left, zero) < 0) throw new AppError('refund_exceeds_paid', `${formatExact(paid)} was paid`);
    return left;
  }
  const sum = add(paid, amount);
  const total = parseExact(order.total);
  if (compare(sum, total) > 0) {
    throw new AppError('payment_exceeds_balance', `${formatExact(subtract(total, paid))} is due`);
  }
  return sum;
}
