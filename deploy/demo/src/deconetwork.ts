import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServiceProcess } from '@platen/chassis/service-process/start';
import { makeCatalogue, type SeedProduct, type SeedVariant } from '@platen/data-plane/seed/catalogue';
import { makeCustomers, type SeedCustomer } from '@platen/data-plane/seed/parties';
import { seedPlans } from '@platen/data-plane/seed/plans';
import { seededRandom } from '@platen/data-plane/seed/random';
import type { CatalogueInput } from '@platen/deconetwork-site';
import { demoPassword } from '@platen/schema/seeds/identities';
import type { DemoConfig } from './config.js';
import { DemoFailure } from './failure.js';

const entry = fileURLToPath(new URL('../../deconetwork-site/dist/main.js', import.meta.url));
const username = 'platen';

export interface DemoSite {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  stop(): Promise<void>;
}

/** As `OUTBOUND_ALLOWED_HOSTS` has it. */
export const decoNetworkHost = ({ ports }: Pick<DemoConfig, 'ports'>): string => `127.0.0.1:${ports.decoNetwork}`;

/** A site in a process of its own, whose shop knows some of what acme knows: there is something to map, and to decide. */
export async function startDecoNetwork(config: DemoConfig, fail: (line: string) => void): Promise<DemoSite> {
  const catalogueFile = path.join(config.dataDir, 'deconetwork-catalogue.json');
  writeFileSync(catalogueFile, JSON.stringify(makeSiteCatalogue()));
  const logFile = path.join(config.dataDir, 'log', 'deconetwork-site.log');
  mkdirSync(path.dirname(logFile), { recursive: true });
  const url = `http://${decoNetworkHost(config)}`;
  const options = {
    port: config.ports.decoNetwork,
    orders: 60,
    'start-at': new Date().toISOString(),
    username,
    password: demoPassword,
    catalogue: catalogueFile,
  };
  const { stop } = await startServiceProcess({
    name: 'deconetwork-site',
    entry,
    args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
    env: {},
    logFile,
    readyUrl: `${url}/__site`,
    onExit: ({ code, signal }) =>
      fail(`deconetwork-site ended by itself (${signal ?? `exit code ${code}`}); its log: ${logFile}`),
  });
  return { url, username, password: demoPassword, stop };
}

/**
 * Of acme's garments and customers: some under the same SKU or e-mail address, some by the same name only, and beside
 * them some that acme has never heard of.
 */
function makeSiteCatalogue(): CatalogueInput {
  const plan = seedPlans.find(({ tenant }) => tenant === 'acme')?.plan;
  if (plan === undefined) throw new DemoFailure('There is no plan to seed acme from');
  // In the seed's order: the numbers that come of it are the same then. The ids that hang on the date are not used.
  const random = seededRandom(plan.name);
  const { products } = makeCatalogue(plan.name, random, 0);
  const customers = makeCustomers(plan.name, plan.customers, random, 0);
  return {
    products: [
      ...products.slice(0, 12).map((product) => productOf(product, ({ sku }) => sku)),
      ...products.slice(12, 18).map((product) => productOf(product, ({ sku }) => `DN-${sku.toUpperCase()}`)),
      ...['Glow Tee', 'Bamboo Socks', 'Rain Poncho'].map(unknownProduct),
    ],
    customers: [
      ...customers.slice(0, 20).map((customer) => customerOf(customer, customer.email)),
      ...customers.slice(20, 28).map((customer, index) => customerOf(customer, `info@shop-${index + 1}.example`)),
      { email: 'zoe@newcomer.example', firstName: 'Zoë', lastName: 'Newcomer', company: '' },
    ],
  };
}

type Product = CatalogueInput['products'][number];

const productOf = (
  { code, name, basePrice, variants }: SeedProduct,
  skuOf: (variant: SeedVariant) => string,
): Product => ({
  code,
  name,
  skus: variants.map((variant) => ({
    sku: skuOf(variant),
    colour: variant.options['colour'] ?? '',
    size: variant.options['size'] ?? '',
    price: basePrice.slice(0, -2),
    cost: variant.cost.slice(0, -2),
  })),
});

const unknownProduct = (name: string, index: number): Product => ({
  code: `X${index + 1}`,
  name,
  skus: ['S', 'M', 'L'].map((size) => ({ sku: '', colour: 'White', size, price: '9.90', cost: '4.10' })),
});

const customerOf = ({ name, code }: SeedCustomer, email: string): CatalogueInput['customers'][number] => ({
  email,
  firstName: 'Orders',
  lastName: code,
  company: name,
});
