import { moneyWriter, type Writing, writeContact, writeDate } from './as-vendor.js';
import { flagOf, type Parameters } from './parameters.js';
import type { VendorOrder, VendorOrderLine, VendorShipment } from './shapes.js';
import type { Amount, SiteOrder, SiteOrderLine } from './truth.js';

const staff = { id: 67_117_406, login: 'frontdesk', firstname: 'Fran', lastname: 'Desk' };

export function writeOrder(order: SiteOrder, writing: Writing, asked: Parameters): VendorOrder {
  const money = moneyWriter(writing, order.number);
  const link = (kind: string) => `${writing.origin}/bh/orders/${kind}/${order.number}${writing.linkQuery}`;
  const contact = writeContact(order.customer);
  const taxed = Number(order.taxUnrounded) > 0;
  return {
    order_id: order.id,
    ...amountsOf(order, money),
    tax_names: taxed ? 'State of Texas' : '',
    taxes: taxed ? [{ id: 99_816, name: 'State of Texas', amount: money(order.taxUnrounded) }] : [],
    total_weight: order.lines.length * 1.3,
    source_type: 3,
    order_status: order.status,
    job_name: order.jobName,
    customer_id: order.customer.id,
    customer_po_number: order.poNumber,
    ...datesOf(order, writing),
    rush_order_fee: Number(order.rushFeeAmount) > 0 ? 'Rush Order Fee' : '',
    account_terms: 'C.O.D.',
    is_priority: false,
    shipping_method: order.pickUp ? null : { id: 2_025_656, name: 'Standard' },
    billing_details: contact,
    ...(order.pickUp ? {} : { shipping_details: contact }),
    store: { id: 22_679_926, name: 'Main store', domain: 'shop.dn.example' },
    assigned_to: staff,
    created_by: staff,
    quote_pdf_url: link('download_quote'),
    production_pdf_url: link('download_worksheet'),
    order_proof_pdf_url: link('download_order_proof'),
    payments: paymentsOf(order, writing, money),
    payment_details: { payment_type_id: 415_651, payment_type_name: 'In Person' },
    refunds: [],
    ...(flagOf(asked, 'include_shipments') === true && { shipments: shipmentsOf(order, writing) }),
    order_lines: order.lines.map((line) => writeLine(line, order, writing, asked, money)),
    notes: order.note === '' ? [] : [{ content: order.note }],
  };
}

type Money = (amount: Amount) => number;

const amountsOf = (order: SiteOrder, money: Money) => ({
  item_amount: money(order.itemAmount),
  shipping_amount: money(order.shippingAmount),
  tax_amount: money(order.taxAmount),
  discount_amount: money(order.discountAmount),
  coupon_discount_amount: money(order.couponDiscountAmount),
  gift_certificate_amount: money(order.giftCertificateAmount),
  credit_used: money(order.creditUsed),
  rush_order_fee_amount: money(order.rushFeeAmount),
  billable_amount: money(order.billableAmount),
  outstanding_balance: money(order.outstandingBalance),
});

const datesOf = (order: SiteOrder, writing: Writing) => ({
  date_started: writeDate(writing, order.orderedAt),
  date_ordered: writeDate(writing, order.orderedAt),
  date_production_files_ready: writeDate(writing, order.filesReadyAt),
  date_produced: writeDate(writing, order.producedAt),
  date_shipped: writeDate(writing, order.shippedAt),
  date_invoiced: writeDate(writing, order.invoicedAt),
  date_modified: writeDate(writing, order.modifiedAt),
  date_due: writeDate(writing, order.dueAt),
  date_scheduled: writeDate(writing, order.dueAt),
});

function paymentsOf(order: SiteOrder, writing: Writing, money: Money): VendorOrder['payments'] {
  if (Number(order.outstandingBalance) > 0) return [];
  const paid = { billable_amount: money(order.billableAmount), paid_amount: money(order.billableAmount) };
  const date_paid = writeDate(writing, order.orderedAt);
  const kind = { payment_method: 'In Person', code: 'custom_415651' };
  return [{ id: order.number, payment_id: order.number + 1, date_paid, ...kind, ...paid, refunded_amount: 0 }];
}

function shipmentsOf(order: SiteOrder, writing: Writing): readonly VendorShipment[] {
  if (order.shippedAt === null) return [];
  const date = writeDate(writing, order.shippedAt);
  return [{ id: order.number, date, tracking_number: order.shippingCode }];
}

function writeLine(
  line: SiteOrderLine,
  order: SiteOrder,
  writing: Writing,
  asked: Parameters,
  money: Money,
): VendorOrderLine {
  const qty = line.sizes.reduce((sum, size) => sum + size.qty, 0);
  const left = line.sizes.filter(({ shipped, qty: wanted }) => shipped < wanted);
  const file = (kind: string) => `${writing.origin}/bh/production/${kind}/${line.id}${writing.linkQuery}`;
  return {
    id: line.id,
    qty,
    // What it costs on average, with as many digits as a double has: sizes have different prices.
    unit_price: Number(line.totalPrice) / qty,
    total_price: money(line.totalPrice),
    discount: money(line.discount),
    tax: money(line.tax),
    tax_names: Number(line.tax) > 0 ? 'State of Texas' : '',
    production_status: statusOfLine(line, order),
    shipped_date: writeDate(writing, order.shippedAt),
    product_id: line.product.id,
    product_code: line.product.code,
    product_name: line.product.name,
    product_supplier_name: line.product.supplier,
    product_color: line.colour,
    unit_weight: 0.4290277774179813,
    decoration_unit_price: money(line.decorationUnitPrice),
    attachment_urls: [],
    fields: [sizeField(line, money)],
    views: [viewOf(line, file)],
    ...(flagOf(asked, 'include_workflow_data') === true && {
      workflow_items: left.map((size) => ({
        id: size.id,
        option_id: size.sku.size.id,
        vendor_sku: size.sku.vendorSku,
        qty_to_fulfill: size.qty - size.shipped,
        procurement_status: 3,
        production_status: size.produced === size.qty ? 2 : 1,
        shipping_status: 1,
      })),
    }),
  };
}

function statusOfLine({ sizes }: SiteOrderLine, order: SiteOrder): number {
  if (order.status === 4) return 4;
  if (sizes.every(({ qty, shipped }) => shipped >= qty)) return 3;
  return sizes.every(({ qty, produced }) => produced >= qty) ? 2 : 1;
}

function sizeField({ sizes }: SiteOrderLine, money: Money): VendorOrderLine['fields'][number] {
  return {
    field_id: 2,
    field_name: 'Size',
    field_type: 0,
    string_value: null,
    options: sizes.map(({ sku, qty }) => ({
      option_id: sku.size.id,
      code: sku.size.code,
      name: sku.size.name,
      qty,
      price: money(sku.price),
      cost: money(sku.cost),
      sku: sku.sku,
      vendor_sku: sku.vendorSku,
      dn_sku_id: sku.dnSkuId,
      sub_options: [],
    })),
  };
}

function viewOf({ id, process }: SiteOrderLine, file: (kind: string) => string): VendorOrderLine['views'][number] {
  return {
    view_id: Number(id.slice(-6)),
    view_name: 'Front',
    production_files_ready: true,
    thumbnail: `/configured_product_view/e/image/${id}/large_thumb.png`,
    areas: [
      {
        area_id: Number(id.slice(-7)),
        area_name: 'Body',
        proof_url: file('get_area_proof'),
        processes: [{ process, production_file_url: file('get_design') }],
      },
    ],
  };
}
