import t from 'tap';
import { type Held, lineOf, minute, openImporting, orderRecord, type Row } from './apply.fixture.js';

const importing = await openImporting(t);
const { begin, client, connect, sql, orderOf } = importing;

/** All rows of the job undone, the last first; answers the rows of the undo. */
async function undo(site: Parameters<typeof begin>[0], of: Held): Promise<Row[]> {
  const job = await begin(site, { task: 'undo', ofJobId: of.id });
  await client.deconetworkRework.rework({ ...job.held, limit: 200 });
  return job.rows();
}
const outcomes = (rows: readonly Row[]) =>
  rows.map(({ kind, outcome, error }) => [kind, outcome, error?.code ?? ''].join(' ').trim());
const counts = () =>
  sql(`select (select count(*) from erp_orders) as orders, (select count(*) from erp_customers) as customers,
    (select count(*) from erp_products) as products, (select count(*) from erp_product_variants) as variants,
    (select count(*) from erp_order_payments) as payments, (select sum(reserved) from erp_stock_levels) as reserved`);

t.test('what an import made is gone again, and can be imported again', async (t) => {
  const site = await connect();
  const before = await counts();
  const job = await begin(site);
  const record = orderRecord('U1', { lines: [lineOf(1), lineOf(2)], outstanding: '0' });
  await job.send(record);
  t.same(outcomes(await undo(site, job)), ['order undone', 'product undone', 'product undone', 'customer undone']);
  t.same(await counts(), before);
  const again = await begin(site);
  t.match(await again.send(record), { created: 4 });
  t.match(await orderOf('U1'), { payment_status: 'paid' });
});

t.test('refused where somebody has changed it, or works on it, or imported it again', async (t) => {
  const site = await connect();
  const job = await begin(site);
  const records = ['V1', 'V2'].map((number, n) => orderRecord(number, { lines: [lineOf(11 + n)] }));
  await job.send(...records);
  await sql(`update erp_orders set version = version + 1 where number = 'V1'`);
  const later = await begin(site);
  const changed = orderRecord('V2', { lines: [lineOf(12)], modified_at: minute(1), due_on: '2026-04-04' });
  t.match(await later.send(changed), { updated: 1 });
  const rows = await undo(site, job);
  t.same(outcomes(rows), [
    'order refused newer_import',
    'product refused in_use',
    'customer refused in_use',
    'order refused changed_since',
    'product refused in_use',
    'customer refused in_use',
  ]);
  t.same(outcomes(await undo(site, later)), ['order undone']);
  const [due] = await sql(`select due_on::text as due_on from erp_orders where number = 'V2'`);
  t.match(due, { due_on: '2026-03-20' }, 'as it was');
  const [row] = await later.rows();
  const [settled] = await sql('select settled_by_job_id from dn_import_job_rows where id = $1', [row?.id]);
  t.ok(settled?.['settled_by_job_id']);
  t.match(await (await begin(site)).send(changed), { updated: 1 }, 'and comes again with the next import');
});

t.test('only fields that are still as the import made them go back', async (t) => {
  const site = await connect();
  const lines = [lineOf(21)];
  await (await begin(site)).send(orderRecord('W1', { lines }));
  const job = await begin(site);
  const total = 90 - 5 + 12.5 + 3.4375;
  await job.send(
    orderRecord('W1', { lines, modified_at: minute(1), due_on: '2026-04-04', outstanding: String(total - 10) }),
  );
  await sql(`update erp_orders set due_on = '2026-06-06', version = version + 1 where number = 'W1'`);
  const [row] = await undo(site, job);
  t.match(row, { outcome: 'undone', error: { code: 'changed_since', message: /due_on/ } });
  const [order] = await sql(`select due_on::text as due_on, payment_status from erp_orders where number = 'W1'`);
  t.match(order, { due_on: '2026-06-06', payment_status: 'refunded' }, 'the payment is taken back by a refund');
});

