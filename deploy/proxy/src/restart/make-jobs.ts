import type { Client } from '@platen/sdk';

/** Jobs on the board, with their versions: cards of one order without artwork, for nothing to be in their way. */
export async function makeJobs(client: Client, count: number, prefix: string): Promise<Map<string, number>> {
  const { products, variants, customers, orders, production } = client.erp;
  const base_price = { amount: '9.50', currency: 'EUR' } as const;
  const product = await products.create({
    code: prefix,
    name: 'Followed shirt',
    status: 'active',
    kind: 'blank',
    base_price,
  });
  const variant = await variants.create({ id: product.id, sku: prefix, option_values: { size: 'm' } });
  const customer = await customers.create({ code: `${prefix}-board`, name: 'Follower', currency: 'EUR' });
  const line = { product_id: product.id, sizes: [{ variant_id: variant.id, quantity: 6 }] };
  const order = await orders.create({ customer_id: customer.id, lines: Array.from({ length: count }, () => line) });
  await orders.confirm({ id: order.id });
  const { items } = await production.jobs.create({ order_id: order.id });
  return new Map(items.map(({ id, version }) => [id, version]));
}
