import { testDatabase } from '@platen/chassis/testkit/database';
import type { Order } from '@platen/schema/contracts/data/orders';
import type { PricedBasket } from '@platen/schema/contracts/data/pricing';
import type { Quote } from '@platen/schema/contracts/data/quotes';
import { Decimal } from 'decimal.js';
import t, { type Test } from 'tap';
import type { Static } from 'typebox';
import { v7 } from 'uuid';
import { openTestPlane } from '../../testkit/test-plane.js';

// By the API alone, in decimal.js: what a document says of its money follows from its own lines, after every change.
const plane = openTestPlane(t, { 'erp-1': await testDatabase(t, 'erp') });
type Priced = Static<typeof PricedBasket>;
type Money = Priced['total'];

interface ShopParts {
  readonly currency?: string;
  readonly taxRounding?: 'line' | 'document';
  readonly unitPriceDecimals?: number;
  readonly rules: (products: readonly string[]) => object[];
}
let shops = 0;

/** A shop with two products in two tax classes, and its price list in force. */
async function openShop({ currency = 'EUR', taxRounding = 'line', unitPriceDecimals = 2, rules }: ShopParts) {
  shops += 1;
  const tenant = plane.addTenant(`shop${shops}`, 'erp-1');
  plane.apply({
    kind: 'organization',
    tenant_id: tenant.id,
    id: tenant.organizationIds[0],
    code: 'shop',
    name: 'Shop',
    status: 'active',
    settings: {
      workspace_required: false,
      currency,
      time_zone: 'Europe/Berlin',
      locale: 'de',
      tax_rounding: taxRounding,
      quote_prefix: 'Q-',
      order_prefix: 'O-',
      quote_valid_days: 30,
    },
    workspaces: [],
  });
  const token = plane.token(tenant);
  const ask = (method: 'GET' | 'POST' | 'PATCH' | 'PUT', path: string, payload?: object) =>
    plane.call(tenant, token, { method, url: `/api/erp${path}`, ...(payload && { payload }) });
  const make = async (path: string, payload?: object) => {
    const { status, body } = await ask('POST', path, payload);
    if (status >= 300) throw new Error(`${path}: ${JSON.stringify(body)}`);
    return body;
  };
  const money = (amount: string): Money => ({ amount, currency });
  for (const [taxClass, percent] of [
    ['standard', '19'],
    ['reduced', '7.5'],
    ['free', '0'],
  ] as const) {
    await make('/tax-rates', { tax_class: taxClass, name: taxClass, rate_percent: percent, valid_from: today(1) });
  }
  const products: { id: string; variants: string[] }[] = [];
  for (const taxClass of ['standard', 'reduced'] as const) {
    const fields = { code: `p-${taxClass}`, name: taxClass, kind: 'blank', tax_class: taxClass, status: 'active' };
    const { id } = await make('/products', { ...fields, base_price: money('10.005') });
    const variants: string[] = [];
    for (const [sku, delta, cost] of [
      ['s', '0', '4'],
      ['m', '0.335', '4.5'],
      ['l', '-3.3333', null],
    ] as const) {
      const more = { price_delta: money(delta), cost: cost === null ? null : money(cost) };
      const made = await make(`/products/${id}/variants`, {
        sku: `${taxClass}-${sku}`,
        option_values: { size: sku },
        ...more,
      });
      variants.push(made.id);
    }
    products.push({ id, variants });
  }
  const list = await make('/pricing/rule-sets', {
    code: 'list',
    name: 'List',
    currency,
    unit_price_decimals: unitPriceDecimals,
  });
  const url = `/pricing/rule-sets/${list.id}`;
  const publish = async (drafted: object[]) => {
    const { status, body } = await ask('PUT', `${url}/rules`, { rules: drafted });
    if (status >= 300) throw new Error(JSON.stringify(body));
    await make(`${url}/publish`, {});
  };
  await publish(rules(products.map(({ id }) => id)));
  const customer = (parts: object = {}) =>
    make('/customers', { code: `c-${v7()}`, name: 'Customer', email: 'c@c.test', currency, ...parts });
  return { ask, make, money, products, publish, customer };
}
type Shop = Awaited<ReturnType<typeof openShop>>;

const startedAt = Date.now();
/** So many days ago, by UTC: a day on which every clock had the rates. Midnight may come while this runs. */
const today = (ago: number): string => new Date(startedAt - ago * 86_400_000).toISOString().slice(0, 10);

