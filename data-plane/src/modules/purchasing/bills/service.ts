import { insertEvent } from '@platen/chassis/bus/outbox';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { type PageQuery, readPage } from '@platen/chassis/http/paging';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { purchaseBills } from '@platen/schema/contracts/data/purchase-bills';
import type { PurchaseOrderStatus } from '@platen/schema/states/purchase-order';
import { orDuplicate } from '../../../stored-json.js';
import {
  actorOf,
  dateIn,
  type FindOrganization,
  organizationOf,
  requireStatus,
  requireVersion,
} from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { formatExact, parseExact } from '../../pricing/index.js';
import { lineTotal, positiveQuantity, requireCurrency, sumOf } from '../orders/costs.js';
import { namedOf } from '../orders/moves.js';
import { isPurchaseOrder, listLines, lockPurchaseOrder, type StoredLine } from '../orders/repo.js';
import { pairLines } from '../receipts/pair-lines.js';
import { billPage, insertBill } from './repo.js';

type BillBody = BodyOf<typeof purchaseBills.create>;

export interface PurchaseBillService {
  list(ctx: TenantCtx, purchaseOrderId: string, query: PageQuery): Promise<RawJson>;
  create(ctx: TenantCtx, purchaseOrderId: string, body: BillBody): Promise<RawJson>;
}

/** From its approval on: some suppliers bill before they deliver, some when all is closed. */
const takesBills: readonly PurchaseOrderStatus[] = ['approved', 'partially_received', 'received', 'closed'];

/** Suppliers' invoices as they came. */
export const createPurchaseBillService = (deps: {
  readonly cursors: Cursors;
  readonly findOrganization: FindOrganization;
}): PurchaseBillService => ({
  async list(ctx, purchaseOrderId, query) {
    const [page, exists] = await Promise.all([
      readPage(ctx, deps.cursors, billPage, query, [purchaseOrderId]),
      isPurchaseOrder(ctx.db, purchaseOrderId),
    ]);
    if (!exists) throw new AppError('not_found');
    return page;
  },

  async create(ctx, purchaseOrderId, body) {
    const { settings } = organizationOf(deps.findOrganization, ctx);
    const recordedBy = actorOf(ctx);
    const reference = body.reference.trim();
    return ctx.write(async (tx) => {
      const [order, stored] = await Promise.all([
        lockPurchaseOrder(tx, purchaseOrderId),
        listLines(tx, purchaseOrderId),
      ]);
      if (!order) throw new AppError('not_found');
      requireVersion(ctx, order.version);
      requireStatus(order.status, takesBills, 'bill');
      const { lines, total } = billedLines(body, stored, order.currency);
      const id = ctx.newId();
      insertEvent(tx, ctx, {
        type: 'erp.purchase_order.billed',
        aggregateId: purchaseOrderId,
        data: { ...namedOf(order), bill_id: id, reference, total: { amount: total, currency: order.currency } },
      });
      const billedOn = body.billed_on ?? dateIn(settings.time_zone, ctx.now());
      const bill = { id, reference, billedOn, dueOn: body.due_on ?? null, total, recordedBy, lines };
      const detail = `The supplier's invoice "${reference}" is recorded already`;
      const json = await orDuplicate(insertBill(tx, ctx, order, bill), referenceKey, detail, '/body/reference');
      if (json === undefined) throw new AppError('not_found');
      return new RawJson(json);
    });
  },
});

const referenceKey = 'erp_purchase_bills_reference_key';

function billedLines({ lines }: BillBody, stored: readonly StoredLine[], currency: string) {
  const billed = pairLines(lines, stored).map(({ given, line, path }) => {
    requireCurrency(given.unit_cost, currency, `${path}/unit_cost`);
    const quantity = positiveQuantity(given.quantity, `${path}/quantity`);
    const unitCost = parseExact(given.unit_cost?.amount ?? line.unit_cost);
    return { lineId: line.id, quantity, unitCost, total: lineTotal(quantity, unitCost, currency) };
  });
  return {
    total: sumOf(billed.map(({ total }) => total)),
    lines: billed.map(({ lineId, quantity, unitCost, total }) => ({
      lineId,
      quantity: formatExact(quantity),
      unitCost: formatExact(unitCost),
      lineTotal: formatExact(total),
    })),
  };
}
