import type { DecorationProcess } from '@platen/schema/contracts/data/pricing-rules';
import type { BasketDecoration } from './basket.js';
import type {
  BaseEntry,
  CountedEntry,
  DecorationEntry,
  Entry,
  LaterEntry,
  MinimumEntry,
  ScreenPrintEntry,
  UpchargeEntry,
} from './entries.js';

/** The rules that can touch a line, in declared order. */
export interface Plan {
  readonly base: readonly BaseEntry[];
  readonly later: readonly LaterEntry[];
  readonly minimums: readonly MinimumEntry[];
  /** Those with tiers that count over all lines that they are for. */
  readonly countedByRule: readonly CountedEntry[];
  /** The options that rules look at, sorted: what a receipt must keep of a variant. */
  readonly options: readonly string[];
  /** Whether any rule looks at the variants' differences and costs. */
  readonly usesDelta: boolean;
  readonly usesCost: boolean;
  sizeOf(options: Readonly<Record<string, string>>): PlannedSize;
}

/** A variant as rules see it. */
export interface PlannedSize {
  /** The same object for the same outcome. */
  readonly sizeClass: SizeClass;
  /** Members of those options that rules look at, for the receipt. */
  readonly optionsText: string;
  /** The beginning of the size's entry in a receipt, where it has neither a cost nor a difference. */
  readonly plainText: string;
  /** Whether that is one option. */
  readonly single: boolean;
}
/** What a variant's options mean to the rules. */
export interface SizeClass {
  readonly upcharge: UpchargeEntry | null;
  /** The print rules that put an under-base on it. */
  readonly underbased: readonly ScreenPrintEntry[];
}

/** Who buys, as far as rules tell customers apart. */
export interface Buyer {
  readonly id: string;
  readonly group: string | null;
}
export interface PlanQuery {
  readonly productId: string;
  readonly categoryId: string | null;
  readonly buyer: Buyer | null;
  readonly decorations: readonly BasketDecoration[];
}
export type FindPlan = (query: PlanQuery) => Plan;

/** Bound of each memo; past it the memo starts over. A shop's catalogue is far smaller. */
const memoLimit = 5_000;

/**
 * What the plans of a version and their sizes may take, in bytes as they are guessed; past it they start over. Who
 * verifies receipts of his own making names products and options without end.
 */
const memoBytes = 16 * 1024 * 1024;
const planBytes = 1_000;
const bytesPerRule = 8;
const sizeBytes = 600;
/** Longer ones are no options that anybody sells by. */
const maxKeyLength = 600;
type Hold = (bytes: number) => void;

/** Narrowing all rules to one product, buyer and set of processes happens once per version, not once per line. */
export function planFinder(entries: readonly Entry[]): FindPlan {
  const named = new Set(entries.flatMap((entry) => ('customers' in entry ? [...(entry.customers ?? [])] : [])));
  const byProduct = new Map<string, Planned[]>();
  let heldBytes = 0;
  const hold: Hold = (bytes) => {
    heldBytes += bytes;
    if (heldBytes <= memoBytes) return;
    byProduct.clear();
    heldBytes = 0;
  };
  return ({ productId, categoryId, buyer, decorations }) => {
    if (byProduct.size >= memoLimit) byProduct.clear();
    const planned = memoized(byProduct, productId, () => []);
    const mask = processesOf(decorations);
    // A customer without rules of their own shares their group's plan.
    const customer = buyer && named.has(buyer.id) ? buyer.id : null;
    const group = buyer?.group ?? null;
    // Compared member by member: to put a key together takes longer than to look at the few that a product has.
    for (const it of planned) {
      if (it.mask === mask && it.group === group && it.customer === customer && it.categoryId === categoryId) {
        return it.plan;
      }
    }
    if (planned.length >= plansPerProduct) planned.length = 0;
    const processes = new Set(decorations.map(({ process }) => process));
    const mine = entries.filter(
      (entry) => isFor(entry, productId, categoryId) && concerns(entry, processes) && sellsTo(entry, buyer),
    );
    hold(planBytes + bytesPerRule * mine.length);
    const plan = makePlan(mine, hold);
    planned.push({ categoryId, mask, group, customer, plan });
    return plan;
  };
}

interface Planned {
  readonly categoryId: string | null;
  readonly mask: number;
  readonly group: string | null;
  readonly customer: string | null;
  readonly plan: Plan;
}
const plansPerProduct = 64;

function memoized<V>(memo: Map<string, V>, key: string, make: () => V): V {
  let found = memo.get(key);
  if (found === undefined) {
    if (memo.size >= memoLimit) memo.clear();
    found = make();
    memo.set(key, found);
  }
  return found;
}

const bits: Readonly<Record<DecorationProcess, number>> = {
  screen_print: 1,
  embroidery: 2,
  transfer: 4,
  direct_print: 8,
  engraving: 16,
};
function processesOf(decorations: readonly BasketDecoration[]): number {
  let mask = 0;
  for (const { process } of decorations) mask |= bits[process];
  return mask;
}

