import type { LineAmounts, TaxSettings, TaxShare } from './basket.js';
import {
  add,
  compare,
  type Exact,
  formatExact,
  formatShort,
  multiply,
  parseExact,
  roundHalfUp,
  zero,
} from './exact.js';
import { PricingRefusal } from './refusal.js';

export interface Tax {
  readonly tax: Exact;
  readonly shares: readonly TaxShare[];
}

/** Percent as a factor: 19 → 0.19. */
const factorOf = (percent: Exact): Exact => ({ units: percent.units, scale: percent.scale + 2 });

interface Group {
  readonly classes: Set<string>;
  readonly percent: Exact;
  taxable: Exact;
  tax: Exact;
}

/**
 * Tax on net line totals, a share for each rate: classes of one rate are one group of a tax breakdown (EN 16931 BG-23,
 * grouped by BT-118 and BT-119), rounded together. At zero per cent each class stays by itself, because there the
 * reasons differ. The document's tax is the sum of the shares in both manners (BR-CO-14); they differ in where half-cents
 * are rounded: once per share (BR-CO-17) or once per line.
 */
export function computeTax(
  lines: readonly LineAmounts[],
  settings: TaxSettings,
  exempt: boolean,
  minorDigits: number,
): Tax {
  if (exempt) return { tax: zero, shares: [] };
  const groups = new Map<string, Group>();
  for (const [index, { taxClass, total }] of lines.entries()) {
    const percent = rateOf(settings, taxClass, index);
    const key = compare(percent, zero) === 0 ? `0 ${taxClass}` : formatShort(percent);
    const group = groups.get(key) ?? { classes: new Set<string>(), percent, taxable: zero, tax: zero };
    groups.set(key, group);
    group.classes.add(taxClass);
    group.taxable = add(group.taxable, total);
    group.tax = add(group.tax, roundHalfUp(multiply(total, factorOf(percent)), minorDigits));
  }
  const shares = [...groups.values()].map(({ classes, percent, taxable, tax: byLine }) => {
    const byDocument = () => roundHalfUp(multiply(taxable, factorOf(percent)), minorDigits);
    return {
      taxClass: nameOf(classes),
      percent,
      taxable,
      tax: settings.taxRounding === 'line' ? byLine : byDocument(),
    };
  });
  return {
    tax: shares.reduce((sum, share) => add(sum, share.tax), zero),
    shares: shares
      .map(({ taxClass, percent, taxable, tax }) => ({
        taxClass,
        percent: formatShort(percent),
        taxable: formatExact(taxable),
        tax: formatExact(tax),
      }))
      .sort((a, b) => (a.taxClass < b.taxClass ? -1 : 1)),
  };
}

/** Classes of one rate: `apparel/standard`. Too many for a code go by the first. */
function nameOf(classes: ReadonlySet<string>): string {
  const sorted = [...classes].sort();
  const name = sorted.join('/');
  return name.length <= 64 ? name : (sorted[0] ?? '');
}

function rateOf(settings: TaxSettings, taxClass: string, line: number): Exact {
  const percent = settings.taxRates.get(taxClass);
  if (percent === undefined) {
    throw new PricingRefusal('price_unavailable', line, `There is no tax rate for the class ${taxClass} on this day`);
  }
  return parseExact(percent);
}
