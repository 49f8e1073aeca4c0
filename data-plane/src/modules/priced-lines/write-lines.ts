import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { WorkCtx } from '../module.js';
import { decorationsJson, lineMembers, type PricedBasket, taxesJson } from '../pricing/index.js';

/** The document that lines belong to. */
export interface LineOwner {
  readonly id: string;
  readonly workspaceId: string | null;
  /** When they are written. */
  readonly updatedAt: Date;
}

const insertTaxesSql = (kind: string) =>
  `insert into erp_${kind}_taxes (tenant_id, organization_id, workspace_id, ${kind}_id, created_at, updated_at, id,
    tax_class, rate_percent, taxable, tax)
  select $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::timestamptz, $5::timestamptz, share.*
  from unnest($6::uuid[], $7::text[], $8::numeric[], $9::numeric[], $10::numeric[]) as share`;
const insertLinesSql = (kind: string) =>
  `insert into erp_${kind}_lines (tenant_id, organization_id, workspace_id, ${kind}_id, created_at, updated_at, id,
    position, product_id, quantity, unit_price, line_total, receipt, receipt_hash, design_id, fee_total, decorations)
  select $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::timestamptz, $5::timestamptz, line.id, line.position, line.product_id,
    line.quantity, line.unit_price, line.line_total, line.receipt, line.receipt_hash, line.design_id, line.fee_total,
    line.decorations::jsonb
  from unnest($6::uuid[], $7::int[], $8::uuid[], $9::numeric[], $10::numeric[], $11::numeric[], $12::text[], $13::text[],
    $14::uuid[], $15::numeric[], $16::text[]) as line (id, position, product_id, quantity, unit_price, line_total, receipt,
    receipt_hash, design_id, fee_total, decorations)`;
const insertSizesSql = (kind: string) =>
  `insert into erp_${kind}_line_sizes (tenant_id, organization_id, workspace_id, created_at, updated_at, id,
    ${kind}_line_id, variant_id, quantity, unit_price)
  select $1::uuid, $2::uuid, $3::uuid, $4::timestamptz, $4::timestamptz, size.*
  from unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::numeric[], $9::numeric[]) as size`;
// One statement: the foreign key of the sizes is looked at when it ends.
const deleteLinesSql = (kind: string) =>
  `with sizes as (
    delete from erp_${kind}_line_sizes
    where ${kind}_line_id = any (array(select id from erp_${kind}_lines where ${kind}_id = $1::uuid))
  ) delete from erp_${kind}_lines where ${kind}_id = $1::uuid`;

export interface LineWriter {
  /** Inserts that travel with the COMMIT: as many statements however many lines. Answers `"lines":…,"taxes":…`. */
  insert(tx: Tx, ctx: WorkCtx, owner: LineOwner, priced: PricedBasket): string;
  /** Takes a draft's lines and taxes away, for those that come in their place. */
  delete(tx: Tx, documentId: string): void;
}

/** Writes a priced basket as the lines, sizes and taxes of a quote or an order. */
export function lineWriter(kind: 'quote' | 'order'): LineWriter {
  const insertLines = statement<never>(`${kind}s.insert_lines`, insertLinesSql(kind));
  const insertSizes = statement<never>(`${kind}s.insert_sizes`, insertSizesSql(kind));
  const insertTaxes = statement<never>(`${kind}s.insert_taxes`, insertTaxesSql(kind));
  const deleteLines = statement<never>(`${kind}s.delete_lines`, deleteLinesSql(kind));
  const deleteTaxes = statement<never>(
    `${kind}s.delete_taxes`,
    `delete from erp_${kind}_taxes where ${kind}_id = $1::uuid`,
  );
  return {
    insert(tx, ctx, owner, priced) {
      const scope = [ctx.tenant.id, ctx.organizationId, owner.workspaceId];
      const ids = priced.lines.map(() => ctx.newId());
      tx.defer(insertLines, [...scope, owner.id, owner.updatedAt, ...lineColumns(priced, ids)]);
      tx.defer(insertSizes, [...scope, owner.updatedAt, ...sizeColumns(ctx, priced, ids)]);
      const { taxes, currency } = priced;
      if (taxes.length > 0) tx.defer(insertTaxes, [...scope, owner.id, owner.updatedAt, ...taxColumns(ctx, priced)]);
      const lines = priced.lines.map(
        (line, index) => `{"id":"${ids[index]}",${lineMembers(line, index + 1, currency)}}`,
      );
      return `"lines":[${lines.join(',')}],"taxes":${taxesJson(priced)}`;
    },
    delete(tx, documentId) {
      tx.defer(deleteLines, [documentId]);
      tx.defer(deleteTaxes, [documentId]);
    },
  };
}

const lineColumns = ({ lines }: PricedBasket, ids: readonly string[]) => [
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
];

function sizeColumns(ctx: WorkCtx, { lines }: PricedBasket, lineIds: readonly string[]) {
  const sizes = lines.flatMap((line, index) =>
    line.sizes.map((size) => ({ ...size, id: ctx.newId(), lineId: lineIds[index] ?? '' })),
  );
  return [
    sizes.map((size) => size.id),
    sizes.map((size) => size.lineId),
    sizes.map((size) => size.variantId),
    sizes.map((size) => size.quantity),
    sizes.map((size) => size.unitPrice),
  ];
}

const taxColumns = (ctx: WorkCtx, { taxes }: PricedBasket) => [
  taxes.map(() => ctx.newId()),
  taxes.map((share) => share.taxClass),
  taxes.map((share) => share.percent),
  taxes.map((share) => share.taxable),
  taxes.map((share) => share.tax),
];
