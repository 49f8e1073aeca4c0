import { type Dict, emptyState, type Job, levelKey, type Order, type Purchase, type State } from './state.js';
import type { Shop } from './world.js';

/** The shop as its tables have it, in the shape of the model: read past row-level security, by SQL of our own. */
export async function readState({ sql, tenantId, organizationId }: Pick<Shop, 'sql' | 'tenantId' | 'organizationId'>) {
  const mine = sql`tenant_id = ${tenantId} and organization_id = ${organizationId}`;
  const [row] = await sql<{ found: Found }[]>`select json_build_object(
    'levels', (select coalesce(json_agg(json_build_object('v', variant_id, 'l', location_id, 'q', on_hand)), '[]')
      from erp_stock_levels where ${mine}),
    'orders', (select coalesce(json_agg(json_build_object('id', o.id, 'workspace', o.workspace_id, 'status', o.status,
        'paymentStatus', o.payment_status, 'number', o.number, 'version', o.version, 'subtotal', o.subtotal, 'tax', o.tax,
        'total', o.total, 'deposit', o.deposit_due, 'due', o.due_on,
        'paid', (select coalesce(sum(case kind when 'payment' then amount else -amount end), 0) from erp_order_payments
          where tenant_id = o.tenant_id and order_id = o.id),
        'refunds', (select count(*) from erp_order_payments where tenant_id = o.tenant_id and order_id = o.id
          and kind = 'refund')) order by o.created_at, o.id), '[]') from erp_orders o where ${mine}),
    'lines', (select coalesce(json_agg(json_build_object('id', id, 'order', order_id, 'position', position, 'product',
        product_id, 'design', design_id) order by position), '[]') from erp_order_lines where ${mine}),
    'sizes', (select coalesce(json_agg(json_build_object('id', id, 'line', order_line_id, 'variant', variant_id,
        'quantity', quantity, 'open', open_quantity) order by id), '[]') from erp_order_line_sizes where ${mine}),
    'promises', (select coalesce(json_agg(json_build_object('size', order_line_size_id, 'l', location_id, 'q', quantity)),
        '[]') from erp_stock_reservations where ${mine}),
    'production', (select coalesce(json_agg(e), '[]') from (select m.order_id as order, m.variant_id as v,
        sum(case when t.kind = 'production' then m.quantity else -m.quantity end) as q
      from erp_stock_moves m
      join erp_stock_locations t on t.id = m.to_location_id and t.tenant_id = m.tenant_id
      join erp_stock_locations f on f.id = m.from_location_id and f.tenant_id = m.tenant_id
      where m.tenant_id = ${tenantId} and m.organization_id = ${organizationId} and 'production' in (t.kind, f.kind)
      group by 1, 2) e),
    'taken', (select coalesce(json_agg(e), '[]') from (select m.order_id as order, m.variant_id as v,
        m.from_location_id as l, sum(m.quantity) as q
      from erp_stock_moves m join erp_stock_locations t on t.id = m.to_location_id and t.tenant_id = m.tenant_id
      where m.tenant_id = ${tenantId} and m.organization_id = ${organizationId} and t.kind = 'production'
        and m.kind in ('consumption', 'reprint')
      group by 1, 2, 3) e),
    'purchases', (select coalesce(json_agg(json_build_object('id', id, 'workspace', workspace_id, 'location', location_id,
        'status', status, 'number', number, 'version', version, 'submittedBy', submitted_by, 'approvedBy', approved_by,
        'total', total) order by created_at, id), '[]') from erp_purchase_orders where ${mine}),
    'purchaseLines', (select coalesce(json_agg(json_build_object('id', id, 'of', purchase_order_id, 'variant', variant_id,
        'ordered', ordered_quantity, 'received', received_quantity, 'billed', billed_quantity, 'unitCost', unit_cost)
        order by position), '[]') from erp_purchase_order_lines where ${mine}),
    'bills', (select coalesce(json_agg(reference order by id), '[]') from erp_purchase_bills where ${mine}),
    'jobs', (select coalesce(json_agg(json_build_object('id', id, 'number', number, 'order', order_id, 'line',
        order_line_id, 'workspace', workspace_id, 'reprintOf', reprint_of, 'status', status, 'stage', stage_id, 'done',
        quantity_done, 'quantity', quantity, 'scrapped', quantity_scrapped, 'version', version, 'rank', rank)
        order by created_at, id), '[]') from erp_production_jobs where ${mine}),
    'board', (select coalesce(json_agg(json_build_object('stage', stage_id, 'id', id) order by rank collate "C"), '[]')
      from erp_production_jobs where ${mine} and rank is not null),
    'pieces', (select coalesce(json_agg(json_build_object('job', job_id, 'kind', kind, 'sizes', sizes)), '[]')
      from erp_production_job_events where ${mine} and kind in ('created', 'pieces_scrapped', 'reprint_made')),
    'approved', (select coalesce(json_agg(json_build_object('job', job_id, 'design', design_id, 'hash', approved_hash)
        order by id), '[]') from erp_production_job_designs where ${mine}),
    'designs', (select coalesce(json_object_agg(id, hash), '{}') from erp_designs where ${mine})
  ) as found`;
  if (!row) throw new Error('no answer');
  return assemble(row.found);
}

