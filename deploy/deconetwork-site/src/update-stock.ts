import { entriesOf, flagOf, integerOf, type Parameters, textOf } from './parameters.js';
import { done, idNotFound, invalidParameters, Refusal } from './refusal.js';
import { statusCodes, type VendorStatus } from './shapes.js';
import { countOnOrder, type SiteState } from './state.js';
import type { SiteInventory, SitePurchaseOrder, SitePurchaseOrderLine } from './truth.js';

/** One row, or a batch of `updates[n][…]`. Rows that the site doesn't have are a warning; the others are written. */
export function updateInventory(state: SiteState, parameters: Parameters): VendorStatus {
  const batch = entriesOf(parameters, 'updates');
  const found = (batch.length > 0 ? batch : [parameters]).map((update) => applyUpdate(state, update));
  return found.every(Boolean) ? done : idNotFound;
}

function applyUpdate(state: SiteState, update: Parameters): boolean {
  const row = inventoryOf(state, update);
  if (row === undefined) return false;
  const number = (name: string, before: number) => {
    const value = integerOf(update, name) ?? before;
    if (Number.isNaN(value)) throw invalidParameters();
    return value;
  };
  const changed: SiteInventory = {
    ...row,
    on: flagOf(update, 'inv_on') ?? row.on,
    level: number('inv_lvl', row.level),
    warn: number('inv_warn', row.warn),
    reorderTo: number('inv_reorder_to', row.reorderTo),
    modifiedAt: state.clock.tick(),
  };
  state.inventories.set(row.sku.dnSkuId, changed);
  state.inventoryWrites.push({ dnSkuId: row.sku.dnSkuId, level: changed.level, on: changed.on });
  return true;
}

function inventoryOf(state: SiteState, update: Parameters): SiteInventory | undefined {
  const id = textOf(update, 'dn_sku_id');
  if (id !== undefined) return state.inventories.get(id);
  const sku = textOf(update, 'sku');
  if (sku === undefined) throw invalidParameters();
  return [...state.inventories.values()].find((row) => row.sku.sku === sku);
}

/** Books what came of a purchase order: all of the call, unless the site has the habit of booking what it can. */
export function receiveStock(state: SiteState, parameters: Parameters): void {
  const before = state.purchaseOrders.get(textOf(parameters, 'po_number') ?? '');
  const receipts = entriesOf(parameters, 'lines');
  if (before === undefined || before.status < 2 || before.status > 4) {
    throw new Refusal(statusCodes.purchaseOrderNotFound, 'Purchase order not found or not open');
  }
  if (receipts.length === 0) throw invalidParameters();
  const vendorInvoice = textOf(parameters, 'vendor_invoice') ?? before.vendorInvoice;
  let order: SitePurchaseOrder = { ...before, vendorInvoice };
  const booked: { line: SitePurchaseOrderLine; qty: number }[] = [];
  try {
    for (const receipt of receipts) {
      const line = lineOf(order, receipt);
      const qty = quantityOf(line, receipt);
      const lines = order.lines.map((one) => (one.id === line.id ? { ...one, received: one.received + qty } : one));
      order = { ...order, lines };
      booked.push({ line, qty });
    }
  } catch (error) {
    if (state.habits.brokenReceipts) book(state, order, booked);
    throw error;
  }
  book(state, order, booked);
}

function lineOf({ lines }: SitePurchaseOrder, receipt: Parameters): SitePurchaseOrderLine {
  const [id, sku] = [textOf(receipt, 'id'), textOf(receipt, 'dn_sku_id')];
  const line = lines.find((one) => (id === undefined ? one.sku.dnSkuId === sku : String(one.id) === id));
  if (line === undefined) throw new Refusal(statusCodes.purchaseOrderLineNotFound, 'Purchase order line not found');
  return line;
}

function quantityOf({ ordered, received }: SitePurchaseOrderLine, receipt: Parameters): number {
  const qty = integerOf(receipt, 'qty') ?? 0;
  if (qty > 0 && qty <= ordered - received) return qty;
  throw new Refusal(statusCodes.quantityInvalid, `Quantity is invalid: ${ordered - received} outstanding`);
}

function book(
  state: SiteState,
  order: SitePurchaseOrder,
  booked: { line: SitePurchaseOrderLine; qty: number }[],
): void {
  if (booked.length === 0) return;
  const modifiedAt = state.clock.tick();
  const whole = order.lines.every(({ ordered, received }) => received >= ordered);
  state.purchaseOrders.set(order.number, { ...order, status: whole ? 5 : 4, modifiedAt });
  for (const { line, qty } of booked) {
    state.receipts.push({ poNumber: order.number, lineId: line.id, qty });
    const row = state.inventories.get(line.sku.dnSkuId);
    if (row?.on) state.inventories.set(line.sku.dnSkuId, { ...row, level: row.level + qty, modifiedAt });
  }
  countOnOrder(state);
}
