import type { DnOrderRecord } from '@platen/schema/contracts/internal/deconetwork';
import t from 'tap';
import { parseVendorJson } from '../vendor-json.js';
import { type ReadRow, readRow } from './normalise.js';

const line = {
  id: '771',
  qty: 5,
  unit_price: 10.040000000000001,
  total_price: 50.2,
  product_id: 19617,
  product_code: 'G500',
  product_name: 'Heavy Tee',
  product_color: { id: 4, name: 'Navy' },
  fields: [
    { field_name: 'Name on back', options: [{ option_id: 1, name: 'Kim', qty: 1, dn_sku_id: 'no size' }] },
    {
      field_name: 'Size',
      options: [
        { option_id: 7, name: 'M', qty: 3, price: 10, sku: 'G500-NVY-M', vendor_sku: 'v1', dn_sku_id: '19617_1378' },
        { option_id: 8, name: 'L', qty: '2', price: 10.1, sku: '', vendor_sku: null, dn_sku_id: '' },
        { option_id: 9, name: 'XL', qty: 0, price: 10.1, sku: 'G500-NVY-XL', dn_sku_id: '19617_1380' },
      ],
    },
  ],
  views: [
    { view_name: 'Front', areas: [{ area_name: 'Body', processes: [{ process: 'DTF' }, { process: 'DTF' }] }] },
    { view_name: null, areas: [{ area_name: 'Sleeve', processes: [{ process: 'Embroidery' }, { process: null }] }] },
  ],
};
const order = {
  order_id: 'INV1001',
  order_status: 1,
  item_amount: 50.2,
  tax_amount: 3.3,
  billable_amount: 58.5,
  outstanding_balance: 58.5,
  shipping_amount: 5,
  discount_amount: 1.1,
  coupon_discount_amount: 0.1,
  gift_certificate_amount: 0,
  credit_used: 0,
  rush_order_fee_amount: 1.2,
  job_name: 'Job 1',
  customer_id: 4711,
  customer_po_number: '',
  date_ordered: '2024-10-01T00:00:00',
  date_modified: '2024-10-09T02:24:39.000+00:00',
  date_due: '2024-10-20T23:30:00-05:00',
  billing_details: {
    user_id: 4711,
    email: 'kim@shop.example',
    firstname: 'Kim',
    lastname: 'Lee',
    company: 'Lee Ltd',
    street: '1 Road',
    city: 'Austin',
    state: 'Texas',
    postcode: 78759,
    country_code: 'us',
    ph_number: '+1',
  },
  order_lines: [line],
};

const read = (record: object, kind: Parameters<typeof readRow>[0] = 'order'): ReadRow =>
  readRow(kind, parseVendorJson(JSON.stringify(record)));
function orderOf(record: object): DnOrderRecord {
  const row = read(record);
  if ('unreadable' in row) throw new Error(row.unreadable.message);
  return row.record as DnOrderRecord; // orders were read
}

t.test('an order in our words', async (t) => {
  const { raw, ...said } = orderOf(order);
  t.equal(raw, JSON.stringify(order));
  t.same(said, {
    kind: 'order',
    dn_id: 'INV1001',
    modified_at: '2024-10-09T02:24:39.000Z',
    status: '1',
    customer: {
      dn_id: '4711',
      name: 'Kim Lee',
      email: 'kim@shop.example',
      company: 'Lee Ltd',
      phone: '+1',
      billing: { line1: '1 Road', city: 'Austin', region: 'Texas', postal_code: '78759', country: 'US' },
      shipping: null,
    },
    job_name: 'Job 1',
    customer_po_number: null,
    ordered_at: '2024-10-01T00:00:00.000Z',
    due_on: '2024-10-21',
    items: '50.2000',
    discount: '1.2000',
    shipping: '5.0000',
    rush: '1.2000',
    tax: '3.3000',
    gift_and_credit: '0.0000',
    billable: '58.5000',
    outstanding: '58.5000',
    lines: [
      {
        dn_id: '771',
        product: { dn_id: '19617', code: 'G500', name: 'Heavy Tee', colour: 'Navy' },
        decorations: [
          { process: 'DTF', location: 'Front' },
          { process: 'Embroidery', location: 'Sleeve' },
        ],
        quantity: 5,
        unit_price: '10.0400',
        line_total: '50.2000',
        sizes: [
          { dn_id: '19617_1378', sku: 'G500-NVY-M', vendor_sku: 'v1', size: 'M', quantity: 3, unit_price: '10.0000' },
          { dn_id: '19617:8', sku: null, vendor_sku: null, size: 'L', quantity: 2, unit_price: '10.1000' },
        ],
      },
    ],
  });
});

