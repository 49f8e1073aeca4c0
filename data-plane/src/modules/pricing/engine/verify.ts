import { createChecker } from '@platen/chassis/validation/checker';
import { Receipt } from '@platen/schema/contracts/data/pricing';
import { sha256 } from './canonical.js';
import type { CompiledRuleSet } from './compile.js';
import { priceLine } from './price-line.js';

const receiptChecker = createChecker(Receipt);

export type Verification =
  | { readonly ok: true; readonly receipt: Receipt }
  | { readonly ok: false; readonly reason: string };

/**
 * Prices a stored receipt's line again from the inputs that the receipt names, under its own rule-set version, and holds
 * the result against the stored text byte by byte.
 */
export function verifyReceipt(compiled: CompiledRuleSet, text: string, hash: string): Verification {
  if (sha256(text) !== hash) return { ok: false, reason: 'the text does not have the stored hash' };
  const receipt = parseReceipt(text);
  if (!receipt) return { ok: false, reason: 'the text is not a receipt' };
  if (receipt.rule_set_version_id !== compiled.id || receipt.rule_set_hash !== compiled.hash) {
    return { ok: false, reason: 'the receipt names another rule-set version' };
  }
  const { line } = priceLine(
    {
      productId: receipt.product_id,
      categoryId: receipt.category_id,
      taxClass: '',
      basePrice: receipt.base_price,
      designId: null,
      decorations: [],
      sizes: receipt.sizes.map((size) => ({
        variantId: size.variant_id,
        quantity: size.quantity,
        priceDelta: size.price_delta,
        cost: null,
        options: size.options,
      })),
    },
    {
      compiled,
      customer: receipt.customer_id === null ? null : { id: receipt.customer_id, group: receipt.customer_group },
      priceOn: receipt.price_on,
      combinedQuantity: receipt.combined_quantity,
      index: 0,
    },
  );
  return line.receipt === text
    ? { ok: true, receipt }
    : { ok: false, reason: 'pricing the line again gives another result' };
}

export function parseReceipt(text: string): Receipt | null {
  try {
    const value: unknown = JSON.parse(text);
    return receiptChecker.check(value) ? value : null;
  } catch {
    return null;
  }
}
