import type { Rule, RuleSetContent } from '@platen/schema/contracts/data/pricing-rules';
import { Decimal } from 'decimal.js';
import type { Basket, BasketDecoration, BasketLine, BasketSize, TaxSettings } from './basket.js';
import { canonicalJson } from './canonical.js';
import { minorUnitDigits } from './currency.js';

/**
 * Prices as pricing-rules.ts describes them, a sentence at a time, in decimal.js: slow, obvious, and sharing nothing with the
 * engine but the currencies' digits. Tests hold the engine's figures against these.
 */
Decimal.set({ precision: 400, rounding: Decimal.ROUND_HALF_UP });

export interface BookLine {
  /** By size. */
  readonly unitPrices: readonly Decimal[];
  readonly feeTotal: Decimal;
  readonly total: Decimal;
  readonly discount: Decimal;
}
export interface BookBasket {
  readonly lines: readonly BookLine[];
  readonly subtotal: Decimal;
  readonly discount: Decimal;
  readonly tax: Decimal;
  readonly total: Decimal;
}
/** Why there is no price, as far as the engine's codes tell it. */
export class NoPrice extends Error {}

interface Fee {
  readonly kind: string;
  readonly design: string | null;
  readonly location: string | null;
  readonly amount: Decimal;
}
interface Pieces {
  readonly prices: Decimal[];
  readonly fees: Fee[];
}

const dec = (value: Decimal.Value) => new Decimal(value);
const hundred = dec(100);
const sum = (values: readonly Decimal[]) => values.reduce((total, value) => total.plus(value), dec(0));

export function priceByTheBook(content: RuleSetContent, basket: Basket, settings: TaxSettings): BookBasket {
  const minor = minorUnitDigits(content.currency);
  const withDiscounts = basket.lines.map((line) => pricePieces(content, basket, line, true));
  const without = basket.lines.map((line) => pricePieces(content, basket, line, false));
  const lines = basket.lines.map((line, index): BookLine => {
    const { prices, fees } = withDiscounts[index] as Pieces;
    const borne = fees.filter((fee) => bearerOf(basket, withDiscounts, index, fee) === index);
    const feeSum = sum(borne.map((fee) => fee.amount));
    const minimum = content.rules.find((rule) => rule.kind === 'minimum_charge' && isFor(rule, line));
    const least = minimum?.kind === 'minimum_charge' ? dec(minimum.effect.amount).toDecimalPlaces(minor) : dec(0);
    const total = (unitPrices: readonly Decimal[]) => {
      const pieces = sum(line.sizes.map((size, at) => (unitPrices[at] as Decimal).times(size.quantity)));
      return Decimal.max(pieces.toDecimalPlaces(minor).plus(feeSum), least);
    };
    const pieces = sum(line.sizes.map((size, at) => (prices[at] as Decimal).times(size.quantity))).toDecimalPlaces(
      minor,
    );
    return {
      unitPrices: prices,
      feeTotal: total(prices).minus(pieces),
      total: total(prices),
      discount: total((without[index] as Pieces).prices).minus(total(prices)),
    };
  });
  const net = sum(lines.map((line) => line.total));
  const discount = sum(lines.map((line) => line.discount));
  const tax = basket.customer?.taxExempt ? dec(0) : taxOf(basket, lines, settings, minor);
  return { lines, subtotal: net.plus(discount), discount, tax, total: net.plus(tax) };
}

function taxOf(basket: Basket, lines: readonly BookLine[], settings: TaxSettings, minor: number): Decimal {
  // Lines of one rate are one group, whatever their classes are called.
  const byRate = new Map<string, Decimal[]>();
  for (const [index, { total }] of lines.entries()) {
    const rate = settings.taxRates.get(basket.lines[index]?.taxClass ?? '');
    if (rate === undefined) throw new NoPrice('no tax rate');
    const key = dec(rate).toString();
    byRate.set(key, [...(byRate.get(key) ?? []), total]);
  }
  return sum(
    [...byRate].map(([rate, totals]) => {
      const taxed = (amount: Decimal) => amount.times(rate).div(hundred).toDecimalPlaces(minor);
      return settings.taxRounding === 'line' ? sum(totals.map(taxed)) : taxed(sum(totals));
    }),
  );
}

/** The line with the highest fee of the kind for the artwork (and place), then with the most pieces, then by content. */
function bearerOf(basket: Basket, priced: readonly Pieces[], index: number, fee: Fee): number {
  if (fee.design === null) return index;
  const same = (other: Fee) =>
    other.kind === fee.kind && other.design === fee.design && other.location === fee.location;
  const candidates = priced.flatMap(({ fees }, at) => fees.filter(same).map(({ amount }) => ({ at, amount })));
  const content = (at: number) => canonicalJson(basket.lines[at]);
  candidates.sort(
    (a, b) =>
      b.amount.comparedTo(a.amount) ||
      quantityOf(basket.lines[b.at]) - quantityOf(basket.lines[a.at]) ||
      (content(a.at) < content(b.at) ? -1 : content(a.at) > content(b.at) ? 1 : 0),
  );
  return candidates[0]?.at ?? index;
}

