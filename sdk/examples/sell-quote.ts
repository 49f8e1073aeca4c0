import { randomUUID } from 'node:crypto';
import type { Answer, Client } from '@platen/sdk';
import type { Basket } from './choose-basket.js';
import { checkFigures, formatAmount, type Money, mustEqual, parseAmount, roundAmount } from './figures.js';
import { printReceipt, showMoney } from './print-receipt.js';
import { given, type Walk } from './walk.js';

export type Quote = Answer<Client['erp']['quotes']['get']>;
type Decorations = Quote['lines'][number]['decorations'];

/** Of the first line and the second: the crest printed in three colours, and stitched. */
const decorations: readonly Decorations[] = [
  [{ process: 'screen_print', location: 'front', colours: 3 }],
  [{ process: 'embroidery', location: 'left-chest', stitches: 6_400 }],
];

export async function sellQuote(walk: Walk, { customer, lines }: Basket): Promise<Quote> {
  const { client, print } = walk;
  const design = await client.erp.designs.create({
    code: `crest-${randomUUID()}`,
    name: `${customer.name}: crest`,
    customer_id: customer.id,
    colours: 3,
    stitches: 6_400,
  });
  await uploadArtwork(client, design.id);
  print(`Design ${design.name}: ${design.colours} colours, ${design.stitches} stitches`);
  const basket = {
    customer_id: customer.id,
    lines: lines.map(({ product, variants }, index) => ({
      product_id: product.id,
      design_id: design.id,
      decorations: decorations[index] ?? [],
      sizes: variants.map((variant, nth) => ({ variant_id: variant.id, quantity: index === 0 ? 12 + nth : 5 })),
    })),
  };
  const priced = await client.erp.pricing.price(basket);
  checkFigures(priced);
  print(`Priced for ${customer.name}${customer.customer_group ? ` (group ${customer.customer_group})` : ''}`);
  for (const [index, line] of priced.lines.entries()) printReceipt(line, lines[index]?.product.name ?? '', print);
  printTotals(priced, print);

  const { currency } = priced;
  const tenths = (count: bigint) => ({
    amount: formatAmount(roundAmount((parseAmount(priced.total.amount) * count) / 10n, 2)),
    currency,
  });
  const draft = await client.erp.quotes.create({ ...basket, deposit_due: tenths(5n) });
  checkFigures(draft);
  sameFigures('The quote', draft, priced);
  for (const [index, line] of draft.lines.entries()) {
    mustEqual('The hash of a receipt priced twice', line.receipt_hash, priced.lines[index]?.receipt_hash ?? null);
  }
  mustEqual('The draft', draft.status, 'draft');

  // Each step rests on the version that the last one answered: somebody else's change in between would be a 412.
  const sent = await client.erp.quotes.send({ id: draft.id }, { ifMatch: draft });
  mustEqual('The quote', sent.status, 'sent');
  print(`Quote ${given('Its number', sent.number)} sent to ${customer.email}, valid until ${sent.valid_until}`);
  const revised = await reviseQuote(walk, sent, tenths(3n));
  const accepted = await client.erp.quotes.accept({ id: revised.id }, { ifMatch: revised });
  mustEqual('The quote', accepted.status, 'accepted');
  print('Accepted by the customer');
  return accepted;
}

/** A crest of one dot: what is approved later is the file with this hash. */
async function uploadArtwork(client: Client, designId: string): Promise<void> {
  const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  const file = await client.erp.files.upload({
    owner_kind: 'design',
    owner_id: designId,
    file: new Blob([Buffer.from(dot, 'base64')], { type: 'image/png' }),
    file_name: 'crest.png',
  });
  await client.erp.designs.update({ id: designId, file_id: file.id });
}

/** Half of it in advance was too much for the customer: a revision takes the quote's place, under its number. */
async function reviseQuote({ client, print }: Walk, sent: Quote, deposit: Money): Promise<Quote> {
  const quote = await client.erp.quotes.revise({ id: sent.id, deposit_due: deposit }, { ifMatch: sent });
  mustEqual('The revision’s number', quote.number, sent.number);
  mustEqual('The revision’s predecessor', quote.supersedes_id, sent.id);
  mustEqual('The first quote', (await client.erp.quotes.get({ id: sent.id })).status, 'superseded');
  sameFigures('The revision', quote, sent);
  const again = await client.erp.quotes.send({ id: quote.id }, { ifMatch: quote });
  print(`Revision ${again.revision} sent: a deposit of ${showMoney(deposit)}`);
  return again;
}

interface Totals {
  readonly subtotal: Money;
  readonly discount: Money;
  readonly tax: Money;
  readonly total: Money;
}

export function sameFigures(what: string, is: Totals, shouldBe: Totals): void {
  for (const figure of ['subtotal', 'discount', 'tax', 'total'] as const) {
    mustEqual(`${what}’s ${figure}`, showMoney(is[figure]), showMoney(shouldBe[figure]));
  }
}

function printTotals({ subtotal, discount, tax, total }: Totals, print: (text: string) => void): void {
  print(`  Subtotal ${showMoney(subtotal)}, discount ${showMoney(discount)}, tax ${showMoney(tax)}`);
  print(`  Total ${showMoney(total)}`);
}
