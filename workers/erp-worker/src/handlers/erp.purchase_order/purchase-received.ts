import { type Delivery, UnprocessableEvent } from '@platen/chassis/bus/bus';
import { createChecker } from '@platen/chassis/validation/checker';
import { scopeOf } from '@platen/chassis/worker-process/event-scope';
import { rethrowExplained } from '@platen/chassis/worker-process/failures';
import { PurchaseOrderReceived } from '@platen/schema/events/purchase-order';
import type { SiteWritesDeps } from '../erp.order/order-moved.js';

const receivedData = createChecker(PurchaseOrderReceived);

/** `erp.purchase_order.received` → a write to each DecoNetwork site that has the purchase order and wants to know; once. */
export const purchaseReceived =
  ({ dataPlane }: SiteWritesDeps) =>
  async ({ event, signal }: Delivery): Promise<void> => {
    if (!receivedData.check(event.data)) throw new UnprocessableEvent('the data is not of its type');
    const asked = { event_id: event.id, document: 'purchase_receipt', local_id: event.data.receipt_id } as const;
    await dataPlane.deconetworkEvents
      .plan({ ...scopeOf(event), ...asked }, { correlationId: event.correlationid, signal })
      .catch(rethrowExplained);
  };
