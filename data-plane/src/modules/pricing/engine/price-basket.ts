import type { Basket, LineAmounts, PricedBasket, PricedLine, TaxSettings } from './basket.js';
import type { CompiledRuleSet } from './compile.js';
import { countPieces, dayContext, type PlannedLine, quantityOf } from './counts.js';
import { add, compare, type Exact, formatExact, zero } from './exact.js';
import { type Elsewhere, shareFees } from './fees.js';
import type { LineRun } from './line-run.js';
import { finishLine, runLine } from './price-line.js';
import { PricingRefusal } from './refusal.js';
import { computeTax } from './tax.js';

const limit: Exact = { units: 10 ** 14, scale: 0 };
/** Characters of a basket's receipts about rules: a tenth of it is a lot, and what is more holds up everybody. */
const maxRecordLength = 10_000_000;

/**
 * Prices and receipts of a basket. The same rule-set version, basket and settings give the same bytes; the order of the
 * lines changes no line's price and no sum. Throws PricingRefusal when no price can be given.
 */
export function priceBasket(compiled: CompiledRuleSet, basket: Basket, settings: TaxSettings): PricedBasket {
  if (basket.currency !== compiled.currency) {
    const message = `The price list in force is in ${compiled.currency}, the basket in ${basket.currency}`;
    throw new PricingRefusal('currency_mismatch', null, message);
  }
  const lines: PricedLine[] = [];
  const amounts: LineAmounts[] = [];
  let net = zero;
  let discount = zero;
  const runs = runLines(compiled, basket);
  const elsewhere = shareFees(runs);
  for (const [index, run] of runs.entries()) {
    const priced = finishLine(run, elsewhere[index] as Elsewhere);
    lines.push(priced.line);
    amounts.push({ total: priced.total, discount: priced.discount, taxClass: run.line.taxClass });
    net = add(net, priced.total);
    discount = add(discount, priced.discount);
  }
  const { tax, shares } = computeTax(amounts, settings, basket.customer?.taxExempt ?? false, compiled.minorDigits);
  const total = add(net, tax);
  const subtotal = add(net, discount);
  if (compare(total, limit) >= 0 || compare(subtotal, limit) >= 0) {
    throw new PricingRefusal('amount_out_of_range', null, 'The total has more than 14 digits');
  }
  return {
    currency: basket.currency,
    ruleSetVersionId: compiled.id,
    lines,
    subtotal: formatExact(subtotal),
    discount: formatExact(discount),
    tax: formatExact(tax),
    total: formatExact(total),
    taxes: shares,
  };
}

function runLines(compiled: CompiledRuleSet, basket: Basket): LineRun[] {
  const { customer } = basket;
  const buyer = customer && { id: customer.id, group: customer.group };
  const planned = basket.lines.map((line): PlannedLine => {
    const { productId, categoryId, decorations } = line;
    const plan = compiled.planFor({ productId, categoryId, decorations, buyer });
    return { line, plan, quantity: quantityOf(line) };
  });
  const countsOf = countPieces(planned);
  const { priceOn, dueOn, days } = dayContext(basket);
  let recordLength = 0;
  return planned.map((it, index) => {
    // Members are named: an object made by spreading is slow to read.
    const context = { compiled, customer: buyer, priceOn, dueOn, days, counts: countsOf(it), index };
    const run = runLine(it.line, it.plan, context);
    recordLength += run.steps.length + run.losers.length;
    if (recordLength > maxRecordLength) {
      const message = 'The receipts of these lines are too long; price them in parts';
      throw new PricingRefusal('price_unavailable', null, message);
    }
    return run;
  });
}
