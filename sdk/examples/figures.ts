import { createHash } from 'node:crypto';
import type { Answer, Client } from '@platen/sdk';

export type PricedBasket = Answer<Client['erp']['pricing']['price']>;
export type PricedLine = PricedBasket['lines'][number];
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

/** Amounts are exact decimals: as whole ten-thousandths they add up without a float in sight. */
const perUnit = 10_000n;
const decimals = 4;

export function parseAmount(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,4}))?$/.exec(text);
  if (!match) throw new Error(`'${text}' is not an amount`);
  const [, sign, whole = '', fraction = ''] = match;
  const value = BigInt(whole) * perUnit + BigInt(fraction.padEnd(decimals, '0'));
  return sign ? -value : value;
}

export function formatAmount(value: bigint): string {
  const size = value < 0n ? -value : value;
  return `${value < 0n ? '-' : ''}${size / perUnit}.${String(size % perUnit).padStart(decimals, '0')}`;
}

/** Half up, as the receipt's `rounding` says. */
export function roundAmount(value: bigint, digits: number): bigint {
  const step = 10n ** BigInt(decimals - digits);
  return ((value + step / 2n) / step) * step;
}

export const sum = (amounts: Iterable<string>): bigint => {
  let total = 0n;
  for (const amount of amounts) total += parseAmount(amount);
  return total;
};

export function mustEqual(what: string, is: bigint | string | number | null, shouldBe: typeof is): void {
  if (is === shouldBe) return;
  const show = (value: typeof is) => (typeof value === 'bigint' ? formatAmount(value) : String(value));
  throw new Error(`${what} is ${show(is)} and should be ${show(shouldBe)}`);
}

/** RFC 8785 for what a receipt holds: objects, arrays, texts, whole numbers, null. */
function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`).join(',')}}`;
}

/** Adds up what the server says, from pieces to the total, and the receipts' hashes. Throws at the first that is off. */
export function checkFigures(basket: Omit<PricedBasket, 'taxes'> & Partial<Pick<PricedBasket, 'taxes'>>): void {
  for (const line of basket.lines) checkLine(line, `Line ${line.position}`);
  const net = sum(basket.lines.map((line) => line.line_total.amount));
  const subtotal = parseAmount(basket.subtotal.amount);
  const tax = parseAmount(basket.tax.amount);
  mustEqual('Subtotal less discount', subtotal - parseAmount(basket.discount.amount), net);
  mustEqual('The total', parseAmount(basket.total.amount), net + tax);
  if (basket.taxes) mustEqual('The tax', sum(basket.taxes.map((share) => share.tax.amount)), tax);
}

function checkLine(line: PricedLine, name: string): void {
  const { receipt } = line;
  let pieces = 0;
  let exact = 0n;
  for (const [index, size] of line.sizes.entries()) {
    pieces += size.quantity;
    const total = parseAmount(size.unit_price.amount) * BigInt(size.quantity);
    exact += total;
    mustEqual(`${name}, size ${index + 1} on the receipt`, parseAmount(receipt.sizes[index]?.total ?? ''), total);
  }
  mustEqual(`${name}, pieces`, pieces, line.quantity);
  const fees = sum(receipt.fees.map(({ amount }) => amount));
  mustEqual(`${name}, fees`, parseAmount(line.fee_total.amount), fees);
  mustEqual(`${name}, fees on the receipt`, parseAmount(receipt.fee_total), fees);
  const lineTotal = parseAmount(line.line_total.amount);
  mustEqual(`${name}, total`, lineTotal, roundAmount(exact, receipt.rounding.line_total) + fees);
  mustEqual(`${name}, total on the receipt`, parseAmount(receipt.line_total), lineTotal);
  const text = canonicalText(receipt);
  mustEqual(`${name}, hash of the receipt`, line.receipt_hash, createHash('sha256').update(text).digest('hex'));
}
