import type {
  DnInventoryRecord,
  DnProductRecord,
  DnPurchaseOrderRecord,
} from '@platen/schema/contracts/internal/deconetwork';
import { amountOf, countOf } from '../amounts.js';
import { momentOf } from '../dates.js';
import type { Inventory, Product, PurchaseOrder } from '../shapes.js';
import { flagOf, nameOr, textOrNull } from './text.js';

export function productOf(product: Product, raw: string): DnProductRecord {
  const sizes = new Map((product.sizes ?? []).map(({ id, name }) => [id, name]));
  const colours = new Map((product.colors ?? []).map(({ id, name }) => [id, name]));
  return {
    kind: 'product',
    dn_id: product.product_id,
    modified_at: momentOf(product.date_modified),
    raw,
    code: textOrNull(product.product_code),
    name: nameOr(`Product ${product.product_id}`, product.product_name, product.product_code),
    brand: textOrNull(product.brand),
    supplier: textOrNull(product.supplier),
    is_active: flagOf(product.is_active, true),
    variants: (product.skus ?? []).map((sku) => ({
      dn_id: sku.dn_sku_id,
      sku: textOrNull(sku.sku),
      size: textOrNull(sizes.get(sku.size_id ?? '')),
      colour: textOrNull(colours.get(sku.color_id ?? '')),
      price: sku.price == null ? null : amountOf(sku.price),
      cost: sku.cost == null ? null : amountOf(sku.cost),
    })),
  };
}

export function inventoryOf(row: Inventory, raw: string): DnInventoryRecord {
  const isKept = flagOf(row.inv_on, false);
  return {
    kind: 'inventory',
    dn_id: row.dn_sku_id,
    modified_at: momentOf(row.inv_last_modified),
    raw,
    product: {
      dn_id: row.product_id,
      code: textOrNull(row.product_code),
      name: nameOr(`Product ${row.product_id}`, row.product_name, row.product_code),
    },
    sku: textOrNull(row.sku),
    vendor_sku: textOrNull(row.vendor_sku),
    size: textOrNull(row.product_size?.name),
    colour: textOrNull(row.product_color?.name),
    level: isKept && row.inv_lvl != null ? countOf(row.inv_lvl) : null,
  };
}

export const purchaseOrderOf = (order: PurchaseOrder, raw: string): DnPurchaseOrderRecord => ({
  kind: 'purchase_order',
  dn_id: order.po_number,
  modified_at: momentOf(order.date_modified),
  raw,
  status: order.status,
  status_text: textOrNull(order.status_description),
  vendor: textOrNull(order.vendor),
  reference: textOrNull(order.reference),
  total: amountOf(order.total),
  lines: order.lines.map((line) => ({
    dn_id: line.id,
    variant_dn_id: textOrNull(line.dn_sku_id, 100),
    sku: textOrNull(line.sku),
    ordered: countOf(line.qty_ordered),
    received: countOf(line.qty_received ?? '0'),
    unit_cost: amountOf(line.unit_cost ?? '0'),
  })),
});
