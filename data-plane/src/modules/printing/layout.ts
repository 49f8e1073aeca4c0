import type { Column, Content, TableCell, TDocumentDefinitions } from 'pdfmake/interfaces.js';
import { type Formats, formatsOf } from './formats.js';
import type {
  PrintedAddress,
  PrintedDecoration,
  PrintedDocument,
  PrintedLine,
  PrintedSize,
} from './printed-document.js';
import { type Words, wordsOf } from './words.js';

/** Text goes in as `text` members only: nothing that a customer or a product is called can become markup. */
interface Pen {
  readonly words: Words;
  readonly formats: Formats;
}

const grey = '#5f6b76';
const rule = '#d5dbe1';
const ink = '#1b2733';

/** A4, what pdfmake lays out. */
export function layOut(document: PrintedDocument): TDocumentDefinitions {
  const pen: Pen = { words: wordsOf(document.locale), formats: formatsOf(document.locale, document.currency) };
  const { words } = pen;
  const title = [words[document.kind], document.number].filter(Boolean).join(' ');
  return {
    pageSize: 'A4',
    pageMargins: [48, 48, 48, 64],
    info: { title, author: document.issuer.name },
    defaultStyle: { font: 'Roboto', fontSize: 9, color: ink, lineHeight: 1.25 },
    ...(document.mark && {
      watermark: { text: words.marks[document.mark], color: '#c2410c', opacity: 0.12, bold: true },
    }),
    content: [
      letterhead(document),
      { text: title, fontSize: 20, bold: true, margin: [0, 28, 0, 10] },
      introduction(document, pen),
      lines(document.lines, pen),
      totals(document, pen),
      ...terms(document, pen),
    ],
    footer: (current, of) => footer(document, pen, current, of),
  };
}

function letterhead({ issuer }: PrintedDocument): Content {
  const address: Column = {
    stack: [{ text: issuer.name, bold: true, fontSize: 11 }, ...addressLines(issuer.address)],
    alignment: 'right',
    width: '*',
  };
  if (!issuer.logo) return { columns: [address] };
  // pdfmake reads the picture from a data URL; the resolver of other addresses is switched off.
  const image = `data:image/png;base64,${Buffer.from(issuer.logo).toString('base64')}`;
  return { columns: [{ image, fit: [170, 64], width: 170 }, address] };
}

function addressLines(address: PrintedAddress | null): Content[] {
  if (!address) return [];
  const { recipient, line1, line2, postal_code, city, region, country } = address;
  const town = [postal_code, city].filter(Boolean).join(' ');
  return [recipient, line1, line2, [town, region].filter(Boolean).join(', '), country]
    .filter((line) => line !== undefined && line !== '')
    .map((line) => ({ text: line ?? '' }));
}

function introduction(document: PrintedDocument, { words, formats }: Pen): Content {
  const { customer, issuedOn, validUntil, dueOn, revision, issuer } = document;
  const facts: (readonly [string, string])[] = [[words.date, formats.date(issuedOn)]];
  if (revision > 1) facts.push([words.revision, formats.count(revision)]);
  if (validUntil) facts.push([words.validUntil, formats.date(validUntil)]);
  if (dueOn) facts.push([words.dueOn, formats.date(dueOn)]);
  if (issuer.taxNumber) facts.push([words.taxNumber, issuer.taxNumber]);
  // The recipient of an address says again who it is for.
  const address = customer.address && { ...customer.address };
  if (address?.recipient === customer.name) delete address.recipient;
  return {
    columns: [
      {
        width: '*',
        stack: [{ text: words.to, color: grey }, { text: customer.name, bold: true }, ...addressLines(address)],
      },
      {
        width: 'auto',
        layout: 'noBorders',
        table: {
          body: facts.map(([name, value]): TableCell[] => [
            { text: name, color: grey },
            { text: value, alignment: 'right' },
          ]),
        },
      },
    ],
    margin: [0, 0, 0, 18],
  };
}

/** A rule under the head and under each line; none between a line and its fees. */
const underlined = (firstRows: ReadonlySet<number>) => ({
  hLineWidth: (row: number) => (firstRows.has(row) ? 0.5 : 0),
  vLineWidth: () => 0,
  hLineColor: () => rule,
  paddingTop: (row: number) => (firstRows.has(row) || row === 0 ? 6 : 0),
  paddingBottom: () => 5,
  paddingLeft: (column: number) => (column === 0 ? 0 : 6),
  paddingRight: (column: number) => (column === 4 ? 0 : 6),
});

function lines(all: readonly PrintedLine[], pen: Pen): Content {
  const { words } = pen;
  const head = (text: string, alignment: 'left' | 'right'): TableCell => ({
    text,
    alignment,
    color: grey,
    fontSize: 8,
  });
  const firstRows = new Set<number>();
  const body: TableCell[][] = [
    [
      head(words.position, 'left'),
      head(words.description, 'left'),
      head(words.quantity, 'right'),
      head(words.unitPrice, 'right'),
      head(words.amount, 'right'),
    ],
  ];
  for (const line of all) {
    firstRows.add(body.length);
    body.push(...lineRows(line, pen));
  }
  // A line stays on one page with its sizes where it can.
  const dontBreakRows = all.every((line) => line.sizes.length <= 30);
  return {
    layout: underlined(firstRows),
    table: { headerRows: 1, dontBreakRows, widths: [22, '*', 44, 66, 70], body },
  };
}