t.test('what a site leaves out, or spells another way, is no reason to fail', async (t) => {
  const { billing_details, rush_order_fee_amount, job_name, date_due, customer_id, ...bare } = order;
  const address = billing_details;
  t.match(orderOf({ ...bare, customer_id }), {
    customer: { dn_id: '4711', name: 'Customer 4711', email: null, billing: null, shipping: null },
    rush: '0.0000',
    job_name: null,
    due_on: null,
  });
  t.match(orderOf({ ...bare, customer_id, shipping_details: address }).customer, {
    name: 'Kim Lee',
    billing: null,
    shipping: { city: 'Austin' },
  });
  t.match(orderOf({ ...order, customer_id: null }).customer.dn_id, '4711', 'by the billing details');
  const nameless = { ...address, firstname: ' ', lastname: null };
  t.equal(orderOf({ ...order, billing_details: nameless }).customer.name, 'Lee Ltd');
  t.equal(orderOf({ ...order, billing_details: { ...nameless, company: '' } }).customer.name, 'kim@shop.example');
  t.match(orderOf({ ...order, billing_details: { ...address, email: 'none', country_code: 'USA' } }).customer, {
    email: null,
    billing: { country: null },
  });
  t.match(orderOf({ ...order, order_id: 77, order_status: 'produced', new_member: { a: 1 } }), {
    dn_id: '77',
    status: 'produced',
  });
  t.equal(orderOf({ ...order, job_name: `${'a'.repeat(499)}😀` }).job_name?.length, 499, 'no half of a pair');
  t.equal(orderOf({ ...order, order_lines: [{ ...line, fields: null, views: undefined }] }).lines[0]?.sizes.length, 0);
});

t.test('a row that is none is a failure of its own, which names the place and no value', async (t) => {
  const bad: readonly [record: object, message: RegExp][] = [
    [{ ...order, billable_amount: 'a lot' }, /billable_amount/],
    [{ ...order, item_amount: 1e20 }, /too large/],
    [{ ...order, order_lines: undefined }, /order_lines/],
    [{ ...order, order_lines: [{ ...line, qty: 1.5 }] }, /count/],
    [{ ...order, order_lines: [{ ...line, id: null }] }, /order_lines\/0\/id/],
    [{ ...order, order_lines: Array.from({ length: 501 }, () => line) }, /lines/],
    [{ ...order, customer_id: null, billing_details: null }, /customer_id/],
    [{ ...order, customer_id: 0, billing_details: null }, /customer_id/],
  ];
  for (const [record, message] of bad) {
    const row = read(record);
    t.match(row, { unreadable: { kind: 'order', dn_id: 'INV1001', modified_at: '2024-10-09T02:24:39.000Z', message } });
    t.notMatch('unreadable' in row ? row.unreadable.message : '', /a lot|1e20|Kim/);
  }
  t.match(read({ ...order, order_id: null }), { unreadable: { dn_id: /^unnamed \S{16}$/ } });
  t.same(read({ ...order, order_id: null }), read({ ...order, order_id: null }), 'and again under the same name');
  t.match(readRow('order', parseVendorJson('"<html>"')), { unreadable: { message: 'it is no record' } });
});

t.test('products, inventory and purchase orders', async (t) => {
  const product = {
    product_id: 19617,
    product_code: '',
    product_name: 'Heavy Tee',
    supplier: 'SanMar',
    brand: null,
    is_active: 0,
    date_modified: '2016-02-01T00:00:00',
    sizes: [
      { id: 7, name: 'M' },
      { id: 7, name: 'M' },
    ],
    colors: [{ id: 4, name: 'Navy' }],
    skus: [{ size_id: 7, color_id: 5, price: 9.99, cost: null, sku: 'S', dn_sku_id: '19617_1' }],
  };
  t.match(read(product, 'product'), {
    record: {
      kind: 'product',
      dn_id: '19617',
      code: null,
      is_active: false,
      modified_at: '2016-02-01T00:00:00.000Z',
      variants: [{ dn_id: '19617_1', size: 'M', colour: null, price: '9.9900', cost: null }],
    },
  });
  const row = {
    product_id: '19617',
    product_name: 'Heavy Tee',
    dn_sku_id: '19617_1',
    sku: 'S',
    product_size: { name: 'M' },
    product_color: null,
    inv_on: true,
    inv_lvl: -2,
    inv_last_modified: null,
  };
  t.match(read(row, 'inventory'), { record: { dn_id: '19617_1', level: -2, colour: null, modified_at: null } });
  t.match(read({ ...row, inv_on: false }, 'inventory'), { record: { level: null } });
  t.match(read({ ...row, inv_on: '1' }, 'inventory'), { record: { level: -2 } });
  const purchase = {
    po_number: 1007,
    vendor: 'SanMar',
    status: 4,
    status_description: 'Partially Received',
    date_modified: '2024-10-09T02:24:39',
    total: 120.5,
    lines: [{ id: 5, sku: 'S', dn_sku_id: '', qty_ordered: 10, qty_received: 4, unit_cost: 3.01 }],
  };
  t.match(read(purchase, 'purchase_order'), {
    record: {
      dn_id: '1007',
      status: '4',
      total: '120.5000',
      lines: [{ dn_id: '5', variant_dn_id: null, ordered: 10, received: 4, unit_cost: '3.0100' }],
    },
  });
});

t.test('an id that is no line of text names no record of ours', async (t) => {
  for (const id of ['a\r\nb', ' ', 'a\tb', '\u0007', 'a ', '\u2028']) {
    const row = readRow('order', parseVendorJson(JSON.stringify({ ...order, order_id: id })));
    t.ok('unreadable' in row && /order_id/.test(row.unreadable.message), JSON.stringify(row).slice(0, 100));
    t.notOk('unreadable' in row && /\p{Cc}/u.test(row.unreadable.dn_id));
  }
  t.ok('record' in readRow('order', parseVendorJson(JSON.stringify({ ...order, order_id: 'Über 12/ü-3' }))));
});
