import { Decimal } from 'decimal.js';

// More digits than any amount of a site has: nothing is rounded but where it is said.
const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP });
const limit = new Exact('1e14');

export const numberPattern = '^-?\\d{1,40}(\\.\\d{1,40})?([eE][+-]?\\d{1,3})?$';

/**
 * The amount that a number's text means: to four decimals, half up, which removes what a double adds
 * (`10.200000000000001`) and keeps what a tax has before it is rounded (`22.0625`).
 * @throws RangeError when it is none that we keep
 */
export function amountOf(text: string): string {
  const value = new Exact(text).toDecimalPlaces(4);
  if (!value.isFinite() || value.abs().gte(limit)) throw new RangeError('the amount is too large');
  return value.isZero() ? '0.0000' : value.toFixed(4);
}

export const sumOf = (...amounts: readonly string[]): string => amountOf(Exact.sum('0', ...amounts).toFixed());

/** A whole number that came as a number or a text: `12`, `12.0`. @throws RangeError */
export function countOf(text: string): number {
  const value = new Exact(text);
  if (!value.isInteger() || value.abs().gt(1_000_000_000)) throw new RangeError('it is no count');
  return value.toNumber();
}
