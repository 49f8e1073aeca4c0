import t from 'tap';
import { chooseSupplier, type SupplierTerms } from './choose-supplier.js';
import { type ShortRow, type Situation, suggestPurchases } from './suggest.js';

const settings = { today: '2026-03-01', currency: 'EUR', maxLines: 2 };
const offer = (supplier_code: string, cost: string, lead_days: number, more: Partial<SupplierTerms> = {}) => ({
  variant_id: 'shirt',
  supplier_id: supplier_code,
  supplier_code,
  supplier_name: supplier_code,
  currency: 'EUR',
  sku: null,
  cost,
  lead_days,
  ...more,
});
const short = (number: string, quantity: string, due_on: string | null, variant_id = 'shirt'): ShortRow => ({
  order_id: number,
  number,
  customer_id: 'c',
  customer_name: 'Rowing Club',
  due_on,
  variant_id,
  sku: variant_id,
  product_name: variant_id,
  quantity,
});

t.test('the cheapest in time, else the fastest; currencies are not compared', async (t) => {
  const choice = (offers: SupplierTerms[], dueOn: string | null) =>
    chooseSupplier(offers, { ...settings, dueOn })?.supplier_code;
  const offers = [offer('dear', '3', 2), offer('cheap', '1.90', 9), offer('mid', '2', 4)];
  t.equal(choice(offers, null), 'cheap');
  t.equal(choice(offers, '2026-03-10'), 'cheap', 'on the day is in time');
  t.equal(choice(offers, '2026-03-09'), 'mid');
  t.equal(choice(offers, '2026-03-03'), 'dear');
  t.equal(choice(offers, '2026-03-02'), 'dear', 'nobody is in time: the fastest');
  t.equal(choice([], null), undefined);
  const yen = offer('yen', '1', 1, { currency: 'JPY' });
  t.equal(choice([yen, ...offers], null), 'cheap', 'the organization’s currency first');
  t.equal(choice([yen, ...offers], '2026-03-02'), 'yen', 'in time before all');
  t.equal(choice([offer('b', '2', 3), offer('a', '2.0000', 3)], null), 'a');
});

t.test('what comes is counted for the orders due first; drafts are not', async (t) => {
  const situation: Situation = {
    short: [short('O-1', '10', '2026-03-03'), short('O-2', '8', '2026-03-08'), short('O-3', '5', null)],
    coming: [{ variant_id: 'shirt', on_the_way: '7.0000', submitted: '5.0000', drafted: '100' }],
    terms: [offer('slow', '1', 30), offer('quick', '2.335', 6)],
  };
  const { purchase_orders, awaited, without_supplier } = suggestPurchases(situation, settings);
  t.same([awaited, without_supplier], [[], []]);
  t.match(purchase_orders, [
    {
      supplier_code: 'quick',
      // 11 × 2.335 = 25.685
      total: { amount: '25.6900', currency: 'EUR' },
      draft: { expected_on: '2026-03-07', lines: [{ variant_id: 'shirt', quantity: '11' }] },
      lines: [
        {
          short_quantity: '23',
          on_the_way_quantity: '7',
          submitted_quantity: '5',
          drafted_quantity: '100',
          in_time: true,
          orders: [
            { number: 'O-1', quantity: '10', awaited_quantity: '10', in_time: null },
            { number: 'O-2', quantity: '8', awaited_quantity: '2', in_time: true },
            { number: 'O-3', quantity: '5', awaited_quantity: '0', in_time: null },
          ],
        },
      ],
    },
  ]);
});

t.test('enough is coming, nobody delivers it, and more lines than a purchase order takes', async (t) => {
  const variants = ['a', 'b', 'c', 'covered', 'orphan'];
  const situation: Situation = {
    short: variants.map((variant) => short(`O-${variant}`, '4', '2026-03-02', variant)),
    coming: [{ variant_id: 'covered', on_the_way: '4', submitted: '0', drafted: '0' }],
    terms: ['a', 'b', 'c', 'covered'].map((variant_id) => offer('one', '1', 5, { variant_id })),
  };
  const { purchase_orders, awaited, without_supplier } = suggestPurchases(situation, settings);
  t.same(
    purchase_orders.map(({ draft }) => draft.lines.map(({ variant_id }) => variant_id)),
    [['a', 'b'], ['c']],
  );
  t.match(purchase_orders[0]?.lines[0], { in_time: false, orders: [{ number: 'O-a', in_time: false }] });
  t.match(awaited, [{ sku: 'covered', orders: [{ awaited_quantity: '4' }] }]);
  t.match(without_supplier, [{ sku: 'orphan', orders: [{ number: 'O-orphan' }] }]);
});
