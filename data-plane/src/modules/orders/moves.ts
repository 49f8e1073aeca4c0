import { insertEvent, type NewEvent } from '@platen/chassis/bus/outbox';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { RawJson } from '@platen/chassis/http/types';
import { type OrderStatus, orderMachine } from '@platen/schema/states/order';
import {
  actorOf,
  dateIn,
  type FindOrganization,
  organizationOf,
  requireMove,
  requireVersion,
} from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import { compare, formatExact, parseExact, subtract, zero } from '../pricing/index.js';
import { paymentStatusOf } from './payment-status.js';
import {
  confirmOrder,
  insertStatusChange,
  type JsonDocument,
  type LockedOrder,
  lockOrder,
  moveOrder,
  type PaymentRows,
  sumPayments,
} from './repo.js';

export interface MoveService {
  confirm(ctx: TenantCtx, id: string): Promise<RawJson>;
  start(ctx: TenantCtx, id: string): Promise<RawJson>;
  ready(ctx: TenantCtx, id: string): Promise<RawJson>;
  ship(ctx: TenantCtx, id: string): Promise<RawJson>;
  complete(ctx: TenantCtx, id: string): Promise<RawJson>;
  cancel(ctx: TenantCtx, id: string, reason: string): Promise<RawJson>;
}

/** Events of moves that say no more than which order it was. */
const eventOf = {
  in_production: 'erp.order.started',
  ready: 'erp.order.ready',
  shipped: 'erp.order.shipped',
  completed: 'erp.order.completed',
} as const;

/** An order's way through its states. Its row is locked before anything is decided. */
export function createMoveService(deps: { readonly findOrganization: FindOrganization }): MoveService {
  const advance = async (ctx: TenantCtx, id: string, to: keyof typeof eventOf): Promise<RawJson> => {
    const by = actorOf(ctx);
    return ctx.write(async (tx) => {
      const order = found(await lockOrder(tx, id));
      return answer(await move(tx, ctx, { id, order, to, by }));
    });
  };

  return {
    async confirm(ctx, id) {
      const { settings } = organizationOf(deps.findOrganization, ctx);
      const by = actorOf(ctx);
      return ctx.write(async (tx) => {
        const order = found(await lockOrder(tx, id));
        requireOpen(ctx, order, 'confirmed');
        const { workspace_id: workspaceId, status: from } = order;
        insertStatusChange(tx, ctx, { orderId: id, workspaceId, from, to: 'confirmed', by });
        const paymentStatus = paymentStatusOf(parseExact(order.total), { paid: zero, refunded: false });
        // The organization's year, not the server's: on New Year's Eve they differ for hours.
        const year = Number(dateIn(settings.time_zone, ctx.now()).slice(0, 4));
        return answer(await confirmOrder(tx, ctx, { id, prefix: settings.order_prefix, year, paymentStatus }));
      });
    },

    async start(ctx, id) {
      const by = actorOf(ctx);
      return ctx.write(async (tx) => {
        const [locked, sums] = await Promise.all([lockOrder(tx, id), sumPayments(tx, id)]);
        const order = found(locked);
        requireOpen(ctx, order, 'in_production');
        requireDeposit(order, sums);
        return answer(await move(tx, ctx, { id, order, to: 'in_production', by }));
      });
    },

    ready: (ctx, id) => advance(ctx, id, 'ready'),
    ship: (ctx, id) => advance(ctx, id, 'shipped'),
    complete: (ctx, id) => advance(ctx, id, 'completed'),

    async cancel(ctx, id, reason) {
      const by = actorOf(ctx);
      return ctx.write(async (tx) => {
        const order = found(await lockOrder(tx, id));
        requireOpen(ctx, order, 'cancelled');
        const { workspace_id: workspaceId, status: from, number } = order;
        insertStatusChange(tx, ctx, { orderId: id, workspaceId, from, to: 'cancelled', by, reason });
        const data = { order_id: id, number, from, reason };
        insertEvent(tx, ctx, { type: 'erp.order.cancelled', aggregateId: id, data });
        return answer(await moveOrder(tx, ctx, { id, to: 'cancelled' }));
      });
    },
  };
}

interface Move {
  readonly id: string;
  readonly order: LockedOrder;
  readonly to: keyof typeof eventOf;
  readonly by: string;
}

/** History, event and state, in one round trip. */
async function move(tx: Tx, ctx: TenantCtx, { id, order, to, by }: Move): Promise<JsonDocument | undefined> {
  requireOpen(ctx, order, to);
  const { workspace_id: workspaceId, status: from, number } = order;
  if (number === null) throw new Error(`Order ${id} is ${from} without a number`);
  insertStatusChange(tx, ctx, { orderId: id, workspaceId, from, to, by });
  const event: NewEvent<(typeof eventOf)[keyof typeof eventOf]> = {
    type: eventOf[to],
    aggregateId: id,
    data: { order_id: id, number },
  };
  insertEvent(tx, ctx, event);
  return moveOrder(tx, ctx, { id, to });
}

function requireOpen(ctx: TenantCtx, order: LockedOrder, to: OrderStatus): void {
  requireVersion(ctx, order.version);
  requireMove(orderMachine, order.status, to);
}

/** @throws AppError deposit_unpaid, with what is missing */
function requireDeposit(order: LockedOrder, { paid }: PaymentRows): void {
  if (order.deposit_due === null) return;
  const missing = subtract(parseExact(order.deposit_due), parseExact(paid));
  if (compare(missing, zero) <= 0) return;
  const amount = formatExact(missing);
  throw new AppError('deposit_unpaid', `${amount} ${order.currency} of the deposit are missing`, {
    extensions: { missing: { amount, currency: order.currency } },
  });
}

function found(order: LockedOrder | undefined): LockedOrder {
  if (!order) throw new AppError('not_found');
  return order;
}

function answer(document: JsonDocument | undefined): RawJson {
  if (!document) throw new AppError('not_found');
  return new RawJson(document.body, document.version);
}