t.test('what synchronizations changed goes back step by step, to the empty shop of before', async (t) => {
  const site = await connect();
  const before = await counts();
  const lines = [lineOf(25)];
  const billed = (at: number, more: object) =>
    orderRecord('S1', { lines, modified_at: minute(at), outstanding: String(90 - 5 + 12.5 + 3.4375), ...more });
  const made = await begin(site);
  await made.send(billed(0, {}));
  const dated = await begin(site);
  await dated.send(billed(1, { due_on: '2026-04-04' }));
  const paid = await begin(site);
  t.match(await paid.send(billed(2, { due_on: '2026-04-04', outstanding: '0' })), { updated: 1 });
  t.same(outcomes(await undo(site, paid)), ['order undone']);
  t.same(outcomes(await undo(site, dated)), ['order undone']);
  t.same(outcomes(await undo(site, made)), ['order undone', 'product undone', 'customer undone']);
  t.same(await counts(), before);
});

t.test('what somebody changed between two imports stays, whatever is undone', async (t) => {
  const site = await connect();
  const lines = [lineOf(26)];
  const made = await begin(site);
  await made.send(orderRecord('S2', { lines }));
  await sql(`update erp_orders set due_on = '2026-07-07', version = version + 1 where number = 'S2'`);
  const later = await begin(site);
  t.match(await later.send(orderRecord('S2', { lines, modified_at: minute(1), outstanding: '50' })), { updated: 1 });
  t.same(outcomes(await undo(site, later)), ['order undone']);
  t.match(outcomes(await undo(site, made)), ['order refused changed_since']);
});

t.test('levels and products go back too', async (t) => {
  const site = await connect('site');
  const lines = [lineOf(31)];
  await (await begin(site)).send(orderRecord('X1', { lines, status: '3' }));
  const product = {
    kind: 'product' as const,
    dn_id: '131',
    modified_at: minute(1),
    raw: '{}',
    code: 'TEE-31',
    name: 'Tee, renamed',
    brand: 'Bella',
    supplier: null,
    is_active: true,
    variants: [
      { dn_id: '131_0', sku: 'SITE-31-0', size: 'S', colour: 'Navy', price: null, cost: '2' },
      { dn_id: '131_9', sku: 'SITE-31-9', size: '9XL', colour: 'Navy', price: null, cost: '2' },
    ],
  };
  const level = {
    kind: 'inventory' as const,
    dn_id: '131_0',
    modified_at: minute(1),
    raw: '{}',
    product: { dn_id: '131', code: null, name: 'Tee' },
    sku: null,
    vendor_sku: null,
    size: null,
    colour: null,
    level: 12,
  };
  const shown = () =>
    sql(`select p.name, p.brand, v.sku, v.cost, (select l.on_hand from erp_stock_levels l where l.variant_id = v.id) as on_hand
      from erp_products p join erp_product_variants v on v.product_id = p.id where p.code = 'tee-31' order by v.sku`);
  const before = await shown();
  const job = await begin(site);
  t.match(await job.send(product, level), { updated: 2 });
  t.match(await shown(), [{ name: 'Tee, renamed', cost: '2.0000', on_hand: '12.0000' }, {}, { sku: 'site-31-9' }]);
  t.same(outcomes(await undo(site, job)), ['inventory undone', 'product undone']);
  t.same(
    await shown(),
    before.map((row) => ({ ...row, on_hand: row['sku'] === 'site-31-0' ? '0.0000' : null })),
  );
  t.match(await (await begin(site)).send(product), { updated: 1 }, 'and comes again');
});

t.test('a row that waited is applied by a retry, once what it waited for is said', async (t) => {
  const site = await connect();
  const job = await begin(site, { createMissing: ['product'] });
  const record = orderRecord('Y1', { lines: [lineOf(41)] });
  t.match(await job.send(record), { review: 1 });
  const [customer] = await sql('select id from erp_customers order by code limit 1');
  await sql(`update dn_maps set state = 'mapped', local_id = $2 where connection_id = $1 and kind = 'customer'`, [
    site.id,
    customer?.['id'],
  ]);
  const retry = await begin(site, { task: 'retry', ofJobId: job.id });
  const { result } = await client.deconetworkRework.rework({ ...retry.held, limit: 200 });
  t.match(result, { created: 1 });
  t.match(await orderOf('Y1'), { customer_id: customer?.['id'] });
  const [row] = (await job.rows()).filter(({ kind }) => kind === 'order');
  t.match(await sql('select settled_by_job_id from dn_import_job_rows where id = $1', [row?.id]), [
    { settled_by_job_id: retry.id },
  ]);
});
