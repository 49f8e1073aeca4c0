import { outboxRowSql, outboxRowValues } from '@platen/chassis/bus/outbox';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import type { PurchaseOrderStatus } from '@platen/schema/states/purchase-order';
import type { JsonRow } from '../../../stored-json.js';
import { parseJsonRow } from '../../../stored-json.js';
import type { TenantCtx } from '../../module.js';
import { nextNumberSql, numberTextSql } from '../../numbers/index.js';
import { purchaseOrderJson } from '../json.js';

const selectOrder = statement<JsonRow>(
  'purchase_orders.get',
  `select ${purchaseOrderJson} as json, p.version from erp_purchase_orders p where p.id = $1::uuid`,
  { parse: parseJsonRow },
);
export const findPurchaseOrder = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(selectOrder, [id]))[0];

const selectExists = statement<{ found: string }>(
  'purchase_orders.exists',
  'select 1 as found from erp_purchase_orders where id = $1::uuid',
);
export const isPurchaseOrder = async (db: Queryable, id: string): Promise<boolean> =>
  (await db.query(selectExists, [id])).length > 0;

export interface LockedPurchaseOrder {
  readonly id: string;
  readonly status: PurchaseOrderStatus;
  readonly version: number;
  readonly number: string | null;
  readonly workspace_id: string | null;
  readonly supplier_id: string;
  readonly location_id: string;
  readonly currency: string;
  readonly total: string;
  readonly expected_on: string | null;
  readonly note: string | null;
  readonly submitted_by: string | null;
  readonly submitted_at: Date | null;
  readonly approved_by: string | null;
  readonly approved_at: Date | null;
}

const lockRow = statement<LockedPurchaseOrder>(
  'purchase_orders.lock',
  `select id, status, version, number, workspace_id, supplier_id, location_id, currency, total, expected_on::text, note,
    submitted_by, submitted_at, approved_by, approved_at
  from erp_purchase_orders where id = $1::uuid for update`,
  { parse: { version: 'int', submitted_at: 'date', approved_at: 'date' } },
);

/** The purchase order's row, the first that is locked: its lines, receipts and bills change under it. */
export const lockPurchaseOrder = async (tx: Tx, id: string): Promise<LockedPurchaseOrder | undefined> =>
  (await tx.query(lockRow, [id]))[0];

const selectSupplier = statement<{ currency: string }>(
  'purchase_orders.supplier',
  'select currency from erp_suppliers where id = $1::uuid',
);
export const findSupplier = async (db: Queryable, id: string): Promise<{ currency: string } | undefined> =>
  (await db.query(selectSupplier, [id]))[0];

interface TermsRow {
  readonly id: string;
  readonly sku: string | null;
  /** null: the supplier has said none. */
  readonly cost: string | null;
}
const selectTerms = statement<TermsRow>(
  'purchase_orders.terms',
  `select v.id, t.sku, t.cost from erp_product_variants v
  left join erp_supplier_variants t on t.variant_id = v.id and t.supplier_id = $1::uuid
  where v.id = any ($2::uuid[])`,
);
/** Of those variants that are there, the supplier's terms. */
export async function findTerms(
  db: Queryable,
  supplierId: string,
  variantIds: readonly string[],
): Promise<ReadonlyMap<string, TermsRow>> {
  const rows = await db.query(selectTerms, [supplierId, [...new Set(variantIds)]]);
  return new Map(rows.map((row) => [row.id, row]));
}

export interface StoredLine {
  readonly id: string;
  readonly variant_id: string;
  readonly ordered_quantity: string;
  readonly received_quantity: string;
  readonly billed_quantity: string;
  readonly unit_cost: string;
}
const selectLines = statement<StoredLine>(
  'purchase_orders.lines',
  `select id, variant_id, ordered_quantity, received_quantity, billed_quantity, unit_cost
  from erp_purchase_order_lines where purchase_order_id = $1::uuid order by position`,
);
/** After the purchase order's lock: what its last holder committed is seen. */
export const listLines = (db: Queryable, purchaseOrderId: string): Promise<StoredLine[]> =>
  db.query(selectLines, [purchaseOrderId]);

const insertChange = statement<never>(
  'purchase_orders.status_change',
  `insert into erp_purchase_order_status_changes
    (tenant_id, organization_id, workspace_id, id, purchase_order_id, from_status, to_status, changed_by, reason, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
);
export function insertStatusChange(
  tx: Tx,
  ctx: TenantCtx,
  change: {
    readonly purchaseOrderId: string;
    readonly workspaceId: string | null;
    readonly from: PurchaseOrderStatus | null;
    readonly to: PurchaseOrderStatus;
    readonly by: string;
    readonly reason?: string | undefined;
  },
): void {
  const { purchaseOrderId, workspaceId, from, to, by, reason = null } = change;
  const owner = [ctx.tenant.id, ctx.organizationId, workspaceId];
  tx.defer(insertChange, [...owner, ctx.newId(), purchaseOrderId, from, to, by, reason, ctx.now()]);
}

/** Who stands for its submission and its approval. */
export interface Signatures {
  readonly submittedBy: string | null;
  readonly submittedAt: Date | null;
  readonly approvedBy: string | null;
  readonly approvedAt: Date | null;
}
const move = statement<JsonRow>(
  'purchase_orders.move',
  `with p as (
    update erp_purchase_orders set status = $2, version = version + 1, updated_at = $3::timestamptz,
      submitted_by = $4::uuid, submitted_at = $5::timestamptz, approved_by = $6::uuid, approved_at = $7::timestamptz
    where id = $1::uuid returning *
  ) select ${purchaseOrderJson} as json, p.version from p`,
  { parse: parseJsonRow },
);
export async function movePurchaseOrder(
  tx: Tx,
  ctx: TenantCtx,
  order: { readonly id: string; readonly to: PurchaseOrderStatus; readonly signatures: Signatures },
): Promise<JsonRow | undefined> {
  const { submittedBy, submittedAt, approvedBy, approvedAt } = order.signatures;
  const values = [order.id, order.to, ctx.now(), submittedBy, submittedAt, approvedBy, approvedAt];
  return (await tx.query(move, values))[0];
}

const submit = statement<JsonRow>(
  'purchase_orders.submit',
  `with next as (${nextNumberSql({ kind: 'purchase_order', tenantId: '$1', organizationId: '$2', year: '$3' })}),
  p as (
    update erp_purchase_orders set number = ${numberTextSql('next', '$4')}, status = 'submitted',
      submitted_by = $7::uuid, submitted_at = $6::timestamptz, version = version + 1, updated_at = $6::timestamptz
    from next where id = $5::uuid returning erp_purchase_orders.*
  ), event as (${outboxRowSql({
    firstParameter: 8,
    from: 'p',
    payload: `jsonb_build_object('purchase_order_id', id, 'number', number, 'supplier_id', supplier_id,
      'total', jsonb_build_object('amount', total::text, 'currency', currency))`,
  })})
  select ${purchaseOrderJson} as json, p.version from p`,
  { parse: parseJsonRow },
);
/** Number, state and event in one statement; the transaction's last. */
export async function submitPurchaseOrder(
  tx: Tx,
  ctx: TenantCtx,
  order: { readonly id: string; readonly prefix: string; readonly year: number; readonly by: string },
): Promise<JsonRow | undefined> {
  const { id, prefix, year, by } = order;
  const event = outboxRowValues(ctx, { type: 'erp.purchase_order.submitted', aggregateId: id });
  const values = [ctx.tenant.id, ctx.organizationId, year, prefix, id, ctx.now(), by, ...event.values];
  return (await tx.query(submit, values))[0];
}
