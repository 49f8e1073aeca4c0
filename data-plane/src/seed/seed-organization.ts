import { statement } from '@platen/chassis/db/statement';
import type { ScopedDb } from '@platen/chassis/db/types';
import { compileRuleSet } from '../modules/pricing/index.js';
import { makeCatalogue, type SeedCatalogue } from './catalogue.js';
import { documentRows, type Owner, type RowsByTable } from './document-rows.js';
import { makeHistory } from './history.js';
import { insertRows, type Row } from './insert-rows.js';
import { makeCustomers, type SeedCustomer } from './parties.js';
import { seededRandom, seedId } from './random.js';
import { makeRuleSet, type SeedRuleSet } from './rules.js';

export interface OrganizationPlan extends Owner {
  /** Seed of the generator: the same name gives the same data. */
  readonly name: string;
  readonly customers: number;
  /** How many quotes each workspace made; null: the organization itself. */
  readonly quotes: readonly { readonly workspaceId: string | null; readonly quotes: number }[];
}

/** Everything but documents is older than the oldest of them, on a day that every run agrees on. */
const foundedMs = Date.UTC(2024, 0, 1);
const taxRates: readonly (readonly [taxClass: string, name: string, percent: string])[] = [
  ['standard', 'Standard rate', '19'],
  ['reduced', 'Reduced rate', '7'],
];

const lockOrganization = statement<{ seeded: string }>(
  'seed.lock',
  `select (select count(*) from erp_pricing_rule_set_versions where id = $2::uuid)::text as seeded
  from (select pg_advisory_xact_lock(hashtextextended('seed/' || $1::text, 0))) locked`,
);
const findSeeded = statement<{ seeded: string }>(
  'seed.find',
  'select count(*)::text as seeded from erp_pricing_rule_set_versions where id = $1::uuid',
);

/**
 * Fills one organization in one transaction, as the application's role in the organization's scope. Does nothing where
 * it was done before. Answers whether it wrote.
 */
export async function seedOrganization(db: ScopedDb, plan: OrganizationPlan, now: Date): Promise<boolean> {
  const random = seededRandom(plan.name);
  const catalogue = makeCatalogue(plan.name, random, foundedMs);
  const customers = makeCustomers(plan.name, plan.customers, random, foundedMs);
  const rules = makeRuleSet(plan.name, catalogue, customers, random, foundedMs);
  return db.transaction(async (tx) => {
    await tx.query(lockOrganization, [plan.organizationId, rules.versionId]);
    // Looked for after the lock: a run beside this one has committed by now.
    const [found] = await tx.query(findSeeded, [rules.versionId]);
    if (found?.seeded !== '0') return false;
    const compiled = compileRuleSet({ id: rules.versionId, hash: rules.hash, content: rules.content });
    const rates = new Map(taxRates.map(([taxClass, , percent]) => [taxClass, percent]));
    const history = { catalogue, customers, compiled, taxRates: rates, counts: plan.quotes, now };
    const masters = masterRows(plan, catalogue, customers, rules);
    const documents = documentRows(plan, makeHistory(history, random));
    for (const [table, rows] of Object.entries({ ...masters, ...documents })) insertRows(tx, table, rows);
    return true;
  });
}

function masterRows(
  plan: OrganizationPlan,
  catalogue: SeedCatalogue,
  customers: readonly SeedCustomer[],
  rules: SeedRuleSet,
): RowsByTable {
  const at = new Date(foundedMs).toISOString();
  const owned = { tenant_id: plan.tenantId, organization_id: plan.organizationId, workspace_id: null };
  const stamps = { created_at: at, updated_at: at };
  const versioned = { version: 1, ...stamps };
  return {
    erp_categories: catalogue.categories.map(
      (category): Row => ({ ...owned, ...category, parent_id: null, ...versioned }),
    ),
    erp_products: catalogue.products.map(
      ({ id, code, name, kind, categoryId: category_id, basePrice: base_price }): Row => {
        const product = { id, code, name, status: 'active', kind, category_id, tax_class: 'standard', base_price };
        return { ...owned, ...product, currency: 'EUR', ...versioned };
      },
    ),
    erp_product_variants: catalogue.products.flatMap((product) =>
      product.variants.map(
        ({ id, sku, options: option_values, cost, priceDelta: price_delta, weightG: weight_g }): Row => {
          const variant = { id, product_id: product.id, sku, option_values, gtin: null, cost, price_delta, weight_g };
          return { ...owned, ...variant, status: 'active', ...versioned };
        },
      ),
    ),
    erp_customers: customers.map(({ id, code, name, email, group, taxExempt, city }): Row => {
      const address = {
        kind: 'billing',
        recipient: name,
        line1: 'Main Road 1',
        city,
        postal_code: '10115',
        country: 'DE',
      };
      const customer = { id, code, name, email, customer_group: group, tax_exempt: taxExempt, currency: 'EUR' };
      return { ...owned, ...customer, addresses: [address], ...versioned };
    }),
    erp_tax_rates: taxRates.map(([tax_class, name, rate_percent]): Row => {
      const id = seedId(`${plan.name}/tax-rate/${tax_class}`, foundedMs);
      return { ...owned, id, tax_class, name, rate_percent, valid_from: '2020-01-01', ...stamps };
    }),
    ...ruleRows(owned, versioned, stamps, at, rules),
  };
}

function ruleRows(owned: Row, versioned: Row, stamps: Row, at: string, rules: SeedRuleSet): RowsByTable {
  const { ruleSetId: rule_set_id, versionId, text, hash, content } = rules;
  const set = { id: rule_set_id, code: 'standard', name: 'Standard prices', status: 'active', currency: 'EUR' };
  const version = { id: versionId, rule_set_id, version: 1, content: text, hash };
  return {
    erp_pricing_rule_sets: [{ ...owned, ...set, ...versioned }],
    erp_pricing_rules: content.rules.map(
      (rule, position): Row => ({
        ...owned,
        id: rule.id,
        rule_set_id,
        code: rule.code,
        position,
        kind: rule.kind,
        conditions: rule.conditions,
        effect: rule.effect,
        stackable: rule.kind === 'discount' && rule.stackable,
        ...stamps,
      }),
    ),
    erp_pricing_rule_set_versions: [{ ...owned, ...version, valid_from: at, valid_until: null, created_at: at }],
  };
}
