import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { moneyJson } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import { decorationsJson, lineMembers, type PricedBasket, taxesJson, totalMembers } from '../pricing/index.js';

/** A quote's values beside its prices. */
export interface QuoteHead {
  readonly id: string;
  /** Of the quote whose place it takes; null: it gets one when it is sent. */
  readonly number: string | null;
  readonly revision: number;
  readonly supersedesId: string | null;
  readonly customerId: string;
  readonly workspaceId: string | null;
  readonly storeId: string | null;
  readonly depositDue: string | null;
  readonly validUntil: string;
  readonly dueOn: string | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const insertHead = statement<never>(
  'quotes.insert',
  `insert into erp_quotes (tenant_id, organization_id, workspace_id, id, customer_id, currency, subtotal, discount, tax,
    total, deposit_due, valid_until, rule_set_version_id, created_at, updated_at, store_id, due_on, revision, supersedes_id,
    number)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15, $16, $17, $18, $19)`,
);
const updateHead = statement<never>(
  'quotes.update',
  `update erp_quotes set customer_id = $2, currency = $3, subtotal = $4, discount = $5, tax = $6, total = $7,
    deposit_due = $8, valid_until = $9, rule_set_version_id = $10, version = version + 1, updated_at = $11, due_on = $12
  where id = $1`,
);
// Sizes go with their lines.
const deleteLines = statement<never>('quotes.delete_lines', 'delete from erp_quote_lines where quote_id = $1');
const deleteTaxes = statement<never>('quotes.delete_taxes', 'delete from erp_quote_taxes where quote_id = $1');
const insertTaxes = statement<never>(
  'quotes.insert_taxes',
  `insert into erp_quote_taxes (tenant_id, organization_id, workspace_id, quote_id, created_at, updated_at, id, tax_class,
    rate_percent, taxable, tax)
  select $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::timestamptz, $5::timestamptz, share.*
  from unnest($6::uuid[], $7::text[], $8::numeric[], $9::numeric[], $10::numeric[]) as share`,
);
const insertLines = statement<never>(
  'quotes.insert_lines',
  `insert into erp_quote_lines (tenant_id, organization_id, workspace_id, quote_id, created_at, updated_at, id, position,
    product_id, quantity, unit_price, line_total, receipt, receipt_hash, design_id, fee_total, decorations)
  select $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::timestamptz, $5::timestamptz, line.id, line.position, line.product_id,
    line.quantity, line.unit_price, line.line_total, line.receipt, line.receipt_hash, line.design_id, line.fee_total,
    line.decorations::jsonb
  from unnest($6::uuid[], $7::int[], $8::uuid[], $9::numeric[], $10::numeric[], $11::numeric[], $12::text[], $13::text[],
    $14::uuid[], $15::numeric[], $16::text[]) as line (id, position, product_id, quantity, unit_price, line_total, receipt,
    receipt_hash, design_id, fee_total, decorations)`,
);
const insertSizes = statement<never>(
  'quotes.insert_sizes',
  `insert into erp_quote_line_sizes (tenant_id, organization_id, workspace_id, created_at, updated_at, id, quote_line_id,
    variant_id, quantity, unit_price)
  select $1::uuid, $2::uuid, $3::uuid, $4::timestamptz, $4::timestamptz, size.*
  from unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::numeric[], $9::numeric[]) as size`,
);

/** Inserts that travel with the COMMIT: three statements however many lines. Answers the quote's JSON. */
export function insertQuote(tx: Tx, ctx: TenantCtx, head: QuoteHead, priced: PricedBasket): string {
  const { subtotal, discount, tax, total, currency, ruleSetVersionId } = priced;
  tx.defer(insertHead, [
    ctx.tenant.id,
    ctx.organizationId,
    head.workspaceId,
    head.id,
    head.customerId,
    currency,
    subtotal,
    discount,
    tax,
    total,
    head.depositDue,
    head.validUntil,
    ruleSetVersionId,
    head.createdAt,
    head.storeId,
    head.dueOn,
    head.revision,
    head.supersedesId,
    head.number,
  ]);
  return writeLines(tx, ctx, head, priced);
}

/** The same for a quote that is there: its lines are replaced. */
export function replaceQuote(tx: Tx, ctx: TenantCtx, head: QuoteHead, priced: PricedBasket): string {
  const { subtotal, discount, tax, total, currency, ruleSetVersionId } = priced;
  tx.defer(deleteLines, [head.id]);
  tx.defer(deleteTaxes, [head.id]);
  tx.defer(updateHead, [
    head.id,
    head.customerId,
    currency,
    subtotal,
    discount,
    tax,
    total,
    head.depositDue,
    head.validUntil,
    ruleSetVersionId,
    head.updatedAt,
    head.dueOn,
  ]);
  return writeLines(tx, ctx, head, priced);
}

function writeLines(tx: Tx, ctx: TenantCtx, head: QuoteHead, { lines, ...priced }: PricedBasket): string {
  const owner = [ctx.tenant.id, ctx.organizationId, head.workspaceId];
  const ids = lines.map(() => ctx.newId());
  const sizes = lines.flatMap((line, index) =>
    line.sizes.map((size) => ({ ...size, id: ctx.newId(), lineId: ids[index] ?? '' })),
  );
  tx.defer(insertLines, [
    ...owner,
    head.id,
    head.updatedAt,
    ids,
    lines.map((_line, index) => index + 1),
    lines.map((line) => line.productId),
    lines.map((line) => line.quantity),
    lines.map((line) => line.unitPrice),
    lines.map((line) => line.lineTotal),
    lines.map((line) => line.receipt),
    lines.map((line) => line.receiptHash),
    lines.map((line) => line.designId),
    lines.map((line) => line.feeTotal),
    lines.map((line) => decorationsJson(line.decorations)),
  ]);
  tx.defer(insertSizes, [
    ...owner,
    head.updatedAt,
    sizes.map((size) => size.id),
    sizes.map((size) => size.lineId),
    sizes.map((size) => size.variantId),
    sizes.map((size) => size.quantity),
    sizes.map((size) => size.unitPrice),
  ]);
  const { taxes } = priced;
  if (taxes.length > 0) {
    tx.defer(insertTaxes, [
      ...owner,
      head.id,
      head.updatedAt,
      taxes.map(() => ctx.newId()),
      taxes.map((share) => share.taxClass),
      taxes.map((share) => share.percent),
      taxes.map((share) => share.taxable),
      taxes.map((share) => share.tax),
    ]);
  }
  return draftJson(ctx, head, { ...priced, lines }, ids);
}

/** The answer as `erp.quotes.get` would give it, without reading it back. */
function draftJson(ctx: TenantCtx, head: QuoteHead, priced: PricedBasket, lineIds: readonly string[]): string {
  const { currency } = priced;
  const lines = priced.lines.map(
    (line, index) => `{"id":"${lineIds[index]}",${lineMembers(line, index + 1, currency)}}`,
  );
  const workspace = head.workspaceId === null ? 'null' : `"${head.workspaceId}"`;
  const store = head.storeId === null ? 'null' : `"${head.storeId}"`;
  const deposit = head.depositDue === null ? 'null' : moneyJson(head.depositDue, currency);
  return (
    `{"id":"${head.id}","number":${JSON.stringify(head.number)},"status":"draft","revision":${head.revision}` +
    `,"supersedes_id":${JSON.stringify(head.supersedesId)}` +
    `,"customer_id":"${head.customerId}","organization_id":"${ctx.organizationId}","workspace_id":${workspace}` +
    `,"store_id":${store},"currency":"${currency}",${totalMembers(priced)},"deposit_due":${deposit}` +
    `,"valid_until":"${head.validUntil}","due_on":${JSON.stringify(head.dueOn)},"rule_set_version_id":"${priced.ruleSetVersionId}"` +
    `,"version":${head.version},"created_at":"${head.createdAt.toISOString()}"` +
    `,"updated_at":"${head.updatedAt.toISOString()}","lines":[${lines.join(',')}],"taxes":${taxesJson(priced)}}`
  );
}
