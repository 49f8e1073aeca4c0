import { insertEvent } from '@platen/chassis/bus/outbox';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { type PageQuery, readPage } from '@platen/chassis/http/paging';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { purchaseReceipts } from '@platen/schema/contracts/data/purchase-receipts';
import type { PurchaseOrderStatus } from '@platen/schema/states/purchase-order';
import {
  actorOf,
  dateIn,
  type FindOrganization,
  organizationOf,
  requireStatus,
  requireVersion,
} from '../../documents/index.js';
import { findLocations, keepsStock, lockWaitingOrders, openHeldSheet, writeSheet } from '../../inventory/index.js';
import type { TenantCtx } from '../../module.js';
import { formatExact, formatShort, zero } from '../../pricing/index.js';
import { positiveQuantity } from '../orders/costs.js';
import { destinationOf } from '../orders/lines.js';
import { namedOf } from '../orders/moves.js';
import { insertStatusChange, isPurchaseOrder, listLines, lockPurchaseOrder, type StoredLine } from '../orders/repo.js';
import { pairLines } from './pair-lines.js';
import { insertReceipt, receiptPage } from './repo.js';
import { type Arrival, isComplete, requireWithinTolerance } from './tolerance.js';

type ReceiptBody = BodyOf<typeof purchaseReceipts.create>;

export interface PurchaseReceiptService {
  list(ctx: TenantCtx, purchaseOrderId: string, query: PageQuery): Promise<RawJson>;
  create(ctx: TenantCtx, purchaseOrderId: string, body: ReceiptBody): Promise<RawJson>;
}

/** Also one that has all it ordered: a supplier may send the excess that is tolerated later. */
const takesReceipts: readonly PurchaseOrderStatus[] = ['approved', 'partially_received', 'received'];

/** Deliveries: into stock, and to the orders that wait for them. */
export const createPurchaseReceiptService = (deps: {
  readonly cursors: Cursors;
  readonly findOrganization: FindOrganization;
}): PurchaseReceiptService => ({
  async list(ctx, purchaseOrderId, query) {
    const [page, exists] = await Promise.all([
      readPage(ctx, deps.cursors, receiptPage, query, [purchaseOrderId]),
      isPurchaseOrder(ctx.db, purchaseOrderId),
    ]);
    if (!exists) throw new AppError('not_found');
    return page;
  },

  async create(ctx, purchaseOrderId, body) {
    const { settings } = organizationOf(deps.findOrganization, ctx);
    const receivedBy = actorOf(ctx);
    return ctx.write(async (tx) => {
      const [order, stored, locations] = await Promise.all([
        lockPurchaseOrder(tx, purchaseOrderId),
        listLines(tx, purchaseOrderId),
        findLocations(tx, ctx),
      ]);
      if (!order) throw new AppError('not_found');
      requireVersion(ctx, order.version);
      requireStatus(order.status, takesReceipts, 'receipt');
      const arrivals = arrivalsOf(body, stored);
      requireWithinTolerance(arrivals, settings.receipt_tolerance_percent ?? '0');

      const { workspace_id: workspaceId, status: from } = order;
      const wanted = { locationId: body.location_id ?? order.location_id, workspaceId };
      const locationId = destinationOf(locations, wanted).id;
      const id = ctx.newId();
      await receiveIntoStock(tx, ctx, { id, locationId }, arrivals);

      const to = statusAfter(stored, arrivals);
      if (to !== from) insertStatusChange(tx, ctx, { purchaseOrderId, workspaceId, from, to, by: receivedBy });
      insertEvent(tx, ctx, {
        type: 'erp.purchase_order.received',
        aggregateId: purchaseOrderId,
        data: {
          ...namedOf(order),
          receipt_id: id,
          location_id: locationId,
          status: to,
          lines: arrivals.map(({ lineId, variantId, arriving }) => ({
            purchase_order_line_id: lineId,
            variant_id: variantId,
            quantity: formatShort(arriving),
          })),
        },
      });
      const json = await insertReceipt(tx, ctx, {
        id,
        purchaseOrderId,
        workspaceId,
        locationId,
        reference: body.reference?.trim() ?? null,
        receivedOn: body.received_on ?? dateIn(settings.time_zone, ctx.now()),
        receivedBy,
        status: to,
        lines: arrivals.map(({ lineId, arriving }) => ({ lineId, quantity: formatExact(arriving) })),
      });
      if (json === undefined) throw new AppError('not_found');
      return new RawJson(json);
    });
  },
});

interface VariantArrival extends Arrival {
  readonly variantId: string;
}

const arrivalsOf = ({ lines }: ReceiptBody, stored: readonly StoredLine[]): VariantArrival[] =>
  pairLines(lines, stored).map(({ given, line, path }) => ({
    lineId: line.id,
    variantId: line.variant_id,
    ordered: line.ordered_quantity,
    received: line.received_quantity,
    arriving: positiveQuantity(given.quantity, `${path}/quantity`),
  }));

/**
 * From the supplier to the location, and promised to those who lack it. The purchase order is locked, then the orders
 * that wait, then the levels: the order that everybody keeps.
 */
async function receiveIntoStock(
  tx: Tx,
  ctx: TenantCtx,
  receipt: { readonly id: string; readonly locationId: string },
  arrivals: readonly VariantArrival[],
): Promise<void> {
  if (!keepsStock(ctx)) return;
  const variantIds = [...new Set(arrivals.map(({ variantId }) => variantId))];
  const orderIds = await lockWaitingOrders(tx, ctx, variantIds, receipt.locationId);
  const sheet = await openHeldSheet(tx, ctx, { variantIds, orderIds });
  const from = sheet.outside('supplier');
  const to = sheet.location(receipt.locationId);
  for (const { variantId, arriving } of arrivals) {
    sheet.move(variantId, arriving, from, to, { kind: 'receipt', type: 'purchase_receipt', id: receipt.id });
  }
  sheet.reserve(orderIds);
  writeSheet(tx, ctx, sheet);
}

function statusAfter(stored: readonly StoredLine[], arrivals: readonly Arrival[]): PurchaseOrderStatus {
  const arriving = new Map(arrivals.map((arrival) => [arrival.lineId, arrival.arriving]));
  const isWhole = stored.every(({ id, ordered_quantity: ordered, received_quantity: received }) =>
    isComplete({ ordered, received, arriving: arriving.get(id) ?? zero }),
  );
  return isWhole ? 'received' : 'partially_received';
}
