import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { lastId } from '@platen/chassis/http/paging';
import { skuSql } from '../variant-sql.js';

/** A location's stock of a variant as its row says it, beside what its entries and reservations add up to. */
export interface StandRow {
  readonly location_id: string;
  /** null: there is no row. */
  readonly on_hand: string | null;
  readonly reserved: string | null;
  readonly allows: boolean | null;
  readonly entries: string;
  readonly location_allows: boolean;
  readonly location_workspace_id: string | null;
}
/** A size of an order that the caller may change. */
export interface NeedRow {
  readonly id: string;
  readonly order_id: string;
  readonly order_line_id: string;
  readonly workspace_id: string | null;
  readonly open: string;
  readonly reserved: string;
  /** What it should still need: ordered, less what production took; nothing unless its order is under way. */
  readonly needed: string;
}
export interface PromiseRow {
  readonly location_id: string;
  readonly order_line_size_id: string;
  readonly quantity: string;
  /** Whether its order may be changed by the caller. */
  readonly is_own: boolean;
}
/** All that is known of a variant in which something does not agree. */
export interface Suspect {
  readonly variant_id: string;
  readonly sku: string;
  /** In the order in which orders take from them. */
  readonly stands: readonly StandRow[];
  /** In the order in which they are served. */
  readonly needs: readonly NeedRow[];
  readonly promises: readonly PromiseRow[];
}
export interface Looked {
  /** All variants up to this one were looked at. */
  readonly until: string;
  readonly checked: Readonly<Record<'variants' | 'levels' | 'moves' | 'reservations' | 'order_line_sizes', number>>;
  readonly suspects: readonly Suspect[];
}

/** Entries and variants at fault that one answer takes. */
const entriesAtOnce = 20_000;
const suspectsAtOnce = 100;

const inRange = (alias: string): string =>
  `${alias}.variant_id > $1::uuid and ${alias}.variant_id <= (select until from edge)`;
const underWay = `('confirmed', 'in_production')`;

const isSuspect = (alias: string): string => `(${alias}.variant_id in (select variant_id from suspects)) is true`;
const columns = ['variant_id', 'workspace_id', 'order_line_id', 'quantity', 'open_quantity', 'reserved_quantity'];
const sizeColumns = ['id', ...columns].map((name) => `s.${name}`).join(', ');

/**
 * One statement, so that everything it compares is of one moment. Variants in their order, from the one after $1 to $3,
 * or to the one with the last of so many entries.
 *
 * Under row-level security the planner takes every table for one of few rows, and one that was filled a moment ago for an
 * empty one: what it joins, it reads again for every row. So each table is read once, by arrays or looked up in a hash
 * (`(x in (select …)) is true`), and what belongs together meets in full joins, which are never made row by row.
 */
