import type pg from 'pg';
import type { Tried } from '../outcome.js';
import { type Deals, linesOfDeal, piecesOfSize, sizesOfLine, type WriteKind, writeKinds } from './deals.js';

const myQuotes = '(select id from erp_quotes where customer_id = $1)';
const myOrders = '(select id from erp_orders where customer_id = $1)';
const told = (type: string, documents: string) =>
  `select right(key, 36) as id from outbox_events where type = '${type}' and right(key, 36)::uuid in ${documents}`;
const paid = (kind: 'payment' | 'refund') =>
  `select id::text from erp_order_payments where kind = '${kind}' and order_id in ${myOrders}`;

/** What a write of each kind leaves, once: the id that it was answered with. */
const effects: Record<WriteKind, string> = {
  adjust: `select distinct source_id::text as id from erp_stock_moves
    where source_type = 'adjustment' and reason like 'soak-%' and $1::uuid is not null`,
  quote: 'select id::text from erp_quotes where customer_id = $1',
  send: told('erp.quote.sent', myQuotes),
  accept: told('erp.quote.accepted', myQuotes),
  convert: 'select id::text from erp_orders where customer_id = $1',
  confirm: told('erp.order.confirmed', myOrders),
  payment: paid('payment'),
  refund: paid('refund'),
  start: told('erp.order.started', myOrders),
};

/** Statements that answer with what must not be. */
const partial = [
  [
    'an adjustment with another number of entries',
    `select source_id::text as id from erp_stock_moves where source_type = 'adjustment' and reason like 'soak-%'
      and $1::uuid is not null group by source_id having count(*) <> ${linesOfDeal * sizesOfLine}`,
  ],
  ...(['quote', 'order'] as const).map(
    (document) =>
      [
        `a ${document} without all of its lines, or whose sums are other sums`,
        `select d.id::text from erp_${document}s d where d.customer_id = $1 and (
          d.total <> d.subtotal - d.discount + d.tax${document === 'order' ? ' + d.charges' : ''}
          or (select (count(*), sum(line_total)) from erp_${document}_lines l where l.${document}_id = d.id)
            is distinct from (${linesOfDeal}::bigint, d.subtotal)
          or (select count(*) from erp_${document}_line_sizes z join erp_${document}_lines l on l.id = z.${document}_line_id
            where l.${document}_id = d.id) <> ${linesOfDeal * sizesOfLine}
          or (select coalesce(sum(tax), 0) from erp_${document}_taxes x where x.${document}_id = d.id) <> d.tax)`,
      ] as const,
  ),
  [
    'an order whose version is not that of its changes and payments, or whose status is not that of its last change',
    `select o.id::text from erp_orders o where o.customer_id = $1 and (
      o.version <> (select count(*) from erp_order_status_changes c where c.order_id = o.id)
        + (select count(*) from erp_order_payments p where p.order_id = o.id)
      or o.status <> (select to_status from erp_order_status_changes c where c.order_id = o.id order by id desc limit 1)
      or (o.payment_status <> 'unpaid') <> exists (select from erp_order_payments p where p.order_id = o.id))`,
  ],
  [
    'an order whose events are not those of its changes and payments',
    `select o.id::text from erp_orders o where o.customer_id = $1 and
      (select count(*) from outbox_events e where e.type like 'erp.order.%' and right(e.key, 36) = o.id::text)
      <> (select count(*) from erp_order_status_changes c where c.order_id = o.id)
        + (select count(*) from erp_order_payments p where p.order_id = o.id)`,
  ],
  [
    'an order that needs and has taken something else from stock than all of its pieces once it is confirmed',
    `select o.id::text from erp_orders o where o.customer_id = $1 and
      (select sum(z.open_quantity) from erp_order_line_sizes z join erp_order_lines l on l.id = z.order_line_id
        where l.order_id = o.id)
      + (select coalesce(sum(m.quantity), 0) from erp_stock_moves m where m.order_id = o.id and m.kind = 'consumption')
      <> case o.status when 'draft' then 0 else ${linesOfDeal * sizesOfLine * piecesOfSize} end`,
  ],
  [
    'numbers with a gap, or one twice',
    ['quote', 'order']
      .map(
        (kind) => `select s.kind || ' ' || s.last_number || ' ' || count(d.number) as id
          from erp_number_sequences s join erp_${kind}s d on d.tenant_id = s.tenant_id
            and d.organization_id = s.organization_id and split_part(d.number, '-', 2)::int = s.year
          where s.kind = '${kind}' and $1::uuid is not null
          group by s.tenant_id, s.organization_id, s.kind, s.year, s.last_number
          having (s.last_number, s.last_number) is distinct from (count(d.number), count(distinct d.number))`,
      )
      .join(' union all '),
  ],
] as const satisfies readonly (readonly [string, string])[];

/** What the database holds, past every service and every policy, held against what was acknowledged. */
export async function judgeDeals(deals: Deals, db: pg.Client): Promise<Tried[]> {
  const idsOf = async (sql: string) =>
    (await db.query<{ id: string }>(sql, [deals.customerId])).rows.map(({ id }) => id);
  const [lost, twice, torn]: [string[], string[], string[]] = [[], [], []];
  const keys = await countKeys(db);
  for (const kind of writeKinds) {
    const stored = await idsOf(effects[kind]);
    const known = new Set(stored);
    for (const one of deals.acknowledged.values())
      if (one.kind === kind && !known.has(one.id)) lost.push(`${one.key} was acknowledged and is not there`);
    if (known.size !== stored.length) twice.push(`${kind}: ${stored.length} effects of ${known.size} writes`);
    const remembered = keys.get(kind) ?? 0;
    if (stored.length !== remembered) twice.push(`${kind}: ${stored.length} effects, ${remembered} answers remembered`);
  }
  for (const [what, sql] of partial) for (const id of await idsOf(sql)) torn.push(`${what}: ${id}`);
  return [
    { promise: 'what was acknowledged is stored', broken: lost },
    { promise: 'each write has its effect once, and none that has no answer to be given again', broken: twice },
    { promise: 'nothing is there in part: lines, sums, versions, events, needs and numbers agree', broken: torn },
  ];
}

async function countKeys(db: pg.Client): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.query<{ kind: string; count: number }>(
    `select split_part(key, '-', 3) as kind, count(*)::int as count from idempotency_keys where key like 'soak-%' group by 1`,
  );
  return new Map(rows.map(({ kind, count }) => [kind, count]));
}

/** Of all that lies in stock and is promised. */
export async function checkStock({ client }: Deals): Promise<Tried> {
  const broken: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.erp.stock.check(cursor === undefined ? {} : { cursor });
    for (const difference of page.differences) broken.push(JSON.stringify(difference));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return { promise: '/stock/check finds no difference', broken };
}

/** Asks for what was acknowledged once more. */
export async function askAgain(deals: Deals, most: number): Promise<{ asked: number; tried: Tried }> {
  const broken: string[] = [];
  const all = [...deals.acknowledged.values()];
  const every = Math.max(1, Math.floor(all.length / most));
  const chosen = all.filter((_, at) => at % every === 0);
  const before = deals.replays();
  for (const { key, id, again } of chosen) {
    const answered = await again().catch((error: unknown) => String(error));
    if (answered !== id) broken.push(`${key} was answered with ${id}, and later with ${answered}`);
  }
  const replayed = deals.replays() - before;
  if (replayed !== chosen.length)
    broken.push(`${replayed} of ${chosen.length} answers said that they were given before`);
  return { asked: chosen.length, tried: { promise: 'a key still gives its answer in the end', broken } };
}
