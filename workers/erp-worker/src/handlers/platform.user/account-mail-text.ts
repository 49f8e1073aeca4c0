import type { AccountMail } from '@platen/schema/contracts/internal/account-mails';
import { html } from '../../mail/html.js';

/** What a mail says, in one language. A further language is a further `Words`, and its code in `wordsOf`. */
interface Words {
  readonly language: string;
  readonly hello: (name: string) => string;
  readonly regards: string;
  readonly until: (moment: string) => string;
  readonly kinds: {
    readonly [K in AccountMail['kind']]: {
      readonly subject: (tenant: string) => string;
      readonly text: (tenant: string) => string;
      /** On the button; null where there is no link. */
      readonly action: string | null;
      /** For who did not ask for it. */
      readonly otherwise: string;
    };
  };
}

const english: Words = {
  language: 'en',
  hello: (name) => (name === '' ? 'Hello,' : `Hello ${name},`),
  regards: 'Kind regards',
  until: (moment) => `The link can be used once, until ${moment}.`,
  kinds: {
    invitation: {
      subject: (tenant) => `Invitation to ${tenant}`,
      text: (tenant) => `You have been invited to work with ${tenant}.`,
      action: 'Accept the invitation',
      otherwise: 'If you do not know what this is about, you can ignore this mail.',
    },
    password_reset: {
      subject: (tenant) => `Your password at ${tenant}`,
      text: (tenant) => `Somebody asked for a new password for your account at ${tenant}.`,
      action: 'Choose a new password',
      otherwise: 'If it was not you, you can ignore this mail: your password stays as it is.',
    },
    email_change: {
      subject: (tenant) => `Confirm your e-mail address at ${tenant}`,
      text: (tenant) => `This address is to become the one of your account at ${tenant}.`,
      action: 'Confirm this address',
      otherwise: 'If you did not ask for it, you can ignore this mail: nothing changes.',
    },
    email_changed: {
      subject: (tenant) => `Your e-mail address at ${tenant} was changed`,
      text: (tenant) => `The e-mail address of your account at ${tenant} is a new one now. This one is no longer used.`,
      action: null,
      otherwise: 'If you did not do this, tell the administrator of your company at once.',
    },
    password_changed: {
      subject: (tenant) => `Your password at ${tenant} was changed`,
      text: (tenant) => `The password of your account at ${tenant} was changed.`,
      action: null,
      otherwise: 'If you did not do this, tell the administrator of your company at once.',
    },
  },
};

const languages: readonly Words[] = [english];

const wordsOf = (locale: string): Words =>
  languages.find(({ language }) => locale.toLowerCase().split('-')[0] === language) ?? english;

/** In the words' language, in UTC and saying so: nobody here knows where the reader is. */
const momentOf = (words: Words, instant: string): string =>
  new Intl.DateTimeFormat(words.language, { dateStyle: 'long', timeStyle: 'long', timeZone: 'UTC' }).format(
    new Date(instant),
  );

export function renderAccountMail(mail: AccountMail): { subject: string; text: string; html: string } {
  const words = wordsOf(mail.locale);
  const said = words.kinds[mail.kind];
  const subject = said.subject(mail.tenant_name);
  const hello = words.hello(mail.to.name);
  const intro = said.text(mail.tenant_name);
  const until = mail.expires_at === null ? null : words.until(momentOf(words, mail.expires_at));
  const { link } = mail;
  const paragraphs = [
    hello,
    intro,
    ...(link === null ? [] : [`${said.action ?? ''}:\n${link}`, until ?? '']),
    said.otherwise,
  ];
  const text = `${paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')}\n\n${words.regards}\n${mail.tenant_name}\n`;
  const action =
    link === null
      ? null
      : html`<p><a href="${link}">${said.action}</a></p>
`;
  const page = html`<!doctype html>
<html lang="${words.language}">
<head><meta charset="utf-8"><title>${subject}</title></head>
<body style="font-family: sans-serif">
<p>${hello}</p>
<p>${intro}</p>
${action}${
  until === null
    ? null
    : html`<p>${until}</p>
`
}<p>${said.otherwise}</p>
<p>${words.regards}<br>${mail.tenant_name}</p>
</body>
</html>
`;
  return { subject, text, html: page.text };
}
