import { type Delivery, UnprocessableEvent } from '@platen/chassis/bus/bus';
import { createChecker } from '@platen/chassis/validation/checker';
import { scopeOf } from '@platen/chassis/worker-process/event-scope';
import { rethrowExplained } from '@platen/chassis/worker-process/failures';
import { orderEvents } from '@platen/schema/events/order';
import type { DataInternalClient } from '@platen/sdk/internal';

export interface SiteWritesDeps {
  readonly dataPlane: Pick<DataInternalClient, 'deconetworkEvents'>;
}

const movedData = {
  ready: createChecker(orderEvents['erp.order.ready']),
  shipped: createChecker(orderEvents['erp.order.shipped']),
} as const;

/** `erp.order.ready`, `erp.order.shipped` → a write to each DecoNetwork site that wants to know; once, however often it comes. */
export const orderMoved =
  ({ dataPlane }: SiteWritesDeps, status: keyof typeof movedData) =>
  async ({ event, signal }: Delivery): Promise<void> => {
    if (!movedData[status].check(event.data)) throw new UnprocessableEvent('the data is not of its type');
    const asked = { event_id: event.id, document: 'order', local_id: event.data.order_id, status } as const;
    await dataPlane.deconetworkEvents
      .plan({ ...scopeOf(event), ...asked }, { correlationId: event.correlationid, signal })
      .catch(rethrowExplained);
  };
