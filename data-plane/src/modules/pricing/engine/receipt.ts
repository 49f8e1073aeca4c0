import type { BasketSize } from './basket.js';
import type { LineCounts } from './counts.js';
import { decorationText } from './decoration.js';
import { type Exact, formatExact, integer, multiply } from './exact.js';
import type { Fee } from './fees.js';
import { type FeeDue, type LineRun, normalAmount } from './line-run.js';
import type { NextBreak } from './next-break.js';
import type { PlannedSize } from './plan.js';

/**
 * Writes a line's receipt as RFC 8785 text directly: keys in code-unit order, no spaces, strings as JSON.stringify
 * writes them (the escapes of RFC 8785 section 3.2.2.2), integers only. A test holds every receipt against a general
 * implementation. Text spares building and sorting a tree of objects for each line.
 *
 * Ids, dates, currencies and hashes are of checked patterns and need no escaping; codes and option values may.
 */
export interface Outcome {
  /** By index of the line's sizes. */
  readonly prices: readonly SizePrice[];
  readonly fees: readonly Fee[];
  readonly elsewhere: readonly FeeDue[];
  readonly feeTotal: Exact;
  readonly total: Exact;
  readonly discount: Exact;
  readonly nextBreak: NextBreak | null;
}
export interface SizePrice {
  readonly price: Exact;
  readonly text: string;
}

export const receiptFormat = 'platen-receipt/2';

export function writeReceipt(run: LineRun, outcome: Outcome): string {
  const { line, context } = run;
  const { compiled, customer } = context;
  return (
    `{"base_price":"${normalAmount(line.basePrice)}"` +
    `,"category_id":${idOrNull(line.categoryId)}` +
    `,"considered":[${run.losers}]` +
    `,"counts":${countsText(context.counts)}` +
    `,"currency":"${compiled.currency}"` +
    `,"customer_group":${textOrNull(customer?.group ?? null)}` +
    `,"customer_id":${idOrNull(customer?.id ?? null)}` +
    `,"decorations":[${line.decorations.map(decorationText).join(',')}]` +
    `,"design_id":${idOrNull(line.designId)}` +
    `,"discount":"${formatExact(outcome.discount)}"` +
    `,"due_on":${idOrNull(context.dueOn)}` +
    `,"fee_total":"${formatExact(outcome.feeTotal)}"` +
    `,"fees":[${outcome.fees.map((fee) => `{"amount":"${formatExact(fee.amount)}",${feeText(fee)}`).join(',')}]` +
    `,"fees_elsewhere":[${outcome.elsewhere.map((fee) => `{${feeText(fee)}`).join(',')}]` +
    `,"format":"${receiptFormat}"` +
    `,"line_total":"${formatExact(outcome.total)}"` +
    `,"next_break":${nextBreakText(outcome.nextBreak)}` +
    `,"price_on":"${context.priceOn}"` +
    `,"product_id":"${line.productId}"` +
    `,"quantity":${run.quantity}` +
    `${compiled.receiptText}${sizes(run, outcome.prices)}]` +
    `,"steps":[${run.steps}]}`
  );
}

const idOrNull = (id: string | null): string => (id === null ? 'null' : `"${id}"`);
const textOrNull = (text: string | null): string => (text === null ? 'null' : JSON.stringify(text));

const countsText = ({ product, designs, rules }: LineCounts): string =>
  `{"designs":{${membersOf(designs)}},"product":${product},"rules":{${membersOf(rules)}}}`;

/** Already sorted; keys are ids. */
function membersOf(counts: ReadonlyMap<string, number>): string {
  let text = '';
  for (const [id, pieces] of counts) text += `${text && ','}"${id}":${pieces}`;
  return text;
}

const feeText = ({ entry, designId, location, effect }: Fee): string =>
  `"design_id":${idOrNull(designId)},"effect":"${effect}",${entry.kindText}` +
  `,"location":${textOrNull(location)},${entry.nameText}}`;

const nextBreakText = (next: NextBreak | null): string =>
  next
    ? `{"more":${next.more},"rule_code":${JSON.stringify(next.ruleCode)},"unit_price":"${formatExact(next.unitPrice)}"}`
    : 'null';

function sizes({ line, plan, sizes: planned }: LineRun, prices: readonly SizePrice[]): string {
  let text = '';
  for (let index = 0; index < line.sizes.length; index += 1) {
    const size = line.sizes[index] as BasketSize;
    const { price, text: unitPrice } = prices[index] as SizePrice;
    const total = formatExact(multiply(price, integer(size.quantity)));
    text +=
      `${index > 0 ? ',' : ''}${sizeHead(size, planned[index] as PlannedSize, plan.usesCost)}${size.quantity},"total":"${total}` +
      `","unit_price":"${unitPrice}","variant_id":"${size.variantId}"}`;
  }
  return text;
}

function sizeHead(size: BasketSize, planned: PlannedSize, usesCost: boolean): string {
  const known = usesCost && size.cost !== null;
  if (!known && size.priceDelta === '0.0000') return planned.plainText;
  const cost = known ? `"${normalAmount(size.cost)}"` : 'null';
  return `{"cost":${cost},"options":{${planned.optionsText}},"price_delta":"${normalAmount(size.priceDelta)}","quantity":`;
}
