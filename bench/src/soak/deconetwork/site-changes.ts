import { dayMs } from '@platen/chassis/durations';
import { centsOf, type DecoNetworkSite, type OrderPatch, type SiteOrder } from '@platen/deconetwork-site';
import type { Random } from '../random.js';

const amountOf = (cents: number): string => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
const plus = (amount: string, cents: number): string => amountOf(centsOf(amount) + cents);
const [ordered, produced, shipped, cancelled] = [1, 2, 3, 4] as const;

export const isOrdered = ({ status }: SiteOrder): boolean => status === ordered;
export const isUnpaid = ({ status, outstandingBalance }: SiteOrder): boolean =>
  status !== cancelled && centsOf(outstandingBalance) > 200;

export const paidUp: OrderPatch = { outstandingBalance: '0.00' };

export const shippedWhole = ({ lines, modifiedAt }: SiteOrder): OrderPatch => ({
  status: shipped,
  producedAt: modifiedAt,
  shippedAt: modifiedAt,
  lines: lines.map((line) => ({
    ...line,
    sizes: line.sizes.map((size) => ({ ...size, produced: size.qty, shipped: size.qty })),
  })),
});

/** Twice as many of the first line's first size, at its price: the items' sum follows, and what is to be paid. */
function moreOfFirst(order: SiteOrder): OrderPatch {
  const [line] = order.lines;
  const [size] = line?.sizes ?? [];
  if (!line || !size) return {};
  const cents = size.qty * (centsOf(size.sku.price) + centsOf(line.decorationUnitPrice));
  const sizes = line.sizes.map((each) => (each === size ? { ...size, qty: size.qty * 2 } : each));
  return {
    lines: [{ ...line, sizes, totalPrice: plus(line.totalPrice, cents) }, ...order.lines.slice(1)],
    itemAmount: plus(order.itemAmount, cents),
    billableAmount: plus(order.billableAmount, cents),
    outstandingBalance: plus(order.outstandingBalance, cents),
  };
}

/** What people at a site do to an order. */
function anyPatch(order: SiteOrder, random: Random): OrderPatch {
  const later = { dueAt: new Date(Date.parse(order.dueAt) + (1 + random(9)) * dayMs).toISOString() };
  const dearer = { shippingAmount: plus(order.shippingAmount, 125), billableAmount: plus(order.billableAmount, 125) };
  const patches: OrderPatch[] = [later, dearer, paidUp];
  if (order.status === ordered)
    patches.push({ status: produced }, shippedWhole(order), { status: cancelled }, moreOfFirst(order));
  return patches[random(patches.length)] ?? later;
}

/** Changes that many orders, each once. Answers their ids. */
export function changeAtSite(site: DecoNetworkSite, random: Random, orders: readonly SiteOrder[]): string[] {
  return orders
    .filter(({ status }) => status !== cancelled)
    .map((order) => site.changeOrder(order.id, anyPatch(order, random)).id);
}

/** So many of the list, each once, in a random order; they are gone from it. */
export function draw<T>(random: Random, from: T[], count: number): T[] {
  return Array.from({ length: Math.min(count, from.length) }, () => from.splice(random(from.length), 1)).flat();
}
