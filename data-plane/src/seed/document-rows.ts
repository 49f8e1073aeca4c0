import { demoSettings } from '@platen/schema/seeds/identities';
import { addDays, dateIn } from '../modules/documents/index.js';
import type { PricedLine } from '../modules/pricing/index.js';
import {
  decorationsJson,
  formatExact,
  minorUnitDigits,
  parseExact,
  roundHalfUp,
  subtract,
} from '../modules/pricing/index.js';
import type { PastQuote } from './history.js';
import type { Row } from './insert-rows.js';
import { seedId } from './random.js';

export type RowsByTable = Readonly<Record<string, readonly Row[]>>;

export interface Owner {
  readonly tenantId: string;
  readonly organizationId: string;
  /** Who did all of it. */
  readonly userId: string;
}

/** Rows of past quotes, their orders and payments, and the sequences that gave their numbers. */
export function documentRows(owner: Owner, quotes: readonly PastQuote[]): RowsByTable {
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
  for (const [index, quote] of quotes.entries()) {
    addQuote(owner, quote, index, numbers, put);
    if (quote.order) addOrder(owner, quote, index, numbers, put);
  }
  return { ...tables, erp_number_sequences: numbers.rows(owner) };
}

/** Gapless by year, in the order in which the documents are taken: oldest first. */
class Numbering {
  readonly #last = new Map<string, number>();

  next(kind: 'quote' | 'order', prefix: string, at: Date): string {
    const year = dateIn(demoSettings.timeZone, at).slice(0, 4);
    const last = (this.#last.get(`${kind}/${year}`) ?? 0) + 1;
    this.#last.set(`${kind}/${year}`, last);
    return `${prefix}-${year}-${String(last).padStart(5, '0')}`;
  }

  rows(owner: Owner): Row[] {
    return [...this.#last].map(([key, last]) => {
      const [kind = '', year = ''] = key.split('/');
      return {
        tenant_id: owner.tenantId,
        organization_id: owner.organizationId,
        kind,
        year: Number(year),
        last_number: last,
        created_at: 'now',
        updated_at: 'now',
      };
    });
  }
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

function addOrder(owner: Owner, quote: PastQuote, index: number, numbers: Numbering, put: Put): void {
  const { order } = quote;
  if (!order) return;
  const ms = order.createdAt.getTime();
  const at = order.createdAt.toISOString();
  const stamps = { created_at: at, updated_at: at };
  const id = seedId(`${idsOf(owner, index)}/order`, ms);
  const mine = ownerColumns(owner, quote);
  put('erp_orders', {
    ...mine,
    id,
    number: order.status === 'draft' ? null : numbers.next('order', demoSettings.orderPrefix, order.createdAt),
    status: order.status,
    payment_status: order.paymentStatus,
    quote_id: quoteIdOf(owner, quote, index),
    customer_id: quote.customer.id,
    ...totals(quote),
    deposit_due: null,
    due_on: quote.dueOn ?? addDays(at.slice(0, 10), 14),
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
    for (const [place, size] of line.sizes.entries()) {
      const { variantId: variant_id, unitPrice } = size;
      const sizeId = seedId(`${lineId}/size/${place}`, ms, place);
      const sizeRow = { ...mine, id: sizeId, order_line_id: lineId, variant_id, quantity: size.quantity };
      put('erp_order_line_sizes', { ...sizeRow, unit_price: unitPrice, ...stamps });
    }
  }
  addTaxes(owner, quote, { table: 'erp_order_taxes', column: 'order_id', id }, put);
  addPayments(owner, quote, id, put);
  addStatusChanges(owner, quote, id, put);
}

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

const path = ['draft', 'confirmed', 'in_production', 'ready', 'shipped', 'completed'] as const;

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
      created_at: new Date(ms + place * 3_600_000).toISOString(),
    });
    if (status === order.status) return;
  }
}
