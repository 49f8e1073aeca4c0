import { AppError } from '@platen/chassis/http/app-error';
import { compare, formatExact, minorUnitDigits, type PricedBasket, parseExact, roundHalfUp } from '../pricing/index.js';

/**
 * A deposit is in the document's currency, an amount that can be paid, and not more than its total. Decimal text; null:
 * none. @throws AppError currency_mismatch, amount_out_of_range
 */
export function depositOf(
  given: { readonly amount: string; readonly currency: string } | null,
  { currency, total }: Pick<PricedBasket, 'currency' | 'total'>,
): string | null {
  if (given === null) return null;
  if (given.currency !== currency) {
    const message = `The prices are in ${currency}`;
    throw new AppError('currency_mismatch', message, { fields: [{ path: '/body/deposit_due/currency', message }] });
  }
  const deposit = parseExact(given.amount);
  const whole = compare(roundHalfUp(deposit, minorUnitDigits(currency)), deposit) === 0;
  if (!whole || compare(deposit, parseExact(total)) > 0) {
    const message = whole ? `The deposit is more than the total of ${total}` : `${currency} has no such small unit`;
    throw new AppError('amount_out_of_range', message, { fields: [{ path: '/body/deposit_due/amount', message }] });
  }
  return formatExact(deposit);
}
