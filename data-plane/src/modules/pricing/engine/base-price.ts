import type { BaseEntry } from './entries.js';
import { add, atLeastZero, compare, type Exact, formatExact, multiply, parseExact } from './exact.js';
import { type Group, type LineRun, lose, sizesText, writeStep } from './line-run.js';
import { PricingRefusal } from './refusal.js';

/** Each size begins with the first base price that applies to it. */
export function startPrices(run: LineRun): void {
  const { plan, groups, context } = run;
  const starting: Start[] = [];
  for (const group of groups) {
    const entry = plan.base.find((rule) => rule.costFactor === null || group.cost !== null);
    if (!entry) throw new PricingRefusal('price_unavailable', context.index, whyNone(plan.base));
    starting.push({ group, entry, price: startOf(run, entry, group) });
  }
  for (const entry of plan.base) {
    const mine = starting.filter((start) => start.entry === entry);
    if (mine.length > 0) startTracks(run, entry, mine);
    else if (run.recording) lose(run, entry, whyNot(entry, groups));
  }
}

const whyNone = (rules: readonly BaseEntry[]): string =>
  rules.length === 0
    ? 'No base price applies to this product'
    : 'The price of this product goes by its cost, which is unknown for a size';

const whyNot = (entry: BaseEntry, groups: readonly Group[]): string =>
  entry.costFactor !== null && groups.some((group) => group.cost === null)
    ? 'no size that it would decide has a known cost'
    : 'an earlier base price decided';

function startOf({ line }: LineRun, entry: BaseEntry, group: Group): Exact {
  if (entry.fixed) return entry.fixed;
  if (entry.costFactor && group.cost) return multiply(group.cost, entry.costFactor);
  const catalogue = parseExact(line.basePrice);
  return group.delta === '0.0000' ? catalogue : atLeastZero(add(catalogue, parseExact(group.delta)));
}

interface Start {
  readonly group: Group;
  readonly entry: BaseEntry;
  readonly price: Exact;
}

/** One track for each price. */
function startTracks(run: LineRun, entry: BaseEntry, starts: readonly Start[]): void {
  let prices = '';
  const rest = [...starts];
  for (let start = rest[0]; start; start = rest[0]) {
    const { price } = start;
    const groups: Group[] = [];
    for (let at = rest.length - 1; at >= 0; at -= 1) {
      const other = rest[at] as Start;
      if (compare(other.price, price) !== 0) continue;
      groups.unshift(other.group);
      rest.splice(at, 1);
    }
    const text = run.recording ? formatExact(price) : '';
    const sizes = run.recording ? sizesText(groups, run.groups) : '';
    if (run.recording) prices += `${prices && ','}{"after":"${text}","before":"0.0000","sizes":${sizes}}`;
    run.tracks.push({ groups, sizes, price, gross: price, text });
  }
  if (run.recording) writeStep(run, entry, conditionsOf(run, entry, starts), entry.effect, prices);
}

function conditionsOf({ line }: LineRun, entry: BaseEntry, starts: readonly Start[]): string {
  if (entry.fixed) return '';
  if (!entry.costFactor) return `"base_price":"${formatExact(parseExact(line.basePrice))}"`;
  const costs = starts.map(({ group }) => (group.cost ? formatExact(group.cost) : ''));
  return `"cost":"${[...new Set(costs)].join(', ')}"`;
}
