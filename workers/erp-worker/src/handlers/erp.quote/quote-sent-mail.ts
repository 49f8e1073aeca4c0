import type { OutputOf } from '@platen/schema/contract';
import type { quoteMail } from '@platen/schema/contracts/internal/quote-mail';
import { type Html, html } from '../../mail/html.js';

export type QuoteMail = OutputOf<typeof quoteMail.get>;
type Money = QuoteMail['total'];

/** The words are English for now; dates and numbers follow the organization's locale. */
function formatsOf(locale: string) {
  const known = isKnown(locale) ? locale : 'en';
  const date = new Intl.DateTimeFormat(known, { dateStyle: 'long', timeZone: 'UTC' });
  return {
    // A decimal text is formatted exactly, without becoming a float; the lib's type wants it spelled as a literal.
    money: ({ amount, currency }: Money) =>
      new Intl.NumberFormat(known, { style: 'currency', currency }).format(amount as `${number}`),
    date: (day: string) => date.format(new Date(`${day}T00:00:00Z`)),
  };
}

function isKnown(locale: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(locale).length > 0;
  } catch {
    return false;
  }
}

/** `12.0000` pieces are 12. */
const plain = (quantity: string): string => (quantity.includes('.') ? quantity.replace(/\.?0+$/, '') : quantity);

const isZero = (money: Money): boolean => /^-?[0.]*$/.test(money.amount);

const invitation = 'See the whole quote, and accept or reject it, here';

export function renderQuoteMail(quote: QuoteMail): { subject: string; text: string; html: string } {
  const { money, date } = formatsOf(quote.locale);
  const totals: [string, Money][] = [
    ['Subtotal', quote.subtotal],
    ...(isZero(quote.discount) ? [] : [['Discount', quote.discount] satisfies [string, Money]]),
    ['Tax', quote.tax],
    ['Total', quote.total],
    ...(quote.deposit_due === null ? [] : [['Deposit due', quote.deposit_due] satisfies [string, Money]]),
  ];
  const intro = `thank you for your enquiry. Here is our quote ${quote.number}, valid until ${date(quote.valid_until)}.`;
  const subject = `Quote ${quote.number} from ${quote.from_name}`;
  const text = [
    `Hello ${quote.to.name},`,
    '',
    intro,
    '',
    ...quote.lines.map(
      (line) =>
        `${plain(line.quantity)} x ${line.product_name} at ${money(line.unit_price)}: ${money(line.line_total)}`,
    ),
    '',
    ...totals.map(([label, amount]) => `${label}: ${money(amount)}`),
    '',
    ...(quote.link === null ? [] : [`${invitation}:`, quote.link, '']),
    'Kind regards',
    quote.from_name,
    '',
  ].join('\n');
  return { subject, text, html: page(subject, body(quote, intro, totals, money)).text };
}

function body(quote: QuoteMail, intro: string, totals: [string, Money][], money: (amount: Money) => string): Html {
  const lines = quote.lines.map(
    (line) => html`<tr><td>${line.product_name}</td><td align="right">${plain(line.quantity)}</td>
<td align="right">${money(line.unit_price)}</td><td align="right">${money(line.line_total)}</td></tr>
`,
  );
  const sums = totals.map(
    ([label, amount]) => html`<tr><td colspan="3">${label}</td><td align="right">${money(amount)}</td></tr>
`,
  );
  return html`<p>Hello ${quote.to.name},</p>
<p>${intro}</p>
<table cellpadding="6">
<thead><tr><th align="left">Product</th><th align="right">Quantity</th><th align="right">Price</th><th align="right">Amount</th></tr></thead>
<tbody>
${lines}</tbody>
<tfoot>
${sums}</tfoot>
</table>
${
  quote.link === null
    ? []
    : [
        html`<p><a href="${quote.link}">${invitation}</a></p>
`,
      ]
}<p>Kind regards<br>${quote.from_name}</p>`;
}

const page = (title: string, content: Html): Html => html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title></head>
<body style="font-family: sans-serif">
${content}
</body>
</html>
`;
