import { insertEvent, type NewEvent } from '@platen/chassis/bus/outbox';
import { AppError } from '@platen/chassis/http/app-error';
import type { RawJson } from '@platen/chassis/http/types';
import type { EventType } from '@platen/schema/events/index';
import { type PurchaseOrderStatus, purchaseOrderMachine } from '@platen/schema/states/purchase-order';
import { foundJson } from '../../../stored-json.js';
import {
  actorOf,
  dateIn,
  type FindOrganization,
  organizationOf,
  requireMove,
  requireVersion,
} from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import {
  insertStatusChange,
  type LockedPurchaseOrder,
  lockPurchaseOrder,
  movePurchaseOrder,
  type Signatures,
  submitPurchaseOrder,
} from './repo.js';

export interface PurchaseMoveService {
  submit(ctx: TenantCtx, id: string): Promise<RawJson>;
  approve(ctx: TenantCtx, id: string): Promise<RawJson>;
  reject(ctx: TenantCtx, id: string, reason: string): Promise<RawJson>;
  reopen(ctx: TenantCtx, id: string): Promise<RawJson>;
  close(ctx: TenantCtx, id: string): Promise<RawJson>;
  cancel(ctx: TenantCtx, id: string, reason: string): Promise<RawJson>;
}

interface Move<T extends EventType> {
  readonly to: PurchaseOrderStatus;
  readonly reason?: string;
  /** What else the move asks for, once the state allows it. */
  readonly check?: (order: LockedPurchaseOrder, by: string) => void;
  readonly signatures?: (order: LockedPurchaseOrder, by: string) => Signatures;
  readonly event: (order: LockedPurchaseOrder) => Omit<NewEvent<T>, 'aggregateId'>;
}

/** A purchase order's way through its states. Its row is locked before anything is decided. */
export function createPurchaseMoveService(deps: { readonly findOrganization: FindOrganization }): PurchaseMoveService {
  const move = <T extends EventType>(ctx: TenantCtx, id: string, how: Move<T>): Promise<RawJson> => {
    const by = actorOf(ctx);
    const { to, reason } = how;
    return ctx.write(async (tx) => {
      const order = requireOpen(ctx, await lockPurchaseOrder(tx, id), to);
      how.check?.(order, by);
      const { workspace_id: workspaceId, status: from } = order;
      insertStatusChange(tx, ctx, { purchaseOrderId: id, workspaceId, from, to, by, reason });
      insertEvent<T>(tx, ctx, { ...how.event(order), aggregateId: id });
      const signatures = (how.signatures ?? signaturesOf)(order, by);
      return foundJson(await movePurchaseOrder(tx, ctx, { id, to, signatures }));
    });
  };

  return {
    async submit(ctx, id) {
      const { settings } = organizationOf(deps.findOrganization, ctx);
      const by = actorOf(ctx);
      return ctx.write(async (tx) => {
        const order = requireOpen(ctx, await lockPurchaseOrder(tx, id), 'submitted');
        const { workspace_id: workspaceId, status: from } = order;
        insertStatusChange(tx, ctx, { purchaseOrderId: id, workspaceId, from, to: 'submitted', by });
        if (order.number === null) {
          // The organization's year, not the server's: on New Year's Eve they differ for hours.
          const year = Number(dateIn(settings.time_zone, ctx.now()).slice(0, 4));
          const prefix = settings.purchase_order_prefix ?? 'PO';
          return foundJson(await submitPurchaseOrder(tx, ctx, { id, prefix, year, by }));
        }
        const data = { ...namedOf(order), total: totalOf(order) };
        insertEvent(tx, ctx, { type: 'erp.purchase_order.submitted', aggregateId: id, data });
        const signatures = { ...unsigned, submittedBy: by, submittedAt: ctx.now() };
        return foundJson(await movePurchaseOrder(tx, ctx, { id, to: 'submitted', signatures }));
      });
    },

    approve: async (ctx, id) =>
      move(ctx, id, {
        to: 'approved',
        check: (order, by) => requireOthers(ctx, order, by),
        signatures: (order, by) => ({ ...signaturesOf(order), approvedBy: by, approvedAt: ctx.now() }),
        event: (order) => ({
          type: 'erp.purchase_order.approved',
          data: { ...namedOf(order), total: totalOf(order) },
        }),
      }),

    reject: async (ctx, id, reason) =>
      move(ctx, id, {
        to: 'rejected',
        reason,
        event: (order) => ({ type: 'erp.purchase_order.rejected', data: { ...namedOf(order), reason } }),
      }),

    reopen: async (ctx, id) =>
      move(ctx, id, {
        to: 'draft',
        signatures: () => unsigned,
        event: (order) => ({ type: 'erp.purchase_order.reopened', data: namedOf(order) }),
      }),

    close: async (ctx, id) =>
      move(ctx, id, {
        to: 'closed',
        event: (order) => ({ type: 'erp.purchase_order.closed', data: namedOf(order) }),
      }),

    cancel: async (ctx, id, reason) =>
      move(ctx, id, {
        to: 'cancelled',
        reason,
        event: ({ number, supplier_id, status: from }) => ({
          type: 'erp.purchase_order.cancelled',
          data: { purchase_order_id: id, number, supplier_id, from, reason },
        }),
      }),
  };
}

const unsigned: Signatures = { submittedBy: null, submittedAt: null, approvedBy: null, approvedAt: null };
const signaturesOf = (order: LockedPurchaseOrder): Signatures => ({
  submittedBy: order.submitted_by,
  submittedAt: order.submitted_at,
  approvedBy: order.approved_by,
  approvedAt: order.approved_at,
});

const totalOf = ({ total, currency }: LockedPurchaseOrder) => ({ amount: total, currency });

/** What events call it by. */
export function namedOf({ id, number, supplier_id, status }: LockedPurchaseOrder) {
  if (number === null) throw new Error(`Purchase order ${id} is ${status} without a number`);
  return { purchase_order_id: id, number, supplier_id };
}

function requireOpen(
  ctx: TenantCtx,
  order: LockedPurchaseOrder | undefined,
  to: PurchaseOrderStatus,
): LockedPurchaseOrder {
  if (!order) throw new AppError('not_found');
  requireVersion(ctx, order.version);
  requireMove(purchaseOrderMachine, order.status, to);
  return order;
}

/** Four eyes: who submitted it approves it only with a permission that says so. @throws AppError own_document */
function requireOthers(ctx: TenantCtx, { submitted_by }: LockedPurchaseOrder, by: string): void {
  if (submitted_by !== by || ctx.principal?.has('erp.purchase_order.approve_own')) return;
  throw new AppError('own_document', undefined, { extensions: { permission: 'erp.purchase_order.approve_own' } });
}
