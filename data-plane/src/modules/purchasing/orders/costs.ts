import { AppError } from '@platen/chassis/http/app-error';
import {
  add,
  compare,
  type Exact,
  formatExact,
  minorUnitDigits,
  multiply,
  parseExact,
  roundHalfUp,
  zero,
} from '../../pricing/index.js';

/** What numeric(18,4) holds. */
const largest: Exact = parseExact('99999999999999.9999');

/** Quantity times cost, as the supplier will bill it: in whole minor units of the currency. */
export const lineTotal = (quantity: Exact, unitCost: Exact, currency: string): Exact =>
  roundHalfUp(multiply(quantity, unitCost), minorUnitDigits(currency));

/** @throws AppError amount_out_of_range for a sum that no column holds */
export function sumOf(totals: readonly Exact[]): string {
  const total = totals.reduce(add, zero);
  if (compare(total, largest) > 0) throw new AppError('amount_out_of_range', 'The total is too large');
  return formatExact(total);
}

/** @throws AppError amount_out_of_range for nothing of something */
export function positiveQuantity(text: string, path: string): Exact {
  const quantity = parseExact(text);
  if (compare(quantity, zero) > 0) return quantity;
  const message = 'must be more than zero';
  throw new AppError('amount_out_of_range', `A quantity ${message}`, { fields: [{ path, message }] });
}

/** @throws AppError currency_mismatch */
export function requireCurrency(given: { currency: string } | undefined, currency: string, path: string): void {
  if (given === undefined || given.currency === currency) return;
  const message = `The supplier is in ${currency}`;
  throw new AppError('currency_mismatch', message, { fields: [{ path: `${path}/currency`, message }] });
}
