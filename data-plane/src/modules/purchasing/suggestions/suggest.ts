import type { PurchaseSuggestions } from '@platen/schema/contracts/data/purchase-suggestions';
import type { Static } from 'typebox';
import { addDays } from '../../documents/index.js';
import { add, compare, type Exact, formatExact, formatShort, parseExact, subtract, zero } from '../../pricing/index.js';
import { lineTotal } from '../orders/costs.js';
import { chooseSupplier, type SupplierTerms } from './choose-supplier.js';

type Suggestions = Static<typeof PurchaseSuggestions>;
type Suggested = Suggestions['purchase_orders'][number];
type Line = Suggested['lines'][number];
type Shortage = Suggestions['awaited'][number];

/** What one order lacks of one variant. */
export interface ShortRow {
  readonly order_id: string;
  readonly number: string;
  readonly customer_id: string;
  readonly customer_name: string;
  readonly due_on: string | null;
  readonly variant_id: string;
  readonly sku: string;
  readonly product_name: string;
  readonly quantity: string;
}
export interface ComingRow {
  readonly variant_id: string;
  readonly on_the_way: string;
  readonly submitted: string;
  readonly drafted: string;
}
export interface Situation {
  /** The earliest due first. */
  readonly short: readonly ShortRow[];
  readonly coming: readonly ComingRow[];
  readonly terms: readonly SupplierTerms[];
}
export interface SuggestionSettings {
  readonly today: string;
  /** The organization's. */
  readonly currency: string;
  /** Lines that a purchase order takes. */
  readonly maxLines: number;
}

const least = (a: Exact, b: Exact): Exact => (compare(a, b) < 0 ? a : b);
const sum = (texts: readonly string[]): Exact => texts.map(parseExact).reduce(add, zero);

/** What to buy of whom, so that the orders that wait have what they lack. */
export function suggestPurchases(
  situation: Situation,
  settings: SuggestionSettings,
): Omit<Suggestions, 'complete' | 'on'> {
  const bySupplier = new Map<string, { terms: SupplierTerms; lines: Line[] }>();
  const withoutSupplier: Shortage[] = [];
  const awaited: Shortage[] = [];
  const coming = new Map(situation.coming.map((row) => [row.variant_id, row]));
  for (const [variantId, rows] of byVariant(situation.short)) {
    const shortage = shortageOf(rows, coming.get(variantId));
    const uncovered = shortage.orders.filter((order) => order.quantity !== order.awaited_quantity);
    const [first] = uncovered;
    if (!first) {
      awaited.push(shortage);
      continue;
    }
    const offers = situation.terms.filter(({ variant_id }) => variant_id === shortage.variant_id);
    const terms = chooseSupplier(offers, { ...settings, dueOn: first.due_on });
    if (!terms) {
      withoutSupplier.push(shortage);
      continue;
    }
    const group = bySupplier.get(terms.supplier_id) ?? { terms, lines: [] };
    group.lines.push(suggestLine(shortage, terms, settings.today));
    bySupplier.set(terms.supplier_id, group);
  }
  const purchaseOrders = [...bySupplier.values()].flatMap(({ terms, lines }) =>
    chunk(lines, settings.maxLines).map((part) => suggestOrder(terms, part)),
  );
  return { purchase_orders: purchaseOrders, without_supplier: withoutSupplier, awaited };
}

/** In the order in which their first order is due. */
function byVariant(short: readonly ShortRow[]): Map<string, [ShortRow, ...ShortRow[]]> {
  const groups = new Map<string, [ShortRow, ...ShortRow[]]>();
  for (const row of short) {
    const group = groups.get(row.variant_id);
    if (group) group.push(row);
    else groups.set(row.variant_id, [row]);
  }
  return groups;
}

/** What comes is counted for the orders that are due first: they get it when it is received. */
function shortageOf(rows: readonly [ShortRow, ...ShortRow[]], coming: ComingRow | undefined): Shortage {
  const [{ variant_id, sku, product_name }] = rows;
  const { on_the_way = '0', submitted = '0', drafted = '0' } = coming ?? {};
  let left = sum([on_the_way, submitted]);
  const orders = rows.map((row) => {
    const awaited = least(parseExact(row.quantity), left);
    left = subtract(left, awaited);
    return {
      order_id: row.order_id,
      number: row.number,
      customer_id: row.customer_id,
      customer_name: row.customer_name,
      due_on: row.due_on,
      quantity: formatShort(parseExact(row.quantity)),
      awaited_quantity: formatShort(awaited),
      in_time: null,
    };
  });
  return {
    variant_id,
    sku,
    product_name,
    short_quantity: formatShort(sum(rows.map(({ quantity }) => quantity))),
    on_the_way_quantity: formatShort(parseExact(on_the_way)),
    submitted_quantity: formatShort(parseExact(submitted)),
    drafted_quantity: formatShort(parseExact(drafted)),
    orders,
  };
}

function suggestLine(shortage: Shortage, terms: SupplierTerms, today: string): Line {
  const arrivesOn = addDays(today, terms.lead_days);
  const orders = shortage.orders.map((order) => ({
    ...order,
    in_time: order.due_on === null || order.quantity === order.awaited_quantity ? null : arrivesOn <= order.due_on,
  }));
  const need = orders.reduce(
    (total, order) => add(total, subtract(parseExact(order.quantity), parseExact(order.awaited_quantity))),
    zero,
  );
  const unitCost = parseExact(terms.cost);
  const money = (x: Exact) => ({ amount: formatExact(x), currency: terms.currency });
  return {
    ...shortage,
    orders,
    quantity: formatShort(need),
    supplier_sku: terms.sku,
    unit_cost: money(unitCost),
    line_total: money(lineTotal(need, unitCost, terms.currency)),
    lead_days: terms.lead_days,
    arrives_on: arrivesOn,
    in_time: orders.every(({ in_time }) => in_time !== false),
  };
}

function suggestOrder(terms: SupplierTerms, lines: readonly Line[]): Suggested {
  const { supplier_id, supplier_code, supplier_name, currency } = terms;
  const expectedOn = lines.map((line) => line.arrives_on).reduce((a, b) => (a > b ? a : b));
  return {
    supplier_id,
    supplier_code,
    supplier_name,
    currency,
    total: { amount: formatExact(sum(lines.map((line) => line.line_total.amount))), currency },
    draft: {
      supplier_id,
      expected_on: expectedOn,
      lines: lines.map(({ variant_id, quantity, unit_cost }) => ({ variant_id, quantity, unit_cost })),
    },
    lines: [...lines],
  };
}

const chunk = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));
