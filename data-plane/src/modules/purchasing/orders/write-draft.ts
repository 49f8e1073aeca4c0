import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { TenantCtx } from '../../module.js';
import type { CostedLines } from './lines.js';

/** The values of a draft, beside its lines. */
export interface DraftHead {
  readonly id: string;
  readonly workspaceId: string | null;
  readonly supplierId: string;
  readonly locationId: string;
  readonly expectedOn: string | null;
  readonly note: string | null;
}

const insertHead = statement<never>(
  'purchase_orders.insert',
  `insert into erp_purchase_orders (tenant_id, organization_id, workspace_id, id, supplier_id, location_id, currency, total,
    expected_on, note, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`,
);
const updateHead = statement<never>(
  'purchase_orders.update',
  `update erp_purchase_orders set supplier_id = $2, location_id = $3, expected_on = $4, note = $5,
    currency = coalesce($6, currency), total = coalesce($7, total), version = version + 1, updated_at = $8
  where id = $1`,
);
const insertLines = statement<never>(
  'purchase_orders.insert_lines',
  `insert into erp_purchase_order_lines (tenant_id, organization_id, workspace_id, purchase_order_id, created_at, updated_at,
    id, position, variant_id, supplier_sku, ordered_quantity, unit_cost, line_total)
  select $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::timestamptz, $5::timestamptz, line.*
  from unnest($6::uuid[], $7::int[], $8::uuid[], $9::text[], $10::numeric[], $11::numeric[], $12::numeric[]) as line`,
);
const deleteLines = statement<never>(
  'purchase_orders.delete_lines',
  'delete from erp_purchase_order_lines where purchase_order_id = $1::uuid',
);

/** A draft whose inserts travel with the next query. */
export function insertDraft(tx: Tx, ctx: TenantCtx, head: DraftHead, costed: CostedLines): void {
  tx.defer(insertHead, [
    ctx.tenant.id,
    ctx.organizationId,
    head.workspaceId,
    head.id,
    head.supplierId,
    head.locationId,
    costed.currency,
    costed.total,
    head.expectedOn,
    head.note,
    ctx.now(),
  ]);
  writeLines(tx, ctx, head, costed);
}

/** The same for a draft that is there; with lines, they take the place of its own. */
export function updateDraft(tx: Tx, ctx: TenantCtx, head: DraftHead, costed: CostedLines | null): void {
  tx.defer(updateHead, [
    head.id,
    head.supplierId,
    head.locationId,
    head.expectedOn,
    head.note,
    costed?.currency ?? null,
    costed?.total ?? null,
    ctx.now(),
  ]);
  if (!costed) return;
  tx.defer(deleteLines, [head.id]);
  writeLines(tx, ctx, head, costed);
}

function writeLines(tx: Tx, ctx: TenantCtx, head: DraftHead, { lines }: CostedLines): void {
  tx.defer(insertLines, [
    ctx.tenant.id,
    ctx.organizationId,
    head.workspaceId,
    head.id,
    ctx.now(),
    lines.map(() => ctx.newId()),
    lines.map((_line, index) => index + 1),
    lines.map((line) => line.variantId),
    lines.map((line) => line.supplierSku),
    lines.map((line) => line.quantity),
    lines.map((line) => line.unitCost),
    lines.map((line) => line.lineTotal),
  ]);
}
