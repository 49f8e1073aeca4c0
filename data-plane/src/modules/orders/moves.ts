import { insertEvent, type NewEvent } from '@platen/chassis/bus/outbox';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { orders } from '@platen/schema/contracts/data/orders';
import { type OrderStatus, orderMachine } from '@platen/schema/states/order';
import {
  actorOf,
  dateIn,
  type FindOrganization,
  organizationOf,
  requireMove,
  requireVersion,
} from '../documents/index.js';
import { keepsStock } from '../inventory/index.js';
import type { TenantCtx } from '../module.js';
import { compare, formatExact, parseExact, subtract, zero } from '../pricing/index.js';
import { closeJobs, type OpenPieces, openPieces, workedPieces } from '../production/index.js';
import { consumeStock, finishStock, giveBackStock, reserveStock, shipStock } from './order-stock.js';
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
  /** @throws AppError stock_short unless that is allowed */
  start(ctx: TenantCtx, id: string, options?: ShortOptions | null): Promise<RawJson>;
  /** @throws AppError stock_short, pieces_open unless that is allowed */
  ready(ctx: TenantCtx, id: string, options?: ShortOptions | null): Promise<RawJson>;
  ship(ctx: TenantCtx, id: string): Promise<RawJson>;
  complete(ctx: TenantCtx, id: string): Promise<RawJson>;
  /** @throws AppError disposition_required */
  cancel(ctx: TenantCtx, id: string, cancellation: Cancellation): Promise<RawJson>;
}
type ShortOptions = NonNullable<BodyOf<typeof orders.start>>;
type Cancellation = BodyOf<typeof orders.cancel>;

/** Events of moves that say no more than which order it was. */
const eventOf = {
  in_production: 'erp.order.started',
  ready: 'erp.order.ready',
  shipped: 'erp.order.shipped',
  completed: 'erp.order.completed',
} as const;

/** An order's way through its states. Its row is locked before anything is decided. */
export function createMoveService(deps: { readonly findOrganization: FindOrganization }): MoveService {
  return {
    async confirm(ctx, id) {
      const { settings } = organizationOf(deps.findOrganization, ctx);
      const by = actorOf(ctx);
      return ctx.write(async (tx) => {
        const order = found(await lockOrder(tx, id));
        requireOpen(ctx, order, 'confirmed');
        if (keepsStock(ctx)) await reserveStock(tx, ctx, id);
        const { workspace_id: workspaceId, status: from } = order;
        insertStatusChange(tx, ctx, { orderId: id, workspaceId, from, to: 'confirmed', by });
        const paymentStatus = paymentStatusOf(parseExact(order.total), { paid: zero, refunded: false });
        // The organization's year, not the server's: on New Year's Eve they differ for hours.
        const year = Number(dateIn(settings.time_zone, ctx.now()).slice(0, 4));
        return answer(await confirmOrder(tx, ctx, { id, prefix: settings.order_prefix, year, paymentStatus }));
      });
    },

    async start(ctx, id, options) {
      const by = actorOf(ctx);
      return ctx.write(async (tx) => {
        const [locked, sums] = await Promise.all([lockOrder(tx, id), sumPayments(tx, id)]);
        const order = found(locked);
        requireOpen(ctx, order, 'in_production');
        requireDeposit(order, sums);
        if (keepsStock(ctx)) await consumeStock(tx, ctx, id, options?.allow_short ?? false);
        return answer(await move(tx, ctx, { id, order, to: 'in_production', by }));
      });
    },

    async ready(ctx, id, options) {
      const by = actorOf(ctx);
      const allowShort = options?.allow_short ?? false;
      return ctx.write(async (tx) => {
        const [locked, pieces] = await Promise.all([lockOrder(tx, id), openPieces(tx, id)]);
        const order = found(locked);
        requireOpen(ctx, order, 'ready');
        if (!allowShort) requirePieces(pieces);
        await closeJobs(tx, ctx, id, 'done');
        if (keepsStock(ctx)) await finishStock(tx, ctx, id, allowShort);
        return answer(await move(tx, ctx, { id, order, to: 'ready', by }));
      });
    },

    async ship(ctx, id) {
      const by = actorOf(ctx);
      return ctx.write(async (tx) => {
        const order = found(await lockOrder(tx, id));
        requireOpen(ctx, order, 'shipped');
        if (keepsStock(ctx)) await shipStock(tx, ctx, { id, workspaceId: order.workspace_id });
        return answer(await move(tx, ctx, { id, order, to: 'shipped', by }));
      });
    },

    async complete(ctx, id) {
      const by = actorOf(ctx);
      return ctx.write(async (tx) => {
        const order = found(await lockOrder(tx, id));
        requireOpen(ctx, order, 'completed');
        return answer(await move(tx, ctx, { id, order, to: 'completed', by }));
      });
    },

    async cancel(ctx, id, { reason, consumed }) {
      const by = actorOf(ctx);
      return ctx.write(async (tx) => {
        const [locked, worked] = await Promise.all([lockOrder(tx, id), workedPieces(tx, id)]);
        const order = found(locked);
        requireOpen(ctx, order, 'cancelled');
        const { workspace_id: workspaceId, status: from, number } = order;
        await closeJobs(tx, ctx, id, 'cancelled');
        if (from !== 'draft' && keepsStock(ctx)) {
          await giveBackStock(tx, ctx, { id, workspaceId }, consumed ?? requireUntouched(worked));
        }
        insertStatusChange(tx, ctx, { orderId: id, workspaceId, from, to: 'cancelled', by, reason });
        const data = { order_id: id, number, from, reason };
        insertEvent(tx, ctx, { type: 'erp.order.cancelled', aggregateId: id, data });
        return answer(await moveOrder(tx, ctx, { id, to: 'cancelled' }));
      });
    },
  };
}

/** @throws AppError pieces_open, with how many there are */
function requirePieces(lines: readonly OpenPieces[]): void {
  if (lines.length === 0) return;
  const missing = lines.reduce((sum, { open }) => sum + open, 0);
  throw new AppError('pieces_open', `${missing} pieces are not done`, { extensions: { missing: String(missing) } });
}

/** What nobody worked on goes back. @throws AppError disposition_required once that is a question */
function requireUntouched(worked: number): 'return' {
  if (worked === 0) return 'return';
  throw new AppError('disposition_required', 'Pieces were done or scrapped: say `consumed`, `return` or `write_off`');
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
