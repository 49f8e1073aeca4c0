import type { BasketLine, BasketSize } from './basket.js';
import type { Change, DiscountEntry, Entry, TierEntry } from './compile.js';
import { applyChange, basePriceOf, type Decision, type Group, type LineContext, type NextBreak } from './decision.js';
import { type Exact, formatExact, integer, multiply, parseExact } from './exact.js';

/**
 * Writes a line's receipt as RFC 8785 text directly: keys in code-unit order, no spaces, strings as JSON.stringify
 * writes them (the escapes of RFC 8785 section 3.2.2.2), integers only. A test holds every receipt against a general
 * implementation. Text spares building and sorting a tree of objects for each line.
 *
 * Ids, dates, currencies and hashes are of checked patterns and need no escaping; codes and option values may.
 */
export interface Outcome {
  readonly total: Exact;
  readonly discount: Exact;
  readonly nextBreak: NextBreak | null;
}

export const receiptFormat = 'platen-receipt/1';

export function writeReceipt(line: BasketLine, context: LineContext, decision: Decision, outcome: Outcome): string {
  const { compiled, customer } = context;
  const group = customer?.group ?? null;
  return (
    `{"base_price":"${formatExact(decision.cataloguePrice)}"` +
    `,"category_id":${idOrNull(line.categoryId)}` +
    `,"combined_quantity":${context.combinedQuantity}` +
    `,"considered":[${losers(decision, context)}]` +
    `,"currency":"${compiled.currency}"` +
    `,"customer_group":${group === null ? 'null' : JSON.stringify(group)}` +
    `,"customer_id":${idOrNull(customer?.id ?? null)}` +
    `,"discount":"${formatExact(outcome.discount)}"` +
    `,"format":"${receiptFormat}"` +
    `,"line_total":"${formatExact(outcome.total)}"` +
    `,"next_break":${nextBreakText(outcome.nextBreak)}` +
    `,"price_on":"${context.priceOn}"` +
    `,"product_id":"${line.productId}"` +
    `,"quantity":${decision.quantity}` +
    `,"rounding":{"line_total":${compiled.minorDigits},"mode":"half_up","unit_price":${compiled.unitPriceDecimals}}` +
    `,"rule_set_hash":"${compiled.hash}"` +
    `,"rule_set_version_id":"${compiled.id}"` +
    `,"sizes":[${sizes(line, decision)}]` +
    `,"steps":[${decision.groups.map((group) => steps(group, decision, context)).join(',')}]}`
  );
}

const idOrNull = (id: string | null): string => (id === null ? 'null' : `"${id}"`);

const nextBreakText = (next: NextBreak | null): string =>
  next
    ? `{"more":${next.more},"rule_code":${JSON.stringify(next.ruleCode)},"unit_price":"${formatExact(next.unitPrice)}"}`
    : 'null';

function sizes(line: BasketLine, { plan, groupOf }: Decision): string {
  let text = '';
  for (const [index, size] of line.sizes.entries()) {
    const { unitPrice } = groupOf[index] as Group;
    const total = multiply(unitPrice, integer(size.quantity));
    text +=
      `${index > 0 ? ',' : ''}{"options":{${optionsOf(size, plan.options)}}` +
      `,"price_delta":"${formatExact(parseExact(size.priceDelta))}"` +
      `,"quantity":${size.quantity}` +
      `,"total":"${formatExact(total)}"` +
      `,"unit_price":"${formatExact(unitPrice)}"` +
      `,"variant_id":"${size.variantId}"}`;
  }
  return text;
}

/** Only the options that rules look at: enough to price the line again. */
function optionsOf(size: BasketSize, options: readonly string[]): string {
  let text = '';
  for (const option of options) {
    const value = size.options[option];
    if (value !== undefined) text += `${text && ','}${JSON.stringify(option)}:${JSON.stringify(value)}`;
  }
  return text;
}

/** The steps of one group of sizes; `variant_ids` is null where the line has one group. */
function steps(group: Group, decision: Decision, context: LineContext): string {
  const ids = decision.groups.length === 1 ? 'null' : `["${group.variantIds.join('","')}"]`;
  let price = basePriceOf(decision, group);
  let text = step(
    decision.base,
    '0.0000',
    formatExact(price),
    baseConditions(decision, group),
    decision.base.effect,
    ids,
  );
  const take = (rule: Entry & { effect?: string }, change: Change, effect: string, conditions: string) => {
    const before = formatExact(price);
    price = applyChange(price, change);
    text += `,${step(rule, before, formatExact(price), conditions, effect, ids)}`;
  };
  for (const kind of context.compiled.evaluation) {
    if (kind === 'quantity_tier') {
      if (decision.tier) {
        const { rule, tier, count } = decision.tier;
        take(rule, tier.change, tier.effect, `"count":"${rule.count}","from":"${tier.from}","pieces":"${count}"`);
      }
    } else if (kind === 'size_upcharge') {
      const rule = group.upcharge;
      if (rule) take(rule, rule.change, rule.effect, `${JSON.stringify(rule.option)}:${JSON.stringify(group.option)}`);
    } else {
      for (const rule of decision.discounts) take(rule, rule.change, rule.effect, customerConditions(rule, context));
    }
  }
  return text;
}

const step = (rule: Entry, before: string, after: string, conditions: string, effect: string, ids: string): string =>
  `{"after":"${after}","before":"${before}","conditions":{${conditions}},"effect":"${effect}",${rule.stepTail},"variant_ids":${ids}}`;

const baseConditions = ({ base, cataloguePrice }: Decision, group: Group): string =>
  base.fixed ? '' : `"base_price":"${formatExact(cataloguePrice)}","price_delta":"${formatExact(group.delta)}"`;

/** A rule for this very customer says so; else it is for the group. */
function customerConditions(rule: DiscountEntry, { customer }: LineContext): string {
  if (customer && rule.customers.has(customer.id)) return `"customer_id":"${customer.id}"`;
  return `"customer_group":${JSON.stringify(customer?.group ?? '')}`;
}

/** The rules for this product and customer that did not apply, in order of kind and declaration. */
function losers(decision: Decision, context: LineContext): string {
  const { plan, base, tier, groups, matching, discounts } = decision;
  const texts: string[] = [];
  const lose = (rule: Entry, reason: string) => {
    texts.push(`${rule.loserHead}"${reason}"${rule.loserTail}`);
  };
  for (const rule of plan.base) if (rule !== base) lose(rule, 'an earlier base price decided');
  let passed = false;
  for (const rule of plan.tiers) {
    if (rule === tier?.rule) passed = true;
    else lose(rule, passed ? 'an earlier quantity tier decided' : notReached(rule, decision, context));
  }
  for (const rule of plan.upcharges) {
    if (!groups.some((group) => group.upcharge === rule))
      lose(rule, 'no size of the line has a surcharge by this rule');
  }
  for (const rule of matching) {
    if (!discounts.includes(rule)) lose(rule, exclusionReason(discounts));
  }
  return texts.join(',');
}

function notReached(rule: TierEntry, { quantity }: Decision, { combinedQuantity }: LineContext): string {
  const least = rule.tiers.reduce((from, tier) => Math.min(from, tier.from), Number.MAX_SAFE_INTEGER);
  return `needs ${least} pieces, there are ${rule.count === 'line' ? quantity : combinedQuantity}`;
}

const exclusionReason = (discounts: readonly DiscountEntry[]): string =>
  discounts[0]?.stackable ? 'exclusive, and an earlier discount applied' : 'an earlier discount is exclusive';
