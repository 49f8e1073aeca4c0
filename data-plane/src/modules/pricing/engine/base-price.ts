import type { BaseEntry } from './entries.js';
import { add, atLeastZero, compare, type Exact, formatExact, multiply, parseExact } from './exact.js';
import { type Group, type LineRun, lose, normalAmount, priceText, type Track, writeStep } from './line-run.js';
import { PricingRefusal } from './refusal.js';

const nothing = '0.0000';

/** Each size begins with the first base price that applies to it. */
export function startPrices(run: LineRun): void {
  const { plan, groups } = run;
  const [first] = plan.base;
  // Nearly always: one price for all, without differences between variants.
  if (first && startsAlike(first, groups)) {
    startTracks(run, first, [{ groups, price: startOf(run, first, groups[0] as Group) }]);
    if (run.recording) for (const entry of plan.base) if (entry !== first) lose(run, entry, decidedBefore);
    return;
  }
  const entryOf = new Map(groups.map((group): [Group, BaseEntry] => [group, baseOf(run, group)]));
  for (const entry of plan.base) {
    const mine = groups.filter((group) => entryOf.get(group) === entry);
    if (mine.length > 0) startTracks(run, entry, alike(run, entry, mine));
    else if (run.recording) lose(run, entry, whyNot(entry, [...entryOf.values()]));
  }
}

function startsAlike(entry: BaseEntry, groups: readonly Group[]): boolean {
  if (entry.fixed) return true;
  if (entry.costFactor) return false;
  for (const group of groups) if (group.delta !== groups[0]?.delta) return false;
  return true;
}

function baseOf({ plan, context }: LineRun, group: Group): BaseEntry {
  const entry = plan.base.find((rule) => rule.costFactor === null || group.cost !== null);
  if (entry) return entry;
  const message =
    plan.base.length === 0
      ? 'No base price applies to this product'
      : 'The price of this product goes by its cost, which is unknown for a size';
  throw new PricingRefusal('price_unavailable', context.index, message);
}

/** A rule had its chance at the sizes that a later one decided. */
const whyNot = (entry: BaseEntry, deciding: readonly BaseEntry[]): string =>
  deciding.some((other) => other.position > entry.position)
    ? 'no size that it would decide has a known cost'
    : decidedBefore;
const decidedBefore = 'an earlier base price decided';

function startOf({ line }: LineRun, entry: BaseEntry, group: Group): Exact {
  if (entry.fixed) return entry.fixed;
  if (entry.costFactor && group.cost) return multiply(group.cost, entry.costFactor);
  const catalogue = parseExact(line.basePrice);
  return group.delta === nothing ? catalogue : atLeastZero(add(catalogue, parseExact(group.delta)));
}

interface Start {
  readonly groups: readonly Group[];
  readonly price: Exact;
}

/** Groups of the same price together. */
function alike(run: LineRun, entry: BaseEntry, groups: readonly Group[]): Start[] {
  const starts: { groups: Group[]; price: Exact }[] = [];
  for (const group of groups) {
    const price = startOf(run, entry, group);
    const same = starts.find((start) => compare(start.price, price) === 0);
    if (same) same.groups.push(group);
    else starts.push({ groups: [group], price });
  }
  return starts;
}

function startTracks(run: LineRun, entry: BaseEntry, starts: readonly Start[]): void {
  let prices = '';
  for (const { groups, price } of starts) {
    const track: Track = { groups, sizes: '', price, gross: price, text: '' };
    run.tracks.push(track);
    if (!run.recording) continue;
    track.text = formatExact(price);
    prices += `${prices && ','}${priceText(run, track, nothing)}`;
  }
  if (run.recording) writeStep(run, entry, conditionsOf(run, entry, starts), entry.effect, prices);
}

function conditionsOf({ line }: LineRun, entry: BaseEntry, starts: readonly Start[]): string {
  if (entry.fixed) return '';
  if (!entry.costFactor) return `"base_price":"${normalAmount(line.basePrice)}"`;
  const costs = starts.flatMap(({ groups }) => groups.map(({ cost }) => (cost ? formatExact(cost) : '')));
  return `"cost":"${[...new Set(costs)].join(', ')}"`;
}
