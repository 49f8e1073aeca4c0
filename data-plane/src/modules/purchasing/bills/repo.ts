import { jsonArray, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { definePage, firstId } from '@platen/chassis/http/paging';
import { PurchaseBill, PurchaseBillLine, purchaseBills } from '@platen/schema/contracts/data/purchase-bills';
import { moneyOf } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { purchaseOrderJson, quantityOf } from '../json.js';
import type { LockedPurchaseOrder } from '../orders/repo.js';

/** Over a bill `t` and its purchase order `p`. */
const money = moneyOf('p');
const line = jsonSelect(PurchaseBillLine, {
  id: 'l.id',
  purchase_order_line_id: 'l.purchase_order_line_id',
  quantity: quantityOf('l.quantity'),
  unit_cost: money('unit_cost', 'l'),
  line_total: money('line_total', 'l'),
});
const billJson = jsonSelect(PurchaseBill, {
  id: 't.id',
  purchase_order_id: 't.purchase_order_id',
  reference: 't.reference',
  billed_on: 't.billed_on',
  due_on: 't.due_on',
  total: money('total', 't'),
  recorded_by: 't.recorded_by',
  created_at: 't.created_at',
  // In order of creation: ids are UUIDv7.
  lines: jsonArray(line, 'erp_purchase_bill_lines l where l.bill_id = t.id order by l.id'),
});

export const billPage = definePage({
  contract: purchaseBills.list,
  item: `(select ${billJson} from erp_purchase_orders p where p.id = t.purchase_order_id)`,
  key: 't.id::text',
  rows: 'select t.* from erp_purchase_bills t where t.purchase_order_id = $3::uuid and t.id > $2::uuid order by t.id',
  start: firstId,
});

const insertHead = statement<never>(
  'purchase_bills.insert',
  `insert into erp_purchase_bills (tenant_id, organization_id, workspace_id, id, purchase_order_id, supplier_id, reference,
    billed_on, due_on, total, recorded_by, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
);
const insertLines = statement<never>(
  'purchase_bills.insert_lines',
  `insert into erp_purchase_bill_lines (tenant_id, organization_id, workspace_id, bill_id, created_at, id,
    purchase_order_line_id, quantity, unit_cost, line_total)
  select $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::timestamptz, line.*
  from unnest($6::uuid[], $7::uuid[], $8::numeric[], $9::numeric[], $10::numeric[]) as line`,
);
const addBilled = statement<never>(
  'purchase_bills.add_billed',
  `update erp_purchase_order_lines l set billed_quantity = l.billed_quantity + n.quantity, updated_at = $1::timestamptz
  from unnest($2::uuid[], $3::numeric[]) as n (id, quantity) where l.id = n.id`,
);
const finish = statement<{ json: string }>(
  'purchase_bills.finish',
  `with p as (
    update erp_purchase_orders set version = version + 1, updated_at = $2::timestamptz where id = $1::uuid returning *
  ) select concat('{"bill":', ${billJson}, ',"purchase_order":', ${purchaseOrderJson}, '}') as json
  from p join erp_purchase_bills t on t.id = $3::uuid`,
);

export interface NewBill {
  readonly id: string;
  readonly reference: string;
  readonly billedOn: string;
  readonly dueOn: string | null;
  readonly total: string;
  readonly recordedBy: string;
  readonly lines: readonly {
    readonly lineId: string;
    readonly quantity: string;
    readonly unitCost: string;
    readonly lineTotal: string;
  }[];
}

/** The bill and what its lines add; answers `{bill, purchase_order}`. */
export async function insertBill(
  tx: Tx,
  ctx: TenantCtx,
  order: LockedPurchaseOrder,
  bill: NewBill,
): Promise<string | undefined> {
  const { lines } = bill;
  const owner = [ctx.tenant.id, ctx.organizationId, order.workspace_id, bill.id] as const;
  const lineIds = lines.map(({ lineId }) => lineId);
  const quantities = lines.map(({ quantity }) => quantity);
  tx.defer(insertHead, [
    ...owner,
    order.id,
    order.supplier_id,
    bill.reference,
    bill.billedOn,
    bill.dueOn,
    bill.total,
    bill.recordedBy,
    ctx.now(),
  ]);
  tx.defer(insertLines, [
    ...owner,
    ctx.now(),
    lines.map(() => ctx.newId()),
    lineIds,
    quantities,
    lines.map(({ unitCost }) => unitCost),
    lines.map(({ lineTotal }) => lineTotal),
  ]);
  tx.defer(addBilled, [ctx.now(), lineIds, quantities]);
  return (await tx.query(finish, [order.id, ctx.now(), bill.id]))[0]?.json;
}
