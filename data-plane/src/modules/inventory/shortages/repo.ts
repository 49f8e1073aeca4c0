import { jsonArray, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { definePage, firstId } from '@platen/chassis/http/paging';
import { Shortage, ShortOrder, stock } from '@platen/schema/contracts/data/stock';
import { expectedOnSql, incomingSql, variantColumns } from '../variant-sql.js';

/** Orders of one answer; the others are counted. */
const shown = 100;

const missing = 's.open_quantity > s.reserved_quantity';

const shortOrder = jsonSelect(ShortOrder, {
  order_id: 'o.id',
  number: 'o.number',
  customer_id: 'o.customer_id',
  customer_name: `coalesce((select c.name from erp_customers c where c.id = o.customer_id), '')`,
  due_on: 'o.due_on',
  quantity: 'o.short::text',
});

// Of tables that were filled a moment ago the planner thinks that they are empty, and would read them again for every row
// that it joins: ids come as arrays, and what belongs together meets in full joins.
const linesOfMissing = (alias: string): string => `l.id = any (array(select s.order_line_id from erp_order_line_sizes s
  where s.variant_id = ${alias}.variant_id and ${missing}))`;

/** JSON of the orders that miss a variant, the earliest due first. */
const shortOrders = (alias: string, condition = '') =>
  jsonArray(
    shortOrder,
    `(with sizes as materialized (
        select s.order_line_id, s.open_quantity - s.reserved_quantity as short from erp_order_line_sizes s
        where s.variant_id = ${alias}.variant_id and ${missing}
      ), lines as materialized (
        select l.id, l.order_id from erp_order_lines l where ${linesOfMissing(alias)} ${condition}
      ), orders as materialized (
        select id, number, customer_id, due_on, created_at from erp_orders where id = any (array(select order_id from lines))
      ), lined as materialized (
        select l.order_id, s.short from sizes s full join lines l on l.id = s.order_line_id
      ), ordered as materialized (
        select o.*, l.short from lined l full join orders o on o.id = l.order_id
      )
      select o.id, o.number, o.customer_id, o.due_on, o.created_at, sum(o.short) as short
      from ordered o where o.id is not null
      group by o.id, o.number, o.customer_id, o.due_on, o.created_at
      order by o.due_on nulls last, o.created_at, o.id limit ${shown}) o
    order by o.due_on nulls last, o.created_at, o.id`,
  );

const ofOrder = 'and l.order_id = $3::uuid';

const itemWith = (condition: string): string =>
  jsonSelect(Shortage, {
    ...variantColumns('t'),
    short: 't.short::text',
    available: `(select coalesce(sum(greatest(a.on_hand - a.reserved, 0)), 0)::numeric(18, 4)::text
      from erp_stock_levels a where a.variant_id = t.variant_id)`,
    incoming: incomingSql('t'),
    expected_on: expectedOnSql('t'),
    order_count: `(select count(distinct l.order_id) from erp_order_lines l where ${linesOfMissing('t')} ${condition})`,
    orders: shortOrders('t', condition),
  });

/** By variant, of the index over what is short: few rows among all that was ever sold. */
export const shortagePage = definePage({
  contract: stock.shortages,
  item: itemWith(''),
  key: 't.variant_id::text',
  rows: `select t.* from (
      select s.variant_id, sum(s.open_quantity - s.reserved_quantity) as short from erp_order_line_sizes s
      where ${missing} and s.variant_id > $2::uuid group by s.variant_id
    ) t order by t.variant_id`,
  start: firstId,
});

/** Filter: the order. */
export const shortagePageOfOrder = definePage({
  contract: stock.shortages,
  variant: 'order_id',
  item: itemWith(ofOrder),
  key: 't.variant_id::text',
  rows: `select t.* from (
      select s.variant_id, sum(s.open_quantity - s.reserved_quantity) as short
      from erp_order_line_sizes s where ${missing} and s.variant_id > $2::uuid
        and s.order_line_id = any (array(select l.id from erp_order_lines l where true ${ofOrder}))
      group by s.variant_id
    ) t order by t.variant_id`,
  start: firstId,
});

const selectShort = statement<{ json: string }>(
  'stock.short_of',
  `select concat('{"variant_id":"', t.variant_id, '","orders":', ${shortOrders('t').json}, '}') as json
  from unnest($1::uuid[]) as t (variant_id)
  where (t.variant_id in (
    select s.variant_id from erp_order_line_sizes s where s.variant_id = any ($1::uuid[]) and ${missing}
  )) is true`,
);

/** JSON of the variants among these that orders miss, with the orders. */
export async function listShortJson(tx: Tx, variantIds: readonly string[]): Promise<string> {
  const rows = await tx.query(selectShort, [variantIds]);
  return `[${rows.map(({ json }) => json).join(',')}]`;
}
