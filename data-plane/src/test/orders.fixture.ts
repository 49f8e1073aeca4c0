import { statement } from '@platen/chassis/db/statement';
import type { BodyOf } from '@platen/schema/contract';
import type { Order, orders } from '@platen/schema/contracts/data/orders';
import type { Static } from 'typebox';
import { read, type Sales } from './sales.fixture.js';

export type OrderBody = Static<typeof Order>;
export type NewOrder = BodyOf<typeof orders.create>;

const basket = statement<{ customer: string; products: { id: string; variants: string[] }[] }>(
  'test.order_basket',
  `select (select id from erp_customers where not tax_exempt order by code limit 1) as customer,
    (select json_agg(json_build_object('id', p.id, 'variants',
      (select json_agg(id order by sku) from erp_product_variants where product_id = p.id)) order by code)
      from (select id, code from erp_products order by code limit 3) p) as products`,
  { parse: { products: 'json' } },
);

/** Two lines, three sizes. */
export async function orderBasket({ ctxOf }: Sales): Promise<NewOrder> {
  const [row] = await ctxOf().db.leased.query(basket);
  const [shirt, hoodie] = row?.products ?? [];
  if (!row || !shirt || !hoodie) throw new Error('no seeds');
  return {
    customer_id: row.customer,
    lines: [
      {
        product_id: shirt.id,
        sizes: shirt.variants.slice(0, 2).map((variant_id, n) => ({ variant_id, quantity: 20 + n })),
      },
      { product_id: hoodie.id, sizes: hoodie.variants.slice(0, 1).map((variant_id) => ({ variant_id, quantity: 7 })) },
    ],
  };
}

export const pay = (kind: 'payment' | 'refund', amount: string, currency = 'EUR') => ({
  kind,
  method: 'cash' as const,
  amount: { amount, currency },
});

export async function confirmedOrder(sales: Sales, more: Partial<NewOrder> = {}): Promise<OrderBody> {
  const { orders, ctxOf } = sales;
  const { id } = read<OrderBody>(await orders.create(ctxOf(), { ...(await orderBasket(sales)), ...more }));
  return read(await orders.confirm(ctxOf(), id));
}

export const cents = (amount: string): number => Math.round(Number(amount) * 100);
export const euros = (amount: number): string => (amount / 100).toFixed(2);
