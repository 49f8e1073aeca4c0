import { type Delivery, UnprocessableEvent } from '@platen/chassis/bus/bus';
import type { Logger } from '@platen/chassis/log/logger';
import { createChecker } from '@platen/chassis/validation/checker';
import { scopeOf } from '@platen/chassis/worker-process/event-scope';
import { rethrowExplained } from '@platen/chassis/worker-process/failures';
import { OrderConfirmed } from '@platen/schema/events/order';
import type { DataInternalClient } from '@platen/sdk/internal';
import type { Mailer } from '../../mail/mailer.js';
import { orderLetter } from './order-letter.js';

const orderConfirmedData = createChecker(OrderConfirmed);

export interface OrderConfirmedDeps {
  readonly dataPlane: Pick<DataInternalClient, 'orderMail'>;
  readonly mailer: Mailer;
  readonly log: Logger;
}

/** `erp.order.confirmed` → a mail to the customer, if there is an address and still something to say. */
export const orderConfirmed =
  ({ dataPlane, mailer, log }: OrderConfirmedDeps) =>
  async ({ event, signal }: Delivery): Promise<void> => {
    if (!orderConfirmedData.check(event.data)) throw new UnprocessableEvent('the data is not of its type');
    const { mail, withheld } = await dataPlane.orderMail
      .get({ ...scopeOf(event), id: event.data.order_id }, { correlationId: event.correlationid, signal })
      .catch(rethrowExplained);
    if (mail === null) log.info({ event_id: event.id, type: event.type, reason: withheld }, 'mail withheld');
    else await mailer.send(event, mail.to, orderLetter(mail), signal);
  };
