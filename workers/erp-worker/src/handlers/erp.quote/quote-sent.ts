import { type Delivery, UnprocessableEvent } from '@platen/chassis/bus/bus';
import { createChecker } from '@platen/chassis/validation/checker';
import { QuoteSent } from '@platen/schema/events/quote';
import type { DataInternalClient } from '@platen/sdk/internal';
import { explainFailure } from '../../failures.js';
import type { MailProvider } from '../../mail/mail.js';
import { renderQuoteMail } from './quote-sent-mail.js';

const quoteSentData = createChecker(QuoteSent);

export interface QuoteSentDeps {
  readonly dataPlane: Pick<DataInternalClient, 'quoteMail'>;
  readonly mail: MailProvider;
  readonly fromAddress: string;
}

/** `erp.quote.sent` → a mail to the customer, with an id that a repeat of the event has too. */
export const quoteSent = (deps: QuoteSentDeps) => {
  const domain = deps.fromAddress.slice(deps.fromAddress.lastIndexOf('@') + 1);
  return async ({ event, signal }: Delivery): Promise<void> => {
    if (!quoteSentData.check(event.data)) throw new UnprocessableEvent('the data is not of its type');
    if (event.organizationid === null) throw new UnprocessableEvent('the event names no organization');
    const scope = {
      tenant_id: event.tenantid,
      organization_id: event.organizationid,
      ...(event.workspaceid === null ? {} : { workspace_id: event.workspaceid }),
    };
    const quote = await deps.dataPlane.quoteMail
      .get({ ...scope, id: event.data.quote_id }, { correlationId: event.correlationid, signal })
      .catch((error: unknown) => {
        throw explainFailure(error);
      });
    await deps.mail.send({
      messageId: `${event.id}@${domain}`,
      date: new Date(event.time),
      from: { name: quote.from_name, address: deps.fromAddress },
      to: { name: quote.to.name, address: quote.to.email },
      ...renderQuoteMail(quote),
    });
  };
};
