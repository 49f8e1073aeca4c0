import { type Delivery, UnprocessableEvent } from '@platen/chassis/bus/bus';
import { createChecker } from '@platen/chassis/validation/checker';
import { scopeOf } from '@platen/chassis/worker-process/event-scope';
import { rethrowExplained } from '@platen/chassis/worker-process/failures';
import { QuoteExpiryDue } from '@platen/schema/events/quote';
import type { DataInternalClient } from '@platen/sdk/internal';

const quoteExpiryDueData = createChecker(QuoteExpiryDue);

export interface QuoteExpiryDueDeps {
  readonly dataPlane: Pick<DataInternalClient, 'quoteExpiry'>;
}

/** `erp.quote.expiry_due` → the plane marks the quote, if it still is to be. */
export const quoteExpiryDue =
  ({ dataPlane }: QuoteExpiryDueDeps) =>
  async ({ event, signal }: Delivery): Promise<void> => {
    if (!quoteExpiryDueData.check(event.data)) throw new UnprocessableEvent('the data is not of its type');
    await dataPlane.quoteExpiry
      .expire({ ...scopeOf(event), id: event.data.quote_id }, { correlationId: event.correlationid, signal })
      .catch(rethrowExplained);
  };
