import { floorPrice } from './changes.js';
import type {
  Count,
  CountedEntry,
  CustomerPriceEntry,
  DiscountEntry,
  MarginEntry,
  RushEntry,
  TierEntry,
  UpchargeEntry,
} from './entries.js';
import { compare, type Exact, formatExact, formatShort } from './exact.js';
import { decide, type Group, type LineRun, lose, takeEffect } from './line-run.js';

/** The pieces that count for a rule. `designId`: of the decoration or the line that it is about. */
export function countFor(run: LineRun, entry: CountedEntry, designId: string | null): number {
  const { counts } = run.context;
  const { quantity, more } = run;
  switch (entry.count) {
    case 'line':
      return quantity;
    case 'product':
      return counts.product + more;
    case 'design':
      return designId === null ? quantity : (counts.designs.get(designId) ?? quantity - more) + more;
    case 'rule':
      return (counts.rules.get(entry.ruleId) ?? quantity - more) + more;
  }
}

/** The highest tier reached. Of two that begin alike, the first. */
export function reachedTier<T extends { readonly from: number }>(tiers: readonly T[], count: number): T | null {
  let reached: T | null = null;
  for (const tier of tiers) if (tier.from <= count && (!reached || tier.from > reached.from)) reached = tier;
  return reached;
}

/** Sorted, to stand among other conditions. */
export const countText = (count: Count, from: number): string => `"count":"${count}","from":"${from}"`;

export function applyTier(run: LineRun, entry: TierEntry): void {
  const count = countFor(run, entry, run.line.designId);
  const tier = reachedTier(entry.tiers, count);
  if (!tier) {
    if (run.recording) lose(run, entry, needs(entry, count));
    return;
  }
  decide(run, entry);
  run.picks.push({ entry, from: tier.from, decoration: -1 });
  takeEffect(run, entry, tier, run.recording ? `${countText(entry.count, tier.from)},"pieces":"${count}"` : '');
}

export const needs = (entry: CountedEntry, count: number): string => `needs ${entry.least} pieces, there are ${count}`;

/** Decided for each size apart: other up-charges may follow on other sizes. */
export function applyUpcharge(run: LineRun, entry: UpchargeEntry): void {
  const concerns = ({ sizeClass }: Group) => sizeClass.upcharge === entry;
  let any = false;
  for (const group of run.groups) if (group.sizeClass.upcharge === entry) any = true;
  if (!any) {
    if (run.recording) lose(run, entry, 'no size of the line takes this up-charge');
    return;
  }
  takeEffect(run, entry, entry, run.recording ? optionText(run, entry.option, concerns) : '', concerns);
}

/** `"size":"2XL, 3XL"`: the values at the sizes concerned. */
function optionText({ groupOf, line, sizes }: LineRun, option: string, concerns: (group: Group) => boolean): string {
  const values: string[] = [];
  let last = -1;
  for (let index = 0; index < groupOf.length; index += 1) {
    if (!concerns(groupOf[index] as Group)) continue;
    const value = line.sizes[index]?.options[option] ?? '';
    if (!values.includes(value)) values.push(value);
    last = index;
  }
  const planned = sizes[last];
  // Mostly there is one option and one value: then the size's own text says just that.
  if (planned?.single && values.length === 1) return planned.optionsText;
  return `${JSON.stringify(option)}:${JSON.stringify(values.join(', '))}`;
}

/** A rule for this very customer says so; else one for the group; one for everybody says nothing. */
function buyerText({ context }: LineRun, entry: CustomerPriceEntry | DiscountEntry): string {
  const { customer } = context;
  if (customer && entry.customers?.has(customer.id)) return `"customer_id":"${customer.id}"`;
  return entry.groups || entry.customers ? `"customer_group":${JSON.stringify(customer?.group ?? '')}` : '';
}

export function applyCustomerPrice(run: LineRun, entry: CustomerPriceEntry): void {
  decide(run, entry);
  takeEffect(run, entry, entry, run.recording ? buyerText(run, entry) : '');
}

/** The first that applies sets the manner. */
export function applyDiscount(run: LineRun, entry: DiscountEntry): void {
  if (run.discounts === 'exclusive') {
    if (run.recording) lose(run, entry, 'an earlier discount is exclusive');
  } else if (run.quantity < entry.minQuantity) {
    if (run.recording) lose(run, entry, `needs ${entry.minQuantity} pieces, there are ${run.quantity}`);
  } else if (run.discounts === 'stackable' && !entry.stackable) {
    if (run.recording) lose(run, entry, 'exclusive, and an earlier discount applied');
  } else {
    run.discounts = entry.stackable ? 'stackable' : 'exclusive';
    run.picks.push({ entry, from: entry.minQuantity, decoration: -1 });
    takeEffect(run, entry, entry, run.recording ? discountText(run, entry) : '');
  }
}

function discountText(run: LineRun, entry: DiscountEntry): string {
  const buyer = buyerText(run, entry);
  if (entry.minQuantity === 0) return buyer;
  return `${buyer}${buyer && ','}"min_quantity":"${entry.minQuantity}","pieces":"${run.quantity}"`;
}

export function applyRush(run: LineRun, entry: RushEntry): void {
  const { days, dueOn } = run.context;
  const lead = days === null ? undefined : entry.leadTimes.find((time) => days <= time.withinDays);
  if (!lead) {
    if (run.recording) lose(run, entry, days === null ? 'nobody said when it is due' : `due in ${days} days`);
    return;
  }
  decide(run, entry);
  takeEffect(run, entry, lead, `"days":"${days}","due_on":"${dueOn}","within_days":"${lead.withinDays}"`);
}

/** Decides once a cost is known, also where every price leaves the margin already. */
export function applyMarginFloor(run: LineRun, entry: MarginEntry): void {
  const costs: Exact[] = [];
  for (const { cost } of run.groups) {
    if (cost && !costs.some((known) => compare(known, cost) === 0)) costs.push(cost);
  }
  if (costs.length === 0) {
    if (run.recording) lose(run, entry, 'no cost is known');
    return;
  }
  decide(run, entry);
  let raised = false;
  for (const cost of costs) {
    const value = floorPrice(cost, entry.costShare, run.context.compiled.unitPriceDecimals);
    const effect = {
      change: { type: 'least' as const, value },
      effect: `at least ${formatShort(value)}: ${entry.effect}`,
    };
    const below = (group: Group): boolean => group.cost !== null && compare(group.cost, cost) === 0;
    const dear = (group: Group, track: { price: Exact }) => below(group) && compare(track.price, value) < 0;
    raised = takeEffect(run, entry, effect, `"cost":"${formatExact(cost)}"`, dear) || raised;
  }
  if (!raised && run.recording) lose(run, entry, 'the price leaves this margin already');
}