const look = statement<{ looked: Looked }>(
  'stock.look',
  `with edge as materialized (
    select coalesce($3::uuid, (
      select m.variant_id from erp_stock_moves m where m.variant_id > $1::uuid
      order by m.variant_id, m.id offset ${entriesAtOnce} limit 1
    ), '${lastId}') as until
  ),
  places as materialized (
    select id, workspace_id, allow_negative, position, code from erp_stock_locations where kind = 'internal'
  ),
  moves as materialized (
    select m.variant_id, m.from_location_id, m.to_location_id, m.quantity, m.kind, m.order_line_size_id
    from erp_stock_moves m where ${inRange('m')}
  ),
  sums as materialized (
    select e.location_id, e.variant_id, sum(e.quantity) as quantity
    from (
      select to_location_id as location_id, variant_id, quantity from moves
      union all select from_location_id, variant_id, -quantity from moves
    ) e where (e.location_id in (select id from places)) is true group by e.location_id, e.variant_id
  ),
  levels as materialized (
    select l.location_id, l.variant_id, l.on_hand, l.reserved, l.allow_negative
    from erp_stock_levels l where ${inRange('l')}
  ),
  promises as materialized (
    select r.id, r.location_id, r.variant_id, r.order_line_size_id, r.quantity
    from erp_stock_reservations r where ${inRange('r')}
  ),
  met as materialized (
    select location_id, variant_id, l.on_hand, l.reserved, l.allow_negative, s.quantity as entries, p.quantity as promised
    from levels l
    full join sums s using (location_id, variant_id)
    full join (select location_id, variant_id, sum(quantity) as quantity from promises group by location_id, variant_id) p
      using (location_id, variant_id)
  ),
  stands as materialized (
    select m.location_id, m.variant_id, m.on_hand, m.reserved, m.allow_negative as allows, coalesce(m.entries, 0) as entries,
      coalesce(m.promised, 0) as promised, at.allow_negative as location_allows, at.workspace_id as location_workspace_id,
      at.position, at.code
    from met m join places at on at.id = m.location_id where m.on_hand is not null or m.entries is not null
  ),
  consumed as materialized (
    select order_line_size_id, sum(case kind when 'consumption' then quantity else -quantity end) as quantity
    from moves where kind in ('consumption', 'give_back') and order_line_size_id is not null group by order_line_size_id
  ),
  live as materialized (
    select l.id, (l.product_id in (select id from erp_products where kind = 'service')) is true as is_service
    from erp_order_lines l where l.order_id = any (array(select id from erp_orders where status in ${underWay}))
  ),
  known as materialized (
    select ${sizeColumns} from erp_order_line_sizes s where s.open_quantity > 0 and ${inRange('s')}
    union select ${sizeColumns} from erp_order_line_sizes s
    where s.order_line_id = any (array(select id from live)) and ${inRange('s')}
  ),
  sizes as materialized (
    select ${sizeColumns} from known s
    union all select ${sizeColumns} from erp_order_line_sizes s where s.id = any (array(
      select order_line_size_id from promises where (order_line_size_id in (select id from known)) is not true
    ))
  ),
  needed as materialized (
    select s.id, ${columns.map((name) => `s.${name}`).join(', ')}, c.quantity as consumed
    from sizes s full join consumed c on c.order_line_size_id = s.id
  ),
  needs as materialized (
    select s.id, s.variant_id, s.workspace_id, s.order_line_id, s.open_quantity, s.reserved_quantity,
      case when s.order_line_id in (select id from live where not is_service)
        then greatest(s.quantity - greatest(coalesce(s.consumed, 0), 0), 0) else 0 end as needed
    from needed s where s.id is not null and ($2::uuid is null or s.workspace_id = $2::uuid)
  ),
  promised as materialized (
    select n.id, n.variant_id, n.open_quantity, n.needed, n.reserved_quantity, p.quantity as promised,
      p.order_line_size_id, p.variant_id as promised_variant_id
    from needs n
    full join (select order_line_size_id, variant_id, sum(quantity) as quantity from promises
      group by order_line_size_id, variant_id) p on p.order_line_size_id = n.id and p.variant_id = n.variant_id
  ),
  free as materialized (
    select variant_id, location_workspace_id as workspace_id from stands where on_hand > reserved
  ),
  found as materialized (
    select variant_id from (
      select variant_id from stands
      where coalesce(on_hand, 0) <> entries or coalesce(reserved, 0) <> promised or allows <> location_allows
      union
      select p.variant_id from promised p
      where (p.open_quantity <> p.needed or p.reserved_quantity <> coalesce(p.promised, 0)) and ${inRange('p')}
      union
      select promised_variant_id from promised
      where id is null and (order_line_size_id in (select id from needs)) is true
      union
      select variant_id from needs where needed > reserved_quantity
        and ((variant_id in (select variant_id from free where workspace_id is null)) is true
          or ((variant_id, workspace_id) in (select variant_id, workspace_id from free)) is true)
    ) f order by variant_id limit ${suspectsAtOnce} + 1
  ),
  reached as materialized (
    select coalesce((select variant_id from found order by variant_id offset ${suspectsAtOnce - 1} limit 1),
      (select until from edge)) as until
  ),
  suspects as materialized (select variant_id from found where variant_id <= (select until from reached)),
  asked as materialized (select * from needs n where ${isSuspect('n')}),
  lines as materialized (
    select id, order_id, position from erp_order_lines where id = any (array(select order_line_id from asked))
  ),
  lined as materialized (select n.*, l.order_id, l.position from asked n full join lines l on l.id = n.order_line_id),
  orders as materialized (
    select id, due_on, created_at from erp_orders where id = any (array(select order_id from lines))
  ),
  ordered as materialized (select n.*, o.due_on, o.created_at from lined n full join orders o on o.id = n.order_id),
  stands_json as materialized (
    select t.variant_id, json_agg(json_build_object('location_id', t.location_id, 'on_hand', t.on_hand::text,
      'reserved', t.reserved::text, 'allows', t.allows, 'entries', t.entries::text,
      'location_allows', t.location_allows, 'location_workspace_id', t.location_workspace_id)
      order by t.location_workspace_id is null, t.position, t.code) as json
    from stands t where ${isSuspect('t')} group by t.variant_id
  ),
  needs_json as materialized (
    select n.variant_id, json_agg(json_build_object('id', n.id, 'order_id', n.order_id, 'order_line_id', n.order_line_id,
      'workspace_id', n.workspace_id, 'open', n.open_quantity::text, 'reserved', n.reserved_quantity::text,
      'needed', n.needed::text) order by n.due_on nulls last, n.created_at, n.order_id, n.position, n.id) as json
    from ordered n group by n.variant_id
  ),
  promises_json as materialized (
    select p.variant_id, json_agg(json_build_object('location_id', p.location_id, 'order_line_size_id',
      p.order_line_size_id, 'quantity', p.quantity::text, 'is_own', p.order_line_size_id in (select id from needs))
      order by p.id) as json
    from promises p where ${isSuspect('p')} group by p.variant_id
  )
  select json_build_object(
    'until', (select until from reached),
    'checked', json_build_object(
      'variants', (select count(*) from (select variant_id from stands union select variant_id from needs) v
        where variant_id <= (select until from reached)),
      'levels', (select count(*) from levels where variant_id <= (select until from reached)),
      'moves', (select count(*) from moves where variant_id <= (select until from reached)),
      'reservations', (select count(*) from promises where variant_id <= (select until from reached)),
      'order_line_sizes', (select count(*) from needs where variant_id <= (select until from reached))),
    'suspects', (select coalesce(json_agg(json_build_object('variant_id', w.variant_id, 'sku', ${skuSql('w')},
        'stands', coalesce(stands_json.json, '[]'), 'needs', coalesce(needs_json.json, '[]'),
        'promises', coalesce(promises_json.json, '[]')) order by w.variant_id), '[]')
      from suspects w left join stands_json using (variant_id) left join needs_json using (variant_id)
      left join promises_json using (variant_id))
  ) as looked`,
  { parse: { looked: 'json' } },
);

/** @param until the last variant to look at; absent: as many as one answer takes */
export async function findSuspects(
  db: Queryable,
  range: { readonly after: string; readonly until?: string; readonly workspaceId: string | null },
): Promise<Looked> {
  const [row] = await db.query(look, [range.after, range.workspaceId, range.until ?? null]);
  if (!row) throw new Error('an aggregate has one row');
  return row.looked;
}
