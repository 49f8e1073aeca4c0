import { type Delivery, type EventHandler, UnprocessableEvent } from '@platen/chassis/bus/bus';
import type { Logger } from '@platen/chassis/log/logger';
import type { ControlInternalClient } from '@platen/sdk/internal';
import { explainFailure } from '../../failures.js';
import type { MailProvider } from '../../mail/mail.js';
import { renderAccountMail } from './account-mail-text.js';

export interface AccountMailDeps {
  readonly controlPlane: Pick<ControlInternalClient, 'accountMails'>;
  readonly mail: MailProvider;
  readonly fromAddress: string;
  readonly log: Logger;
}

/**
 * An event of `platform.user` → a mail about somebody's account, with an id that a repeat of the event has too. What it
 * says is asked for, so that a link that was used or replaced meanwhile, or a tenant that is suspended, gets none.
 */
export const accountMail = (deps: AccountMailDeps): EventHandler => {
  const domain = deps.fromAddress.slice(deps.fromAddress.lastIndexOf('@') + 1);
  const { accountMails } = deps.controlPlane;
  return async ({ event, signal }: Delivery): Promise<void> => {
    const id = { tenant_id: event.tenantid, event_id: event.id };
    const options = { correlationId: event.correlationid, signal };
    const { mail, withheld } = await accountMails.get(id, options).catch(explained);
    if (mail === null) {
      deps.log.info({ event_id: event.id, type: event.type, reason: withheld }, 'mail withheld');
    } else {
      if (!isWebLink(mail.link)) throw new UnprocessableEvent('the link of the mail is none');
      await deps.mail.send({
        messageId: `${event.id}@${domain}`,
        date: new Date(event.time),
        from: { name: mail.tenant_name, address: deps.fromAddress },
        to: { name: mail.to.name, address: mail.to.email },
        ...renderAccountMail(mail),
      });
    }
    // Whether it went out or never will: nobody needs its secret any more.
    if (withheld !== 'sent') await accountMails.delivered(id, options).catch(explained);
  };
};

function explained(error: unknown): never {
  throw explainFailure(error);
}

/** It becomes a link in HTML, where other schemes could do harm. */
const isWebLink = (link: string | null): boolean => link === null || /^https?:\/\//.test(link);
