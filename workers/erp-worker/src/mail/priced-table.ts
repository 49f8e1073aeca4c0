import type { PricedTable } from './letter.js';
import type { Money, Phrasebook } from './texts/phrasebook.js';

export interface PricedDocument {
  readonly lines: readonly {
    readonly product_name: string;
    readonly quantity: string;
    readonly unit_price: Money;
    readonly line_total: Money;
  }[];
  readonly subtotal: Money;
  readonly discount: Money;
  readonly tax: Money;
  readonly total: Money;
  readonly deposit_due: Money | null;
}

const isZero = ({ amount }: Money): boolean => /^-?[0.]*$/.test(amount);

/** Lines and sums of a quote or an order; no discount, no line of it. */
export function pricedTable({ say, money, quantity }: Phrasebook, document: PricedDocument): PricedTable {
  const sums = [
    { label: say('sum.subtotal'), money: document.subtotal },
    ...(isZero(document.discount) ? [] : [{ label: say('sum.discount'), money: document.discount }]),
    { label: say('sum.tax'), money: document.tax },
    { label: say('sum.total'), money: document.total, strong: true },
    ...(document.deposit_due === null ? [] : [{ label: say('sum.deposit'), money: document.deposit_due }]),
  ];
  return {
    kind: 'table',
    columns: { product: say('table.product'), amount: say('table.amount') },
    rows: document.lines.map(({ product_name: product, ...line }) => {
      const [count, price, amount] = [quantity(line.quantity), money(line.unit_price), money(line.line_total)];
      return {
        product,
        detail: say('table.detail', { quantity: count, price }),
        amount,
        text: say('table.line', { quantity: count, product, price, amount }),
      };
    }),
    sums: sums.map(({ label, money: sum, strong = false }) => ({ label, amount: money(sum), strong })),
  };
}
