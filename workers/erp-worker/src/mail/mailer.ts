import { UnprocessableEvent } from '@platen/chassis/bus/bus';
import type { CloudEvent } from '@platen/schema/events/cloud-event';
import { type Letter, renderText } from './letter.js';
import { renderHtml } from './letter-html.js';
import type { MailProvider } from './mail.js';

/** Makes the mail of an event and sends it. */
export interface Mailer {
  /** Under an id that a repeat of the event has too. What it rejects with is `MailProvider.send`'s. */
  send(
    event: CloudEvent,
    to: { readonly name: string; readonly email: string },
    letter: Letter,
    signal: AbortSignal,
  ): Promise<void>;
}

export function createMailer(deps: { readonly provider: MailProvider; readonly fromAddress: string }): Mailer {
  const { provider, fromAddress } = deps;
  const domain = fromAddress.slice(fromAddress.lastIndexOf('@') + 1);
  return {
    async send(event, to, letter, signal) {
      requireWebLinks(letter);
      await provider.send(
        {
          messageId: `${event.id}@${domain}`,
          date: new Date(event.time),
          from: { name: letter.sender, address: fromAddress },
          to: { name: to.name, address: to.email },
          subject: letter.subject,
          text: renderText(letter),
          html: renderHtml(letter),
        },
        signal,
      );
    },
  };
}

/** They become links in HTML, where other schemes could do harm. */
function requireWebLinks({ blocks }: Letter): void {
  const bad = blocks.some((block) => block.kind === 'action' && !/^https?:\/\//.test(block.link));
  if (bad) throw new UnprocessableEvent('the link of the mail is none');
}
