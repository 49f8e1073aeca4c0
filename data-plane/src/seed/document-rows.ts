import { demoSettings } from '@platen/schema/seeds/identities';
import type { OrderStatus } from '@platen/schema/states/order';
import { addDays } from '../modules/documents/index.js';
import type { PricedLine } from '../modules/pricing/index.js';
import {
  decorationsJson,
  formatExact,
  minorUnitDigits,
  parseExact,
  roundHalfUp,
  subtract,
} from '../modules/pricing/index.js';
import type { PastOrder, PastQuote } from './history.js';
import type { Row } from './insert-rows.js';
import { Numbering } from './numbering.js';
import { seedId } from './random.js';

export type RowsByTable = Readonly<Record<string, readonly Row[]>>;

export interface Owner {
  readonly tenantId: string;
  readonly organizationId: string;
  /** Who did all of it. */
  readonly userId: string;
}

/** An order as it was written, for what is done with it afterwards. */
export interface PlacedOrder {
  readonly id: string;
  /** null: still a draft. */
  readonly number: string | null;
  readonly workspaceId: string | null;
  readonly status: OrderStatus;
  readonly dueOn: string;
  readonly confirmedAt: Date;
  readonly startedAt: Date;
  readonly lines: readonly PlacedLine[];
}
export interface PlacedLine {
  readonly id: string;
  readonly position: number;
  /** Its own first, then those of its decorations. */
  readonly designIds: readonly string[];
  readonly quantity: number;
  readonly sizes: readonly PlacedSize[];
}
export interface PlacedSize {
  readonly id: string;
  readonly variantId: string;
  readonly quantity: number;
}

export interface Documents {
  readonly tables: RowsByTable;
  /** In the order in which they were numbered. */
  readonly placed: readonly PlacedOrder[];
}

/** Rows of past quotes, their orders and payments, and the sequences that gave their numbers. */
export function documentRows(owner: Owner, quotes: readonly PastQuote[]): Documents {
  const numbers = new Numbering();
  const tables: Record<string, Row[]> = {
    erp_quotes: [],
    erp_quote_lines: [],
    erp_quote_line_sizes: [],
    erp_quote_taxes: [],
    erp_orders: [],
    erp_order_lines: [],
    erp_order_line_sizes: [],
    erp_order_taxes: [],
    erp_order_payments: [],
    erp_order_status_changes: [],
  };
  const put = (table: string, row: Row) => tables[table]?.push(row);
  const placed: PlacedOrder[] = [];
  for (const [index, quote] of quotes.entries()) {
    addQuote(owner, quote, index, numbers, put);
    if (quote.order) placed.push(addOrder(owner, quote, quote.order, index, numbers, put));
  }
  return { tables: { ...tables, erp_number_sequences: numbers.rows(owner) }, placed };
}

type Put = (table: string, row: Row) => void;

const ownerColumns = (owner: Owner, quote: PastQuote) => ({
  tenant_id: owner.tenantId,
  organization_id: owner.organizationId,
  workspace_id: quote.workspaceId,
});
const totals = ({ priced }: PastQuote) => ({
  currency: priced.currency,
  subtotal: priced.subtotal,
  discount: priced.discount,
  tax: priced.tax,
  total: priced.total,
});
/** What quotes' and orders' lines have alike. */
const lineColumns = (line: PricedLine) => ({
  product_id: line.productId,
  design_id: line.designId,
  decorations: JSON.parse(decorationsJson(line.decorations)),
  quantity: line.quantity,
  unit_price: line.unitPrice,
  fee_total: line.feeTotal,
  line_total: line.lineTotal,
  receipt: line.receipt,
  receipt_hash: line.receiptHash,
});

function addTaxes(
  owner: Owner,
  quote: PastQuote,
  document: { table: string; column: string; id: string },
  put: Put,
): void {
  const at = quote.createdAt.toISOString();
  for (const [place, share] of quote.priced.taxes.entries()) {
    put(document.table, {
      ...ownerColumns(owner, quote),
      id: seedId(`${document.id}/tax/${place}`, quote.createdAt.getTime(), place),
      [document.column]: document.id,
      tax_class: share.taxClass,
      rate_percent: share.percent,
      taxable: share.taxable,
      tax: share.tax,
      created_at: at,
      updated_at: at,
    });
  }
}

const idsOf = (owner: Owner, index: number) => `${owner.organizationId}/history/${index}`;
const quoteIdOf = (owner: Owner, quote: PastQuote, index: number) =>
  seedId(`${idsOf(owner, index)}/quote`, quote.createdAt.getTime());

