import { dayMs } from './durations.js';
import { amountOf, centsOf, decimalOf } from './money.js';
import type { Random } from './random.js';
import { orderStatusCodes, type VendorOrderStatus } from './shapes.js';
import type { Instant, SiteCustomer, SiteLineSize, SiteOrder, SiteOrderLine, SiteProduct } from './truth.js';

const processes = ['Screen Print', 'DTF', 'Embroidery', 'DTG'];
const taxRatesPercent = [0, 6, 6.25, 8, 19];
const { ordered, produced, shipped, cancelled } = orderStatusCodes;

export interface OrderWorld {
  readonly random: Random;
  /** Replaced one by one as they change; orders keep what they were made with. */
  readonly products: SiteProduct[];
  readonly customers: readonly SiteCustomer[];
}
export interface OrderTimes {
  readonly orderedAtMs: number;
  /** Nothing happened after it. */
  readonly nowMs: number;
}

/** The `place`-th order of a site (from 1): its id and amounts that add up as the vendor's do. */
export function makeOrder(world: OrderWorld, place: number, { orderedAtMs, nowMs }: OrderTimes): SiteOrder {
  const { random } = world;
  const status = statusOf(random, nowMs - orderedAtMs);
  const number = 4_209_306_000 + place;
  const ratePercent = random.pick(taxRatesPercent);
  const lines = Array.from({ length: random.between(1, 3) }, (_, index) =>
    makeLine(world, `${number}${index + 1}`, status, ratePercent),
  );
  const instant = (ms: number): Instant => new Date(Math.floor(Math.min(ms, nowMs) / 1000) * 1000).toISOString();
  const after = (days: number) => orderedAtMs + days * dayMs + random.between(0, dayMs);
  const [producedAt, shippedAt] = [instant(after(3)), instant(after(5))];
  const isProduced = status === produced || status === shipped;
  const lastMs = status === shipped ? Date.parse(shippedAt) : isProduced ? Date.parse(producedAt) : orderedAtMs;
  return {
    id: `INV${1000 + place}`,
    number,
    status,
    jobName: random.oneIn(4) ? '' : `Job ${place}`,
    customer: random.pick(world.customers),
    poNumber: random.oneIn(3) ? `PO${place}` : '',
    ...amountsOf(random, lines, ratePercent),
    orderedAt: instant(orderedAtMs),
    filesReadyAt: random.oneIn(9) ? null : instant(orderedAtMs + random.between(0, dayMs)),
    producedAt: isProduced ? producedAt : null,
    shippedAt: status === shipped ? shippedAt : null,
    invoicedAt: status === shipped ? shippedAt : null,
    modifiedAt: instant(lastMs + random.between(0, dayMs / 2)),
    dueAt: new Date(Math.floor((nowMs + random.between(5, 20) * dayMs) / 1000) * 1000).toISOString(),
    pickUp: random.oneIn(5),
    shippingCode: status === shipped ? `1Z302E4R${number}` : '',
    note: random.oneIn(6) ? 'Call before delivery – „Hintereingang“ 📦' : '',
    lines,
  };
}

function statusOf(random: Random, ageMs: number): VendorOrderStatus {
  if (random.oneIn(30)) return cancelled;
  if (ageMs < 5 * dayMs) return ordered;
  return ageMs < 9 * dayMs ? produced : shipped;
}

function makeLine(
  { random, products }: OrderWorld,
  id: string,
  status: VendorOrderStatus,
  ratePercent: number,
): SiteOrderLine {
  const product = random.pick(products);
  const { colour } = random.pick(product.skus);
  const decorationCents = random.between(50, 900);
  const skus = product.skus.filter((sku) => sku.colour.id === colour.id);
  const first = random.between(0, skus.length - 1);
  const sizes = skus.slice(first, first + random.between(1, 3)).map((sku, index): SiteLineSize => {
    const qty = random.between(1, 40);
    const isProduced = status === produced || status === shipped;
    return {
      id: Number(id) * 10 + index,
      sku,
      qty,
      produced: isProduced ? qty : 0,
      shipped: status === shipped ? qty : 0,
    };
  });
  const totalCents = sizes.reduce((sum, { sku, qty }) => sum + qty * (centsOf(sku.price) + decorationCents), 0);
  const discountCents = random.oneIn(10) ? Math.floor(totalCents / 20) : 0;
  return {
    id,
    product,
    colour,
    process: random.pick(processes),
    decorationUnitPrice: amountOf(decorationCents),
    totalPrice: amountOf(totalCents),
    discount: amountOf(discountCents),
    tax: amountOf(Math.round(((totalCents - discountCents) * ratePercent) / 100)),
    sizes,
  };
}

function amountsOf(random: Random, lines: readonly SiteOrderLine[], ratePercent: number) {
  const itemCents = lines.reduce((sum, line) => sum + centsOf(line.totalPrice), 0);
  const discountCents = lines.reduce((sum, line) => sum + centsOf(line.discount), 0);
  const shippingCents = random.oneIn(4) ? 0 : random.between(500, 4000);
  const rushCents = random.oneIn(12) ? 120 : 0;
  // Cents by percent are ten-thousandths: the four decimals that the vendor's unrounded tax has.
  const taxUnits = Math.round((itemCents - discountCents) * ratePercent);
  const taxCents = Math.round(taxUnits / 100);
  const less = (oneIn: number, percent: number) =>
    random.oneIn(oneIn) ? Math.floor(((itemCents - discountCents) * percent) / 100) : 0;
  const [couponCents, giftCents, creditCents] = [less(15, 10), less(40, 20), less(40, 5)];
  const billableCents =
    itemCents + shippingCents + taxCents + rushCents - discountCents - couponCents - giftCents - creditCents;
  return {
    itemAmount: amountOf(itemCents),
    shippingAmount: amountOf(shippingCents),
    taxAmount: amountOf(taxCents),
    taxUnrounded: decimalOf(taxUnits, 4),
    discountAmount: amountOf(discountCents),
    couponDiscountAmount: amountOf(couponCents),
    giftCertificateAmount: amountOf(giftCents),
    creditUsed: amountOf(creditCents),
    rushFeeAmount: amountOf(rushCents),
    billableAmount: amountOf(billableCents),
    outstandingBalance: amountOf(random.oneIn(3) ? billableCents : 0),
  };
}
