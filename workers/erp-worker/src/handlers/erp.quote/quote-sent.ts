import { type Delivery, UnprocessableEvent } from '@platen/chassis/bus/bus';
import { createChecker } from '@platen/chassis/validation/checker';
import { scopeOf } from '@platen/chassis/worker-process/event-scope';
import { rethrowExplained } from '@platen/chassis/worker-process/failures';
import { QuoteSent } from '@platen/schema/events/quote';
import type { DataInternalClient } from '@platen/sdk/internal';
import type { Mailer } from '../../mail/mailer.js';
import { quoteLetter } from './quote-letter.js';

const quoteSentData = createChecker(QuoteSent);

export interface QuoteSentDeps {
  readonly dataPlane: Pick<DataInternalClient, 'quoteMail'>;
  readonly mailer: Mailer;
}

/** `erp.quote.sent` → a mail to the customer. */
export const quoteSent =
  ({ dataPlane, mailer }: QuoteSentDeps) =>
  async ({ event, signal }: Delivery): Promise<void> => {
    if (!quoteSentData.check(event.data)) throw new UnprocessableEvent('the data is not of its type');
    const quote = await dataPlane.quoteMail
      .get({ ...scopeOf(event), id: event.data.quote_id }, { correlationId: event.correlationid, signal })
      .catch(rethrowExplained);
    await mailer.send(event, quote.to, quoteLetter(quote), signal);
  };