interface Found {
  readonly levels: readonly { v: string; l: string; q: number }[];
  readonly orders: readonly (Omit<Order, 'lines' | 'inProduction' | 'taken'> & {
    readonly total: number;
    readonly deposit: number | null;
  })[];
  readonly lines: readonly { id: string; order: string; position: number; product: string; design: string | null }[];
  readonly sizes: readonly { id: string; line: string; variant: string; quantity: number; open: number }[];
  readonly promises: readonly { size: string; l: string; q: number }[];
  readonly production: readonly { order: string; v: string; q: number }[];
  readonly taken: readonly { order: string; v: string; l: string; q: number }[];
  readonly purchases: readonly Omit<Purchase, 'lines'>[];
  readonly purchaseLines: readonly (Purchase['lines'][number] & { readonly of: string })[];
  readonly bills: readonly string[];
  readonly jobs: readonly (Omit<Job, 'pieces' | 'approved'> & {
    readonly quantity: number;
    readonly scrapped: number;
  })[];
  readonly board: readonly { stage: string; id: string }[];
  readonly pieces: readonly { job: string; kind: string; sizes: { variant_id: string; quantity: number }[] | null }[];
  readonly approved: readonly { job: string; design: string; hash: string | null }[];
  readonly designs: Dict<string>;
}

const inCents = (euros: number): number => Math.round(euros * 100);

function assemble(found: Found): State {
  const state = emptyState();
  for (const { v, l, q } of found.levels) if (q !== 0) state.levels[levelKey(v, l)] = q;
  state.orders = found.orders.map((order) => readOrder(found, order));
  state.purchases = found.purchases.map((purchase) => ({
    ...purchase,
    total: inCents(purchase.total),
    lines: found.purchaseLines
      .filter((line) => line.of === purchase.id)
      .map(({ of: _of, ...line }) => ({ ...line, unitCost: inCents(line.unitCost) })),
  }));
  state.bills = [...found.bills];
  state.jobs = found.jobs.map((job) => readJob(found, state, job));
  for (const { stage, id } of found.board) state.board[stage] = [...(state.board[stage] ?? []), id];
  state.designs = found.designs;
  return state;
}

function readOrder(found: Found, order: Found['orders'][number]): Order {
  const inProduction: Dict<number> = {};
  for (const { order: id, v, q } of found.production) if (id === order.id && q !== 0) inProduction[v] = q;
  const taken: Order['taken'] = {};
  for (const { order: id, v, l, q } of found.taken) if (id === order.id) taken[v] = { ...taken[v], [l]: q };
  return {
    ...order,
    subtotal: inCents(order.subtotal),
    tax: inCents(order.tax),
    total: inCents(order.total),
    deposit: order.deposit === null ? null : inCents(order.deposit),
    paid: inCents(order.paid),
    inProduction,
    taken,
    lines: found.lines
      .filter((line) => line.order === order.id)
      .map(({ id, position, product, design }) => ({
        id,
        position,
        product,
        designs: design === null ? [] : [design],
        sizes: found.sizes
          .filter((size) => size.line === id)
          .map(({ line: _line, ...size }) => ({
            ...size,
            promises: Object.fromEntries(
              found.promises.filter((promise) => promise.size === size.id).map(({ l, q }) => [l, q]),
            ),
          })),
      })),
  };
}

function readJob(
  found: Found,
  { orders }: State,
  { quantity: _quantity, scrapped: _scrapped, ...job }: Found['jobs'][number],
): Job {
  const line = orders.flatMap(({ lines }) => lines).find(({ id }) => id === job.line);
  const told = (kind: string): Dict<number> => {
    const sums: Dict<number> = {};
    for (const event of found.pieces) {
      if (event.job !== job.id || event.kind !== kind) continue;
      for (const { variant_id, quantity } of event.sizes ?? []) sums[variant_id] = (sums[variant_id] ?? 0) + quantity;
    }
    return sums;
  };
  const [made, scrapped, reprinted] = [told('created'), told('pieces_scrapped'), told('reprint_made')];
  const wanted =
    job.reprintOf === null
      ? Object.fromEntries((line?.sizes ?? []).map(({ variant, quantity }) => [variant, quantity]))
      : made;
  const { id, number, order, workspace, reprintOf, status, stage, done, version } = job;
  return {
    id,
    number,
    order,
    line: job.line,
    workspace,
    reprintOf,
    status,
    stage,
    done,
    version,
    pieces: Object.fromEntries(
      Object.entries(wanted).map(([variant, quantity]) => [
        variant,
        { quantity, scrapped: scrapped[variant] ?? 0, reprinted: reprinted[variant] ?? 0 },
      ]),
    ),
    approved: Object.fromEntries(
      found.approved.filter((row) => row.job === job.id).map(({ design, hash }) => [design, hash]),
    ),
  };
}
