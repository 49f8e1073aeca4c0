import { AppError } from '@platen/chassis/http/app-error';
import type { BodyOf } from '@platen/schema/contract';
import type { pricing } from '@platen/schema/contracts/data/pricing';
import type { TenantCtx } from '../../module.js';
import type { Basket, PricedBasket } from '../engine/basket.js';
import type { CompiledRuleSet } from '../engine/compile.js';
import { priceBasket } from '../engine/price-basket.js';
import { PricingRefusal } from '../engine/refusal.js';
import type { PricingService, ReadBasket } from '../service.js';
import type { Simulation } from './service.js';
import { type ComparedLine, compareLines, costOf, createTallies, netSum } from './tally.js';

type GivenBasket = NonNullable<BodyOf<typeof pricing.simulate>['basket']>;

/**
 * A given basket under the list in force and under other rules. Where one of the two gives no price there is nothing to
 * compare, and `refusal` says why.
 */
export async function comparePrices(
  ctx: TenantCtx,
  service: PricingService,
  rules: CompiledRuleSet,
  given: GivenBasket,
): Promise<Pick<Simulation, 'documents' | 'customers' | 'products' | 'totals'>> {
  const request = {
    customerId: given.customer_id ?? null,
    priceOn: given.price_on ?? null,
    dueOn: given.due_on ?? null,
    lines: given.lines,
  };
  const { basket, inForce, taxes } = await service.readBasket(ctx, ctx.db, request);
  if (basket.currency !== rules.currency) {
    throw new AppError('currency_mismatch', `The rules are in ${rules.currency}, the basket in ${basket.currency}`);
  }
  const old = inForce && attempt(await service.ruleSet(ctx.db, inForce), basket, taxes);
  const after = attempt(rules, basket, taxes);
  const customerId = basket.customer?.id ?? null;
  const tallies = createTallies(rules.currency);
  const isOld = old !== null && 'lines' in old;
  const lines = isOld && 'lines' in after ? comparedLines(basket, old, after) : [];
  tallies.addDocument(customerId, lines);
  const comparison = compareLines(lines, rules.currency);
  const net = (priced: PricedBasket | PricingRefusal | null) =>
    priced && 'lines' in priced ? { amount: netOf(priced), currency: rules.currency } : null;
  const document = {
    quote_id: null,
    number: null,
    customer_id: customerId,
    comparison: lines.length > 0 ? comparison : { ...nothing, old: net(old), new: net(after) },
    refusal: 'lines' in after ? null : after.message,
  };
  return { documents: [document], ...tallies.answer() };
}

const nothing = { old: null, new: null, difference: null, cost: null, old_margin: null, new_margin: null };

function attempt(rules: CompiledRuleSet, basket: Basket, taxes: ReadBasket['taxes']): PricedBasket | PricingRefusal {
  try {
    return priceBasket(rules, basket, taxes);
  } catch (error) {
    if (error instanceof PricingRefusal) return error;
    throw error;
  }
}

const comparedLines = (basket: Basket, old: PricedBasket, after: PricedBasket): ComparedLine[] =>
  basket.lines.map((line, index) => ({
    productId: line.productId,
    pieces: line.sizes.reduce((sum, size) => sum + size.quantity, 0),
    old: old.lines[index]?.lineTotal ?? '0',
    new: after.lines[index]?.lineTotal ?? '0',
    cost: costOf(line.sizes),
  }));

/** Sum of the lines. */
const netOf = (priced: PricedBasket): string => netSum(priced.lines.map((line) => line.lineTotal));
