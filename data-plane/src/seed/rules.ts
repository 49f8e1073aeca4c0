import { canonicalJson, type Rule, type RuleSetContent, sha256 } from '../modules/pricing/index.js';
import type { SeedCatalogue } from './catalogue.js';
import { customerGroups, type SeedCustomer } from './parties.js';
import { type Random, seedId } from './random.js';

export interface SeedRuleSet {
  readonly ruleSetId: string;
  readonly versionId: string;
  readonly content: RuleSetContent;
  /** RFC 8785 text of the content, and its hash. */
  readonly text: string;
  readonly hash: string;
}

/** About 300 rules: clearance prices, tiers by product and category, up-charges by size, discounts by group and customer. */
export function makeRuleSet(
  owner: string,
  { categories, products }: SeedCatalogue,
  customers: readonly SeedCustomer[],
  random: Random,
  atMs: number,
): SeedRuleSet {
  const id = (code: string) => seedId(`${owner}/rule/${code}`, atMs);
  const percent = (from: number, to: number) => String(random.between(from, to));
  const clearance = products.slice(0, 12).map((product): Rule => {
    const code = `clearance-${product.code}`;
    const amount = (Number(product.basePrice) * 0.8).toFixed(2);
    const conditions = { product_ids: [product.id] };
    return { id: id(code), code, kind: 'base_price', conditions, effect: { type: 'fixed', amount } };
  });
  const catalogue: Rule = {
    id: id('catalogue'),
    code: 'catalogue',
    kind: 'base_price',
    conditions: {},
    effect: { type: 'catalogue' },
  };
  const tiers = products.map((product, index): Rule => {
    const code = `tier-${product.code}`;
    const step = random.between(2, 4);
    return {
      id: id(code),
      code,
      kind: 'quantity_tier',
      conditions: { product_ids: [product.id], count: index % 2 === 0 ? 'line' : 'product' },
      effect: {
        type: 'percent_off',
        tiers: [12, 24, 48, 72, 144, 288].map((from, place) => ({ from, value: String((place + 1) * step) })),
      },
    };
  });
  const categoryTiers = categories.map((category): Rule => {
    const code = `tier-all-${category.code}`;
    const tiers = [{ from: 500, value: '1.5' }];
    const conditions = { category_ids: [category.id], count: 'product' as const };
    return { id: id(code), code, kind: 'quantity_tier', conditions, effect: { type: 'percent_off', tiers } };
  });
  const upcharges = products
    .filter((product) => product.sized)
    .flatMap((product) =>
      [
        ['2XL', '1.50'],
        ['3XL', '2.50'],
        ['4XL', '3.50'],
      ].map(([size = '', value = '0']): Rule => {
        const code = `size-${product.code}-${size.toLowerCase()}`;
        const conditions = { product_ids: [product.id], option: 'size', values: [size] };
        return { id: id(code), code, kind: 'size_upcharge', conditions, effect: { type: 'amount', value } };
      }),
    );
  const groupDiscounts = customerGroups.flatMap((group) =>
    categories.map((category): Rule => {
      const code = `group-${group}-${category.code}`;
      return {
        id: id(code),
        code,
        kind: 'discount',
        conditions: { customer_groups: [group], category_ids: [category.id] },
        effect: { type: 'percent_off', value: percent(2, 8) },
        stackable: group !== 'staff',
      };
    }),
  );
  const ownPrices = customers.slice(0, 100).map((customer, index): Rule => {
    const code = `customer-${customer.code}`;
    return {
      id: id(code),
      code,
      kind: 'discount',
      conditions: { customer_ids: [customer.id] },
      effect: index % 4 === 0 ? { type: 'amount_off', value: '0.25' } : { type: 'percent_off', value: percent(1, 5) },
      stackable: index % 5 !== 0,
    };
  });
  const content: RuleSetContent = {
    format: 'platen-rule-set/2',
    currency: 'EUR',
    unit_price_decimals: 2,
    rules: [...clearance, catalogue, ...tiers, ...categoryTiers, ...upcharges, ...groupDiscounts, ...ownPrices],
  };
  const text = canonicalJson(content);
  const versionId = seedId(`${owner}/rule-set-version/1`, atMs);
  return { ruleSetId: seedId(`${owner}/rule-set`, atMs), versionId, content, text, hash: sha256(text) };
}
