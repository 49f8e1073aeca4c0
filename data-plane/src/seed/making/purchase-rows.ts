import { demoSettings } from '@platen/schema/seeds/identities';
import { addDays } from '../../modules/documents/index.js';
import type { RowsByTable } from '../document-rows.js';
import type { Row } from '../insert-rows.js';
import { Numbering } from '../numbering.js';
import { seedId } from '../random.js';
import { centsText, dayMs, type Maker, ownedBy, stampsOf } from './plan.js';
import { statusOf } from './purchase-plans.js';
import { billedLines, movesOf, type Purchase, receiptId } from './purchases.js';
import type { Sourcing } from './sourcing.js';

interface Written {
  readonly maker: Maker;
  readonly sourcing: Sourcing;
  readonly locationId: string;
  readonly now: Date;
}

const dateOf = (moment: Date) => moment.toISOString().slice(0, 10);

/** Rows of the purchase orders, oldest first, and the sequence that gave their numbers. */
export function purchaseRows(written: Written, purchases: readonly Purchase[]): RowsByTable {
  const numbers = new Numbering();
  const tables = {
    erp_purchase_orders: [] as Row[],
    erp_purchase_order_lines: [] as Row[],
    erp_purchase_order_status_changes: [] as Row[],
    erp_purchase_receipts: [] as Row[],
    erp_purchase_receipt_lines: [] as Row[],
    erp_purchase_bills: [] as Row[],
    erp_purchase_bill_lines: [] as Row[],
  };
  for (const purchase of purchases) {
    // Before its lines are written: they tell what was billed.
    const bill = billRows(written, purchase);
    tables.erp_purchase_orders.push(headRow(written, purchase, numbers));
    tables.erp_purchase_order_lines.push(...lineRows(written, purchase));
    tables.erp_purchase_order_status_changes.push(...changeRows(written, purchase));
    const receipt = receiptRows(written, purchase);
    tables.erp_purchase_receipts.push(...receipt.heads);
    tables.erp_purchase_receipt_lines.push(...receipt.lines);
    tables.erp_purchase_bills.push(...bill.heads);
    tables.erp_purchase_bill_lines.push(...bill.lines);
  }
  return { ...tables, erp_number_sequences: numbers.rows(written.maker) };
}

const owned = ({ maker }: Written) => ownedBy(maker, maker.making.buyerWorkspaceId);

function headRow(written: Written, purchase: Purchase, numbers: Numbering): Row {
  const { maker, sourcing, locationId, now } = written;
  const { id, story, createdAt, lines } = purchase;
  const moves = movesOf(maker, purchase, now);
  const submitted = moves.find(({ to }) => to === 'submitted');
  const approved = moves.find(({ to }) => to === 'approved');
  const leadDays = Math.max(...lines.map((line) => line.leadDays));
  return {
    ...owned(written),
    id,
    number: submitted ? numbers.next('purchase_order', demoSettings.purchaseOrderPrefix, submitted.at) : null,
    status: statusOf(story),
    supplier_id: sourcing.supplierIds[story.supplier] ?? '',
    location_id: locationId,
    currency: 'EUR',
    total: centsText(lines.reduce((sum, line) => sum + line.ordered * line.costCents, 0)),
    expected_on: addDays(dateOf(submitted?.at ?? now), leadDays + 2),
    note: null,
    submitted_by: submitted?.by ?? null,
    submitted_at: submitted?.at.toISOString() ?? null,
    approved_by: approved?.by ?? null,
    approved_at: approved?.at.toISOString() ?? null,
    version: 1 + moves.length,
    ...stampsOf(createdAt, moves.at(-1)?.at ?? createdAt),
  };
}

const lineRows = (written: Written, { id, createdAt, lines }: Purchase): Row[] =>
  lines.map((line, index) => ({
    ...owned(written),
    id: line.id,
    purchase_order_id: id,
    position: index + 1,
    variant_id: line.variantId,
    supplier_sku: line.supplierSku,
    ordered_quantity: line.ordered,
    received_quantity: line.received,
    billed_quantity: line.billed,
    unit_cost: centsText(line.costCents),
    line_total: centsText(line.ordered * line.costCents),
    ...stampsOf(createdAt),
  }));

function changeRows(written: Written, purchase: Purchase): Row[] {
  const { maker, now } = written;
  const begun = { to: 'draft' as const, at: purchase.createdAt, by: maker.making.buyerId, reason: null };
  const moves = [begun, ...movesOf(maker, purchase, now)];
  return moves.map(({ to, at, by, reason }, index) => ({
    ...owned(written),
    id: seedId(`${purchase.id}/status/${to}`, at.getTime()),
    purchase_order_id: purchase.id,
    from_status: moves[index - 1]?.to ?? null,
    to_status: to,
    changed_by: by,
    reason,
    created_at: at.toISOString(),
  }));
}

interface Part {
  readonly heads: readonly Row[];
  readonly lines: readonly Row[];
}
const nothing: Part = { heads: [], lines: [] };

function receiptRows(written: Written, purchase: Purchase): Part {
  const { maker, locationId, now } = written;
  const { received } = purchase.story;
  if (!received) return nothing;
  const at = new Date(now.getTime() - Math.round(received.daysAgo * dayMs));
  const id = receiptId(purchase)(at);
  const made = { created_at: at.toISOString() };
  const head: Row = {
    ...owned(written),
    id,
    purchase_order_id: purchase.id,
    location_id: locationId,
    reference: `LS-${purchase.story.key}`,
    received_on: dateOf(at),
    received_by: maker.making.buyerId,
    ...made,
  };
  const came = purchase.lines.filter((line) => line.received > 0);
  const lines = came.map((line, index): Row => {
    const ids = { id: seedId(`${id}/line/${index}`, at.getTime(), index), receipt_id: id };
    return { ...owned(written), ...ids, purchase_order_line_id: line.id, quantity: line.received, ...made };
  });
  return { heads: [head], lines };
}

function billRows(written: Written, purchase: Purchase): Part {
  const { maker, sourcing, now } = written;
  const { billed, supplier, key } = purchase.story;
  if (!billed) return nothing;
  const at = new Date(now.getTime() - Math.round(billed.daysAgo * dayMs));
  const id = seedId(`${purchase.id}/bill`, at.getTime());
  const made = { created_at: at.toISOString() };
  const parts = billedLines(purchase);
  const lines = parts.map(({ line, pieces, costCents }, index): Row => {
    line.billed = pieces;
    const ids = {
      id: seedId(`${id}/line/${index}`, at.getTime(), index),
      bill_id: id,
      purchase_order_line_id: line.id,
    };
    const asked = { quantity: pieces, unit_cost: centsText(costCents), line_total: centsText(pieces * costCents) };
    return { ...owned(written), ...ids, ...asked, ...made };
  });
  const head: Row = {
    ...owned(written),
    id,
    purchase_order_id: purchase.id,
    supplier_id: sourcing.supplierIds[supplier] ?? '',
    reference: `RE-${key}`,
    billed_on: dateOf(at),
    due_on: addDays(dateOf(at), 14),
    total: centsText(parts.reduce((sum, { pieces, costCents }) => sum + pieces * costCents, 0)),
    recorded_by: maker.making.buyerId,
    ...made,
  };
  return { heads: [head], lines };
}
