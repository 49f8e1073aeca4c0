import { moneyJson } from '../documents/index.js';
import type { PricedBasket, PricedLine } from './engine/basket.js';

/** A priced line's members in the API's form, to which documents add an id. The receipt goes out as it is stored. */
export function lineMembers(line: PricedLine, position: number, currency: string): string {
  const sizes = line.sizes.map(
    (size) =>
      `{"variant_id":"${size.variantId}","quantity":${size.quantity},"unit_price":${moneyJson(size.unitPrice, currency)}}`,
  );
  return (
    `"position":${position},"product_id":"${line.productId}","quantity":${line.quantity}` +
    `,"unit_price":${moneyJson(line.unitPrice, currency)},"line_total":${moneyJson(line.lineTotal, currency)}` +
    `,"sizes":[${sizes.join(',')}],"receipt":${line.receipt},"receipt_hash":"${line.receiptHash}"`
  );
}

export function totalMembers(priced: PricedBasket): string {
  const money = (amount: string) => moneyJson(amount, priced.currency);
  return (
    `"subtotal":${money(priced.subtotal)},"discount":${money(priced.discount)}` +
    `,"tax":${money(priced.tax)},"total":${money(priced.total)}`
  );
}

/** The answer of `erp.pricing.price`. */
export function basketJson(priced: PricedBasket): string {
  const { currency, ruleSetVersionId } = priced;
  const lines = priced.lines.map((line, index) => `{${lineMembers(line, index + 1, currency)}}`);
  const taxes = priced.taxes.map(
    (share) =>
      `{"tax_class":${JSON.stringify(share.taxClass)},"percent":"${share.percent}"` +
      `,"taxable":${moneyJson(share.taxable, currency)},"tax":${moneyJson(share.tax, currency)}}`,
  );
  return (
    `{"currency":"${currency}","rule_set_version_id":"${ruleSetVersionId}","lines":[${lines.join(',')}]` +
    `,${totalMembers(priced)},"taxes":[${taxes.join(',')}]}`
  );
}