const rule = (code: string, kind: string, effect: object, conditions: object = {}, more: object = {}) => ({
  code,
  kind,
  conditions,
  effect,
  ...more,
});
const usual = () => [
  rule('base', 'base_price', { type: 'catalogue' }),
  rule('up', 'size_upcharge', { type: 'amount', value: '1.25' }, { option: 'size', values: ['m'] }),
  rule('print', 'screen_print', screens, { count: 'design' }),
  rule('setup', 'setup_fee', { amount: '12.345' }),
  rule('off', 'discount', { type: 'percent_off', value: '3.333' }, {}, { stackable: true }),
  rule('club', 'discount', { type: 'percent_off', value: '10' }, { customer_groups: ['club'] }, { stackable: true }),
];
const screens = {
  tiers: [
    { from: 1, prices: ['1.005', '1.515'] },
    { from: 50, prices: ['0.5', '0.75'] },
  ],
  screen_fee: '18.125',
  reorder_screen_discount_percent: '50',
};

const basketOf = (shop: Shop, pieces = 7) => {
  const decorations = [{ process: 'screen_print', location: 'Front', colours: 2 }];
  return shop.products.map(({ id, variants }, n) => ({
    product_id: id,
    decorations,
    sizes: variants.map((variant_id, at) => ({ variant_id, quantity: pieces + at * 3 + n })),
  }));
};

const dec = ({ amount }: Money): Decimal => new Decimal(amount);
const sum = (amounts: readonly Money[]): Decimal => amounts.reduce((total, it) => total.plus(dec(it)), new Decimal(0));
const round = (value: Decimal, digits: number) => value.toDecimalPlaces(digits, Decimal.ROUND_HALF_UP);

interface Expected {
  readonly digits?: number;
  readonly taxRounding?: 'line' | 'document';
  readonly exempt?: boolean;
}
function agrees(
  t: Test,
  what: string,
  it: Pick<Priced, 'subtotal' | 'discount' | 'tax' | 'total' | 'taxes'> & {
    lines: readonly (Omit<Priced['lines'][number], 'receipt'> & {
      receipt: Priced['lines'][number]['receipt'] | null;
    })[];
  },
  { digits = 2, taxRounding = 'line', exempt = false }: Expected = {},
) {
  const same = (left: Decimal, right: Decimal, name: string) =>
    t.ok(left.equals(right), `${what}: ${name}: ${left} and ${right}`);
  for (const line of it.lines) {
    if (!line.receipt) throw new Error('no receipt');
    const pieces = line.sizes.reduce(
      (all, size) => all.plus(dec(size.unit_price).times(size.quantity)),
      new Decimal(0),
    );
    const fees = line.receipt.fees.reduce((all, fee) => all.plus(fee.amount), new Decimal(0));
    same(dec(line.fee_total), fees, 'fees');
    same(dec(line.line_total), round(pieces, digits).plus(fees), 'line');
    same(dec(line.line_total), new Decimal(line.receipt.line_total), 'receipt');
    t.ok(dec(line.line_total).gte(0), 'not negative');
  }
  const net = sum(it.lines.map((line) => line.line_total));
  same(dec(it.subtotal).minus(dec(it.discount)), net, 'net');
  same(sum(it.taxes.map(({ tax }) => tax)), dec(it.tax), 'tax');
  same(net.plus(dec(it.tax)), dec(it.total), 'total');
  if (exempt) {
    t.same(it.taxes, [], 'no tax');
    return;
  }
  same(sum(it.taxes.map(({ taxable }) => taxable)), net, 'taxable');
  for (const share of it.taxes) {
    const rate = new Decimal(share.percent).div(100);
    const mine = it.lines.filter((_line, n) => (n % 2 === 0 ? 'standard' : 'reduced') === share.tax_class);
    const byLine = mine.reduce(
      (all, line) => all.plus(round(dec(line.line_total).times(rate), digits)),
      new Decimal(0),
    );
    const tax = taxRounding === 'line' ? byLine : round(dec(share.taxable).times(rate), digits);
    same(dec(share.tax), tax, `${share.percent} %`);
  }
}

const pricesOf = ({
  currency,
  subtotal,
  discount,
  tax,
  total,
  taxes,
  lines,
  rule_set_version_id,
}: Priced | Static<typeof Quote> | (Static<typeof Order> & { rule_set_version_id?: string })) => ({
  sums: { currency, subtotal, discount, tax, total, taxes },
  version: rule_set_version_id,
  lines: (lines as readonly object[]).map((line) => ({ ...line, id: undefined })),
});

