import { test } from 'tap';
import { english, type TextKey } from './english.js';
import { languages } from './languages.js';
import { phrasebookOf } from './phrasebook.js';

const keys = Object.keys(english) as TextKey[];
const placeholders = (text: string) => (text.match(/\{[^}]*\}/g) ?? []).sort();

test('every language has every text, with what is filled in', async (t) => {
  for (const [language, texts] of Object.entries(languages)) {
    t.same(Object.keys(texts).sort(), [...keys].sort(), language);
    for (const key of keys) {
      t.same(placeholders(texts[key]), placeholders(english[key]), `${language} ${key}`);
      t.equal(texts[key].trim(), texts[key]);
      t.not(texts[key], '');
    }
  }
});

test('no two languages say the same, but for a word here and there', async (t) => {
  const { en, de } = languages;
  t.same(
    keys.filter((key) => en[key] === de[key]),
    [],
  );
});

test('what is filled in is not filled in again', async (t) => {
  const { say } = phrasebookOf('en');
  t.equal(say('quote.subject', { number: '{from}', from: '$&' }), 'Quote {from} from $&');
});

test('a locale chooses the words and how things are written; one without words is English altogether', async (t) => {
  const written = (locale: string) => {
    const book = phrasebookOf(locale);
    const money = book.money({ amount: '12345678901234.5600', currency: 'EUR' });
    return [book.language, book.date('2026-03-08'), money, book.quantity('1200.0000')].map((text) =>
      text.replaceAll(/\s/g, ' '),
    );
  };
  t.same(written('en'), ['en', 'March 8, 2026', '€12,345,678,901,234.56', '1,200']);
  t.same(written('en-GB'), ['en', '8 March 2026', '€12,345,678,901,234.56', '1,200']);
  t.same(written('de-DE'), ['de', '8. März 2026', '12.345.678.901.234,56 €', '1.200']);
  t.same(written('de-AT'), ['de', '8. März 2026', '€ 12.345.678.901.234,56', '1 200']);
  t.same(written('DE'), written('de-DE'));
  for (const other of ['fr-FR', 'not a locale', '', 'x'.repeat(300)]) t.same(written(other), written('en'), other);
  const { money, moment } = phrasebookOf('de-DE');
  t.match(money({ amount: '119.0000', currency: 'JPY' }), /^119\s¥$/);
  t.match(moment('2026-03-08T09:30:00.000Z'), /^8\. März 2026 .*09:30:00 UTC$/);
});
