import type { Amount } from './truth.js';

/** Cents as an exact decimal: 1020 → `"10.20"`. */
export function amountOf(cents: number): Amount {
  return decimalOf(cents, 2);
}

/** An integer of `1 / 10^scale` as an exact decimal. */
export function decimalOf(units: number, scale: number): Amount {
  const digits = String(Math.abs(units)).padStart(scale + 1, '0');
  return `${units < 0 ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** `"10.20"` or `"10.2000"` → 1020. What cents can't hold throws: the site's amounts can. */
export function centsOf(amount: Amount): number {
  const parts = /^(-?)(\d+)(?:\.(\d{0,2})0*)?$/.exec(amount);
  if (parts === null) throw new RangeError(`${amount} is not an amount in cents`);
  const [, sign, whole = '', fraction = ''] = parts;
  return Number(`${sign}${whole}${fraction.padEnd(2, '0')}`);
}

/**
 * An amount as the vendor writes it: a double. `spoilt` gives the next double after the right one, as sums of floats
 * do: 10.2 becomes 10.200000000000001.
 */
export function asFloat(amount: Amount, spoilt: boolean): number {
  const value = Number(amount);
  if (!spoilt || value === 0) return value;
  return value + 2 ** Math.floor(Math.log2(Math.abs(value))) * Number.EPSILON;
}
