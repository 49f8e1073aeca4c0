import { statement } from '@platen/chassis/db/statement';
import { noStats } from '@platen/chassis/db/types';
import { orders as contracts } from '@platen/schema/contracts/data/orders';
import t from 'tap';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { openSales, read } from '../../test/sales.fixture.js';

const sales = await openSales(t, 60);
const { orders, ctxOf } = sales;
type Page = Static<typeof contracts.list.response>;
type Item = Page['items'][number];
const list = async (query: Parameters<typeof orders.list>[1]) => {
  const page = read<Page>(await orders.list(ctxOf(), query));
  t.ok(Value.Check(contracts.list.response, page));
  return page.items;
};

t.test('lists by every filter, alone and together', async (t) => {
  const all = await list({ limit: 200 });
  t.ok(all.length > 20);
  const due = all.map((item) => item.due_on ?? '').sort();
  const from = due[Math.floor(due.length / 3)] ?? '';
  const to = due[Math.floor((due.length * 2) / 3)] ?? '';
  const some = all.find((item) => item.number !== null && item.payment_status === 'paid');
  if (!some?.number) throw new Error('no paid order among the seeds');
  const prefix = some.number.slice(0, -1);
  const filters: [Parameters<typeof orders.list>[1], (item: Item) => boolean][] = [
    [{ status: some.status }, (item) => item.status === some.status],
    [{ payment_status: 'paid' }, (item) => item.payment_status === 'paid'],
    [{ customer_id: some.customer_id }, (item) => item.customer_id === some.customer_id],
    [{ due_from: from }, (item) => item.due_on !== null && item.due_on >= from],
    [{ due_to: to }, (item) => item.due_on !== null && item.due_on <= to],
    [{ number_prefix: prefix }, (item) => item.number?.startsWith(prefix) === true],
  ];
  for (const [query, fits] of filters) {
    t.same(await list({ limit: 200, ...query }), all.filter(fits), Object.keys(query).join());
  }
  const together = Object.assign({ limit: 200 }, ...filters.map(([query]) => query));
  t.same(
    await list(together),
    all.filter((item) => filters.every(([, fits]) => fits(item))),
    'all at once',
  );
  t.same(await list({ number_prefix: '%' }), [], 'a prefix is no pattern');
  const paged: Item[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query = { limit: 7, due_from: from, due_to: to, ...(cursor && { cursor }) };
    const page: Page = read(await orders.list(ctxOf(), query));
    paged.push(...page.items);
    cursor = page.next_cursor;
  }
  t.same(
    paged,
    all.filter((item) => item.due_on !== null && item.due_on >= from && item.due_on <= to),
  );
});

t.test('reads go by index, as the application', async (t) => {
  const [first] = await list({ limit: 5 });
  const id = first?.id ?? '';
  const stats = noStats();
  await orders.get(ctxOf({ stats }), id);
  t.equal(stats.roundTrips, 1);
  const page = (condition: string) =>
    `select * from erp_orders t where (created_at, id) < (now(), '${id}') ${condition} order by created_at desc, id desc limit 50`;
  const queries = {
    get: `select * from erp_orders o where id = '${id}'`,
    lines: `select * from erp_order_lines l where l.order_id = '${id}' order by position`,
    history: `select * from erp_order_status_changes t where t.order_id = '${id}' and t.id > '${id}' order by t.id`,
    list: page(''),
    status: page(`and t.status = 'ready'`),
    payment: page(`and t.payment_status = 'unpaid'`),
    due: page(`and t.due_on >= '2026-02-01'::date and t.due_on <= '2026-02-02'::date`),
    number: page(`and t.number ~>=~ 'SO-2026-00007' and t.number ~<~ ('SO-2026-00007' || chr(1114111))`),
  };
  const plans = await ctxOf().db.transaction(async (tx) => {
    await tx.query(statement('test.no_seqscan', 'set local enable_seqscan = off'));
    const explained: Record<string, string> = {};
    for (const [name, sql] of Object.entries(queries)) {
      const rows = await tx.query(
        statement<{ 'QUERY PLAN': string }>(`test.explain_${name}`, `explain (costs off) ${sql}`),
      );
      explained[name] = rows.map((row) => row['QUERY PLAN']).join('\n');
    }
    return explained;
  });
  t.match(plans['get'], /Index Cond:.*organization_id.*id = /);
  t.match(plans['lines'], /Index Cond:.*organization_id.*order_id = /);
  t.match(plans['history'], /Index Scan using erp_order_status_changes_order_idx/);
  t.match(plans['list'], /Index Scan Backward using erp_orders_created_idx/);
  t.match(plans['list'], /Index Cond:.*ROW\(created_at, id\)/);
  t.notMatch(plans['list'], /Sort/);
  t.match(plans['status'], /Index Scan Backward using erp_orders_status_idx/);
  t.match(plans['payment'], /Index Scan Backward using erp_orders_payment_idx/);
  // Which of two indexes is the better one depends on how many rows there are; that there is one is shown alone.
  t.match(plans['due'], /Index/);
  t.match(plans['number'], /Index/);
  const only = await ctxOf().db.transaction(async (tx) => {
    await tx.query(statement('test.no_seqscan', 'set local enable_seqscan = off'));
    const by = (name: string, condition: string) =>
      tx.query(
        statement<{ 'QUERY PLAN': string }>(
          `test.explain_only_${name}`,
          `explain (costs off) select count(*) from erp_orders t where ${condition}`,
        ),
      );
    const due = await by('due', `t.due_on between '2026-02-01' and '2026-02-02'`);
    const number = await by(
      'number',
      `t.number ~>=~ 'SO-2026-00007' and t.number ~<~ ('SO-2026-00007' || chr(1114111))`,
    );
    return [due, number].map((rows) => rows.map((row) => row['QUERY PLAN']).join('\n'));
  });
  t.match(only[0], /erp_orders_due_idx[\s\S]*Index Cond:.*due_on >=/);
  t.match(only[1], /erp_orders_number_prefix_idx[\s\S]*Index Cond:.*number ~>=~/);
});
