import { statement } from '@platen/chassis/db/statement';
import { purchaseOrderLimits } from '@platen/schema/contracts/data/purchase-orders';
import type { PurchaseSuggestions } from '@platen/schema/contracts/data/purchase-suggestions';
import { awaitedPurchaseOrderStatuses } from '@platen/schema/states/purchase-order';
import type { Static } from 'typebox';
import { dateIn, type FindOrganization, organizationOf } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { type Situation, suggestPurchases } from './suggest.js';

/** Orders' wants that one call looks at. */
const maxShortages = 2000;

const awaited = awaitedPurchaseOrderStatuses.map((status) => `'${status}'`).join(', ');
const outstanding = (condition: string): string =>
  `coalesce(sum(greatest(l.ordered_quantity - l.received_quantity, 0)) filter (where p.status ${condition}), 0)::text`;
const listOf = (rows: string): string => `coalesce((select json_agg(r) from (${rows}) r), '[]')`;

// One statement: what is short and what is coming are of one moment.
const selectSituation = statement<{ situation: Situation }>(
  'purchase_suggestions.situation',
  `with wanted as materialized (
    select l.order_id, s.variant_id, sum(s.open_quantity - s.reserved_quantity) as quantity
    from erp_order_line_sizes s join erp_order_lines l on l.id = s.order_line_id
    where s.open_quantity > s.reserved_quantity
    group by l.order_id, s.variant_id
  ), short as materialized (
    select o.id as order_id, o.number, o.customer_id, o.due_on, o.created_at, w.variant_id, w.quantity
    from wanted w join erp_orders o on o.id = w.order_id
    where o.status in ('confirmed', 'in_production')
    order by o.due_on nulls last, o.created_at, o.id, w.variant_id
    limit $1::int + 1
  ), variants as materialized (select distinct variant_id from short)
  select json_build_object(
    'short', ${listOf(`select s.order_id, s.number, s.customer_id, c.name as customer_name, s.due_on, s.variant_id, v.sku,
      p.name as product_name, s.quantity::text
      from short s join erp_customers c on c.id = s.customer_id
      join erp_product_variants v on v.id = s.variant_id join erp_products p on p.id = v.product_id
      order by s.due_on nulls last, s.created_at, s.order_id, s.variant_id`)},
    'coming', ${listOf(`select l.variant_id, ${outstanding(`in (${awaited})`)} as on_the_way,
      ${outstanding("= 'submitted'")} as submitted, ${outstanding("= 'draft'")} as drafted
      from variants v join erp_purchase_order_lines l on l.variant_id = v.variant_id
      join erp_purchase_orders p on p.id = l.purchase_order_id
      where p.status in (${awaited}, 'submitted', 'draft') group by l.variant_id`)},
    'terms', ${listOf(`select t.variant_id, t.supplier_id, s.code as supplier_code, s.name as supplier_name, s.currency,
      t.sku, t.cost::text, t.lead_days
      from variants v join erp_supplier_variants t on t.variant_id = v.variant_id
      join erp_suppliers s on s.id = t.supplier_id`)}
  ) as situation`,
  { parse: { situation: 'json' } },
);

export interface PurchaseSuggestionService {
  get(ctx: TenantCtx): Promise<Static<typeof PurchaseSuggestions>>;
}

export const createPurchaseSuggestionService = (deps: {
  readonly findOrganization: FindOrganization;
}): PurchaseSuggestionService => ({
  async get(ctx) {
    const { settings } = organizationOf(deps.findOrganization, ctx);
    const on = dateIn(settings.time_zone, ctx.now());
    const [row] = await ctx.db.leased.query(selectSituation, [maxShortages]);
    if (!row) throw new Error('a select without a table answers one row');
    const { short, ...rest } = row.situation;
    const suggested = suggestPurchases(
      { ...rest, short: short.slice(0, maxShortages) },
      { today: on, currency: settings.currency, maxLines: purchaseOrderLimits.lines },
    );
    return { on, ...suggested, complete: short.length <= maxShortages };
  },
});
