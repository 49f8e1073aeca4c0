import { dayMs } from './durations.js';
import { amountOf, centsOf } from './money.js';
import type { Random } from './random.js';
import type { VendorPurchaseOrderStatus } from './shapes.js';
import type { SiteProduct, SitePurchaseOrder, SitePurchaseOrderLine } from './truth.js';

/** Mostly what a shop waits for; the last of each five is fully received. */
const statuses: readonly VendorPurchaseOrderStatus[] = [2, 3, 4, 1, 5];

export function makePurchaseOrder(
  random: Random,
  products: readonly SiteProduct[],
  place: number,
  nowMs: number,
): SitePurchaseOrder {
  const status = statuses[place % statuses.length] ?? 2;
  const product = random.pick(products);
  const number = 412_000 + place;
  const lines = product.skus.slice(0, 3).map((sku, index): SitePurchaseOrderLine => {
    const ordered = random.between(6, 60);
    const received = status === 5 ? ordered : status === 4 && index === 0 ? Math.floor(ordered / 2) : 0;
    return { id: number * 10 + index, product, sku, ordered, received };
  });
  const subTotalCents = lines.reduce((sum, { sku, ordered }) => sum + ordered * centsOf(sku.cost), 0);
  const raisedMs = Math.floor((nowMs - random.between(1, 30) * dayMs) / 1000) * 1000;
  const instant = (ms: number) => new Date(ms).toISOString();
  return {
    number: String(number),
    supplier: product.supplier,
    status,
    reference: `Ref${place}`,
    vendorInvoice: '',
    raisedAt: instant(raisedMs),
    modifiedAt: instant(raisedMs),
    deliveryAt: instant(raisedMs + 20 * dayMs),
    subTotal: amountOf(subTotalCents),
    shipping: '5.00',
    total: amountOf(subTotalCents + 500),
    lines,
  };
}