export function isFor({ products, categories }: Entry, productId: string, categoryId: string | null): boolean {
  if (!products && !categories) return true;
  return (products?.has(productId) ?? false) || (categoryId !== null && (categories?.has(categoryId) ?? false));
}

/** Rules about decorations that the line has not are not considered at all, nor are those for other buyers. */
const concerns = (entry: Entry, processes: ReadonlySet<DecorationProcess>): boolean =>
  !('processes' in entry) || [...processes].some((process) => entry.processes.has(process));

function sellsTo(entry: Entry, buyer: Buyer | null): boolean {
  if (!('customers' in entry) || (!entry.customers && !entry.groups)) return true;
  if (!buyer) return false;
  return (
    (entry.customers?.has(buyer.id) ?? false) || (buyer.group !== null && (entry.groups?.has(buyer.group) ?? false))
  );
}

/** Whether a rule about decorations is about this one, by its process and place. */
export const decorates = (
  { processes, locations }: DecorationEntry,
  { process, location }: BasketDecoration,
): boolean => processes.has(process) && (locations?.has(location) ?? true);

function makePlan(entries: readonly Entry[], hold: Hold): Plan {
  const base = entries.filter((entry) => entry.kind === 'base_price');
  const later = entries.filter((entry) => entry.kind !== 'base_price' && entry.kind !== 'minimum_charge');
  const upcharges = entries.filter((entry) => entry.kind === 'size_upcharge');
  const underbased = entries.filter((entry) => entry.kind === 'screen_print' && entry.underbase !== null);
  const screens = underbased.filter((entry) => entry.kind === 'screen_print');
  // A base price that always applies leaves nothing to those behind it.
  const always = base.findIndex((entry) => entry.costFactor === null);
  const deciding = always < 0 ? base : base.slice(0, always + 1);
  const named = [...upcharges.map((rule) => rule.option), ...screens.map((rule) => rule.underbase?.option ?? '')];
  const options = [...new Set(named)].sort();
  return {
    base,
    later,
    minimums: entries.filter((entry) => entry.kind === 'minimum_charge'),
    countedByRule: later.filter(isCounted).filter((entry) => entry.count === 'rule'),
    options,
    usesDelta: deciding.some((entry) => entry.fixed === null && entry.costFactor === null),
    usesCost: deciding.some((entry) => entry.costFactor !== null) || later.some((it) => it.kind === 'margin_floor'),
    sizeOf: sizePlanner(options, upcharges, screens, hold),
  };
}

export const isCounted = (entry: Entry): entry is CountedEntry => 'count' in entry;

/** An option's own value: `constructor` is an option's name like any other. */
const optionOf = (values: Readonly<Record<string, string>>, option: string): string | undefined =>
  Object.hasOwn(values, option) ? values[option] : undefined;

/** The values of some options, told apart whatever they hold. null: not worth a place in memory. */
function keyOf(values: Readonly<Record<string, string>>, options: readonly string[]): string | null {
  const [only = ''] = options;
  if (options.length <= 1) {
    // Nearly always: the value's text as it is. The database keeps no text that begins so, a forged receipt may.
    const value = optionOf(values, only);
    if (value === undefined) return absent;
    return value.length > maxKeyLength || value.startsWith(absent) ? null : value;
  }
  let key = '';
  for (const option of options) {
    const value = optionOf(values, option);
    key += value === undefined ? '-' : `${value.length}:${value}`;
  }
  return key.length > maxKeyLength ? null : key;
}
/** No option's value: an absent one is not an empty one. */
const absent = '\u0000';

function sizePlanner(
  options: readonly string[],
  upcharges: readonly UpchargeEntry[],
  screens: readonly ScreenPrintEntry[],
  hold: Hold,
): Plan['sizeOf'] {
  const byValues = new Map<string, PlannedSize>();
  const byOutcome = new Map<string, SizeClass>();
  const make = (values: Readonly<Record<string, string>>): PlannedSize => {
    const has = ({ option, values: among }: { option: string; values: ReadonlySet<string> }) => {
      const value = optionOf(values, option);
      return value !== undefined && among.has(value);
    };
    const upcharge = upcharges.find(has) ?? null;
    const underbased = screens.filter(({ underbase }) => underbase && has(underbase));
    const outcome = [upcharge, ...underbased].map((entry) => entry?.position).join();
    const sizeClass = memoized(byOutcome, outcome, () => ({ upcharge, underbased }));
    const known = options.filter((option) => optionOf(values, option) !== undefined);
    const members = known.map((option) => `${JSON.stringify(option)}:${JSON.stringify(values[option])}`);
    const optionsText = members.join();
    const plainText = `{"cost":null,"options":{${optionsText}},"price_delta":"0.0000","quantity":`;
    return { sizeClass, optionsText, plainText, single: options.length === 1 };
  };
  return (values) => {
    const key = keyOf(values, options);
    if (key === null) return make(values);
    return memoized(byValues, key, () => {
      hold(sizeBytes);
      return make(values);
    });
  };
}
