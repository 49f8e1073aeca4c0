import { insertEvent } from '@platen/chassis/bus/outbox';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { purchaseOrders } from '@platen/schema/contracts/data/purchase-orders';
import { purchaseOrderMachine } from '@platen/schema/states/purchase-order';
import { foundJson } from '../../../stored-json.js';
import { actorOf, requireMove, requireVersion } from '../../documents/index.js';
import { findLocations } from '../../inventory/index.js';
import type { TenantCtx } from '../../module.js';
import { type CostedLines, costLines, destinationOf, type RequestedLine } from './lines.js';
import {
  findPurchaseOrder,
  insertStatusChange,
  type LockedPurchaseOrder,
  listLines,
  lockPurchaseOrder,
} from './repo.js';
import { insertDraft, updateDraft } from './write-draft.js';

type CreateBody = BodyOf<typeof purchaseOrders.create>;
type UpdateBody = BodyOf<typeof purchaseOrders.update>;

export interface PurchaseDraftService {
  create(ctx: TenantCtx, body: CreateBody): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: UpdateBody): Promise<RawJson>;
}

/** Purchase orders before they are submitted. */
export const createPurchaseDraftService = (): PurchaseDraftService => ({
  async create(ctx, body) {
    const by = actorOf(ctx);
    return ctx.write(async (tx) => {
      const { workspaceId } = ctx;
      const [costed, locations] = await Promise.all([
        costLines(tx, body.supplier_id, body.lines),
        findLocations(tx, ctx),
      ]);
      const location = destinationOf(locations, { locationId: body.location_id, workspaceId });
      const id = ctx.newId();
      const head = {
        id,
        workspaceId,
        supplierId: body.supplier_id,
        locationId: location.id,
        expectedOn: body.expected_on ?? null,
        note: body.note ?? null,
      };
      insertDraft(tx, ctx, head, costed);
      insertStatusChange(tx, ctx, { purchaseOrderId: id, workspaceId, from: null, to: 'draft', by });
      insertEvent(tx, ctx, {
        type: 'erp.purchase_order.created',
        aggregateId: id,
        data: {
          purchase_order_id: id,
          supplier_id: head.supplierId,
          total: { amount: costed.total, currency: costed.currency },
        },
      });
      return foundJson(await findPurchaseOrder(tx, id));
    });
  },

  update: (ctx, id, body) =>
    ctx.write(async (tx) => {
      const [order, stored] = await Promise.all([lockPurchaseOrder(tx, id), listLines(tx, id)]);
      if (!order) throw new AppError('not_found');
      requireVersion(ctx, order.version);
      // It is edited for as long as it may still be submitted.
      requireMove(purchaseOrderMachine, order.status, 'submitted');
      const costed = await recost(tx, order, body, () =>
        stored.map(({ variant_id, ordered_quantity: quantity }) => ({ variant_id, quantity })),
      );
      const { workspace_id: workspaceId } = order;
      const locationId =
        body.location_id === undefined
          ? order.location_id
          : destinationOf(await findLocations(tx, ctx), { locationId: body.location_id, workspaceId }).id;
      const head = {
        id,
        workspaceId,
        supplierId: body.supplier_id ?? order.supplier_id,
        locationId,
        expectedOn: body.expected_on === undefined ? order.expected_on : body.expected_on,
        note: body.note === undefined ? order.note : body.note,
      };
      updateDraft(tx, ctx, head, costed);
      return foundJson(await findPurchaseOrder(tx, id));
    }),
});

/** null: the lines stay as they are. Another supplier has costs, and perhaps a currency, of its own. */
async function recost(
  tx: Tx,
  order: LockedPurchaseOrder,
  { supplier_id = order.supplier_id, lines }: UpdateBody,
  stored: () => RequestedLine[],
): Promise<CostedLines | null> {
  if (lines === undefined && supplier_id === order.supplier_id) return null;
  return costLines(tx, supplier_id, lines ?? stored());
}
