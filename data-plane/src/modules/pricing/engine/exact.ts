/**
 * Exact decimals as scaled integers: `units / 10^scale`. Nothing here rounds unless it says so.
 *
 * Units are JavaScript numbers as long as every result is a safe integer (at most 2^53 - 1: a product or sum that is
 * larger never looks safe after floating-point rounding, so the check is sound) and become bigints beyond.
 */
export interface Exact {
  readonly units: number | bigint;
  readonly scale: number;
}

const pow10 = Array.from({ length: 16 }, (_, n) => 10 ** n);
const power = (n: number): number => pow10[n] ?? 10 ** n;
const exact = (units: number | bigint, scale: number): Exact => ({ units, scale });

export const zero: Exact = exact(0, 0);
export const integer = (n: number): Exact => exact(n, 0);

const decimalPattern = /^-?\d+(\.\d+)?$/;

/** Reads `-12.3400`. Trailing zeros of the fraction are dropped, which keeps later products small. */
export function parseExact(text: string): Exact {
  if (!decimalPattern.test(text)) throw new RangeError(`not a decimal: ${text.slice(0, 40)}`);
  const point = text.indexOf('.');
  if (point < 0) return text.length < 16 ? exact(Number(text), 0) : shrink(BigInt(text), 0);
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end -= 1;
  const digits = text.slice(0, point) + text.slice(point + 1, end);
  const scale = Math.max(0, end - point - 1);
  // `-0.0` must not become negative zero, which prints and compares differently.
  return digits.length < 16 ? exact(Number(digits) || 0, scale) : shrink(BigInt(digits), scale);
}

/** Back to a number where it fits, so that one large value does not slow down what follows. */
function shrink(units: bigint, scale: number): Exact {
  return exact(BigInt.asIntN(53, units) === units ? Number(units) : units, scale);
}

/** The same value with a larger scale. */
function rescale(x: Exact, scale: number): number | bigint {
  const by = scale - x.scale;
  if (by === 0) return x.units;
  if (typeof x.units === 'number' && by < pow10.length) {
    const units = x.units * power(by);
    if (Number.isSafeInteger(units)) return units;
  }
  return BigInt(x.units) * 10n ** BigInt(by);
}

export function add(a: Exact, b: Exact): Exact {
  const scale = Math.max(a.scale, b.scale);
  const left = rescale(a, scale);
  const right = rescale(b, scale);
  if (typeof left === 'number' && typeof right === 'number') {
    const units = left + right;
    if (Number.isSafeInteger(units)) return exact(units, scale);
  }
  return shrink(BigInt(left) + BigInt(right), scale);
}

export const negate = (x: Exact): Exact => exact(typeof x.units === 'number' ? 0 - x.units : -x.units, x.scale);
export const subtract = (a: Exact, b: Exact): Exact => add(a, negate(b));

export function multiply(a: Exact, b: Exact): Exact {
  const scale = a.scale + b.scale;
  if (typeof a.units === 'number' && typeof b.units === 'number') {
    const units = a.units * b.units;
    if (Number.isSafeInteger(units)) return exact(units, scale);
  }
  return shrink(BigInt(a.units) * BigInt(b.units), scale);
}