function addQuote(owner: Owner, quote: PastQuote, index: number, numbers: Numbering, put: Put): void {
  const at = quote.createdAt.toISOString();
  const ms = quote.createdAt.getTime();
  const stamps = { created_at: at, updated_at: at };
  const id = quoteIdOf(owner, quote, index);
  const accepted = quote.status === 'accepted' || quote.status === 'converted';
  put('erp_quotes', {
    ...ownerColumns(owner, quote),
    id,
    number: quote.status === 'draft' ? null : numbers.next('quote', demoSettings.quotePrefix, quote.createdAt),
    status: quote.status,
    revision: 1,
    customer_id: quote.customer.id,
    ...totals(quote),
    deposit_due: null,
    valid_until: addDays(at.slice(0, 10), demoSettings.quoteValidDays),
    due_on: quote.dueOn,
    rule_set_version_id: quote.priced.ruleSetVersionId,
    sent_at: quote.status === 'draft' ? null : at,
    accepted_at: accepted ? at : null,
    accepted_by: accepted ? owner.userId : null,
    version: 1,
    ...stamps,
  });
  addTaxes(owner, quote, { table: 'erp_quote_taxes', column: 'quote_id', id }, put);
  for (const [position, line] of quote.priced.lines.entries()) {
    const lineId = seedId(`${id}/line/${position}`, ms, position);
    const place = { id: lineId, quote_id: id, position: position + 1 };
    put('erp_quote_lines', { ...ownerColumns(owner, quote), ...place, ...lineColumns(line), ...stamps });
    for (const [place, size] of line.sizes.entries()) {
      put('erp_quote_line_sizes', {
        ...ownerColumns(owner, quote),
        id: seedId(`${lineId}/size/${place}`, ms, place),
        quote_line_id: lineId,
        variant_id: size.variantId,
        quantity: size.quantity,
        unit_price: size.unitPrice,
        ...stamps,
      });
    }
  }
}

function addOrder(
  owner: Owner,
  quote: PastQuote,
  order: PastOrder,
  index: number,
  numbers: Numbering,
  put: Put,
): PlacedOrder {
  const ms = order.createdAt.getTime();
  const at = order.createdAt.toISOString();
  const stamps = { created_at: at, updated_at: at };
  const id = seedId(`${idsOf(owner, index)}/order`, ms);
  const mine = ownerColumns(owner, quote);
  const number = order.status === 'draft' ? null : numbers.next('order', demoSettings.orderPrefix, order.createdAt);
  const dueOn = quote.dueOn ?? addDays(at.slice(0, 10), 14);
  const lines: PlacedLine[] = [];
  put('erp_orders', {
    ...mine,
    id,
    number,
    status: order.status,
    payment_status: order.paymentStatus,
    quote_id: quoteIdOf(owner, quote, index),
    customer_id: quote.customer.id,
    ...totals(quote),
    deposit_due: null,
    due_on: dueOn,
    rule_set_version_id: quote.priced.ruleSetVersionId,
    version: 1,
    ...stamps,
  });
  for (const [position, line] of quote.priced.lines.entries()) {
    const lineId = seedId(`${id}/line/${position}`, ms, position);
    put('erp_order_lines', {
      ...mine,
      id: lineId,
      order_id: id,
      position: position + 1,
      ...lineColumns(line),
      ...stamps,
    });
    const sizes = line.sizes.map(({ variantId, quantity, unitPrice }, place): PlacedSize => {
      const size = { id: seedId(`${lineId}/size/${place}`, ms, place), variantId, quantity };
      const sizeRow = { ...mine, id: size.id, order_line_id: lineId, variant_id: variantId, quantity };
      put('erp_order_line_sizes', { ...sizeRow, unit_price: unitPrice, ...untouched, ...stamps });
      return size;
    });
    const designs = [line.designId, ...line.decorations.map(({ designId }) => designId)];
    const designIds = [...new Set(designs.filter((designId) => designId !== null))];
    lines.push({ id: lineId, position: position + 1, designIds, quantity: line.quantity, sizes });
  }
  addTaxes(owner, quote, { table: 'erp_order_taxes', column: 'order_id', id }, put);
  addPayments(owner, quote, id, put);
  addStatusChanges(owner, quote, id, put);
  const since = (status: OrderStatus) => new Date(ms + path.indexOf(status) * stepMs);
  const moments = { confirmedAt: since('confirmed'), startedAt: since('in_production') };
  return { id, number, workspaceId: quote.workspaceId, status: order.status, dueOn, ...moments, lines };
}

/** An order that stock and production know nothing of. */
const untouched = { open_quantity: 0, reserved_quantity: 0 };

function addPayments(owner: Owner, quote: PastQuote, orderId: string, put: Put): void {
  const total = parseExact(quote.priced.total);
  const scale = minorUnitDigits(quote.priced.currency);
  const half = roundHalfUp({ units: BigInt(total.units) * 5n, scale: total.scale + 1 }, scale);
  const amounts = { half, rest: subtract(total, half), all: total };
  const ms = quote.order?.createdAt.getTime() ?? 0;
  for (const [place, part] of (quote.order?.payments ?? []).entries()) {
    const at = new Date(ms + (place + 1) * 86_400_000).toISOString();
    put('erp_order_payments', {
      ...ownerColumns(owner, quote),
      id: seedId(`${orderId}/payment/${place}`, ms, place),
      order_id: orderId,
      kind: 'payment',
      method: 'bank_transfer',
      reference: null,
      amount: formatExact(amounts[part]),
      received_on: at.slice(0, 10),
      created_at: at,
    });
  }
}

const path: readonly OrderStatus[] = ['draft', 'confirmed', 'in_production', 'ready', 'shipped', 'completed'];
const stepMs = 3_600_000;

function addStatusChanges(owner: Owner, quote: PastQuote, orderId: string, put: Put): void {
  const { order } = quote;
  if (!order) return;
  const ms = order.createdAt.getTime();
  for (const [place, status] of path.entries()) {
    put('erp_order_status_changes', {
      ...ownerColumns(owner, quote),
      id: seedId(`${orderId}/status/${place}`, ms, place),
      order_id: orderId,
      from_status: path[place - 1] ?? null,
      to_status: status,
      changed_by: owner.userId,
      created_at: new Date(ms + place * stepMs).toISOString(),
    });
    if (status === order.status) return;
  }
}