for (const taxRounding of ['line', 'document'] as const) {
  for (const { currency, digits } of [
    { currency: 'EUR', digits: 2 },
    { currency: 'JPY', digits: 0 },
    { currency: 'KWD', digits: 3 },
  ]) {
    t.test(`the same basket three ways, in ${currency}, tax by ${taxRounding}`, async (t) => {
      const shop = await openShop({ currency, taxRounding, unitPriceDecimals: 4, rules: usual });
      for (const parts of [{ customer_group: 'club' }, { tax_exempt: true }]) {
        const { id: customer_id } = await shop.customer(parts);
        const expected = { digits, taxRounding, exempt: 'tax_exempt' in parts };
        const lines = [...basketOf(shop), ...basketOf(shop, 1), ...basketOf(shop, 33)];
        const asked = { customer_id, lines };
        const priced = await shop.make('/pricing/price', asked);
        const quote = await shop.make('/quotes', asked);
        const order = await shop.make('/orders', asked);
        agrees(t, 'price', priced, expected);
        t.same(pricesOf(quote), pricesOf(priced), 'quote and price');
        t.same(
          { ...pricesOf(order), version: undefined },
          { ...pricesOf(priced), version: undefined },
          'order and price',
        );
        const changed = (await shop.ask('PATCH', `/orders/${order.id}`, { lines: lines.slice(0, 3) })).body;
        agrees(t, 'changed order', changed, expected);
        t.same((await shop.ask('GET', `/orders/${order.id}`)).body, changed);
        agrees(
          t,
          'changed quote',
          (await shop.ask('PATCH', `/quotes/${quote.id}`, { lines: lines.slice(1, 3).reverse() })).body,
          expected,
        );
        const repriced = await shop.make(`/quotes/${quote.id}/reprice`);
        agrees(t, 'repriced', repriced, expected);
        const revised = await shop.make(`/quotes/${quote.id}/revise`, {});
        agrees(t, 'revised', revised, expected);
        if ('tax_exempt' in parts) t.equal((await shop.ask('GET', `/quotes/${revised.id}/pdf`)).status, 200);
        await shop.make(`/quotes/${revised.id}/send`);
        await shop.make(`/quotes/${revised.id}/accept`);
        const converted = await shop.make(`/quotes/${revised.id}/convert`, {});
        agrees(t, 'converted', converted, expected);
        const { repricing: _, ...of } = revised;
        t.same(
          { ...pricesOf(converted), version: undefined },
          { ...pricesOf(of), version: undefined },
          'order and quote',
        );
        await shop.make(`/orders/${converted.id}/confirm`);
        const payment = (amount: Money) => ({ kind: 'payment', method: 'cash', amount });
        const tooSmall = `0.${'0'.repeat(digits)}1`;
        t.match(await shop.ask('POST', `/orders/${converted.id}/payments`, payment(shop.money(tooSmall))), {
          status: 422,
          body: { code: 'amount_out_of_range' },
        });
        const paid = await shop.make(`/orders/${converted.id}/payments`, payment(converted.total));
        t.equal(paid.order.payment_status, 'paid', 'its total can be paid');
      }
    });
  }
}

t.test('a deposit that the price no longer reaches is said, and mended by who decides', async (t) => {
  const shop = await openShop({ rules: usual });
  const { id: customer_id } = await shop.customer();
  const lines = basketOf(shop);
  const quote = await shop.make('/quotes', { customer_id, lines });
  const order = await shop.make('/orders', { customer_id, lines });
  for (const path of [`/quotes/${quote.id}`, `/orders/${order.id}`]) {
    t.equal((await shop.ask('PATCH', path, { deposit_due: quote.total })).status, 200, 'all of it');
  }
  await shop.publish([
    ...usual().slice(0, 5),
    rule('half', 'discount', { type: 'percent_off', value: '50' }, {}, { stackable: true }),
  ]);
  const refused = {
    status: 422,
    body: { code: 'amount_out_of_range', errors: [{ path: '/body/deposit_due/amount' }] },
  };
  t.match(await shop.ask('POST', `/quotes/${quote.id}/reprice`), refused);
  t.match(await shop.ask('POST', `/quotes/${quote.id}/revise`, {}), refused);
  t.match(await shop.ask('PATCH', `/orders/${order.id}`, { due_on: '2099-01-01' }), refused);
  t.same((await shop.ask('GET', `/quotes/${quote.id}`)).body.total, quote.total, 'and nothing changed');
  const [half] = [
    (await shop.make(`/quotes/${quote.id}/revise`, { deposit_due: shop.money('10') })) as Static<typeof Quote>,
  ];
  t.match(half, { revision: 2, deposit_due: shop.money('10.0000') });
  t.equal((await shop.ask('PATCH', `/orders/${order.id}`, { deposit_due: null })).status, 200);
  // The customer's currency is another one now: there is no such price list, and the deposit is of the old one.
  const { id: other } = await shop.customer({ currency: 'CHF' });
  const answer = await shop.ask('PATCH', `/quotes/${half?.id}`, { customer_id: other });
  t.match(answer, { status: 422, body: { code: /currency_mismatch|price_unavailable/ } });
});

