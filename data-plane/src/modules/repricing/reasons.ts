import type { Receipt } from '@platen/schema/contracts/data/pricing';
import type { RepricingReason, RepricingReasonKind, RepricingReasons } from '@platen/schema/contracts/data/repricing';
import type { PricedBasket } from '../pricing/index.js';
import type { RepricedOpenQuote } from '../quotes/index.js';

type Line = RepricingReasons['lines'][number];

/** Why the prices differ, by what the receipts of both say. */
export function reasonsOf(quote: RepricedOpenQuote['quote'], now: PricedBasket): RepricingReasons {
  const change = (before: string, after: string) => ({
    before: { amount: before, currency: quote.currency },
    after: { amount: after, currency: now.currency },
  });
  const lines = quote.lines.flatMap((line, index): Line[] => {
    const priced = now.lines[index];
    if (priced === undefined) throw new Error('pricing lost a line');
    if (priced.lineTotal === line.line_total && now.currency === quote.currency) return [];
    return [
      {
        position: line.position,
        product_id: line.product_id,
        quantity: line.quantity,
        unit_price: change(line.unit_price, priced.unitPrice),
        line_total: change(line.line_total, priced.lineTotal),
        // Both were written by the pricing engine.
        reasons: reasonsOfLine(JSON.parse(line.receipt) as Receipt, JSON.parse(priced.receipt) as Receipt),
      },
    ];
  });
  const isTaxed = quote.tax !== now.tax || quote.currency !== now.currency;
  return {
    rule_set_version_id: { before: quote.ruleSetVersionId, after: now.ruleSetVersionId },
    lines,
    tax: isTaxed ? change(quote.tax, now.tax) : null,
  };
}

export function reasonsOfLine(before: Receipt, after: Receipt): RepricingReason[] {
  return [
    ...changed('base_price', null, before.base_price, after.base_price),
    ...changed('customer_group', null, before.customer_group, after.customer_group),
    ...changed('size_price', null, sizePrices(before), sizePrices(after)),
    ...changedRules(before, after),
  ];
}

const sizePrices = ({ sizes }: Receipt): string =>
  [...new Set(sizes.map((size) => `${size.price_delta}${size.cost === null ? '' : ` (cost ${size.cost})`}`))].join(
    ', ',
  );

/** A rule is known by its code: each version of a price list has ids of its own. */
function changedRules(before: Receipt, after: Receipt): RepricingReason[] {
  const old = effectsOf(before);
  const now = effectsOf(after);
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((code) => {
    const was = old.get(code) ?? null;
    const is = now.get(code) ?? null;
    return changed(was === null ? 'rule_added' : is === null ? 'rule_removed' : 'rule_changed', code, was, is);
  });
}

/** What each rule did to the line, its fees included. */
function effectsOf({ steps, fees }: Receipt): Map<string, string> {
  const effects = new Map<string, string>();
  const add = (code: string, effect: string) => {
    const known = effects.get(code);
    effects.set(code, known === undefined ? effect : `${known}; ${effect}`);
  };
  for (const step of steps) add(step.rule_code, step.effect);
  for (const fee of fees) add(fee.rule_code, `${fee.effect} = ${fee.amount}`);
  return effects;
}

const changed = (
  kind: RepricingReasonKind,
  ruleCode: string | null,
  before: string | null,
  after: string | null,
): RepricingReason[] => (before === after ? [] : [{ kind, rule_code: ruleCode, before, after }]);
