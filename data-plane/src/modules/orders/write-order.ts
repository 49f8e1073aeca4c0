import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { TenantCtx } from '../module.js';
import { lineWriter } from '../priced-lines/index.js';
import type { PricedBasket } from '../pricing/index.js';
import { draftJson } from './json.js';

/** The values of an order that was made directly, beside its prices. */
export interface OrderHead {
  readonly id: string;
  readonly customerId: string;
  readonly workspaceId: string | null;
  readonly storeId: string | null;
  readonly depositDue: string | null;
  readonly dueOn: string | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const orderLines = lineWriter('order');

const insertHead = statement<never>(
  'orders.insert',
  `insert into erp_orders (tenant_id, organization_id, workspace_id, id, customer_id, currency, subtotal, discount, tax,
    total, deposit_due, due_on, rule_set_version_id, created_at, updated_at, store_id)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15)`,
);
const updateHead = statement<never>(
  'orders.update',
  `update erp_orders set customer_id = $2, currency = $3, subtotal = $4, discount = $5, tax = $6, total = $7,
    deposit_due = $8, due_on = $9, rule_set_version_id = $10, version = version + 1, updated_at = $11
  where id = $1`,
);

/** A draft whose inserts travel with the COMMIT. Answers its JSON. */
export function insertOrder(tx: Tx, ctx: TenantCtx, head: OrderHead, priced: PricedBasket): string {
  tx.defer(insertHead, [
    ctx.tenant.id,
    ctx.organizationId,
    head.workspaceId,
    head.id,
    head.customerId,
    priced.currency,
    priced.subtotal,
    priced.discount,
    priced.tax,
    priced.total,
    head.depositDue,
    head.dueOn,
    priced.ruleSetVersionId,
    head.createdAt,
    head.storeId,
  ]);
  return draftJson(ctx.organizationId, head, priced, orderLines.insert(tx, ctx, head, priced));
}

/** The same for a draft that is there: its lines are replaced. */
export function replaceOrder(tx: Tx, ctx: TenantCtx, head: OrderHead, priced: PricedBasket): string {
  orderLines.delete(tx, head.id);
  tx.defer(updateHead, [
    head.id,
    head.customerId,
    priced.currency,
    priced.subtotal,
    priced.discount,
    priced.tax,
    priced.total,
    head.depositDue,
    head.dueOn,
    priced.ruleSetVersionId,
    head.updatedAt,
  ]);
  return draftJson(ctx.organizationId, head, priced, orderLines.insert(tx, ctx, head, priced));
}
