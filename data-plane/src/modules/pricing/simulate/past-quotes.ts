import { dateIn } from '../../documents/index.js';
import type { Basket, BasketLine } from '../engine/basket.js';
import type { CompiledRuleSet } from '../engine/compile.js';
import { basketDecoration } from '../engine/decoration.js';
import { priceBasket } from '../engine/price-basket.js';
import { PricingRefusal } from '../engine/refusal.js';
import type { PastLine, PastQuote, Todays } from './repo.js';
import type { Simulation } from './service.js';
import { type ComparedLine, compareLines, costOf, type createTallies, netSum } from './tally.js';

type Document = Simulation['documents'][number];
/** Net prices are compared. */
const untaxed = { taxRounding: 'document', taxRates: new Map([['none', '0']]) } as const;

/** Each quote by other rules, on its own day; may be interrupted after any of them. */
export function* repriceQuotes(
  rules: CompiledRuleSet,
  quotes: readonly PastQuote[],
  todays: Todays,
  timeZone: string,
  tallies: ReturnType<typeof createTallies>,
): Generator<void, Document[]> {
  const documents: Document[] = [];
  for (const quote of quotes) {
    documents.push(reprice(rules, quote, todays, timeZone, tallies));
    yield;
  }
  return documents;
}

function reprice(
  rules: CompiledRuleSet,
  quote: PastQuote,
  todays: Todays,
  timeZone: string,
  tallies: ReturnType<typeof createTallies>,
): Document {
  const { currency } = rules;
  const head = { quote_id: quote.id, number: quote.number, customer_id: quote.customer.id };
  try {
    const basket: Basket = {
      priceOn: dateIn(timeZone, new Date(quote.created_at)),
      dueOn: quote.due_on,
      currency,
      customer: { ...quote.customer, taxExempt: true },
      lines: quote.lines.map((line, index) => lineOf(line, index, todays, currency)),
    };
    const priced = priceBasket(rules, basket, untaxed);
    const lines = quote.lines.map(
      (line, index): ComparedLine => ({
        productId: line.product_id,
        pieces: line.sizes.reduce((sum, size) => sum + size.quantity, 0),
        old: line.line_total,
        new: priced.lines[index]?.lineTotal ?? '0',
        cost: costOf(basket.lines[index]?.sizes ?? []),
      }),
    );
    tallies.addDocument(quote.customer.id, lines);
    return { ...head, comparison: compareLines(lines, currency), refusal: null };
  } catch (error) {
    if (!(error instanceof PricingRefusal)) throw error;
    tallies.addDocument(quote.customer.id, []);
    const old = { amount: netSum(quote.lines.map((line) => line.line_total)), currency };
    const unknown = { new: null, difference: null, cost: null, old_margin: null, new_margin: null };
    return { ...head, comparison: { old, ...unknown }, refusal: error.message };
  }
}

/** As it is sold today. @throws PricingRefusal when it is priced in another currency by now */
function lineOf(line: PastLine, index: number, { products, variants }: Todays, currency: string): BasketLine {
  const product = products.get(line.product_id);
  if (!product || product.currency !== currency) {
    const message = `The product is priced in ${product?.currency ?? 'no currency'} today`;
    throw new PricingRefusal('currency_mismatch', index, message);
  }
  return {
    productId: product.id,
    categoryId: product.category_id,
    taxClass: 'none',
    basePrice: product.base_price,
    designId: line.design_id ?? null,
    decorations: (line.decorations ?? []).map(basketDecoration),
    sizes: line.sizes.map((size) => {
      const variant = variants.get(size.variant_id);
      return {
        variantId: size.variant_id,
        quantity: size.quantity,
        priceDelta: variant?.price_delta ?? '0.0000',
        cost: variant?.cost ?? null,
        options: variant?.option_values ?? {},
      };
    }),
  };
}
