import { createChecker } from '@platen/chassis/validation/checker';
import { Receipt } from '@platen/schema/contracts/data/pricing';
import type { BasketLine } from './basket.js';
import { sha256 } from './canonical.js';
import type { CompiledRuleSet } from './compile.js';
import { dayContext } from './counts.js';
import { basketDecoration } from './decoration.js';
import { causeOf } from './fees.js';
import { finishLine, runLine } from './price-line.js';
import { PricingRefusal } from './refusal.js';

const receiptChecker = createChecker(Receipt);

export type Verification =
  | { readonly ok: true; readonly receipt: Receipt }
  | {
      readonly ok: false;
      readonly code: 'hash_mismatch' | 'not_a_receipt' | 'other_version' | 'other_result';
      readonly reason: string;
      /** With `other_result`: the receipt as these rules write it; null: they give no price. */
      readonly replayed?: string | null;
    };

/**
 * Prices a stored receipt's line again from the inputs that the receipt names, under its own rule-set version, and holds
 * the result against the stored text byte by byte.
 */
export function verifyReceipt(compiled: CompiledRuleSet, text: string, hash: string): Verification {
  if (sha256(text) !== hash)
    return { ok: false, code: 'hash_mismatch', reason: 'the text does not have the stored hash' };
  const receipt = parseReceipt(text);
  if (!receipt) return { ok: false, code: 'not_a_receipt', reason: 'the text is not a receipt' };
  if (receipt.rule_set_version_id !== compiled.id || receipt.rule_set_hash !== compiled.hash) {
    return { ok: false, code: 'other_version', reason: 'the receipt names another rule-set version' };
  }
  const replayed = replay(compiled, receipt);
  if (replayed === text) return { ok: true, receipt };
  return { ok: false, code: 'other_result', reason: 'pricing the line again gives another result', replayed };
}

/** The line again, from nothing but what the receipt names. null: its rules give no price at all. */
function replay(compiled: CompiledRuleSet, receipt: Receipt): string | null {
  const line = lineOf(receipt);
  const buyer = receipt.customer_id === null ? null : { id: receipt.customer_id, group: receipt.customer_group };
  const { productId, categoryId, decorations } = line;
  const plan = compiled.planFor({ productId, categoryId, decorations, buyer });
  const counts = {
    product: receipt.counts.product,
    designs: new Map(Object.entries(receipt.counts.designs)),
    rules: new Map(Object.entries(receipt.counts.rules)),
  };
  const { priceOn, dueOn, days } = dayContext({ priceOn: receipt.price_on, dueOn: receipt.due_on });
  const causes = receipt.fees_elsewhere.map((fee) => causeOf(fee.kind, fee.design_id, fee.location));
  try {
    const run = runLine(line, plan, { compiled, customer: buyer, priceOn, dueOn, days, counts, index: 0 });
    return finishLine(run, new Set(causes.filter((cause) => cause !== null))).line.receipt;
  } catch (error) {
    if (error instanceof PricingRefusal) return null;
    throw error;
  }
}

const lineOf = (receipt: Receipt): BasketLine => ({
  productId: receipt.product_id,
  categoryId: receipt.category_id,
  taxClass: '',
  basePrice: receipt.base_price,
  designId: receipt.design_id,
  decorations: receipt.decorations.map(basketDecoration),
  sizes: receipt.sizes.map((size) => ({
    variantId: size.variant_id,
    quantity: size.quantity,
    priceDelta: size.price_delta,
    cost: size.cost,
    options: size.options,
  })),
});

export function parseReceipt(text: string): Receipt | null {
  try {
    const value: unknown = JSON.parse(text);
    return receiptChecker.check(value) ? value : null;
  } catch {
    return null;
  }
}
