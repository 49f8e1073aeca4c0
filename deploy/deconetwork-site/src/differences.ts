import { orderStatusCodes } from './shapes.js';
import type { SiteOrder } from './truth.js';

/** An order of an ERP, as far as the site can say what it must be. Amounts are decimal texts; quantities whole. */
export interface ImportedOrder {
  readonly number: string | null;
  readonly status: string;
  readonly subtotal: string;
  readonly discount: string;
  readonly charges: string;
  readonly tax: string;
  readonly total: string;
  /** Payments less refunds. */
  readonly paid: string;
  readonly due_on: string | null;
  readonly customer_email: string | null;
  readonly lines: readonly {
    readonly quantity: number;
    readonly line_total: string;
    readonly sizes: readonly { readonly sku: string; readonly quantity: number }[];
  }[];
}

/** What each of the site's statuses is called there; a shop may say otherwise. */
const statuses: Readonly<Record<SiteOrder['status'], string>> = {
  [orderStatusCodes.ordered]: 'confirmed',
  [orderStatusCodes.produced]: 'ready',
  [orderStatusCodes.shipped]: 'shipped',
  [orderStatusCodes.cancelled]: 'cancelled',
};

/** Ten-thousandths, exact: texts of money have at most four decimals. */
function units(amount: string): bigint {
  const [, sign = '', whole = '', decimals = ''] = /^(-?)(\d+)(?:\.(\d{1,4}))?$/.exec(amount) ?? [];
  if (whole === '') throw new RangeError(`${amount} is no amount`);
  const value = BigInt(whole) * 10_000n + BigInt(decimals.padEnd(4, '0'));
  return sign === '' ? value : -value;
}
const sum = (...amounts: readonly string[]): bigint => amounts.reduce((all, amount) => all + units(amount), 0n);

/** In what an imported order is not the site's, each with both values; nothing: it is. */
export function differencesOf(site: SiteOrder, ours: ImportedOrder): string[] {
  const charges = sum(site.shippingAmount, site.rushFeeAmount);
  const discount = sum(site.discountAmount, site.couponDiscountAmount);
  const total = sum(site.itemAmount, site.taxAmount) + charges - discount;
  const expected: readonly (readonly [string, unknown, unknown])[] = [
    ['number', site.id, ours.number],
    ['status', statuses[site.status], ours.status],
    ['subtotal', sum(site.itemAmount), units(ours.subtotal)],
    ['discount', discount, units(ours.discount)],
    ['charges', charges, units(ours.charges)],
    ['tax', sum(site.taxAmount), units(ours.tax)],
    ['total', total, units(ours.total)],
    ['paid', total - sum(site.outstandingBalance), units(ours.paid)],
    ['due_on', site.dueAt.slice(0, 10), ours.due_on],
    ['customer', site.customer.email.toLowerCase(), ours.customer_email?.toLowerCase() ?? null],
    ['lines', site.lines.length, ours.lines.length],
    ...site.lines.flatMap((line, index) => {
      const own = ours.lines[index];
      const quantity = line.sizes.reduce((all, { qty }) => all + qty, 0);
      const sizes = line.sizes.map(({ sku, qty }) => `${sku.sku.toLowerCase()} ${qty}`).sort();
      const ownSizes = own?.sizes.map((size) => `${size.sku.toLowerCase()} ${size.quantity}`).sort();
      return [
        [`lines.${index + 1}.line_total`, sum(line.totalPrice), own && units(own.line_total)],
        [`lines.${index + 1}.quantity`, quantity, own?.quantity],
        [`lines.${index + 1}.sizes`, sizes.join(), ownSizes?.join()],
      ] as const;
    }),
  ];
  return expected
    .filter(([, there, here]) => there !== here)
    .map(([name, there, here]) => `${site.id} ${name}: ${String(there)} there, ${String(here)} here`);
}
