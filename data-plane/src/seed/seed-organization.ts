import { lockNumberOf } from '@platen/chassis/db/advisory-locks';
import { statement } from '@platen/chassis/db/statement';
import type { ScopedDb } from '@platen/chassis/db/types';
import { addUsedBytes } from '../modules/files/index.js';
import { compileRuleSet } from '../modules/pricing/index.js';
import { makeCatalogue, type SeedCatalogue } from './catalogue.js';
import { makeDesigns, type SeedDesign } from './designs.js';
import { documentRows, type Owner, type RowsByTable } from './document-rows.js';
import { type HistoryInput, makeHistory, type PastQuote } from './history.js';
import { insertRows, type Row } from './insert-rows.js';
import { makeArtwork, type StoreFile, storeDrawings } from './making/artwork.js';
import { makeGarmentPictures } from './making/garments.js';
import { makeShop, openOrdersOf } from './making/make-shop.js';
import { makeOpenOrders } from './making/open-orders.js';
import type { Maker, MakingPlan } from './making/plan.js';
import { makeCustomers, type SeedCustomer } from './parties.js';
import { seededRandom, seedId } from './random.js';
import { findPublished, publishAnew, ruleRows, ruleSetRow, versionRow } from './rule-rows.js';
import { makeRuleSet, type SeedRuleSet } from './rules.js';

export interface OrganizationPlan extends Owner {
  /** Seed of the generator: the same name gives the same data. */
  readonly name: string;
  readonly customers: number;
  /** How many quotes each workspace made; null: the organization itself. */
  readonly quotes: readonly { readonly workspaceId: string | null; readonly quotes: number }[];
  /** Suppliers, stock, purchases and the board; without it the organization has only sold. */
  readonly making?: MakingPlan;
}

/** Everything but documents is older than the oldest of them, on a day that every run agrees on. */
const foundedMs = Date.UTC(2024, 0, 1);
const taxRates: readonly (readonly [taxClass: string, name: string, percent: string])[] = [
  ['standard', 'Standard rate', '19'],
  ['reduced', 'Reduced rate', '7'],
];

// Nothing is known yet of tables that are being filled: then indexes that begin with the organization look as good as the
// one of the key, and the checks of foreign keys read all of its rows each time. With these settings the planner compares
// such indexes by how much they select.
const lockOrganization = statement<{ locked: string }>(
  'seed.lock',
  `select pg_advisory_xact_lock(${lockNumberOf('organizationSeed', '$1::text')})::text as locked,
    set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true),
    set_config('cpu_operator_cost', '0', true)`,
);

/**
 * Fills one organization in one transaction, as the application's role in the organization's scope. Where that was done
 * before, it only publishes prices anew if the version in force is of a format that is no longer read. Answers whether
 * it wrote.
 */
export async function seedOrganization(
  db: ScopedDb,
  plan: OrganizationPlan,
  now: Date,
  store?: StoreFile,
): Promise<boolean> {
  const random = seededRandom(plan.name);
  const catalogue = makeCatalogue(plan.name, random, foundedMs);
  const customers = makeCustomers(plan.name, plan.customers, random, foundedMs);
  const rules = makeRuleSet(plan.name, catalogue, customers, random, foundedMs);
  return db.transaction(async (tx) => {
    await tx.query(lockOrganization, [plan.organizationId]);
    // Looked for after the lock: a run beside this one has committed by now.
    const published = await findPublished(tx, rules.ruleSetId);
    if (published) return publishAnew(tx, plan, rules, published, now);
    const compiled = compileRuleSet({ id: rules.versionId, hash: rules.hash, content: rules.content });
    const rates = new Map(taxRates.map(([taxClass, , percent]) => [taxClass, percent]));
    const designs = makeDesigns(plan.name, customers, random, foundedMs);
    const shop = { catalogue, customers, designs, compiled, taxRates: rates, now };
    const masters = masterRows(plan, catalogue, customers, designs, rules);
    const history = makeHistory({ ...shop, counts: plan.quotes }, random);
    const tables = plan.making
      ? await withMaking({ ...plan, making: plan.making }, { ...shop, history, masters, store })
      : { ...masters, ...documentRows(plan, history).tables };
    for (const [table, rows] of Object.entries(tables)) insertRows(tx, table, rows);
    // Last: the tenant's other organizations wait for this row.
    const bytes = (tables['erp_files'] ?? []).reduce((sum, row) => sum + Number(row['byte_size']), 0);
    if (bytes > 0) await addUsedBytes(tx, plan.tenantId, bytes, null);
    return true;
  });
}

interface Making extends Omit<HistoryInput, 'counts'> {
  readonly history: readonly PastQuote[];
  readonly masters: RowsByTable;
  readonly store: StoreFile | undefined;
}

/** The history with the orders of these weeks, and what the shop does about them. */
async function withMaking(maker: Maker, { history, masters, store, ...shop }: Making): Promise<RowsByTable> {
  const { catalogue, designs, now } = shop;
  const random = seededRandom(`${maker.name}/making`);
  const open = makeOpenOrders({ ...shop, counts: maker.making.orders }, random);
  const quotes = [...history, ...open].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  const documents = documentRows(maker, quotes);
  const artwork = store ? makeArtwork(maker, designs, openOrdersOf(documents), new Date(foundedMs)) : [];
  const pictures = store ? makeGarmentPictures(maker, catalogue, new Date(foundedMs)) : [];
  if (store) await storeDrawings(store, [...artwork, ...pictures]);
  return makeShop({ maker, catalogue, documents, masters, artwork, pictures, random, now });
}

function masterRows(
  plan: OrganizationPlan,
  catalogue: SeedCatalogue,
  customers: readonly SeedCustomer[],
  designs: readonly SeedDesign[],
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
    erp_designs: designs.map(
      ({ id, code, name, customerId: customer_id, colours, stitches, widthMm: width_mm, heightMm: height_mm }): Row => {
        const design = { id, code, name, customer_id, colours, stitches, width_mm, height_mm };
        return { ...owned, ...design, ...versioned };
      },
    ),
    erp_pricing_rule_sets: [ruleSetRow(plan, rules, at)],
    erp_pricing_rules: ruleRows(plan, rules, at),
    erp_pricing_rule_set_versions: [versionRow(plan, rules, { version: 1, at })],
  };
}