const quantityOf = (line: BasketLine | undefined): number =>
  (line?.sizes ?? []).reduce((total, size) => total + size.quantity, 0);

function isFor({ conditions }: Rule, line: BasketLine): boolean {
  const { product_ids, category_ids } = conditions;
  if (!product_ids && !category_ids) return true;
  return Boolean(
    product_ids?.includes(line.productId) || (line.categoryId !== null && category_ids?.includes(line.categoryId)),
  );
}

function sellsTo(rule: Rule, basket: Basket): boolean {
  if (rule.kind !== 'discount' && rule.kind !== 'customer_price') return true;
  const { customer_groups, customer_ids } = rule.conditions;
  if (!customer_groups && !customer_ids) return true;
  const { customer } = basket;
  if (!customer) return false;
  return Boolean(
    customer_ids?.includes(customer.id) || (customer.group !== null && customer_groups?.includes(customer.group)),
  );
}

/** Unit prices by size, rounded, and the fees that are due for the line's artworks. */
function pricePieces(content: RuleSetContent, basket: Basket, line: BasketLine, discounted: boolean): Pieces {
  const rules = content.rules.filter((rule) => isFor(rule, line) && sellsTo(rule, basket));
  const fees: Fee[] = [];
  const prices = line.sizes.map((size) => basePrice(rules, line, size));
  const quantity = quantityOf(line);
  const decided = new Set<string>();
  const decorated = new Set<BasketDecoration>();
  const setUp = new Set<string | null>();
  const upcharged = new Set<BasketSize>();
  let manner: 'stackable' | 'exclusive' | null = null;
  const change = (by: (price: Decimal, size: BasketSize) => Decimal) => {
    for (const [at, size] of line.sizes.entries()) prices[at] = Decimal.max(0, by(prices[at] as Decimal, size));
  };

  for (const rule of rules) {
    if (decided.has(rule.kind)) continue;
    switch (rule.kind) {
      case 'base_price':
      case 'minimum_charge':
        break;
      case 'quantity_tier': {
        const tier = highest(rule.effect.tiers, pieces(basket, line, rule, line.designId));
        if (!tier) break;
        decided.add(rule.kind);
        change((price) => {
          if (rule.effect.type === 'unit_price') return dec(tier.value);
          if (rule.effect.type === 'amount_off') return price.minus(tier.value);
          return price.times(hundred.minus(tier.value)).div(hundred);
        });
        break;
      }
      case 'size_upcharge':
        change((price, size) => {
          const value = size.options[rule.conditions.option];
          if (upcharged.has(size) || value === undefined || !rule.conditions.values.includes(value)) return price;
          upcharged.add(size);
          if (rule.effect.type === 'amount') return price.plus(rule.effect.value);
          return price.times(hundred.plus(rule.effect.value)).div(hundred);
        });
        break;
      case 'screen_print':
      case 'embroidery':
      case 'area_price':
        for (const decoration of line.decorations) {
          if (decorated.has(decoration) || !fits(rule, decoration)) continue;
          const design = decoration.designId ?? line.designId;
          const counted = pieces(basket, line, rule, design);
          if (rule.kind === 'screen_print') {
            const tier = highest(rule.effect.tiers, counted);
            const { underbase } = rule.effect;
            const colours = (size: BasketSize) => {
              const value = underbase ? size.options[underbase.option] : undefined;
              const dark = value !== undefined && underbase?.values.includes(value);
              return (decoration.colours ?? 0) + (dark ? 1 : 0);
            };
            const screens = Math.max(...line.sizes.map(colours));
            if (!tier || screens > tier.prices.length) continue;
            change((price, size) => price.plus(tier.prices[colours(size) - 1] as string));
            const full = dec(rule.effect.screen_fee).times(screens);
            const off = decoration.reorder ? hundred.minus(rule.effect.reorder_screen_discount_percent) : hundred;
            fees.push({ kind: rule.kind, design, location: decoration.location, amount: full.times(off).div(hundred) });
          } else if (rule.kind === 'embroidery') {
            const tier = highest(rule.effect.tiers, counted);
            if (!tier) continue;
            const over = Math.max(0, (decoration.stitches ?? 0) - rule.effect.included_stitches);
            change((price) => price.plus(tier.price).plus(dec(tier.per_thousand).times(Math.ceil(over / 1000))));
            const amount = decoration.reorder ? dec(0) : dec(rule.effect.digitizing_fee);
            fees.push({ kind: rule.kind, design, location: null, amount });
          } else {
            const tier = highest(rule.effect.tiers, counted);
            if (!tier) continue;
            const area = dec(decoration.widthMm ?? 0)
              .times(decoration.heightMm ?? 0)
              .div(100);
            change((price) => price.plus(Decimal.max(area.times(tier.per_square_cm), rule.effect.minimum)));
          }
          decorated.add(decoration);
        }
        break;
      case 'setup_fee':
        for (const decoration of line.decorations) {
          const design = decoration.designId ?? line.designId;
          const { processes } = rule.conditions;
          if (decoration.reorder || setUp.has(design)) continue;
          if (processes && !processes.includes(decoration.process)) continue;
          setUp.add(design);
          fees.push({ kind: rule.kind, design, location: null, amount: dec(rule.effect.amount) });
        }
        break;
      case 'customer_price':
        decided.add(rule.kind);
        change(() => dec(rule.effect.amount));
        break;
      case 'discount':
        if (!discounted || manner === 'exclusive' || quantity < (rule.conditions.min_quantity ?? 0)) break;
        if (manner === 'stackable' && !rule.stackable) break;
        manner = rule.stackable ? 'stackable' : 'exclusive';
        change((price) =>
          rule.effect.type === 'amount_off'
            ? price.minus(rule.effect.value)
            : price.times(hundred.minus(rule.effect.value)).div(hundred),
        );
        break;
      case 'rush': {
        if (basket.dueOn === null) break;
        const days = (Date.parse(basket.dueOn) - Date.parse(basket.priceOn)) / 86_400_000;
        const covering = rule.effect.lead_times.filter((time) => days <= time.within_days);
        const [shortest] = covering.sort((a, b) => a.within_days - b.within_days);
        if (!shortest) break;
        decided.add(rule.kind);
        change((price) => price.times(hundred.plus(shortest.percent)).div(hundred));
        break;
      }
      case 'margin_floor':
        if (line.sizes.every((size) => size.cost === null)) break;
        decided.add(rule.kind);
        change((price, size) => {
          if (size.cost === null) return price;
          const least = dec(size.cost).times(hundred).div(hundred.minus(rule.effect.percent));
          return Decimal.max(price, least.toDecimalPlaces(content.unit_price_decimals, Decimal.ROUND_UP));
        });
        break;
    }
  }
  if (line.decorations.some((decoration) => !decorated.has(decoration))) throw new NoPrice('a decoration');
  const minor = minorUnitDigits(content.currency);
  return {
    prices: prices.map((price) => price.toDecimalPlaces(content.unit_price_decimals)),
    fees: highestOnce(fees.map((fee) => ({ ...fee, amount: fee.amount.toDecimalPlaces(minor) }))),
  };
}

