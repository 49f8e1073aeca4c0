import { accountMailKinds } from '@platen/schema/contracts/internal/account-mails';
import { test } from 'tap';
import { type Letter, renderText } from '../mail/letter.js';
import { renderHtml } from '../mail/letter-html.js';
import { sampleAccountMail, sampleOrder, sampleQuote } from '../planes.fixture.js';
import { orderLetter } from './erp.order/order-letter.js';
import { quoteLetter } from './erp.quote/quote-letter.js';
import { accountLetter } from './platform.user/account-letter.js';

const read = (letter: Letter) => ({ subject: letter.subject, text: renderText(letter), html: renderHtml(letter) });
const english = { ...sampleAccountMail, locale: 'en' };

test('a quote: the text says what the quote says', async (t) => {
  const { subject, text } = read(quoteLetter(sampleQuote));
  t.equal(subject, 'Quote Q-2026-0001 from Acme "Prints"');
  t.match(text, 'valid until December 31, 2026');
  t.match(text, '10 x T-shirt & print at €10.50: €105.00');
  t.match(text, 'Discount: €5.00');
  t.match(text, 'Total: €119.00');
  t.notMatch(text, 'Deposit');
});

test('a quote leads to the page where it is accepted', async (t) => {
  const { text, html } = read(quoteLetter(sampleQuote));
  t.match(text, `here:\n${sampleQuote.link}\n`);
  t.match(html, `<a href="${sampleQuote.link}"`);
  t.notMatch(read(quoteLetter({ ...sampleQuote, link: null })).html, '<a');
});

test('an order: its number, its lines, what is due and when, with and without', async (t) => {
  const { subject, text, html } = read(orderLetter(sampleOrder));
  t.equal(subject, 'Order O-2026-0001 at Acme "Prints"');
  t.match(text, '10 x T-shirt & print at €10.50: €105.00');
  t.match(text, 'Deposit due: €59.50');
  t.match(text, 'once the deposit of €59.50 has arrived');
  t.match(text, 'ready by March 20, 2026');
  t.notMatch(html, '<a');
  const bare = read(orderLetter({ ...sampleOrder, deposit_due: null, due_on: null }));
  t.notMatch(bare.text, /deposit|ready by|null/i);
});

test('in German, of a German shop', async (t) => {
  const quote = read(quoteLetter({ ...sampleQuote, locale: 'de-DE' }));
  t.equal(quote.subject, 'Angebot Q-2026-0001 von Acme "Prints"');
  t.match(quote.text, /^Guten Tag Ada <Ltd>!\n/);
  t.match(quote.text, 'gültig bis 31. Dezember 2026');
  t.match(quote.text, /10 x T-shirt & print zu je 10,50\s€: 105,00\s€/);
  t.match(quote.html, '<html lang="de"');
  t.match(read(orderLetter({ ...sampleOrder, locale: 'de-AT' })).text, 'bis 20. März 2026 fertig');
  t.match(read(accountLetter(sampleAccountMail)).subject, 'Einladung zu Acme "Prints"');
});

test('a mail about an account: each kind says what happened, and leads where its link leads', async (t) => {
  const subjects = new Set<string>();
  for (const kind of accountMailKinds) {
    const { subject, text, html } = read(accountLetter({ ...english, kind }));
    subjects.add(subject);
    t.match(subject, 'Acme "Prints"');
    const only = kind === 'email_changed' || kind === 'password_changed';
    t.equal(text.includes(english.link ?? ''), !only, kind);
    t.equal(html.includes(`href="${english.link}"`), !only, kind);
    t.equal(/until March 8, 2026 at 9:30:00\sAM UTC/.test(text), !only, kind);
    t.notMatch(text, 'null');
  }
  t.equal(subjects.size, accountMailKinds.length);
});

test('names are text in HTML, and greeted where they are known', async (t) => {
  const name = '<img src=x onerror=alert(1)>\'&"';
  const link = 'https://acme.example/#"><script>';
  const pages = [
    quoteLetter({ ...sampleQuote, to: { name, email: 'a@b.c' }, from_name: name, link }),
    orderLetter({ ...sampleOrder, to: { name, email: 'a@b.c' }, from_name: name, number: name }),
    accountLetter({ ...english, to: { name, email: 'a@b.c' }, tenant_name: name, link }),
  ].map(read);
  for (const { html, text } of pages) {
    t.notMatch(html, /<img|<script|"><s/);
    t.match(html, '&lt;img src=x onerror=alert(1)&gt;&#39;&amp;&quot;');
    t.match(text, `Hello ${name},`);
  }
  t.match(read(accountLetter(english)).text, /^Hello,\n/);
});
