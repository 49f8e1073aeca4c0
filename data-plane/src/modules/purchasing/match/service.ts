import { statement } from '@platen/chassis/db/statement';
import { AppError } from '@platen/chassis/http/app-error';
import type { PurchaseMatch } from '@platen/schema/contracts/data/purchase-match';
import type { Static } from 'typebox';
import type { TenantCtx } from '../../module.js';
import { matchOrder, type OrderToMatch } from './match.js';

// One statement: what is held against each other is of one moment.
const select = statement<{ order: OrderToMatch }>(
  'purchase_match.get',
  `select json_build_object('id', p.id, 'number', p.number, 'status', p.status, 'currency', p.currency, 'lines', coalesce((
    select json_agg(json_build_object('id', l.id, 'position', l.position, 'variant_id', l.variant_id,
      'supplier_sku', l.supplier_sku, 'ordered_quantity', l.ordered_quantity::text,
      'received_quantity', l.received_quantity::text, 'billed_quantity', l.billed_quantity::text,
      'unit_cost', l.unit_cost::text, 'line_total', l.line_total::text, 'bills', coalesce((
        select json_agg(json_build_object('bill_id', b.id, 'reference', b.reference, 'quantity', x.quantity::text,
          'unit_cost', x.unit_cost::text, 'line_total', x.line_total::text) order by b.id)
        from erp_purchase_bill_lines x join erp_purchase_bills b on b.id = x.bill_id
        where x.purchase_order_line_id = l.id), '[]')) order by l.position)
    from erp_purchase_order_lines l where l.purchase_order_id = p.id), '[]')) as "order"
  from erp_purchase_orders p where p.id = $1::uuid`,
  { parse: { order: 'json' } },
);

export interface PurchaseMatchService {
  get(ctx: TenantCtx, purchaseOrderId: string): Promise<Static<typeof PurchaseMatch>>;
}

export const createPurchaseMatchService = (): PurchaseMatchService => ({
  async get(ctx, purchaseOrderId) {
    const [row] = await ctx.db.query(select, [purchaseOrderId]);
    if (!row) throw new AppError('not_found');
    return matchOrder(row.order);
  },
});
