import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { definePage, firstId, type PageQuery, readPage } from '@platen/chassis/http/paging';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import { orderPayments, orders } from '@platen/schema/contracts/data/orders';
import { type OrderStatus, orderMachine, type PaymentStatus } from '@platen/schema/states/order';
import {
  actorOf,
  dateIn,
  type FindOrganization,
  newestFirst,
  organizationOf,
  requireMove,
  requireStatus,
  requireVersion,
} from '../documents/index.js';
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
import { orderSummaryJson, paymentJson } from './json.js';
import {
  confirmOrder,
  findOrder,
  insertPayment,
  insertStatusChange,
  isOrder,
  type LockedOrder,
  lockOrder,
  sumPayments,
} from './repo.js';

export interface OrderService {
  list(ctx: TenantCtx, query: OrderFilters & PageQuery): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  confirm(ctx: TenantCtx, id: string): Promise<RawJson>;
  listPayments(ctx: TenantCtx, orderId: string, query: PageQuery): Promise<RawJson>;
  createPayment(ctx: TenantCtx, orderId: string, body: PaymentBody): Promise<RawJson>;
}
interface OrderFilters {
  readonly status?: string;
  readonly payment_status?: string;
  readonly customer_id?: string;
}
type PaymentBody = BodyOf<typeof orderPayments.create>;

const listOrders = newestFirst({
  contract: orders.list,
  table: 'erp_orders',
  item: orderSummaryJson('t'),
  filters: { status: 'text', payment_status: 'text', customer_id: 'uuid' },
});

const paymentPage = definePage({
  contract: orderPayments.list,
  item: `(select ${paymentJson} from erp_orders o, (select t.*) p where o.id = p.order_id)`,
  key: 't.id::text',
  rows: 'select t.* from erp_order_payments t where t.order_id = $3::uuid and t.id > $2::uuid order by t.id',
  start: firstId,
});

const notFound = () => new AppError('not_found');
const takesPayments: readonly OrderStatus[] = ['confirmed', 'in_production', 'ready', 'shipped', 'completed'];
const takesRefunds: readonly OrderStatus[] = [...takesPayments, 'cancelled'];

export function createOrderService(deps: {
  readonly cursors: Cursors;
  readonly findOrganization: FindOrganization;
}): OrderService {
  return {
    list: (ctx, query) => listOrders(ctx, deps.cursors, query, filtersOf(query)),

    async get(ctx, id) {
      const order = await findOrder(ctx.db, id);
      if (!order) throw notFound();
      return new RawJson(order.body, order.version);
    },

    async confirm(ctx, id) {
      const { settings } = organizationOf(deps.findOrganization, ctx);
      const by = actorOf(ctx);
      return ctx.write(async (tx) => {
        const order = await lockOrder(tx, id);
        if (!order) throw notFound();
        requireVersion(ctx, order.version);
        requireMove(orderMachine, order.status, 'confirmed');
        const { workspace_id: workspaceId, status: from } = order;
        insertStatusChange(tx, ctx, { orderId: id, workspaceId, from, to: 'confirmed', by });
        const year = Number(dateIn(settings.time_zone, ctx.now()).slice(0, 4));
        const confirmed = await confirmOrder(tx, ctx, { id, prefix: settings.order_prefix, year });
        if (!confirmed) throw notFound();
        return new RawJson(confirmed.body, confirmed.version);
      });
    },

    async listPayments(ctx, orderId, query) {
      const [page, exists] = await Promise.all([
        readPage(ctx, deps.cursors, paymentPage, query, [orderId]),
        isOrder(ctx.db, orderId),
      ]);
      // An order without payments and no order are told apart.
      if (!exists) throw notFound();
      return page;
    },

    async createPayment(ctx, orderId, body) {
      const { settings } = organizationOf(deps.findOrganization, ctx);
      const receivedOn = body.received_on ?? dateIn(settings.time_zone, ctx.now());
      return ctx.write(async (tx) => {
        const [order, sums] = await Promise.all([lockOrder(tx, orderId), sumPayments(tx, orderId)]);
        if (!order) throw notFound();
        requireVersion(ctx, order.version);
        requireStatus(order.status, body.kind === 'payment' ? takesPayments : takesRefunds, body.kind);
        const amount = requireAmount(order, body.amount);
        const paid = settle(order, body.kind, parseExact(sums.paid), amount);
        const answer = await insertPayment(tx, ctx, {
          orderId,
          kind: body.kind,
          method: body.method,
          reference: body.reference ?? null,
          amount: formatExact(amount),
          receivedOn,
          paymentStatus: paymentStatus(order, paid, body.kind === 'refund' || sums.refunds > 0),
        });
        if (answer === undefined) throw notFound();
        return new RawJson(answer);
      });
    },
  };
}

const filtersOf = ({ status, payment_status, customer_id }: OrderFilters) => ({ status, payment_status, customer_id });

function requireAmount(order: LockedOrder, given: { amount: string; currency: string }): Exact {
  if (given.currency !== order.currency) {
    const message = `The order is in ${order.currency}`;
    throw new AppError('currency_mismatch', message, { fields: [{ path: '/body/amount/currency', message }] });
  }
  const amount = parseExact(given.amount);
  const whole = compare(roundHalfUp(amount, minorUnitDigits(order.currency)), amount) === 0;
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

function paymentStatus(order: LockedOrder, paid: Exact, refunded: boolean): PaymentStatus {
  if (compare(paid, zero) === 0) return refunded ? 'refunded' : 'unpaid';
  return compare(paid, parseExact(order.total)) === 0 ? 'paid' : 'partial';
}
