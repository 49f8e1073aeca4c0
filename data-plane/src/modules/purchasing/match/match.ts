import type { PurchaseMatch, PurchaseMatchLine } from '@platen/schema/contracts/data/purchase-match';
import type { PurchaseOrderStatus } from '@platen/schema/states/purchase-order';
import type { Static } from 'typebox';
import {
  add,
  compare,
  type Exact,
  formatExact,
  formatShort,
  multiply,
  negate,
  parseExact,
  subtract,
  zero,
} from '../../pricing/index.js';
import { lineTotal } from '../orders/costs.js';

type Match = Static<typeof PurchaseMatch>;
type MatchLine = Static<typeof PurchaseMatchLine>;
type Difference = MatchLine['differences'][number];

export interface OrderToMatch {
  readonly id: string;
  readonly number: string | null;
  readonly status: PurchaseOrderStatus;
  readonly currency: string;
  readonly lines: readonly LineToMatch[];
}
export interface LineToMatch {
  readonly id: string;
  readonly position: number;
  readonly variant_id: string;
  readonly supplier_sku: string | null;
  readonly ordered_quantity: string;
  readonly received_quantity: string;
  readonly billed_quantity: string;
  readonly unit_cost: string;
  readonly line_total: string;
  readonly bills: readonly BilledLine[];
}
export interface BilledLine {
  readonly bill_id: string;
  readonly reference: string;
  readonly quantity: string;
  readonly unit_cost: string;
  readonly line_total: string;
}

const isPositive = (x: Exact): boolean => compare(x, zero) > 0;

/** Three ways at once: what was ordered, what came, what is asked for. */
export function matchOrder(order: OrderToMatch): Match {
  const money = (x: Exact) => ({ amount: formatExact(x), currency: order.currency });
  const lines = order.lines.map((line) => matchLine(line, order.currency));
  const sum = (pick: (line: MatchLine) => { amount: string }) =>
    lines.reduce((total, line) => add(total, parseExact(pick(line).amount)), zero);
  const received = sum((line) => line.received_total);
  const billed = sum((line) => line.billed_total);
  return {
    purchase_order_id: order.id,
    number: order.number,
    status: order.status,
    verdict: verdictOf(order.status, lines),
    ordered_total: money(sum((line) => line.ordered_total)),
    received_total: money(received),
    billed_total: money(billed),
    difference: money(subtract(billed, received)),
    lines,
  };
}

function matchLine(line: LineToMatch, currency: string): MatchLine {
  const money = (x: Exact) => ({ amount: formatExact(x), currency });
  const short = (text: string) => formatShort(parseExact(text));
  const unitCost = parseExact(line.unit_cost);
  const [ordered, received, billed] = [line.ordered_quantity, line.received_quantity, line.billed_quantity].map(
    parseExact,
  ) as [Exact, Exact, Exact];
  const worth = (quantity: Exact) => lineTotal(quantity, unitCost, currency);
  const differences: Difference[] = [];
  const differ = (kind: Difference['kind'], quantity: Exact, amount = worth(quantity)) => {
    if (isPositive(quantity)) differences.push({ kind, quantity: formatShort(quantity), amount: money(amount) });
  };
  differ('received_short', subtract(ordered, received));
  differ('received_over', subtract(received, ordered));
  differ('unbilled', subtract(received, billed));
  differ('billed_over', subtract(billed, received));
  const higher = costDifference(line.bills, unitCost, 1);
  const lower = costDifference(line.bills, unitCost, -1);
  differ('cost_higher', higher.quantity, higher.amount);
  differ('cost_lower', lower.quantity, lower.amount);
  return {
    purchase_order_line_id: line.id,
    position: line.position,
    variant_id: line.variant_id,
    supplier_sku: line.supplier_sku,
    ordered_quantity: short(line.ordered_quantity),
    received_quantity: short(line.received_quantity),
    billed_quantity: short(line.billed_quantity),
    unit_cost: money(unitCost),
    ordered_total: money(parseExact(line.line_total)),
    received_total: money(worth(received)),
    billed_total: money(line.bills.reduce((total, { line_total }) => add(total, parseExact(line_total)), zero)),
    bills: line.bills.map(({ bill_id, reference, quantity, unit_cost, line_total }) => ({
      bill_id,
      reference,
      quantity: short(quantity),
      unit_cost: money(parseExact(unit_cost)),
      line_total: money(parseExact(line_total)),
    })),
    differences,
  };
}

/** Of the bills that ask more (1) or less (-1) for a piece: how many pieces, and what it makes. Never rounded. */
function costDifference(bills: readonly BilledLine[], unitCost: Exact, sign: 1 | -1) {
  let [quantity, amount] = [zero, zero];
  for (const bill of bills) {
    const more = subtract(parseExact(bill.unit_cost), unitCost);
    const difference = sign > 0 ? more : negate(more);
    if (!isPositive(difference)) continue;
    quantity = add(quantity, parseExact(bill.quantity));
    amount = add(amount, multiply(parseExact(bill.quantity), difference));
  }
  return { quantity, amount };
}

const wrong: readonly Difference['kind'][] = ['billed_over', 'cost_higher', 'cost_lower'];
/** After which no more goods come. */
const ended: readonly PurchaseOrderStatus[] = ['closed', 'cancelled'];

function verdictOf(status: PurchaseOrderStatus, lines: readonly MatchLine[]): Match['verdict'] {
  const kinds = new Set(lines.flatMap(({ differences }) => differences.map(({ kind }) => kind)));
  if (wrong.some((kind) => kinds.has(kind))) return 'differs';
  const awaitsGoods = kinds.has('received_short') && !ended.includes(status);
  return awaitsGoods || kinds.has('unbilled') ? 'open' : 'matched';
}
