import type { Rule } from '@platen/schema/contracts/data/pricing-rules';
import type { LintCatalogue } from './lint-catalogue.js';
import { isTiered, type TieredRule } from './lint-structure.js';

/** All that conditions may name, whatever the kind. */
export interface Conditions {
  readonly product_ids?: readonly string[];
  readonly category_ids?: readonly string[];
  readonly customer_ids?: readonly string[];
  readonly customer_groups?: readonly string[];
  readonly locations?: readonly string[];
  readonly processes?: readonly string[];
}

/** A part of what a rule is for: a product (of a category, if that is known), a category, or everything. */
export interface Part {
  readonly productId: string | null;
  readonly categoryId: string | null | undefined;
  /** From so many pieces on. */
  readonly from: number;
}

/** Whether `earlier` applies wherever `later`, a rule of its kind, would apply to this part. */
export function coversCase(earlier: Rule, later: Rule, part: Part, catalogue: LintCatalogue): boolean {
  if (earlier.kind !== later.kind || !isForPart(earlier, later, part)) return false;
  if (isTiered(earlier) && isTiered(later)) return coversTier(earlier, later, part.from);
  switch (earlier.kind) {
    case 'base_price':
      return earlier.effect.type !== 'cost_markup' || (later.effect as { type: string }).type === 'cost_markup';
    case 'size_upcharge': {
      if (later.kind !== 'size_upcharge' || later.conditions.option !== earlier.conditions.option) return false;
      return isWithin(later.conditions.values, earlier.conditions.values);
    }
    case 'setup_fee':
      return isWithin(conditionsOf(later).processes, earlier.conditions.processes);
    case 'customer_price':
      return coversBuyers(earlier, later, catalogue);
    case 'discount': {
      if (later.kind !== 'discount' || !coversBuyers(earlier, later, catalogue)) return false;
      // A stackable one leaves place for further stackable ones.
      if (earlier.stackable && later.stackable) return false;
      return (earlier.conditions.min_quantity ?? 1) <= (later.conditions.min_quantity ?? 1);
    }
    case 'rush':
      return later.kind === 'rush' && longest(earlier) >= longest(later);
    default:
      return true;
  }
}

/**
 * Whether a discount that an earlier exclusive one covers may count all the same: where a stackable one before that sets
 * the manner, the exclusive one loses and stackable ones follow.
 */
export const leavesRoom = (earlier: readonly Rule[], later: Rule): boolean =>
  later.kind === 'discount' && later.stackable && earlier.some((rule) => rule.kind === 'discount' && rule.stackable);

// What a kind's conditions may name is a part of this; the rest is absent.
const conditionsOf = (rule: Rule): Conditions => rule.conditions as Conditions;

function isForPart(earlier: Rule, later: Rule, { productId, categoryId }: Part): boolean {
  const { product_ids: products, category_ids: categories } = earlier.conditions;
  if (!products && !categories) return true;
  // Pieces over all lines that a rule is for: another rule counts no fewer only if it is for all of them.
  const mine = later.conditions;
  if ('count' in mine && mine.count === 'rule') {
    if (!mine.product_ids && !mine.category_ids) return false;
    const all = (mine.product_ids ?? []).every((id) => products?.includes(id));
    if (!all || !(mine.category_ids ?? []).every((id) => categories?.includes(id))) return false;
  }
  if (productId !== null && products?.includes(productId)) return true;
  return typeof categoryId === 'string' && (categories?.includes(categoryId) ?? false);
}

/** Absent: all there are. */
const isWithin = (some: readonly string[] | undefined, all: readonly string[] | undefined): boolean =>
  all === undefined || (some?.every((value) => all.includes(value)) ?? false);

function coversBuyers(earlier: Rule, later: Rule, { customers }: LintCatalogue): boolean {
  const { customer_ids: ids, customer_groups: groups } = conditionsOf(earlier);
  if (!ids && !groups) return true;
  const named = conditionsOf(later);
  if (!named.customer_ids && !named.customer_groups) return false;
  const groupOf = (id: string) => customers.find((customer) => customer.id === id)?.group;
  const isCovered = (id: string) => ids?.includes(id) || (groups?.includes(groupOf(id) ?? '') ?? false);
  return (
    (named.customer_groups ?? []).every((group) => groups?.includes(group)) &&
    (named.customer_ids ?? []).every(isCovered)
  );
}

const longest = (rule: Extract<Rule, { kind: 'rush' }>): number =>
  Math.max(...rule.effect.lead_times.map((lead) => lead.within_days));

function coversTier(earlier: TieredRule, later: TieredRule, from: number): boolean {
  const counts = earlier.conditions.count === later.conditions.count || later.conditions.count === 'line';
  if (!counts || Math.min(...earlier.effect.tiers.map((tier) => tier.from)) > from) return false;
  if (!isWithin(conditionsOf(later).locations, conditionsOf(earlier).locations)) return false;
  if (!isWithin(conditionsOf(later).processes, conditionsOf(earlier).processes)) return false;
  return earlier.kind !== 'screen_print' || later.kind !== 'screen_print' || coversColours(earlier, later);
}

type ScreenPrint = Extract<Rule, { kind: 'screen_print' }>;

/** At every quantity it must price as many colours as the later one can be asked for, an under-base on top. */
function coversColours(earlier: ScreenPrint, later: ScreenPrint): boolean {
  const narrowest = Math.min(...earlier.effect.tiers.map(({ prices }) => prices.length));
  const widest = Math.max(...later.effect.tiers.map(({ prices }) => prices.length));
  return narrowest - (earlier.effect.underbase ? 1 : 0) >= widest;
}
