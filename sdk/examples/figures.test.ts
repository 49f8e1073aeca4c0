import { createHash } from 'node:crypto';
import t from 'tap';
import { checkFigures, formatAmount, type PricedBasket, parseAmount, roundAmount } from './figures.js';

const id = '01930000-0000-7000-8000-000000000001';
const eur = (amount: string) => ({ amount, currency: 'EUR' });

/** Three pieces at 4.03, one at 5.73, 10.00 for the set-up, 19 % tax; the receipt as the server writes it, keys in order. */
function basket(): PricedBasket {
  const size = (name: string, quantity: number, unitPrice: string, total: string) =>
    `{"cost":null,"options":{"size":"${name}"},"price_delta":"0.0000","quantity":${quantity},"total":"${total}","unit_price":"${unitPrice}","variant_id":"${id}"}`;
  const text =
    `{"base_price":"4.0300","category_id":null,"considered":[],"counts":{"designs":{},"product":4,"rules":{}},"currency":"EUR",` +
    `"customer_group":null,"customer_id":null,"decorations":[],"design_id":null,"discount":"0.0000","due_on":null,` +
    `"fee_total":"10.0000","fees":[{"amount":"10.0000","design_id":null,"effect":"once","kind":"setup_fee","location":null,` +
    `"rule_code":"set-up","rule_id":"${id}"}],"fees_elsewhere":[],"format":"platen-receipt/2","line_total":"27.8200",` +
    `"next_break":null,"price_on":"2026-03-01","product_id":"${id}","quantity":4,` +
    `"rounding":{"line_total":2,"margin_floor":"up","mode":"half_up","unit_price":2},"rule_set_hash":"none",` +
    `"rule_set_version_id":"${id}","sizes":[${size('M', 3, '4.0300', '12.0900')},${size('2XL', 1, '5.7300', '5.7300')}],"steps":[]}`;
  const line = {
    position: 1,
    product_id: id,
    design_id: null,
    decorations: [],
    quantity: 4,
    unit_price: eur('4.4550'),
    fee_total: eur('10.0000'),
    line_total: eur('27.8200'),
    sizes: [
      { variant_id: id, quantity: 3, unit_price: eur('4.0300') },
      { variant_id: id, quantity: 1, unit_price: eur('5.7300') },
    ],
    receipt: JSON.parse(text),
    receipt_hash: createHash('sha256').update(text).digest('hex'),
  };
  return {
    currency: 'EUR',
    rule_set_version_id: id,
    lines: [line],
    subtotal: eur('27.8200'),
    discount: eur('0.0000'),
    tax: eur('5.2900'),
    total: eur('33.1100'),
    taxes: [{ tax_class: 'standard', percent: '19', taxable: eur('27.8200'), tax: eur('5.2900') }],
  };
}

t.test('figures that add up pass', async (t) => {
  t.doesNotThrow(() => checkFigures(basket()));
});

const distortions: Record<string, (basket: PricedBasket) => void> = {
  total: (b) => Object.assign(b.total, eur('33.1200')),
  tax: (b) => Object.assign(b.tax, eur('5.2800')),
  discount: (b) => Object.assign(b.discount, eur('0.0100')),
  'unit price': (b) => Object.assign(b.lines[0]?.sizes[0] ?? {}, { unit_price: eur('4.0200') }),
  fees: (b) => Object.assign(b.lines[0] ?? {}, { fee_total: eur('9.0000') }),
  pieces: (b) => Object.assign(b.lines[0] ?? {}, { quantity: 5 }),
  receipt: (b) => Object.assign(b.lines[0]?.receipt ?? {}, { price_on: '2026-03-02' }),
};
for (const [what, distort] of Object.entries(distortions)) {
  t.test(`a wrong ${what} does not`, async (t) => {
    const wrong = basket();
    distort(wrong);
    t.throws(() => checkFigures(wrong));
  });
}

t.test('amounts are exact', async (t) => {
  t.equal(formatAmount(parseAmount('0.1') + parseAmount('0.2')), '0.3000');
  t.equal(formatAmount(parseAmount('-12.3456')), '-12.3456');
  t.equal(formatAmount(roundAmount(parseAmount('2.3450'), 2)), '2.3500');
  t.throws(() => parseAmount('1e3'));
});