function lineRows(line: PrintedLine, pen: Pen): TableCell[][] {
  const { words, formats } = pen;
  const right = (text: string): TableCell => ({ text, alignment: 'right' });
  const rows: TableCell[][] = [
    [
      { text: String(line.position), color: grey },
      {
        stack: [
          { text: line.name, bold: true },
          { text: line.code, color: grey, fontSize: 8 },
          ...line.decorations.map((decoration) => ({ text: decorationText(decoration, pen) })),
          sizes(line.sizes, pen),
        ],
      },
      right(formats.count(line.quantity)),
      right(formats.unitPrice(line.unitPrice)),
      right(formats.money(line.piecesTotal)),
    ],
  ];
  for (const fee of line.fees) {
    const text = [words.fees[fee.kind] ?? words.otherFee, fee.location].filter(Boolean).join(', ');
    rows.push(['', { text, margin: [10, 0, 0, 0] }, '', '', right(formats.money(fee.amount))]);
  }
  if (line.fees.length > 0)
    rows.push(['', '', '', '', { text: formats.money(line.lineTotal), alignment: 'right', bold: true }]);
  return rows;
}

function decorationText(decoration: PrintedDecoration, { words, formats }: Pen): string {
  const { process, location, design, colours, stitches, widthMm, heightMm } = decoration;
  return [
    `${words.processes[process] ?? process}, ${location}`,
    colours === null ? null : words.colours(colours),
    stitches === null ? null : words.stitches(formats.count(stitches)),
    widthMm === null || heightMm === null ? null : `${formats.count(widthMm)} × ${formats.count(heightMm)} mm`,
    design,
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

/** Sizes that agree in everything but the last option go on one row: `navy   S 12 · M 40 · L 40`. */
function sizes(all: readonly PrintedSize[], { formats }: Pen): Content {
  const rows = new Map<string, PrintedSize[]>();
  for (const size of all) {
    const values = Object.values(size.options);
    const key = `${values.slice(0, -1).join(' / ')} ${size.unitPrice}`;
    rows.set(key, [...(rows.get(key) ?? []), size]);
  }
  const severalPrices = new Set(all.map((size) => size.unitPrice)).size > 1;
  return {
    margin: [0, 3, 0, 0],
    stack: [...rows.values()].map((row): Content => {
      const [first] = row;
      const common = first ? Object.values(first.options).slice(0, -1).join(' / ') : '';
      const price = severalPrices && first ? `   ${formats.unitPrice(first.unitPrice)}` : '';
      return {
        fontSize: 8,
        text: [
          { text: common ? `${common}   ` : '', color: grey },
          row
            .map((size) => `${Object.values(size.options).at(-1) ?? size.sku} ${formats.count(size.quantity)}`)
            .join('  ·  '),
          { text: price, color: grey },
        ],
      };
    }),
  };
}

function totals(document: PrintedDocument, { words, formats }: Pen): Content {
  const row = (name: string, amount: string, bold = false): TableCell[] => [
    { text: name, bold, ...(!bold && { color: grey }) },
    { text: formats.money(amount), alignment: 'right', bold, ...(bold && { fontSize: 12 }) },
  ];
  const hasDiscount = Number(document.discount) > 0;
  const body: TableCell[][] = [row(words.subtotal, document.subtotal)];
  if (hasDiscount) body.push(row(words.discount, `-${document.discount}`));
  for (const { taxClass, percent, taxable, tax } of document.taxes) {
    body.push(row(words.tax(taxClass, formats.percent(percent), formats.money(taxable)), tax));
  }
  if (document.taxes.length === 0) body.push([{ text: words.noTax, color: grey, colSpan: 2, alignment: 'right' }, '']);
  body.push(row(words.total, document.total, true));
  if (document.depositDue) body.push(row(words.deposit, document.depositDue));
  return {
    margin: [0, 14, 0, 0],
    // The totals belong together.
    unbreakable: true,
    columns: [
      { width: '*', text: '' },
      { width: 290, layout: 'noBorders', table: { widths: ['*', 'auto'], body } },
    ],
  };
}

const terms = ({ terms: text }: PrintedDocument, { words }: Pen): Content[] =>
  text
    ? [
        { text: words.terms, bold: true, margin: [0, 24, 0, 4] },
        { text, fontSize: 8, color: grey },
      ]
    : [];

function footer({ issuer, number }: PrintedDocument, { words }: Pen, current: number, of: number): Content {
  return {
    margin: [48, 20, 48, 0],
    fontSize: 8,
    color: grey,
    columns: [
      { text: [issuer.name, issuer.taxNumber].filter(Boolean).join(' · ') },
      { text: [number, words.page(current, of)].filter(Boolean).join(' · '), alignment: 'right' },
    ],
  };
}