/** Within a line, of the same kind for the same artwork and place the highest. */
function highestOnce(fees: readonly Fee[]): Fee[] {
  const kept = new Map<string, Fee>();
  for (const fee of fees) {
    const key = `${fee.kind} ${fee.design} ${fee.location}`;
    const other = kept.get(key);
    if (!fee.amount.isZero() && (!other || fee.amount.greaterThan(other.amount))) kept.set(key, fee);
  }
  return [...kept.values()];
}

function basePrice(rules: readonly Rule[], line: BasketLine, size: BasketSize): Decimal {
  for (const rule of rules) {
    if (rule.kind !== 'base_price') continue;
    if (rule.effect.type === 'fixed') return dec(rule.effect.amount);
    if (rule.effect.type === 'catalogue') return Decimal.max(0, dec(line.basePrice).plus(size.priceDelta));
    if (size.cost !== null) return dec(size.cost).times(hundred.plus(rule.effect.percent)).div(hundred);
  }
  throw new NoPrice('a base price');
}

type Tiered = Extract<Rule, { kind: 'quantity_tier' | 'screen_print' | 'embroidery' | 'area_price' }>;

function fits(rule: Tiered, decoration: BasketDecoration): boolean {
  if (rule.kind === 'quantity_tier') return false;
  if (rule.conditions.locations && !rule.conditions.locations.includes(decoration.location)) return false;
  if (rule.kind === 'area_price') return rule.conditions.processes.some((process) => process === decoration.process);
  return rule.kind === decoration.process;
}

function pieces(basket: Basket, line: BasketLine, rule: Tiered, design: string | null): number {
  const all = (test: (other: BasketLine) => boolean) =>
    basket.lines.filter(test).reduce((total, other) => total + quantityOf(other), 0);
  switch (rule.conditions.count) {
    case 'line':
      return quantityOf(line);
    case 'product':
      return all((other) => other.productId === line.productId);
    case 'design':
      if (design === null) return quantityOf(line);
      return all((other) => other.designId === design || other.decorations.some((it) => it.designId === design));
    case 'rule':
      return all(
        (other) =>
          isFor(rule, other) && (rule.kind === 'quantity_tier' || other.decorations.some((it) => fits(rule, it))),
      );
  }
}

function highest<T extends { readonly from: number }>(tiers: readonly T[], count: number): T | undefined {
  return [...tiers].sort((a, b) => b.from - a.from).find((tier) => tier.from <= count);
}
