import type { LineAmounts, TaxSettings, TaxShare } from './basket.js';
import { add, type Exact, formatExact, formatShort, multiply, parseExact, roundHalfUp, zero } from './exact.js';
import { PricingRefusal } from './refusal.js';

export interface Tax {
  readonly tax: Exact;
  readonly shares: readonly TaxShare[];
}

/** Percent as a factor: 19 → 0.19. */
const factorOf = (percent: Exact): Exact => ({ units: percent.units, scale: percent.scale + 2 });

/**
 * Tax on net line totals, one share per tax class in order of class. The document's tax is the sum of the shares in both manners
 * (EN 16931 BR-CO-14); they differ in where half-cents are rounded: once per share (BR-CO-17) or once per line.
 */
export function computeTax(
  lines: readonly LineAmounts[],
  settings: TaxSettings,
  exempt: boolean,
  minorDigits: number,
): Tax {
  if (exempt) return { tax: zero, shares: [] };
  const groups = new Map<string, { percent: Exact; taxable: Exact; tax: Exact }>();
  for (const [index, line] of lines.entries()) {
    const group = groups.get(line.taxClass) ?? {
      percent: rateOf(settings, line.taxClass, index),
      taxable: zero,
      tax: zero,
    };
    const tax = roundHalfUp(multiply(line.total, factorOf(group.percent)), minorDigits);
    groups.set(line.taxClass, {
      percent: group.percent,
      taxable: add(group.taxable, line.total),
      tax: add(group.tax, tax),
    });
  }
  let sum = zero;
  const shares = [...groups].sort(byClass).map(([taxClass, group]) => {
    const tax =
      settings.taxRounding === 'line'
        ? group.tax
        : roundHalfUp(multiply(group.taxable, factorOf(group.percent)), minorDigits);
    sum = add(sum, tax);
    return {
      taxClass,
      percent: formatShort(group.percent),
      taxable: formatExact(group.taxable),
      tax: formatExact(tax),
    };
  });
  return { tax: sum, shares };
}

const byClass = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

function rateOf(settings: TaxSettings, taxClass: string, line: number): Exact {
  const percent = settings.taxRates.get(taxClass);
  if (percent === undefined) {
    throw new PricingRefusal('price_unavailable', line, `There is no tax rate for the class ${taxClass} on this day`);
  }
  return parseExact(percent);
}
