import sharp from 'sharp';
import t from 'tap';
import { formatsOf } from './formats.js';
import { layOut } from './layout.js';
import type { PrintedDocument } from './printed-document.js';
import { createPrinter } from './printer.js';
import { sampleDocument, sampleLine } from './samples.js';
import { wordsOf } from './words.js';

/** Every text of a layout, in order. */
function textsOf(node: unknown): string[] {
  if (typeof node === 'string') return [node];
  if (Array.isArray(node)) return node.flatMap(textsOf);
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    ['text', 'stack', 'columns', 'table', 'body', 'content'].includes(key) ? textsOf(value) : [],
  );
}
const printed = (document: PrintedDocument) => textsOf(layOut(document).content).join('\n');

t.test('amounts are written exactly, as the locale has them', async (t) => {
  const euro = formatsOf('de-DE', 'EUR');
  t.equal(euro.money('1234567890123.4500'), '1.234.567.890.123,45\u00a0€');
  t.equal(euro.unitPrice('4.2550'), '4,255\u00a0€', 'a unit price keeps its further decimals');
  t.equal(formatsOf('ja-JP', 'JPY').money('1500.0000'), '￥1,500');
  t.equal(formatsOf('en', 'KWD').money('1.2340'), 'KWD\u00a01.234');
  t.equal(formatsOf('not a locale', 'EUR').money('1.0000'), '€1.00');
  t.equal(formatsOf('en-IE', 'EUR').date('2026-12-31'), '31 December 2026');
  t.equal(wordsOf('de-AT').quote, 'Angebot');
  t.equal(wordsOf('fr').quote, 'Quote');
});

t.test('a quote says what a shop must say', async (t) => {
  const text = printed(sampleDocument);
  for (const said of [
    'Quote Q-2026-00042',
    'Acme Print GmbH',
    'DE 123 456 788',
    'Harbor Rowing Club',
    'Ada Łukasz',
    '31 March 2026',
    'Screen print, front · 3 colours · Rowing Club crest',
    'Embroidery, left sleeve · 8,400 stitches',
    'S 24  ·  M 24  ·  L 24  ·  XL 24',
    'Screens, front',
    '€100.00',
    '€3,073.00',
    'Tax, standard 19 % on €3,073.00',
    '€583.87',
    '€3,884.51',
    'Deposit due',
    'Artwork is printed as approved.',
  ]) {
    t.ok(text.includes(said), said);
  }
  t.notOk(printed({ ...sampleDocument, discount: '0.0000' }).includes('Discount'));
  t.ok(printed({ ...sampleDocument, taxes: [] }).includes('No tax is charged'));
  t.match(layOut({ ...sampleDocument, mark: 'draft' }).watermark, { text: 'DRAFT' });
});

t.test('PDF', async (t) => {
  const printer = createPrinter({ maxQueue: 8 });
  t.teardown(() => printer.close());
  const pagesOf = (pdf: Buffer) => Number(/\/Count (\d+)/.exec(pdf.toString('latin1'))?.[1]);

  const pdf = await printer.print(sampleDocument, 'tenant');
  t.equal(pdf.subarray(0, 5).toString(), '%PDF-');
  t.equal(pagesOf(pdf), 1);

  const long = { ...sampleDocument, lines: Array.from({ length: 40 }, (_, i) => ({ ...sampleLine, position: i + 1 })) };
  t.ok(pagesOf(await printer.print(long, 'tenant')) > 5, 'lines go on to further pages');

  const hostile = '<script>alert(1)</script> {{7*7}} \u202e\u0000 \ud800 {{image}}';
  const odd = { ...sampleDocument, customer: { name: hostile, address: null }, terms: hostile };
  t.equal((await printer.print(odd, 'tenant')).subarray(0, 5).toString(), '%PDF-', 'names are text, whatever they say');

  const logo = await sharp({ create: { width: 60, height: 20, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const branded = await printer.print({ ...sampleDocument, issuer: { ...sampleDocument.issuer, logo } }, 'tenant');
  t.match(branded.toString('latin1'), /\/Subtype \/Image/, 'the logo is in it');
  t.notMatch(pdf.toString('latin1'), /\/Subtype \/Image/);

  const flood = Array.from({ length: 6 }, () => printer.print(sampleDocument, 'flooding'));
  const other = printer.print(sampleDocument, 'other');
  const outcomes = await Promise.allSettled(flood);
  t.ok(
    outcomes.some((outcome) => outcome.status === 'rejected'),
    'one tenant fills its own part of the queue',
  );
  t.match(
    outcomes.find((outcome) => outcome.status === 'rejected'),
    { reason: { code: 'busy' } },
  );
  t.equal(pagesOf(await other), 1, 'which refuses nobody else');
});
