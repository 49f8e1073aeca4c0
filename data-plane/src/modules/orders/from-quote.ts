import { outboxRowSql, outboxRowValues } from '@platen/chassis/bus/outbox';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { TenantCtx } from '../module.js';
import { findOrder, insertStatusChange, type JsonDocument } from './repo.js';

const insertOrder = statement<never>(
  'orders.insert_from_quote',
  `insert into erp_orders (tenant_id, organization_id, workspace_id, id, quote_id, customer_id, currency, subtotal,
    discount, tax, total, deposit_due, due_on, created_at, updated_at, store_id, rule_set_version_id)
  select tenant_id, organization_id, workspace_id, $2::uuid, id, customer_id, currency, subtotal, discount, tax, total,
    deposit_due, coalesce($3::date, due_on), $4::timestamptz, $4::timestamptz, store_id, rule_set_version_id
  from erp_quotes where id = $1::uuid`,
);

const insertLines = statement<never>(
  'orders.insert_lines_from_quote',
  `insert into erp_order_lines (tenant_id, organization_id, workspace_id, id, order_id, position, product_id, quantity,
    unit_price, line_total, created_at, updated_at, design_id, decorations, fee_total, receipt, receipt_hash)
  select l.tenant_id, l.organization_id, l.workspace_id, pair.new_id, $3::uuid, l.position, l.product_id, l.quantity,
    l.unit_price, l.line_total, $4::timestamptz, $4::timestamptz, l.design_id, l.decorations, l.fee_total, l.receipt,
    l.receipt_hash
  from unnest($1::uuid[], $2::uuid[]) as pair (old_id, new_id)
  join erp_quote_lines l on l.id = pair.old_id`,
);

const insertSizes = statement<never>(
  'orders.insert_sizes_from_quote',
  `insert into erp_order_line_sizes (tenant_id, organization_id, workspace_id, id, order_line_id, variant_id, quantity,
    unit_price, created_at, updated_at)
  select s.tenant_id, s.organization_id, s.workspace_id, pair.new_id, line.new_id, s.variant_id, s.quantity,
    s.unit_price, $5::timestamptz, $5::timestamptz
  from unnest($1::uuid[], $2::uuid[]) as pair (old_id, new_id)
  join erp_quote_line_sizes s on s.id = pair.old_id
  join unnest($3::uuid[], $4::uuid[]) as line (old_id, new_id) on line.old_id = s.quote_line_id`,
);

const insertTaxes = statement<never>(
  'orders.insert_taxes_from_quote',
  `insert into erp_order_taxes (tenant_id, organization_id, workspace_id, id, order_id, tax_class, rate_percent, taxable,
    tax, created_at, updated_at)
  select x.tenant_id, x.organization_id, x.workspace_id, pair.new_id, $3::uuid, x.tax_class, x.rate_percent, x.taxable,
    x.tax, $4::timestamptz, $4::timestamptz
  from unnest($1::uuid[], $2::uuid[]) as pair (old_id, new_id)
  join erp_quote_taxes x on x.id = pair.old_id`,
);

const insertCreated = statement<never>(
  'orders.created_from_quote',
  outboxRowSql({
    firstParameter: 2,
    from: 'erp_orders o where o.id = $1::uuid',
    payload: `jsonb_build_object('order_id', o.id, 'quote_id', o.quote_id, 'customer_id', o.customer_id,
      'total', jsonb_build_object('amount', o.total::text, 'currency', o.currency))`,
  }),
);

export interface QuoteToCopy {
  readonly quoteId: string;
  readonly workspaceId: string | null;
  /** In order of position; sizes in order of creation. */
  readonly lineIds: readonly string[];
  readonly sizeIds: readonly string[];
  readonly taxIds: readonly string[];
}

/** A draft order with the quote's lines, sizes, totals and deposit; answers it as JSON, in one round trip. */
export async function insertOrderFromQuote(
  tx: Tx,
  ctx: TenantCtx,
  quote: QuoteToCopy,
  order: { readonly id: string; readonly dueOn: string | null; readonly by: string },
): Promise<JsonDocument | undefined> {
  const now = ctx.now();
  const lineIds = quote.lineIds.map(() => ctx.newId());
  const sizeIds = quote.sizeIds.map(() => ctx.newId());
  tx.defer(insertOrder, [quote.quoteId, order.id, order.dueOn, now]);
  tx.defer(insertLines, [quote.lineIds, lineIds, order.id, now]);
  tx.defer(insertSizes, [quote.sizeIds, sizeIds, quote.lineIds, lineIds, now]);
  tx.defer(insertTaxes, [quote.taxIds, quote.taxIds.map(() => ctx.newId()), order.id, now]);
  const { workspaceId } = quote;
  insertStatusChange(tx, ctx, { orderId: order.id, workspaceId, from: null, to: 'draft', by: order.by });
  const event = outboxRowValues(ctx, { type: 'erp.order.created', aggregateId: order.id });
  tx.defer(insertCreated, [order.id, ...event.values]);
  return findOrder(tx, order.id);
}
