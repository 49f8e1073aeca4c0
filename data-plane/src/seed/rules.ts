import { canonicalJson, type Rule, type RuleSetContent, sha256 } from '../modules/pricing/index.js';
import type { SeedCatalogue, SeedProduct } from './catalogue.js';
import { decorationRules } from './decoration-rules.js';
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

/** A rule without its name; its id comes from the code. */
export type RuleParts = Rule extends infer R ? (R extends Rule ? Omit<R, 'id'> : never) : never;

/**
 * About 300 rules of a shop: clearance prices, tiers by product and category, sizes, prices of groups and of customers,
 * a margin on the garments; then what decorating them costs, haste, and what a line costs at least.
 */
export function makeRuleSet(
  owner: string,
  catalogue: SeedCatalogue,
  customers: readonly SeedCustomer[],
  random: Random,
  atMs: number,
): SeedRuleSet {
  const rules = [
    ...basePrices(catalogue),
    ...tiers(catalogue, random),
    ...sizes(catalogue),
    ...ownPrices(catalogue, customers),
    ...discounts(catalogue, customers, random),
    ...margins(catalogue),
    ...decorationRules(catalogue.categories),
    ...haste(catalogue),
  ].map((parts): Rule => ({ id: seedId(`${owner}/rule/${parts.code}`, atMs), ...parts }));
  const content: RuleSetContent = { format: 'platen-rule-set/2', currency: 'EUR', unit_price_decimals: 2, rules };
  const text = canonicalJson(content);
  const versionId = seedId(`${owner}/rule-set-version/format-2`, atMs);
  return { ruleSetId: seedId(`${owner}/rule-set`, atMs), versionId, content, text, hash: sha256(text) };
}

const only = ({ id }: { id: string }) => ({ product_ids: [id] });
const within = ({ id }: { id: string }) => ({ category_ids: [id] });

function basePrices({ categories, products }: SeedCatalogue): RuleParts[] {
  const clearance = products.slice(0, 12).map(
    (product): RuleParts => ({
      code: `clearance-${product.code}`,
      kind: 'base_price',
      conditions: only(product),
      effect: { type: 'fixed', amount: (Number(product.basePrice) * 0.8).toFixed(2) },
    }),
  );
  const bags = categories
    .filter(({ code }) => code === 'bags')
    .map(
      (category): RuleParts => ({
        code: `markup-${category.code}`,
        kind: 'base_price',
        conditions: within(category),
        effect: { type: 'cost_markup', percent: '95' },
      }),
    );
  return [
    ...clearance,
    ...bags,
    { code: 'catalogue', kind: 'base_price', conditions: {}, effect: { type: 'catalogue' } },
  ];
}

function tiers({ categories, products }: SeedCatalogue, random: Random): RuleParts[] {
  const ofProducts = products.map((product: SeedProduct, index): RuleParts => {
    const step = random.between(2, 4);
    return {
      code: `tier-${product.code}`,
      kind: 'quantity_tier',
      conditions: { ...only(product), count: index % 2 === 0 ? 'line' : 'product' },
      effect: {
        type: 'percent_off',
        tiers: [12, 24, 48, 72, 144, 288].map((from, place) => ({ from, value: String((place + 1) * step) })),
      },
    };
  });
  const ofCategories = categories.map(
    (category): RuleParts => ({
      code: `tier-all-${category.code}`,
      kind: 'quantity_tier',
      conditions: { ...within(category), count: 'rule' },
      effect: { type: 'percent_off', tiers: [{ from: 10, value: '1.5' }] },
    }),
  );
  return [...ofProducts, ...ofCategories];
}

/** What sizes beyond XL cost more, by category; hoodies need more cloth than shirts. */
function sizes({ categories, products }: SeedCatalogue): RuleParts[] {
  const sized = categories.filter(({ id }) => products.some((product) => product.sized && product.categoryId === id));
  return sized.flatMap((category, place) =>
    [
      ['2XL', 150],
      ['3XL', 250],
      ['4XL', 350],
    ].map(
      ([size, cents]): RuleParts => ({
        code: `size-${category.code}-${String(size).toLowerCase()}`,
        kind: 'size_upcharge',
        conditions: { ...within(category), option: 'size', values: [String(size)] },
        effect: { type: 'amount', value: ((Number(cents) + place * 10) / 100).toFixed(2) },
      }),
    ),
  );
}

/** Agreed with the best customers for what they order all the time. */
function ownPrices({ products }: SeedCatalogue, customers: readonly SeedCustomer[]): RuleParts[] {
  return customers.slice(0, 44).map((customer, index): RuleParts => {
    const product = products[(index * 7) % products.length] as SeedProduct;
    return {
      code: `agreed-${customer.code}-${product.code}`,
      kind: 'customer_price',
      conditions: { ...only(product), customer_ids: [customer.id] },
      effect: { amount: (Number(product.basePrice) * 0.78).toFixed(2) },
    };
  });
}

function discounts({ categories }: SeedCatalogue, customers: readonly SeedCustomer[], random: Random): RuleParts[] {
  const percent = (from: number, to: number) => String(random.between(from, to));
  const ofGroups = customerGroups.flatMap((group) =>
    categories.map(
      (category): RuleParts => ({
        code: `group-${group}-${category.code}`,
        kind: 'discount',
        conditions: { customer_groups: [group], ...within(category) },
        effect: { type: 'percent_off', value: percent(2, 8) },
        stackable: group !== 'staff',
      }),
    ),
  );
  const ofCustomers = customers.slice(0, 92).map(
    (customer, index): RuleParts => ({
      code: `customer-${customer.code}`,
      kind: 'discount',
      conditions: { customer_ids: [customer.id], ...(index % 6 === 0 && { min_quantity: 24 }) },
      effect: index % 4 === 0 ? { type: 'amount_off', value: '0.25' } : { type: 'percent_off', value: percent(1, 5) },
      stackable: index % 5 !== 0,
    }),
  );
  return [...ofGroups, ...ofCustomers];
}

const margins = ({ categories }: SeedCatalogue): RuleParts[] =>
  categories.map((category, place) => ({
    code: `margin-${category.code}`,
    kind: 'margin_floor',
    conditions: within(category),
    effect: { percent: String(18 + place) },
  }));

function haste({ categories }: SeedCatalogue): RuleParts[] {
  const slow = categories.filter(({ code }) => code === 'workwear');
  const rush = (code: string, conditions: { category_ids?: string[] }, more: number): RuleParts => ({
    code,
    kind: 'rush',
    conditions,
    effect: {
      lead_times: [
        { within_days: 2, percent: String(50 + more) },
        { within_days: 5, percent: String(20 + more) },
      ],
    },
  });
  const least = categories
    .filter(({ code }) => code === 'headwear')
    .map(
      (category): RuleParts => ({
        code: `least-${category.code}`,
        kind: 'minimum_charge',
        conditions: within(category),
        effect: { amount: '60' },
      }),
    );
  return [
    ...slow.map((category) => rush(`rush-${category.code}`, within(category), 10)),
    rush('rush', {}, 0),
    ...least,
  ];
}