export function compare(a: Exact, b: Exact): number {
  const scale = Math.max(a.scale, b.scale);
  const left = rescale(a, scale);
  const right = rescale(b, scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

export const isNegative = (x: Exact): boolean => x.units < 0;
export const atLeastZero = (x: Exact): Exact => (isNegative(x) ? zero : x);

/** `100 - percent` over a hundred (5 % off is times 0.95), with as few digits as it takes. */
export function percentFactor(percent: Exact, sign: 1 | -1): Exact {
  const sum = add(integer(100), sign > 0 ? percent : negate(percent));
  let { units, scale } = exact(sum.units, sum.scale + 2);
  while (typeof units === 'number' && scale > 0 && units % 10 === 0) {
    units /= 10;
    scale -= 1;
  }
  return exact(units, scale);
}

/** Half up on the magnitude, to `scale` decimals: 0.125 → 0.13, -0.125 → -0.13. */
export function roundHalfUp(x: Exact, scale: number): Exact {
  if (x.scale <= scale) return x;
  return divideHalfUp(x, x.scale - scale, scale);
}

function divideHalfUp(x: Exact, digits: number, scale: number): Exact {
  if (typeof x.units === 'number' && digits < pow10.length) {
    const divisor = power(digits);
    const magnitude = Math.abs(x.units);
    const remainder = magnitude % divisor;
    // Both operands are multiples of the divisor or below it: remainder and division are exact.
    const quotient = (magnitude - remainder) / divisor + (remainder >= divisor - remainder ? 1 : 0);
    return exact(x.units < 0 ? 0 - quotient : quotient, scale);
  }
  const divisor = 10n ** BigInt(digits);
  const units = BigInt(x.units);
  const magnitude = units < 0n ? -units : units;
  const quotient = (magnitude * 2n + divisor) / (divisor * 2n);
  return shrink(units < 0n ? -quotient : quotient, scale);
}

/** `x / by`, half up to `scale` decimals: the one division there is (averages). `by` is a positive integer. */
export function divideByInteger(x: Exact, by: number, scale: number): Exact {
  if (typeof x.units === 'number' && x.units >= 0 && x.scale <= scale) {
    const units = x.units * power(scale - x.scale);
    // Twice the remainder is below twice the divisor: all of it stays exact.
    if (Number.isSafeInteger(units)) {
      const remainder = units % by;
      return exact((units - remainder) / by + (remainder * 2 >= by ? 1 : 0), scale);
    }
  }
  const units = BigInt(x.units) * 10n ** BigInt(Math.max(0, scale - x.scale));
  const divisor = BigInt(by) * 10n ** BigInt(Math.max(0, x.scale - scale));
  const magnitude = units < 0n ? -units : units;
  const quotient = (magnitude * 2n + divisor) / (divisor * 2n);
  return shrink(units < 0n ? -quotient : quotient, scale);
}

/** `x / by`, up to `scale` decimals: the smallest such number that is not less. `x` is not negative, `by` is positive. */
export function divideRoundUp(x: Exact, by: Exact, scale: number): Exact {
  const units = BigInt(x.units) * 10n ** BigInt(by.scale + scale);
  const divisor = BigInt(by.units) * 10n ** BigInt(x.scale);
  return shrink((units + divisor - 1n) / divisor, scale);
}

const twoDigits = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));

/** Decimal text with at least four decimals, more where the value has more: never rounds. */
export function formatExact(x: Exact): string {
  if (x.scale <= 4 && typeof x.units === 'number' && x.units >= 0) {
    const units = x.units * power(4 - x.scale);
    if (Number.isSafeInteger(units)) {
      const fraction = units % 10_000;
      const low = fraction % 100;
      return `${(units - fraction) / 10_000}.${twoDigits[(fraction - low) / 100]}${twoDigits[low]}`;
    }
  }
  const scale = Math.max(x.scale, 4);
  const units = BigInt(rescale(x, scale));
  const text = placePoint(String(units < 0n ? -units : units), scale);
  const cut = text.length - scale + 4;
  return `${units < 0n ? '-' : ''}${text.slice(0, cut)}${text.slice(cut).replace(/0+$/, '')}`;
}

function placePoint(digits: string, scale: number): string {
  const padded = digits.length > scale ? digits : digits.padStart(scale + 1, '0');
  return `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/** Decimal text for people: no more decimals than needed (`5`, `12.5`). */
export function formatShort(x: Exact): string {
  const text = formatExact(x);
  const cut = text.replace(/\.?0+$/, '');
  return cut === '' || cut === '-' ? '0' : cut;
}
