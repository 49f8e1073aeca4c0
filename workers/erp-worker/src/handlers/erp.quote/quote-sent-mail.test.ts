import { test } from 'tap';
import { sampleQuote } from '../../planes.fixture.js';
import { renderQuoteMail } from './quote-sent-mail.js';

test('the text says what the quote says', async (t) => {
  const { subject, text } = renderQuoteMail(sampleQuote);
  t.equal(subject, 'Quote Q-2026-0001 from Acme "Prints"');
  t.match(text, 'valid until December 31, 2026');
  t.match(text, '10 x T-shirt & print at €10.50: €105.00');
  t.match(text, 'Discount: €5.00');
  t.match(text, 'Total: €119.00');
  t.notMatch(text, 'Deposit');
});

test('it leads to the page where the quote is accepted', async (t) => {
  const { text, html } = renderQuoteMail(sampleQuote);
  t.match(text, `here:\n${sampleQuote.link}\n`);
  t.match(html, `<a href="${sampleQuote.link}">`);
  t.notMatch(renderQuoteMail({ ...sampleQuote, link: null }).html, '<a');
});

test('what customers and shops call themselves is text in HTML', async (t) => {
  const name = '<script>alert("1")</script>';
  const page = renderQuoteMail({ ...sampleQuote, to: { name, email: 'a@b.c' }, from_name: `${name}'&` }).html;
  t.notMatch(page, '<script');
  t.match(page, '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;');
  t.match(page, 'T-shirt &amp; print');
});

test('amounts are exact, formatted by locale and currency; an unknown locale is English', async (t) => {
  const total = { amount: '12345678901234.5600', currency: 'EUR' };
  t.match(renderQuoteMail({ ...sampleQuote, total }).text, 'Total: €12,345,678,901,234.56');
  t.match(renderQuoteMail({ ...sampleQuote, locale: 'de-DE', total }).text, /Total: 12\.345\.678\.901\.234,56\s€/);
  t.match(renderQuoteMail({ ...sampleQuote, locale: 'not a locale' }).text, 'Total: €119.00');
  const yen = { amount: '119.0000', currency: 'JPY' };
  t.match(renderQuoteMail({ ...sampleQuote, deposit_due: yen }).text, 'Deposit due: ¥119');
});
