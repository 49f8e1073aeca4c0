import type { Delivery, EventHandler } from '@platen/chassis/bus/bus';
import type { Logger } from '@platen/chassis/log/logger';
import { rethrowExplained } from '@platen/chassis/worker-process/failures';
import type { ControlInternalClient } from '@platen/sdk/internal';
import type { Mailer } from '../../mail/mailer.js';
import { accountLetter } from './account-letter.js';

export interface AccountMailDeps {
  readonly controlPlane: Pick<ControlInternalClient, 'accountMails'>;
  readonly mailer: Mailer;
  readonly log: Logger;
}

/**
 * An event of `platform.user` → a mail about somebody's account. What it says is asked for, so that a link that was used
 * or replaced meanwhile, or a tenant that is suspended, gets none.
 */
export const accountMail =
  ({ controlPlane: { accountMails }, mailer, log }: AccountMailDeps): EventHandler =>
  async ({ event, signal }: Delivery): Promise<void> => {
    const id = { tenant_id: event.tenantid, event_id: event.id };
    const options = { correlationId: event.correlationid, signal };
    const { mail, withheld } = await accountMails.get(id, options).catch(rethrowExplained);
    if (mail === null) log.info({ event_id: event.id, type: event.type, reason: withheld }, 'mail withheld');
    else await mailer.send(event, mail.to, accountLetter(mail), signal);
    // Whether it went out or never will: nobody needs its secret any more.
    if (withheld !== 'sent') await accountMails.delivered(id, options).catch(rethrowExplained);
  };
