import type { AccountMail, AccountMailKind } from '@platen/schema/contracts/internal/account-mails';
import { type Block, frameOf, type Letter } from '../../mail/letter.js';
import type { TextKey } from '../../mail/texts/english.js';
import { phrasebookOf } from '../../mail/texts/phrasebook.js';

type KeyOf<Suffix extends string> = Extract<TextKey, `${AccountMailKind}.${Suffix}`>;

interface Said {
  readonly subject: KeyOf<'subject'>;
  readonly text: KeyOf<'text'>;
  /** On the button; null where there is no link. */
  readonly action: KeyOf<'action'> | null;
  /** For who did not ask for it. */
  readonly otherwise: Extract<TextKey, `unasked.${string}`>;
}

const saidOf: Readonly<Record<AccountMailKind, Said>> = {
  invitation: {
    subject: 'invitation.subject',
    text: 'invitation.text',
    action: 'invitation.action',
    otherwise: 'unasked.ignore',
  },
  password_reset: {
    subject: 'password_reset.subject',
    text: 'password_reset.text',
    action: 'password_reset.action',
    otherwise: 'unasked.password',
  },
  email_change: {
    subject: 'email_change.subject',
    text: 'email_change.text',
    action: 'email_change.action',
    otherwise: 'unasked.email',
  },
  email_changed: {
    subject: 'email_changed.subject',
    text: 'email_changed.text',
    action: null,
    otherwise: 'unasked.tell',
  },
  password_changed: {
    subject: 'password_changed.subject',
    text: 'password_changed.text',
    action: null,
    otherwise: 'unasked.tell',
  },
};

export function accountLetter(mail: AccountMail): Letter {
  const book = phrasebookOf(mail.locale);
  const { say } = book;
  const tenant = mail.tenant_name;
  const said = saidOf[mail.kind];
  const subject = say(said.subject, { tenant });
  const blocks: Block[] = [{ kind: 'paragraph', text: say(said.text, { tenant }) }];
  if (mail.link !== null && said.action !== null) {
    const label = say(said.action);
    blocks.push({ kind: 'action', label, text: label, fallback: say('link.fallback'), link: mail.link });
    if (mail.expires_at !== null) {
      blocks.push({ kind: 'paragraph', text: say('link.until', { moment: book.moment(mail.expires_at) }) });
    }
  }
  blocks.push({ kind: 'paragraph', text: say(said.otherwise) });
  return { ...frameOf(book, mail.to, tenant), subject, title: subject, blocks };
}
