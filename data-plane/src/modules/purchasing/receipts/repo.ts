import { jsonArray, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { definePage, firstId } from '@platen/chassis/http/paging';
import {
  PurchaseReceipt,
  PurchaseReceiptLine,
  purchaseReceipts,
} from '@platen/schema/contracts/data/purchase-receipts';
import type { PurchaseOrderStatus } from '@platen/schema/states/purchase-order';
import type { TenantCtx } from '../../module.js';
import { purchaseOrderJson, quantityOf } from '../json.js';

const line = jsonSelect(PurchaseReceiptLine, {
  id: 'l.id',
  purchase_order_line_id: 'l.purchase_order_line_id',
  quantity: quantityOf('l.quantity'),
});
const receiptJson = jsonSelect(PurchaseReceipt, {
  id: 't.id',
  purchase_order_id: 't.purchase_order_id',
  location_id: 't.location_id',
  reference: 't.reference',
  received_on: 't.received_on',
  received_by: 't.received_by',
  created_at: 't.created_at',
  // In order of creation: ids are UUIDv7.
  lines: jsonArray(line, 'erp_purchase_receipt_lines l where l.receipt_id = t.id order by l.id'),
});

export const receiptPage = definePage({
  contract: purchaseReceipts.list,
  item: receiptJson,
  key: 't.id::text',
  rows: `select t.* from erp_purchase_receipts t where t.purchase_order_id = $3::uuid and t.id > $2::uuid order by t.id`,
  start: firstId,
});

const insertHead = statement<never>(
  'purchase_receipts.insert',
  `insert into erp_purchase_receipts (tenant_id, organization_id, workspace_id, id, purchase_order_id, location_id,
    reference, received_on, received_by, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
);
const insertLines = statement<never>(
  'purchase_receipts.insert_lines',
  `insert into erp_purchase_receipt_lines (tenant_id, organization_id, workspace_id, receipt_id, created_at, id,
    purchase_order_line_id, quantity)
  select $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::timestamptz, line.*
  from unnest($6::uuid[], $7::uuid[], $8::numeric[]) as line`,
);
const addReceived = statement<never>(
  'purchase_receipts.add_received',
  `update erp_purchase_order_lines l set received_quantity = l.received_quantity + n.quantity, updated_at = $1::timestamptz
  from unnest($2::uuid[], $3::numeric[]) as n (id, quantity) where l.id = n.id`,
);
const finish = statement<{ json: string }>(
  'purchase_receipts.finish',
  `with p as (
    update erp_purchase_orders set status = $2, version = version + 1, updated_at = $3::timestamptz
    where id = $1::uuid returning *
  ) select concat('{"receipt":', ${receiptJson}, ',"purchase_order":', ${purchaseOrderJson}, '}') as json
  from p join erp_purchase_receipts t on t.id = $4::uuid`,
);

export interface NewReceipt {
  readonly id: string;
  readonly purchaseOrderId: string;
  readonly workspaceId: string | null;
  readonly locationId: string;
  readonly reference: string | null;
  readonly receivedOn: string;
  readonly receivedBy: string;
  /** The purchase order's, afterwards. */
  readonly status: PurchaseOrderStatus;
  readonly lines: readonly { readonly lineId: string; readonly quantity: string }[];
}

/** The receipt, what its lines add, and the purchase order's state; answers `{receipt, purchase_order}`. */
export async function insertReceipt(tx: Tx, ctx: TenantCtx, receipt: NewReceipt): Promise<string | undefined> {
  const { id, purchaseOrderId, lines } = receipt;
  const owner = [ctx.tenant.id, ctx.organizationId, receipt.workspaceId, id] as const;
  const lineIds = lines.map(({ lineId }) => lineId);
  const quantities = lines.map(({ quantity }) => quantity);
  tx.defer(insertHead, [
    ...owner,
    purchaseOrderId,
    receipt.locationId,
    receipt.reference,
    receipt.receivedOn,
    receipt.receivedBy,
    ctx.now(),
  ]);
  tx.defer(insertLines, [...owner, ctx.now(), lines.map(() => ctx.newId()), lineIds, quantities]);
  tx.defer(addReceived, [ctx.now(), lineIds, quantities]);
  return (await tx.query(finish, [purchaseOrderId, receipt.status, ctx.now(), id]))[0]?.json;
}
