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
import type { ActorCtx, TenantCtx } from '../module.js';
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
  const steps = createMoveSteps(deps);
  const inOne = (ctx: TenantCtx, step: (tx: Tx) => Promise<JsonDocument>) =>
    ctx.write(async (tx) => {
      const { body, version } = await step(tx);
      return new RawJson(body, version);
    });
  return {
    confirm: (ctx, id) => inOne(ctx, (tx) => steps.confirm(tx, ctx, id)),
    start: (ctx, id, options) => inOne(ctx, (tx) => steps.start(tx, ctx, id, options)),
    ready: (ctx, id, options) => inOne(ctx, (tx) => steps.ready(tx, ctx, id, options)),
    ship: (ctx, id) => inOne(ctx, (tx) => steps.ship(tx, ctx, id)),
    complete: (ctx, id) => inOne(ctx, (tx) => steps.complete(tx, ctx, id)),
    cancel: (ctx, id, cancellation) => inOne(ctx, (tx) => steps.cancel(tx, ctx, id, cancellation)),
  };
}

/** The same in a transaction that is open, for whoever moves more than one order, or by more than one step. */
export interface MoveSteps {
  confirm(tx: Tx, ctx: ActorCtx, id: string): Promise<JsonDocument>;
  start(tx: Tx, ctx: ActorCtx, id: string, options?: ShortOptions | null): Promise<JsonDocument>;
  ready(tx: Tx, ctx: ActorCtx, id: string, options?: ShortOptions | null): Promise<JsonDocument>;
  ship(tx: Tx, ctx: ActorCtx, id: string): Promise<JsonDocument>;
  complete(tx: Tx, ctx: ActorCtx, id: string): Promise<JsonDocument>;
  cancel(tx: Tx, ctx: ActorCtx, id: string, cancellation: Cancellation): Promise<JsonDocument>;
}

export function createMoveSteps(deps: { readonly findOrganization: FindOrganization }): MoveSteps {
  return {
    async confirm(tx, ctx, id) {
      const { settings } = organizationOf(deps.findOrganization, ctx);
      const by = actorOf(ctx);
      const order = found(await lockOrder(tx, id));
      requireOpen(ctx, order, 'confirmed');
      if (keepsStock(ctx)) await reserveStock(tx, ctx, id);
      const { workspace_id: workspaceId, status: from } = order;
      insertStatusChange(tx, ctx, { orderId: id, workspaceId, from, to: 'confirmed', by });
      const paymentStatus = paymentStatusOf(parseExact(order.total), { paid: zero, refunded: false });
      // The organization's year, not the server's: on New Year's Eve they differ for hours.
      const year = Number(dateIn(settings.time_zone, ctx.now()).slice(0, 4));
      return found(await confirmOrder(tx, ctx, { id, prefix: settings.order_prefix, year, paymentStatus }));
    },

    async start(tx, ctx, id, options) {
      const [locked, sums] = await Promise.all([lockOrder(tx, id), sumPayments(tx, id)]);
      const order = found(locked);
      requireOpen(ctx, order, 'in_production');
      requireDeposit(order, sums);
      if (keepsStock(ctx)) await consumeStock(tx, ctx, id, options?.allow_short ?? false);
      return move(tx, ctx, { id, order, to: 'in_production' });
    },

    async ready(tx, ctx, id, options) {
      const allowShort = options?.allow_short ?? false;
      const [locked, pieces] = await Promise.all([lockOrder(tx, id), openPieces(tx, id)]);
      const order = found(locked);
      requireOpen(ctx, order, 'ready');
      if (!allowShort) requirePieces(pieces);
      await closeJobs(tx, ctx, id, 'done');
      if (keepsStock(ctx)) await finishStock(tx, ctx, id, allowShort);
      return move(tx, ctx, { id, order, to: 'ready' });
    },

    async ship(tx, ctx, id) {
      const order = found(await lockOrder(tx, id));
      requireOpen(ctx, order, 'shipped');
      if (keepsStock(ctx)) await shipStock(tx, ctx, { id, workspaceId: order.workspace_id });
      return move(tx, ctx, { id, order, to: 'shipped' });
    },

    async complete(tx, ctx, id) {
      const order = found(await lockOrder(tx, id));
      requireOpen(ctx, order, 'completed');
      return move(tx, ctx, { id, order, to: 'completed' });
    },

    async cancel(tx, ctx, id, { reason, consumed }) {
      const by = actorOf(ctx);
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
      return found(await moveOrder(tx, ctx, { id, to: 'cancelled' }));
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
}

/** History, event and state, in one round trip. */
async function move(tx: Tx, ctx: ActorCtx, { id, order, to }: Move): Promise<JsonDocument> {
  requireOpen(ctx, order, to);
  const { workspace_id: workspaceId, status: from, number } = order;
  if (number === null) throw new Error(`Order ${id} is ${from} without a number`);
  insertStatusChange(tx, ctx, { orderId: id, workspaceId, from, to, by: actorOf(ctx) });
  const event: NewEvent<(typeof eventOf)[keyof typeof eventOf]> = {
    type: eventOf[to],
    aggregateId: id,
    data: { order_id: id, number },
  };
  insertEvent(tx, ctx, event);
  return found(await moveOrder(tx, ctx, { id, to }));
}

function requireOpen(ctx: ActorCtx, order: LockedOrder, to: OrderStatus): void {
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

/** @throws AppError not_found */
function found<T>(given: T | undefined): T {
  if (given === undefined) throw new AppError('not_found');
  return given;
}
