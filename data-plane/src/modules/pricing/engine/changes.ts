import type { Change, Effect } from './entries.js';
import {
  add,
  atLeastZero,
  compare,
  divideRoundUp,
  type Exact,
  formatShort,
  integer,
  multiply,
  negate,
  parseExact,
  percentFactor,
} from './exact.js';

type EffectType = 'unit_price' | 'amount' | 'amount_off' | 'percent' | 'percent_off';

export function changeOf(type: EffectType, text: string): Effect {
  const value = parseExact(text);
  const short = formatShort(value);
  switch (type) {
    case 'unit_price':
      return { change: { type: 'set', value }, effect: `set to ${short}` };
    case 'amount':
      return addEffect(value);
    case 'amount_off':
      return { change: { type: 'add', value: negate(value) }, effect: `-${short}` };
    case 'percent':
      return plusPercent(value);
    case 'percent_off':
      // More than all of it is all of it.
      return { change: { type: 'times', value: atLeastZero(percentFactor(value, -1)) }, effect: `-${short}%` };
  }
}

export const addEffect = (value: Exact): Effect => ({
  change: { type: 'add', value },
  effect: `+${formatShort(value)}`,
});

export const plusPercent = (percent: Exact): Effect => ({
  change: { type: 'times', value: percentFactor(percent, 1) },
  effect: `+${formatShort(percent)}%`,
});

export const costFactorOf = (percent: Exact): Exact => percentFactor(percent, 1);

/** A price after one effect: never below zero. */
export function applyChange(price: Exact, change: Change): Exact {
  switch (change.type) {
    case 'set':
      return change.value;
    case 'add':
      return atLeastZero(add(price, change.value));
    case 'times':
      return multiply(price, change.value);
    case 'least':
      return compare(price, change.value) < 0 ? change.value : price;
  }
}

/**
 * The least price of so many decimals of which the margin is at least what the rule says: cost × 100 / (100 - percent),
 * rounded up. Lying on the grid of unit prices, it survives their rounding: what is at least this stays so.
 */
export const floorPrice = (cost: Exact, costShare: Exact, decimals: number): Exact =>
  divideRoundUp(multiply(cost, integer(100)), costShare, decimals);