t.test('edges: nothing to pay, all that fits, no rate, rates by their day', async (t) => {
  const free = await openShop({
    rules: () => [
      rule('base', 'base_price', { type: 'catalogue' }),
      rule('gift', 'discount', { type: 'percent_off', value: '100' }, {}, { stackable: false }),
    ],
  });
  const { id: customer_id } = await free.customer();
  const [line] = free.products;
  const lines = [{ product_id: line?.id, sizes: [{ variant_id: line?.variants[0], quantity: 3 }] }];
  const order = await free.make('/orders', { customer_id, lines });
  agrees(t, 'free', order);
  t.equal(order.total.amount, '0.0000');
  t.equal(order.payment_status, 'unpaid', 'a draft');
  const confirmed = await free.make(`/orders/${order.id}/confirm`);
  t.equal(confirmed.payment_status, 'paid', 'nothing is due');
  const nothing = { kind: 'payment', method: 'cash', amount: free.money('0.01') };
  t.match(await free.ask('POST', `/orders/${order.id}/payments`, nothing), {
    status: 422,
    body: { code: 'payment_exceeds_balance' },
  });
  t.equal((await free.ask('POST', `/orders/${order.id}/start`, { allow_short: true })).status, 200);

  const dear = await openShop({ rules: () => [rule('base', 'base_price', { type: 'fixed', amount: '83333333.33' })] });
  const buyer = await dear.customer();
  const [first] = dear.products;
  const many = (quantity: number, variants = 1) => [
    {
      product_id: first?.id,
      sizes: first?.variants.slice(0, variants).map((variant_id) => ({ variant_id, quantity })),
    },
  ];
  const most = await dear.ask('POST', '/quotes', { customer_id: buyer.id, lines: many(1_000_000) });
  t.equal(most.status, 201);
  agrees(t, 'the most', most.body);
  t.same((await dear.ask('GET', `/quotes/${most.body.id}`)).body, most.body);
  t.equal((await dear.ask('GET', `/quotes/${most.body.id}/pdf`)).status, 200);
  t.match(await dear.ask('POST', '/quotes', { customer_id: buyer.id, lines: many(1_000_000, 2) }), {
    status: 422,
    body: { code: 'amount_out_of_range' },
  });
  t.match(await dear.ask('POST', '/orders', { customer_id: buyer.id, lines: many(1_010_000) }), { status: 400 });

  const shop = await openShop({ rules: usual });
  const asked = (price_on?: string) => ({ ...(price_on && { price_on }), lines: basketOf(shop) });
  const soon = today(-40);
  await shop.make('/tax-rates', { tax_class: 'standard', name: 'later', rate_percent: '25', valid_from: soon });
  const shareOn = async (day?: string) =>
    (await shop.make('/pricing/price', asked(day))).taxes.map((it: { percent: string }) => it.percent);
  t.same(await shareOn(), ['7.5', '19']);
  t.same(await shareOn(today(-39)), ['7.5', '19'], 'not before');
  t.same(await shareOn(soon), ['7.5', '25'], 'from its first day');
  await shop.ask('PATCH', `/products/${shop.products[0]?.id}`, { tax_class: 'unheard-of' });
  t.match(await shop.ask('POST', '/pricing/price', asked()), { status: 422, body: { code: 'price_unavailable' } });
  const { id: exempt } = await shop.customer({ tax_exempt: true });
  t.equal(
    (await shop.ask('POST', '/pricing/price', { ...asked(), customer_id: exempt })).status,
    200,
    'no tax, no rate',
  );
});
