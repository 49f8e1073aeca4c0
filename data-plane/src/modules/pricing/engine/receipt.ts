import type { BasketLine, BasketSize } from './basket.js';
import { applyChange, basePriceOf, type Decision, type Group, type LineContext, type NextBreak } from './decision.js';
import type { Change, DiscountEntry, Entry, TierEntry } from './entries.js';
import { compare, type Exact, formatExact, integer, multiply, parseExact } from './exact.js';

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
    `,"steps":[${steps(decision, context)}]}`
  );
}

const idOrNull = (id: string | null): string => (id === null ? 'null' : `"${id}"`);

const nextBreakText = (next: NextBreak | null): string =>
  next
    ? `{"more":${next.more},"rule_code":${JSON.stringify(next.ruleCode)},"unit_price":"${formatExact(next.unitPrice)}"}`
    : 'null';

function sizes(line: BasketLine, { plan, groupOf }: Decision): string {
  let text = '';
  for (let index = 0; index < line.sizes.length; index += 1) {
    const size = line.sizes[index] as BasketSize;
    const { unitPrice, unitPriceText } = groupOf[index] as Group;
    text +=
      `${index > 0 ? ',' : ''}{"options":{${optionsOf(size, plan.options)}}` +
      `,"price_delta":"${normalAmount(size.priceDelta)}"` +
      `,"quantity":${size.quantity}` +
      `,"total":"${formatExact(multiply(unitPrice, integer(size.quantity)))}"` +
      `,"unit_price":"${unitPriceText}"` +
      `,"variant_id":"${size.variantId}"}`;
  }
  return text;
}

/** Most variants cost what their product costs. */
const normalAmount = (amount: string): string => (amount === '0.0000' ? amount : formatExact(parseExact(amount)));

/** Only the options that rules look at: enough to price the line again. */
function optionsOf(size: BasketSize, options: readonly string[]): string {
  let text = '';
  for (const option of options) {
    const value = size.options[option];
    if (value !== undefined) text += `${text && ','}${plainOrJson(option)}:${plainOrJson(value)}`;
  }
  return text;
}

/** Sizes and colours are mostly plain words, which are their own JSON. */
const plain = /^[A-Za-z0-9 ./-]*$/;
const plainOrJson = (value: string): string => (plain.test(value) ? `"${value}"` : JSON.stringify(value));

/** Groups that have the same price so far: their steps are written once. */
interface Track {
  readonly groups: readonly Group[];
  /** Which of the line's sizes, by index; `null`: all. */
  readonly sizes: string;
  price: Exact;
  text: string;
}

function steps(decision: Decision, context: LineContext): string {
  const { base } = decision;
  let tracks = startTracks(decision);
  const first = tracks.map((track) => `{"after":"${track.text}","before":"0.0000","sizes":${track.sizes}}`).join(',');
  let out = stepText(
    base,
    base.fixed ? '' : `"base_price":"${formatExact(decision.cataloguePrice)}"`,
    base.effect,
    first,
  );
  const take = (rule: Entry, on: readonly Track[], change: Change, effect: string, conditions: string) => {
    let prices = '';
    for (const track of on) prices += `${prices && ','}${changePrice(track, change)}`;
    out += `,${stepText(rule, conditions, effect, prices)}`;
  };
  for (const kind of context.compiled.evaluation) {
    if (kind === 'quantity_tier') {
      if (!decision.tier) continue;
      const { rule, tier, count } = decision.tier;
      take(rule, tracks, tier.change, tier.effect, `"count":"${rule.count}","from":"${tier.from}","pieces":"${count}"`);
    } else if (kind === 'size_upcharge') {
      tracks = tracks.flatMap((track) => splitTrack(track, decision));
      for (const track of tracks) {
        const { upcharge, option } = track.groups[0] as Group;
        if (!upcharge) continue;
        take(upcharge, [track], upcharge.change, upcharge.effect, `${upcharge.optionKey}:${JSON.stringify(option)}`);
      }
    } else {
      for (const rule of decision.discounts) {
        take(rule, tracks, rule.change, rule.effect, customerConditions(rule, context));
      }
    }
  }
  return out;
}

function changePrice(track: Track, change: Change): string {
  const before = track.text;
  track.price = applyChange(track.price, change);
  track.text = formatExact(track.price);
  return `{"after":"${track.text}","before":"${before}","sizes":${track.sizes}}`;
}

const stepText = (rule: Entry, conditions: string, effect: string, prices: string): string =>
  `{"conditions":{${conditions}},"effect":"${effect}",${rule.stepHead},"prices":[${prices}],${rule.stepTail}}`;

/** One track for each base price: sizes differ there only by their variants' differences. */
function startTracks(decision: Decision): Track[] {
  const tracks: Track[] = [];
  for (const group of decision.groups) {
    if (tracks.some((track) => track.groups.includes(group))) continue;
    const groups = decision.groups.filter((other) => compare(other.delta, group.delta) === 0);
    const price = basePriceOf(decision, group);
    tracks.push({ groups, sizes: sizesOf(groups, decision), price, text: formatExact(price) });
  }
  return tracks;
}

/** Groups of one base price have different up-charges: from there on each goes its own way. */
function splitTrack(track: Track, decision: Decision): Track[] {
  if (track.groups.length === 1) return [track];
  return track.groups.map((group) => ({ ...track, groups: [group], sizes: sizesOf([group], decision) }));
}

function sizesOf(groups: readonly Group[], decision: Decision): string {
  if (groups.length === decision.groups.length) return 'null';
  let text = '';
  for (const [index, group] of decision.groupOf.entries()) if (groups.includes(group)) text += `${text && ','}${index}`;
  return `[${text}]`;
}

/** A rule for this very customer says so; else it is for the group. */
function customerConditions(rule: DiscountEntry, { customer }: LineContext): string {
  if (customer && rule.customers.has(customer.id)) return `"customer_id":"${customer.id}"`;
  return `"customer_group":${JSON.stringify(customer?.group ?? '')}`;
}

/** The rules for this product and customer that did not apply, in order of kind and declaration. */
function losers(decision: Decision, context: LineContext): string {
  const { plan, base, tier, groups, matching, discounts } = decision;
  let out = '';
  const lose = (rule: Entry, reason: string) => {
    out += `${out && ','}${rule.loserHead}"${reason}"${rule.loserTail}`;
  };
  for (const rule of plan.base) if (rule !== base) lose(rule, 'an earlier base price decided');
  let decided = false;
  for (const rule of plan.tiers) {
    if (rule === tier?.rule) decided = true;
    else lose(rule, decided ? 'an earlier quantity tier decided' : notReached(rule, decision, context));
  }
  for (const rule of plan.upcharges) {
    if (!groups.some((group) => group.upcharge === rule)) lose(rule, 'no size of the line takes this up-charge');
  }
  for (const rule of matching) if (!discounts.includes(rule)) lose(rule, exclusionReason(discounts));
  return out;
}

function notReached(rule: TierEntry, { quantity }: Decision, { combinedQuantity }: LineContext): string {
  return `needs ${rule.least} pieces, there are ${rule.count === 'line' ? quantity : combinedQuantity}`;
}

const exclusionReason = (discounts: readonly DiscountEntry[]): string =>
  discounts[0]?.stackable ? 'exclusive, and an earlier discount applied' : 'an earlier discount is exclusive';
