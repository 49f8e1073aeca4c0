import type { Repricing } from '@platen/schema/contracts/data/quotes';
import type { PricedBasket } from '../pricing/index.js';
import type { LinePrices, LockedQuote } from './repo.js';

/** What pricing the same lines again did. A customer's currency may have changed in between. */
export function repricingOf(
  quote: Pick<LockedQuote, 'currency' | 'tax' | 'total' | 'rule_set_version_id'>,
  before: readonly LinePrices[],
  priced: PricedBasket,
  today: string,
): Repricing {
  const change = (old: string, now: string) => ({
    before: { amount: old, currency: quote.currency },
    after: { amount: now, currency: priced.currency },
  });
  return {
    priced_on: today,
    rule_set_version_id: { before: quote.rule_set_version_id, after: priced.ruleSetVersionId },
    lines: before.map((line, index) => {
      const now = priced.lines[index];
      if (now === undefined) throw new Error('pricing lost a line');
      return {
        position: line.position,
        unit_price: change(line.unit_price, now.unitPrice),
        fee_total: change(line.fee_total, now.feeTotal),
        line_total: change(line.line_total, now.lineTotal),
      };
    }),
    tax: change(quote.tax, priced.tax),
    total: change(quote.total, priced.total),
  };
}

/** The quote's JSON with one member more. */
export const withRepricing = (quote: string, repricing: Repricing): string =>
  `${quote.slice(0, -1)},"repricing":${JSON.stringify(repricing)}}`;
