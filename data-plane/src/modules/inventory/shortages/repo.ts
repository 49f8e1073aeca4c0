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

/** JSON of the orders that miss a variant, the earliest due first. */
const shortOrders = (alias: string, condition = '') =>
  jsonArray(
    shortOrder,
    `(select o.id, o.number, o.customer_id, o.due_on, o.created_at, sum(s.open_quantity - s.reserved_quantity) as short
      from erp_order_line_sizes s
      join erp_order_lines l on l.id = s.order_line_id
      join erp_orders o on o.id = l.order_id
      where s.variant_id = ${alias}.variant_id and ${missing} ${condition}
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
    order_count: `(select count(distinct l.order_id) from erp_order_line_sizes s
      join erp_order_lines l on l.id = s.order_line_id where s.variant_id = t.variant_id and ${missing} ${condition})`,
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
      from erp_order_lines l join erp_order_line_sizes s on s.order_line_id = l.id
      where ${missing} and s.variant_id > $2::uuid ${ofOrder} group by s.variant_id
    ) t order by t.variant_id`,
  start: firstId,
});

const selectShort = statement<{ json: string }>(
  'stock.short_of',
  `select concat('{"variant_id":"', t.variant_id, '","orders":', ${shortOrders('t').json}, '}') as json
  from unnest($1::uuid[]) as t (variant_id)
  where exists (select from erp_order_line_sizes s where s.variant_id = t.variant_id and ${missing})`,
);

/** JSON of the variants among these that orders miss, with the orders. */
export async function listShortJson(tx: Tx, variantIds: readonly string[]): Promise<string> {
  const rows = await tx.query(selectShort, [variantIds]);
  return `[${rows.map(({ json }) => json).join(',')}]`;
}
