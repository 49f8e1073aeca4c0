import { addDays } from '../../documents/index.js';
import { compare, parseExact } from '../../pricing/index.js';

/** At which terms a supplier delivers a variant. */
export interface SupplierTerms {
  readonly variant_id: string;
  readonly supplier_id: string;
  readonly supplier_code: string;
  readonly supplier_name: string;
  readonly currency: string;
  readonly sku: string | null;
  readonly cost: string;
  readonly lead_days: number;
}

/**
 * The cheapest who delivers by the day, else the fastest. Costs of several currencies are not compared: those in the
 * organization's come first. Codes decide what is left, so that the answer is the same each time.
 */
export function chooseSupplier(
  offers: readonly SupplierTerms[],
  { today, dueOn, currency }: { readonly today: string; readonly dueOn: string | null; readonly currency: string },
): SupplierTerms | undefined {
  const inTime = offers.filter(({ lead_days }) => dueOn === null || addDays(today, lead_days) <= dueOn);
  const byCost = (a: SupplierTerms, b: SupplierTerms) =>
    compareTexts(rankOf(a, currency), rankOf(b, currency)) || compare(parseExact(a.cost), parseExact(b.cost));
  const byDays = (a: SupplierTerms, b: SupplierTerms) => a.lead_days - b.lead_days;
  const byCode = (a: SupplierTerms, b: SupplierTerms) => compareTexts(a.supplier_code, b.supplier_code);
  return inTime.length > 0
    ? inTime.toSorted((a, b) => byCost(a, b) || byDays(a, b) || byCode(a, b))[0]
    : offers.toSorted((a, b) => byDays(a, b) || byCost(a, b) || byCode(a, b))[0];
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** The organization's own currency before every other, which go by their codes. */
const rankOf = (terms: SupplierTerms, currency: string): string => (terms.currency === currency ? '' : terms.currency);
