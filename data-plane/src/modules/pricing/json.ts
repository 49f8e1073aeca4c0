import { moneyJson } from '../documents/index.js';
import type { BasketDecoration, PricedBasket, PricedLine } from './engine/basket.js';

/** A priced line's members in the API's form, to which documents add an id. The receipt goes out as it is stored. */
export function lineMembers(line: PricedLine, position: number, currency: string): string {
  const sizes = line.sizes.map(
    (size) =>
      `{"variant_id":"${size.variantId}","quantity":${size.quantity},"unit_price":${moneyJson(size.unitPrice, currency)}}`,
  );
  return (
    `"position":${position},"product_id":"${line.productId}","design_id":${JSON.stringify(line.designId)}` +
    `,"decorations":${decorationsJson(line.decorations)},"quantity":${line.quantity}` +
    `,"unit_price":${moneyJson(line.unitPrice, currency)},"fee_total":${moneyJson(line.feeTotal, currency)}` +
    `,"line_total":${moneyJson(line.lineTotal, currency)}` +
    `,"sizes":[${sizes.join(',')}],"receipt":${line.receipt},"receipt_hash":"${line.receiptHash}"`
  );
}

/** Decorations as the API takes and gives them, and as documents keep them: without the measures they don't have. */
export const decorationsJson = (decorations: readonly BasketDecoration[]): string =>
  JSON.stringify(
    decorations.map(({ process, location, designId, colours, stitches, widthMm, heightMm, reorder }) => ({
      process,
      location,
      ...(designId !== null && { design_id: designId }),
      ...(colours !== null && { colours }),
      ...(stitches !== null && { stitches }),
      ...(widthMm !== null && { width_mm: widthMm }),
      ...(heightMm !== null && { height_mm: heightMm }),
      ...(reorder && { reorder }),
    })),
  );

export function taxesJson({ taxes, currency }: Pick<PricedBasket, 'taxes' | 'currency'>): string {
  const shares = taxes.map(
    (share) =>
      `{"tax_class":${JSON.stringify(share.taxClass)},"percent":"${share.percent}"` +
      `,"taxable":${moneyJson(share.taxable, currency)},"tax":${moneyJson(share.tax, currency)}}`,
  );
  return `[${shares.join(',')}]`;
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
  return (
    `{"currency":"${currency}","rule_set_version_id":"${ruleSetVersionId}","lines":[${lines.join(',')}]` +
    `,${totalMembers(priced)},"taxes":${taxesJson(priced)}}`
  );
}
