import { insertEvent } from '@platen/chassis/bus/outbox';
import { AppError } from '@platen/chassis/http/app-error';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { orders } from '@platen/schema/contracts/data/orders';
import { orderMachine } from '@platen/schema/states/order';
import { actorOf, requireMove, requireVersion } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import { depositOf } from '../priced-lines/index.js';
import type { PricingService } from '../pricing/index.js';
import { insertStatusChange, type LockedOrder, listRequestedLines, lockOrder, updateTerms } from './repo.js';
import { insertOrder, replaceOrder } from './write-order.js';

type CreateBody = BodyOf<typeof orders.create>;
type UpdateBody = BodyOf<typeof orders.update>;

export interface DraftService {
  create(ctx: TenantCtx, body: CreateBody): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: UpdateBody): Promise<RawJson>;
}

/** Orders before they are confirmed: made directly, without a quote, and changed. */
export const createDraftService = (pricing: PricingService): DraftService => ({
  async create(ctx, body) {
    const by = actorOf(ctx);
    return ctx.write(async (tx) => {
      const dueOn = body.due_on ?? null;
      const request = { customerId: body.customer_id, priceOn: null, dueOn, lines: body.lines };
      const priced = await pricing.price(ctx, tx, request);
      const now = ctx.now();
      const head = {
        id: ctx.newId(),
        customerId: body.customer_id,
        workspaceId: ctx.workspaceId,
        storeId: ctx.tenant.store?.id ?? null,
        depositDue: depositOf(body.deposit_due ?? null, priced),
        dueOn,
        version: 1,
        createdAt: now,
        updatedAt: now,
      };
      const json = insertOrder(tx, ctx, head, priced);
      insertStatusChange(tx, ctx, { orderId: head.id, workspaceId: head.workspaceId, from: null, to: 'draft', by });
      insertEvent(tx, ctx, {
        type: 'erp.order.created',
        aggregateId: head.id,
        data: {
          order_id: head.id,
          quote_id: null,
          customer_id: head.customerId,
          total: { amount: priced.total, currency: priced.currency },
        },
      });
      return new RawJson(json, 1);
    });
  },

  async update(ctx, id, body) {
    return ctx.write(async (tx) => {
      const [order, stored] = await Promise.all([lockOrder(tx, id), listRequestedLines(tx, id)]);
      if (!order) throw new AppError('not_found');
      requireVersion(ctx, order.version);
      // An order is edited for as long as it may still be confirmed.
      requireMove(orderMachine, order.status, 'confirmed');
      const dueOn = body.due_on === undefined ? order.due_on : body.due_on;
      const kept = order.deposit_due === null ? null : { amount: order.deposit_due, currency: order.currency };
      const deposit = body.deposit_due === undefined ? kept : body.deposit_due;
      if (order.quote_id !== null || order.rule_set_version_id === null) {
        requireKept(order, body);
        const terms = { id, dueOn, depositDue: depositOf(deposit, order) };
        const changed = await updateTerms(tx, ctx, terms);
        if (!changed) throw new AppError('not_found');
        return new RawJson(changed.body, changed.version);
      }
      const customerId = body.customer_id ?? order.customer_id;
      const request = { customerId, priceOn: null, dueOn, lines: body.lines ?? stored };
      const priced = await pricing.price(ctx, tx, request);
      const head = {
        id,
        customerId,
        workspaceId: order.workspace_id,
        storeId: order.store_id,
        depositDue: depositOf(deposit, priced),
        dueOn,
        version: order.version + 1,
        createdAt: order.created_at,
        updatedAt: ctx.now(),
      };
      return new RawJson(replaceOrder(tx, ctx, head, priced), head.version);
    });
  },
});

/**
 * What a customer accepted is not priced again: who wants something else revises the quote, or changes the order at the
 * site that has sold it.
 */
function requireKept(order: LockedOrder, body: UpdateBody): void {
  if (body.lines === undefined && (body.customer_id ?? order.customer_id) === order.customer_id) return;
  const of = order.quote_id === null ? 'with which it was imported' : 'of the quote that was accepted';
  throw new AppError('illegal_transition', `The order keeps the lines and the customer ${of}`, {
    extensions: { current: order.status, allowed: orderMachine.moves[order.status] },
  });
}
