import { randomUUID } from 'node:crypto';
import type { Answer, Client } from '@platen/sdk';
import { formatAmount, mustEqual, parseAmount } from './figures.js';
import { showMoney } from './print-receipt.js';
import { given, mustRefuse, type Walk } from './walk.js';

type PurchaseOrder = Answer<Client['erp']['purchaseOrders']['get']>;
interface Need {
  readonly variantId: string;
  readonly sku: string;
  readonly quantity: string;
}

/** The shelf is counted: of each size three are left that are promised to nobody. */
export async function countShelf({ client, print }: Walk, variantIds: readonly string[]): Promise<void> {
  const lines = [];
  for (const variantId of variantIds) {
    let left = parseAmount('3');
    for await (const level of client.erp.stock.levels.items({ variant_id: variantId })) {
      lines.push({
        location_id: level.location_id,
        variant_id: variantId,
        counted: formatAmount(parseAmount(level.reserved) + left),
      });
      left = 0n;
    }
  }
  const places = new Set(lines.map((line) => line.location_id));
  for (const place of places) {
    const counted = lines.filter((line) => line.location_id === place);
    await client.erp.stock.adjustments.create({
      location_id: place,
      lines: counted.map(({ variant_id, counted: quantity }) => ({ variant_id, counted: quantity })),
      reason: 'Stocktaking',
    });
  }
  print(`Counted ${lines.length} shelves: three pieces of each size are free`);
}

/** What the order lacks, as the buyer reads it. */
async function listNeeds({ client, print }: Walk, orderId: string): Promise<Need[]> {
  const needs: Need[] = [];
  for await (const shortage of client.erp.stock.shortages.items({ order_id: orderId })) {
    const [first] = shortage.orders;
    print(`  ${shortage.sku} is short of ${shortage.short}: ${first?.number ?? ''} for ${first?.customer_name ?? ''}`);
    needs.push({ variantId: shortage.variant_id, sku: shortage.sku, quantity: shortage.short });
  }
  return needs;
}

/** What every order misses of the same sizes, and two of each to spare. */
async function orderFromSuppliers(buyer: Walk, needs: readonly Need[]): Promise<PurchaseOrder[]> {
  const { erp } = buyer.client;
  const bySupplier = new Map<string, { variant_id: string; quantity: string }[]>();
  for (const { variantId, sku } of needs) {
    let everybodys = 0n;
    for await (const shortage of erp.stock.shortages.items()) {
      if (shortage.variant_id === variantId) everybodys = parseAmount(shortage.short);
    }
    const supplierId = await supplierOf(buyer.client, variantId, sku);
    const lines = bySupplier.get(supplierId) ?? [];
    lines.push({ variant_id: variantId, quantity: formatAmount(everybodys + parseAmount('2')) });
    bySupplier.set(supplierId, lines);
  }
  const drafts = [];
  for (const [supplier_id, lines] of bySupplier) drafts.push(await erp.purchaseOrders.create({ supplier_id, lines }));
  return drafts;
}

async function supplierOf(client: Client, variantId: string, sku: string): Promise<string> {
  for await (const terms of client.erp.supplierVariants.list.items({ variant_id: variantId })) return terms.supplier_id;
  for await (const supplier of client.erp.suppliers.list.items()) {
    const cost = { amount: '2.50', currency: supplier.currency };
    await client.erp.supplierVariants.create({ supplier_id: supplier.id, variant_id: variantId, cost, lead_days: 3 });
    return supplier.id;
  }
  throw new Error(`Nobody delivers ${sku}: is the database seeded?`);
}

/** From what the order lacks to goods on the shelf: bought, approved by somebody else, delivered in two parts, billed. */
export async function buyBlanks(buyer: Walk, manager: Walk, orderId: string): Promise<void> {
  const needs = await listNeeds(buyer, orderId);
  if (needs.length === 0) throw new Error('The order lacks nothing');
  for (const draft of await orderFromSuppliers(buyer, needs)) await buy(buyer, manager, draft);
  const left = await buyer.client.erp.stock.shortages({ order_id: orderId });
  mustEqual('What the order still lacks', left.items.length, 0);
}

async function buy(buyer: Walk, manager: Walk, draft: PurchaseOrder): Promise<void> {
  const { purchaseOrders, purchaseReceipts, purchaseBills } = buyer.client.erp;
  const { id } = draft;
  const submitted = await purchaseOrders.submit({ id }, { ifMatch: draft });
  const number = given('The number of the purchase order', submitted.number);
  await mustRefuse(purchaseOrders.approve({ id }), purchaseOrders.approve.isError, 'permission_denied');
  const approved = await manager.client.erp.purchaseOrders.approve({ id }, { ifMatch: submitted });
  buyer.print(`${number} over ${showMoney(approved.total)}: approved, and not by whoever submitted it`);

  const [first] = approved.lines;
  if (!first) throw new Error('The purchase order has no lines');
  const ordered = parseAmount(first.ordered_quantity);
  const some = parseAmount('1');
  const part = { purchase_order_line_id: first.id, quantity: formatAmount(some) };
  const begun = await purchaseReceipts.create({ id, lines: [part], reference: `DN-${number}-1` });
  mustEqual('The purchase order', begun.purchase_order.status, 'partially_received');
  const tooMany = { ...part, quantity: formatAmount(ordered * 2n) };
  await mustRefuse(purchaseReceipts.create({ id, lines: [tooMany] }), purchaseReceipts.create.isError, 'over_receipt');
  const rest = approved.lines.map((line) => ({
    purchase_order_line_id: line.id,
    quantity: formatAmount(parseAmount(line.ordered_quantity) - (line.id === first.id ? some : 0n)),
  }));
  const whole = await purchaseReceipts.create({ id, lines: rest, reference: `DN-${number}-2` });
  mustEqual('The purchase order', whole.purchase_order.status, 'received');
  buyer.print(`${number} received in two deliveries; twice as much as ordered was refused`);

  await purchaseBills.create({
    id,
    reference: `INV-${randomUUID().slice(0, 8)}`,
    lines: approved.lines.map((line) => ({ purchase_order_line_id: line.id, quantity: line.ordered_quantity })),
  });
  const { verdict } = await purchaseOrders.match({ id });
  mustEqual('What was ordered, received and billed', verdict, 'matched');
  buyer.print(`${number} billed: as ordered and received`);
  mustEqual('The purchase order', (await purchaseOrders.close({ id })).status, 'closed');
}
