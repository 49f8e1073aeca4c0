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
  `coalesce(sum(greatest(l.ordered_quantity - l.received_quantity, 0)) filter (where l.status ${condition}), 0)::text`;
const listOf = (rows: string): string => `coalesce((select json_agg(r) from (${rows}) r), '[]')`;

// One statement: what is short and what is coming are of one moment. Each table is read once, by arrays of ids, and what
// belongs together meets in full joins: of tables that were filled a moment ago the planner thinks that they are empty, and
// would read them again for every row that it joins.
const selectSituation = statement<{ situation: Situation }>(
  'purchase_suggestions.situation',
  `with sizes as materialized (
    select order_line_id, variant_id, open_quantity - reserved_quantity as quantity from erp_order_line_sizes
    where open_quantity > reserved_quantity
  ), lines as materialized (
    select id, order_id from erp_order_lines where id = any (array(select order_line_id from sizes))
  ), lined as materialized (
    select l.order_id, s.variant_id, s.quantity from sizes s full join lines l on l.id = s.order_line_id
  ), wanted as materialized (
    select order_id, variant_id, sum(quantity) as quantity from lined group by order_id, variant_id
  ), orders as materialized (
    select id, number, customer_id, due_on, created_at from erp_orders
    where id = any (array(select order_id from lines)) and status in ('confirmed', 'in_production')
  ), ordered as materialized (
    select o.id as order_id, o.number, o.customer_id, o.due_on, o.created_at, w.variant_id, w.quantity
    from wanted w full join orders o on o.id = w.order_id
  ), short as materialized (
    select * from ordered where order_id is not null order by due_on nulls last, created_at, order_id, variant_id
    limit $1::int + 1
  ), wanted_variants as materialized (select distinct variant_id from short),
  customers as materialized (
    select id, name from erp_customers where id = any (array(select customer_id from short))
  ), variants as materialized (
    select id, sku, product_id from erp_product_variants where id = any (array(select variant_id from wanted_variants))
  ), products as materialized (
    select id, name from erp_products where id = any (array(select product_id from variants))
  ), named as materialized (
    select s.*, c.name as customer_name, v.sku, p.name as product_name
    from short s full join customers c on c.id = s.customer_id full join variants v on v.id = s.variant_id
    full join products p on p.id = v.product_id
  ), purchase_lines as materialized (
    select purchase_order_id, variant_id, ordered_quantity, received_quantity from erp_purchase_order_lines
    where variant_id = any (array(select variant_id from wanted_variants))
  ), purchases as materialized (
    select id, status from erp_purchase_orders where id = any (array(select purchase_order_id from purchase_lines))
      and status in (${awaited}, 'submitted', 'draft')
  ), purchased as materialized (
    select l.*, p.status from purchase_lines l full join purchases p on p.id = l.purchase_order_id
  ), offers as materialized (
    select supplier_id, variant_id, sku, cost, lead_days from erp_supplier_variants
    where variant_id = any (array(select variant_id from wanted_variants))
  ), suppliers as materialized (
    select id, code, name, currency from erp_suppliers where id = any (array(select supplier_id from offers))
  ), offered as materialized (
    select t.*, s.id, s.code, s.name, s.currency from offers t full join suppliers s on s.id = t.supplier_id
  )
  select json_build_object(
    'short', ${listOf(`select order_id, number, customer_id, customer_name, due_on, variant_id, sku, product_name, quantity::text
      from named where customer_name is not null and product_name is not null
      order by due_on nulls last, created_at, order_id, variant_id`)},
    'coming', ${listOf(`select l.variant_id, ${outstanding(`in (${awaited})`)} as on_the_way,
      ${outstanding("= 'submitted'")} as submitted, ${outstanding("= 'draft'")} as drafted
      from purchased l where l.status is not null group by l.variant_id`)},
    'terms', ${listOf(`select variant_id, supplier_id, code as supplier_code, name as supplier_name, currency, sku, cost::text,
      lead_days from offered where id is not null`)}
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
