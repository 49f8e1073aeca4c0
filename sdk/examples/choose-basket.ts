import type { Answer, Client } from '@platen/sdk';

type Customer = Answer<Client['erp']['customers']['get']>;
type Product = Answer<Client['erp']['products']['get']>;
type Variant = Answer<Client['erp']['variants']['update']>;

export interface Basket {
  readonly customer: Customer;
  readonly lines: { readonly product: Product; readonly variants: readonly Variant[] }[];
}

/** A customer who can be written to, best one of a group: groups have discounts. */
export async function chooseCustomer(client: Client): Promise<Customer> {
  let anyone: Customer | undefined;
  for await (const customer of client.erp.customers.list.items()) {
    if (customer.email === null) continue;
    if (customer.customer_group !== null && !customer.tax_exempt) return customer;
    anyone ??= customer;
  }
  if (!anyone) throw new Error('No customer has an e-mail address: is the database seeded?');
  return anyone;
}

/**
 * The first products on sale with several sizes of one colour, in the customer's currency. What lies in no category is
 * passed over: somebody has imported it since, and the seeded price list decorates by category.
 */
export async function chooseBasket(client: Client, count: number): Promise<Basket> {
  const customer = await chooseCustomer(client);
  const lines: Basket['lines'] = [];
  for await (const product of client.erp.products.list.items({ status: 'active' })) {
    if (product.base_price.currency !== customer.currency || product.category_id === null) continue;
    const variants = await sizesOfOneColour(client, product);
    if (variants.length >= 2) lines.push({ product, variants });
    if (lines.length === count) return { customer, lines };
  }
  throw new Error(`Fewer than ${count} products with sizes are on sale: is the database seeded?`);
}

async function sizesOfOneColour(client: Client, product: Product): Promise<Variant[]> {
  const colours = new Map<string, Variant[]>();
  for await (const variant of client.erp.variants.list.items({ id: product.id, limit: 200 })) {
    if (variant.status !== 'active') continue;
    const { size = '', ...others } = variant.option_values;
    const colour = Object.entries(others).sort().join();
    if (size !== '') colours.set(colour, [...(colours.get(colour) ?? []), variant]);
  }
  return [...colours.values()].sort((a, b) => b.length - a.length)[0] ?? [];
}
