import { moneyWriter, type Writing, writeContact, writeDate } from './as-vendor.js';
import { amountOf, centsOf } from './money.js';
import { purchaseOrderStatuses, type VendorInventory, type VendorProduct, type VendorPurchaseOrder } from './shapes.js';
import type { SiteInventory, SiteProduct, SitePurchaseOrder, SitePurchaseOrderLine } from './truth.js';

export function writeProduct(product: SiteProduct, writing: Writing): VendorProduct {
  const money = moneyWriter(writing, product.id);
  const sizes = new Map(product.skus.map(({ size }) => [size.id, size]));
  const colours = new Map(product.skus.map(({ colour }) => [colour.id, colour]));
  return {
    product_id: product.id,
    product_code: product.code,
    product_name: product.name,
    supplier: product.supplier,
    brand: product.supplier,
    is_active: true,
    date_modified: writeDate(writing, product.modifiedAt),
    categories: [product.category],
    sizes: [...sizes.values()],
    colors: [...colours.values()],
    skus: product.skus.map(({ size, colour, price, cost, sku, dnSkuId }) => ({
      size_id: size.id,
      color_id: colour.id,
      price: money(price),
      cost: money(cost),
      sku,
      dn_sku_id: dnSkuId,
    })),
  };
}

export function writeInventory(row: SiteInventory, writing: Writing): VendorInventory {
  const { product, sku } = row;
  return {
    product_id: String(product.id),
    product_code: product.code,
    product_name: product.name,
    supplier: product.supplier,
    sku: sku.sku,
    vendor_sku: sku.vendorSku,
    dn_sku_id: sku.dnSkuId,
    dn_vsku_id: `v${sku.dnSkuId}`,
    product_size: { option_id: sku.size.id, name: sku.size.name, code: sku.size.code, sub_sizes: [] },
    product_color: sku.colour,
    inv_on: row.on,
    inv_lvl: row.level,
    inv_warn: row.warn,
    inv_reorder_to: row.reorderTo,
    inv_on_order_po: row.onOrderPo,
    inv_on_order_stk: row.onOrderStock,
    inv_on_order_total: row.onOrderPo + row.onOrderStock,
    inv_last_modified: writeDate(writing, row.modifiedAt),
  };
}

const buyer = {
  id: 2_143_423,
  email: 'purchasing@dn.example',
  firstName: 'Fred',
  lastName: 'Smith',
  company: 'Acme Co',
};

export function writePurchaseOrder(order: SitePurchaseOrder, writing: Writing): VendorPurchaseOrder {
  const money = moneyWriter(writing, Number(order.number));
  const sum = (count: (line: SitePurchaseOrderLine) => number) =>
    order.lines.reduce((total, line) => total + count(line), 0);
  return {
    po_number: order.number,
    vendor: order.supplier,
    vendor_details: {
      id: 6753,
      name: order.supplier,
      description: '',
      purchase_order_email: 'purchases@vendor.example',
      address: '123 Some Street Some City 23443',
    },
    vendor_invoice: order.vendorInvoice,
    vendor_tracking_number: '',
    status: order.status,
    status_description: purchaseOrderStatuses[order.status],
    reference: order.reference,
    date_raised: writeDate(writing, order.raisedAt),
    date_modified: writeDate(writing, order.modifiedAt),
    date_delivery: writeDate(writing, order.deliveryAt),
    raised_by: writeContact({ ...buyer, city: 'Huntington Beach' }),
    attention: 'James Smith',
    notes: '',
    qty_ordered: sum(({ ordered }) => ordered),
    qty_received: sum(({ received }) => received),
    sub_total: money(order.subTotal),
    shipping: money(order.shipping),
    tax: 0,
    total: money(order.total),
    live_order: false,
    live_order_status: '',
    lines: order.lines.map(({ id, product, sku, ordered, received }) => ({
      id,
      product_id: product.id,
      product_code: product.code,
      product_name: product.name,
      sku: sku.sku,
      vendor_sku: sku.vendorSku,
      dn_sku_id: sku.dnSkuId,
      qty_ordered: ordered,
      qty_received: received,
      unit_cost: money(sku.cost),
      total_cost: money(amountOf(centsOf(sku.cost) * ordered)),
    })),
  };
}
