import type { Money, PricedLine } from './figures.js';

export const showMoney = ({ amount, currency }: Money) => `${trim(amount)} ${currency}`;

/** At least two decimals, and no zeros beyond them. */
const trim = (amount: string) => amount.replace(/(\.\d{2}\d*?)0+$/, '$1');

/** A line's receipt for a person: what made the price, how many rules did not apply, and what the next break is. */
export function printReceipt(line: PricedLine, title: string, print: (text: string) => void): void {
  const { receipt, quantity, sizes } = line;
  print(`  ${title}: ${quantity} pieces in ${sizes.length} sizes, ${showMoney(line.line_total)}`);
  for (const { kind, rule_code, effect, prices } of receipt.steps) {
    // The base price has nothing before it.
    const from = (before: string) => (kind === 'base_price' ? '' : `${trim(before)} → `);
    const change = prices.map(({ before, after, sizes: of }) => `${from(before)}${trim(after)}${someSizes(of)}`);
    print(`    ${kind.padEnd(18)} ${rule_code.padEnd(24)} ${effect.padEnd(16)} ${change.join(', ')}`);
  }
  for (const { kind, rule_code, effect, amount } of receipt.fees) {
    print(`    ${kind.padEnd(18)} ${rule_code.padEnd(24)} ${effect.padEnd(16)} ${trim(amount)} once`);
  }
  const decimals = receipt.rounding.unit_price;
  print(
    `    unit prices rounded half up to ${decimals} decimals; ${receipt.considered.length} rules looked at did not apply`,
  );
  const [loser] = receipt.considered;
  if (loser) print(`      e.g. ${loser.rule_code}: ${loser.reason}`);
  const next = receipt.next_break;
  if (next) print(`    ${next.more} more lower the average to ${trim(next.unit_price)} (${next.rule_code})`);
  print(`    sha256 ${line.receipt_hash}`);
}

const someSizes = (indices: readonly number[] | null) =>
  indices ? ` (${indices.length} size${indices.length === 1 ? '' : 's'})` : '';
