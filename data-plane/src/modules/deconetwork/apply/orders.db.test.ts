import { Order } from '@platen/schema/contracts/data/orders';
import t from 'tap';
import { Compile } from 'typebox/compile';
import { v7 } from 'uuid';
import { mainStreet, read } from '../../../test/sales.fixture.js';
import { acme, acmePrint, lineOf, minute, openImporting, orderRecord } from './apply.fixture.js';

const importing = await openImporting(t);
const { begin, connect, sql, sales, orderOf } = importing;
const shape = Compile(Order);

t.test('an order is what it was at the site, to the last decimal', async (t) => {
  const site = await connect();
  const job = await begin(site);
  t.match(await job.send(orderRecord('A1', { outstanding: '100' })), {
    created: 3 + 1,
    unchanged: 0,
    failed: 0,
    review: 0,
  });
  const { id } = await orderOf('A1');
  const order = read<Record<string, unknown>>(await sales.orders.get(sales.ctxOf(), id));
  t.ok(
    shape.Check(order),
    [...shape.Errors(order)].map(({ instancePath, message }) => `${instancePath} ${message}`).join(),
  );
  t.match(order, {
    number: 'A1',
    status: 'confirmed',
    payment_status: 'partial',
    workspace_id: mainStreet,
    due_on: '2026-03-20',
    subtotal: { amount: '135.0000', currency: 'EUR' },
    discount: { amount: '5.0000' },
    charges: { amount: '12.5000' },
    tax: { amount: '3.4375' },
    total: { amount: '145.9375' },
    lines: [
      {
        quantity: 20,
        decorations: [{ process: 'screen_print', location: 'front' }],
        receipt: null,
        sizes: [{ quantity: 10 }, {}],
      },
      { quantity: 10, line_total: { amount: '45.0000' } },
    ],
  });
  const rows = await job.rows();
  t.same(
    rows.map(({ kind, outcome }) => `${kind} ${outcome}`),
    ['customer created', 'product created', 'product created', 'order created'],
    'what it needs stands before it',
  );
  t.match(rows[3], { raw: /10\.200000000000001/, after: { total: '145.9375', paid: '45.9375' }, before: null });
  const [payment] = await sql('select * from erp_order_payments where order_id = $1', [id]);
  t.match(payment, { kind: 'payment', method: 'other', amount: '45.9375', reference: 'DecoNetwork A1' });
  const [customer] = await sql('select * from erp_customers where code = $1', ['dn-c-a1']);
  t.match(customer, {
    name: 'Engines A1 Ltd',
    email: 'ada-a1@site.example',
    addresses: [{ kind: 'billing', recipient: 'Ada Lovelace', line1: 'Street 1', country: 'US' }],
  });
  const events = await sql<{ type: string }>(`select type from outbox_events where key = $1 order by id`, [
    `${acme.id}:${id}`,
  ]);
  t.same(
    events.map(({ type }) => type),
    ['erp.order.created', 'erp.order.payment_recorded'],
    'nobody is written to',
  );
  const [needs] = await sql<{ open: string }>(
    `select sum(s.open_quantity)::int as open from erp_order_line_sizes s join erp_order_lines l on l.id = s.order_line_id
     where l.order_id = $1`,
    [id],
  );
  t.equal(needs?.open, 30, 'a confirmed order needs its stock');

  t.match(
    await job.send(orderRecord('A1', { outstanding: '100' })),
    { created: 4, unchanged: 0 },
    'a repeat finds its row',
  );
  const again = await begin(site);
  t.match(await again.send(orderRecord('A1', { outstanding: '100' })), { created: 0, unchanged: 1 });
  t.equal((await orderOf('A1')).version, 1);
  t.same(await again.rows(), []);
});

t.test('what is not mapped waits, with its maps; nothing is guessed', async (t) => {
  const site = await connect();
  const job = await begin(site, { createMissing: [] });
  t.match(await job.send(orderRecord('B1', { status: '9' })), { review: 1, created: 0 });
  const [row] = await job.rows();
  t.match(row, { outcome: 'review', error: { code: 'unmapped', message: /customer C-B1/ } });
  t.equal(row?.error?.map_ids?.length, 1 + 1 + 3, 'customer, status, three sizes');
  t.same(await sql(`select from erp_orders where number = 'B1'`), []);
  const dry = await begin(site, { dryRun: true });
  t.match(await dry.send(orderRecord('B2')), { created: 1, review: 1 }, 'its SKUs are here: suggested, not made');
});

t.test('a dry run says what would be, and leaves nothing but its rows', async (t) => {
  const site = await connect();
  const counts = () =>
    sql(`select (select count(*) from erp_orders) as o, (select count(*) from erp_customers) as c, (select count(*) from
      erp_product_variants) as v, (select count(*) from dn_maps) as m, (select count(*) from outbox_events) as e`);
  const before = await counts();
  const lines = [lineOf(31), lineOf(32)];
  const { customer } = orderRecord('D1');
  const job = await begin(site, { dryRun: true });
  t.match(await job.send(orderRecord('D1', { lines, customer }), orderRecord('D2', { lines, customer })), {
    created: 5,
  });
  t.same(await counts(), before);
  const rows = await job.rows();
  t.match(rows.at(-1), {
    dn_id: 'D2',
    outcome: 'created',
    local_id: null,
    map_id: null,
    after: { status: 'confirmed' },
  });
});

t.test('amounts that do not add up are looked at by a person', async (t) => {
  const site = await connect();
  const job = await begin(site);
  await job.send(
    orderRecord('E1', { lines: [lineOf(43)], billable: '1' }),
    orderRecord('E2', { lines: [lineOf(41)], items: '91', billable: '101.9375', outstanding: '0' }),
    orderRecord('E3', {
      lines: [],
      items: '0',
      discount: '0',
      shipping: '0',
      tax: '0',
      billable: '0',
      outstanding: '0',
    }),
    orderRecord('E4', { lines: [], items: '0', shipping: '0', tax: '0', billable: '-5', outstanding: '-5' }),
    orderRecord('E5', { lines: [lineOf(44)], outstanding: '1000' }),
    orderRecord('E6', { lines: [lineOf(42, 2, { quantity: 21 })] }),
  );
  const outcome = new Map((await job.rows()).map((row) => [row.dn_id, `${row.outcome} ${row.error?.code}`]));
  t.equal(outcome.get('E1'), 'review amounts_differ');
  t.equal(outcome.get('E2'), 'review amounts_differ');
  t.equal(outcome.get('E3'), 'created undefined');
  t.equal((await orderOf('E3')).payment_status, 'paid', 'what costs nothing is paid');
  t.equal(outcome.get('E4'), 'review negative_total');
  t.equal(outcome.get('E5'), 'review amounts_differ');
  t.equal(outcome.get('E6'), 'review quantities_differ');
});

t.test('the site goes on: amounts, lines, payments and states follow, each by its own rules', async (t) => {
  const site = await connect();
  const lines = [lineOf(51)];
  await (await begin(site)).send(orderRecord('F1', { lines }));
  const first = await orderOf('F1');
  const more = [lineOf(51, 2), lineOf(52, 1)];
  const job = await begin(site);
  t.match(await job.send(orderRecord('F1', { lines: more, modified_at: minute(1), outstanding: '0' })), { updated: 1 });
  const now = await orderOf('F1');
  t.match(now, { total: '145.9375', payment_status: 'paid', status: 'confirmed' });
  t.ok(now.version > first.version);
  const [needs] = await sql(
    `select sum(s.open_quantity)::int as open, count(*)::int as sizes from erp_order_line_sizes s join erp_order_lines l
     on l.id = s.order_line_id where l.order_id = $1`,
    [now.id],
  );
  t.match(needs, { open: 30, sizes: 3 });
  const late = await begin(site);
  t.match(await late.send(orderRecord('F1', { lines, modified_at: minute(0) })), { unchanged: 1 }, 'an older page');

  const made = await begin(site);
  t.match(await made.send(orderRecord('F1', { lines: more, modified_at: minute(2), outstanding: '0', status: '3' })), {
    updated: 1,
  });
  t.equal((await orderOf('F1')).status, 'shipped');
  const changes = await sql<{ to_status: string }>(
    'select to_status from erp_order_status_changes where order_id = $1 order by id',
    [now.id],
  );
  t.same(
    changes.map(({ to_status: to }) => to),
    ['confirmed', 'in_production', 'ready', 'shipped'],
  );
  const back = await begin(site);
  await back.send(orderRecord('F1', { lines: more, modified_at: minute(3), outstanding: '0', status: '1' }));
  t.match((await back.rows())[0], { outcome: 'review', error: { code: 'illegal_transition' } });
});

t.test('both sides changed: the rule says whose value stands, and the other one is kept', async (t) => {
  for (const [place, rule] of (['site', 'platen', 'review'] as const).entries()) {
    const site = await connect(rule);
    const number = `G-${rule}`;
    const lines = [lineOf(61 + place)];
    await (await begin(site)).send(orderRecord(number, { lines }));
    const { id } = await orderOf(number);
    await sql(`update erp_orders set due_on = '2026-04-01', version = version + 1 where id = $1`, [id]);
    const job = await begin(site);
    await job.send(orderRecord(number, { lines, modified_at: minute(1), due_on: '2026-05-01', outstanding: '0' }));
    const [row] = await job.rows();
    const due = (await sql<{ due_on: string }>('select due_on::text from erp_orders where id = $1', [id]))[0]?.due_on;
    t.equal(due, rule === 'site' ? '2026-05-01' : '2026-04-01', rule);
    t.equal((await orderOf(number)).payment_status, 'paid', 'what only the site changed comes all the same');
    t.equal(row?.outcome, rule === 'review' ? 'review' : 'updated');
    t.same(row?.loser, { due_on: rule === 'site' ? '2026-04-01' : '2026-05-01' });
    const again = await begin(site);
    await again.send(orderRecord(number, { lines, modified_at: minute(1), due_on: '2026-05-01', outstanding: '0' }));
    t.equal((await again.rows()).length, rule === 'review' ? 1 : 0, 'what waits is asked again');
  }
});

t.test('attacks: jobs and maps of others', async (t) => {
  const site = await connect();
  const job = await begin(site);
  const { held } = job;
  const { records } = importing.client.deconetworkRecords;
  const page = { step: 1, records: [orderRecord('H1')] };
  const denied = async (more: object, code: string, words: string) =>
    t.rejects(records({ ...held, ...page, ...more }), { code }, words);
  await denied(
    { tenant_id: importing.globex.id, organization_id: importing.globex.organizationIds[0] },
    'not_found',
    'tenant',
  );
  await denied({ workspace_id: undefined }, 'not_found', 'workspace');
  await denied({ owner: v7() }, 'lease_lost', 'owner');
  await denied({ attempt: 7 }, 'lease_lost', 'attempt');
  await denied(
    { records: [orderRecord('H1', { items: '9'.repeat(10_000) })] },
    'validation_failed',
    'a number of 10,000 digits',
  );
  await denied(
    { records: [orderRecord('H1', { raw: 'x'.repeat(400_001) })] },
    'validation_failed',
    'a record that is too large',
  );
  const paused = await connect('review', mainStreet, 'paused');
  await t.rejects((await begin(paused)).send(orderRecord('H1')), { code: 'dn_unavailable' });
  const wide = await connect('review', null);
  const ofWide = await begin(await connect());
  await sql('update erp_jobs set payload = $2 where id = $1', [ofWide.id, { task: 'import', connection_id: wide.id }]);
  await sql('update dn_import_jobs set connection_id = $2 where id = $1', [ofWide.id, wide.id]);
  await t.rejects(ofWide.send(orderRecord('H1')), { code: 'not_found' }, 'a connection of the whole organization');

  const foreign = v7();
  await sql(
    `insert into erp_customers (tenant_id, organization_id, id, code, name, currency) values ($1, $2, $3, 'x', 'Foreign', 'EUR')`,
    [importing.globex.id, importing.globex.organizationIds[0], foreign],
  );
  await sql(
    `insert into dn_maps (tenant_id, organization_id, workspace_id, id, connection_id, kind, dn_id, state, local_id, label)
     values ($1, $2, $3, gen_random_uuid(), $4, 'customer', 'C-H2', 'mapped', $5, 'x')`,
    [acme.id, acmePrint.id, mainStreet, site.id, foreign],
  );
  await job.send(orderRecord('H2', { lines: [lineOf(71)] }));
  t.match(
    (await job.rows()).at(-1),
    { outcome: 'review', error: { code: 'unmapped' } },
    'a map to another tenant’s customer',
  );
  await job.send(
    orderRecord('H\u00003', { lines: [lineOf(72)] }),
    orderRecord('H4', { lines: [lineOf(73)], job_name: 'a\0b' }),
  );
  const told = new Map((await job.rows()).map((row) => [row.dn_id, row]));
  t.match(told.get('H\ufffd3'), { outcome: 'created' }, 'what cannot be stored of an id is no part of it');
  t.match(told.get('H4'), { outcome: 'failed', error: { code: 'validation_failed' } });
});

t.test('a page twice at once; numbers that are taken', async (t) => {
  const site = await connect();
  const job = await begin(site);
  const records = ['I1', 'I2', 'I3'].map((number) => orderRecord(number, { lines: [lineOf(75)] }));
  const page = { ...job.held, step: 1, records };
  await Promise.all([1, 2].map(() => importing.client.deconetworkRecords.records(page)));
  const made = await sql(`select number from erp_orders where number like 'I_' order by number`);
  t.same(
    made.map(({ number }) => number),
    ['I1', 'I2', 'I3'],
  );
  const other = await begin(await connect());
  const { customer } = orderRecord('I1');
  const another = { ...customer, email: 'other@site.example', company: 'Another site’s' };
  t.match(await other.send(orderRecord('I1', { lines: [lineOf(76)], customer: another })), { created: 3 });
  t.ok(await orderOf('I1-2'), 'another site numbers its orders alike');
  await sql(`update erp_orders set number = 'I9' where number = 'I3'`);
  await sql(`delete from dn_maps where kind = 'order' and dn_id = 'I3'`);
  const mine = await begin(site);
  await mine.send(orderRecord('I9', { lines: [lineOf(75)] }));
  t.match(await mine.rows(), [{ outcome: 'review', error: { code: 'unmapped', message: /order I9/ } }]);
  const [map] = await sql('select suggested_by from dn_maps where id = $1', [
    (await mine.rows())[0]?.error?.map_ids?.[0],
  ]);
  t.match(map, { suggested_by: 'number' }, 'one of ours may be it');
});

t.test('lines change while nothing is made of them; the stock that they were promised goes to who waits', async (t) => {
  const site = await connect('site');
  const tee = (quantity: number) => {
    const line = lineOf(77, 1);
    const sizes = line.sizes.map((size) => ({ ...size, quantity }));
    return { lines: [{ ...line, quantity, line_total: String(4.5 * quantity), sizes }] };
  };
  await (await begin(site)).send(orderRecord('J0', { ...tee(1), status: '3' }));
  const stock = {
    kind: 'inventory' as const,
    dn_id: '177_0',
    modified_at: minute(0),
    raw: '{}',
    product: { dn_id: '177', code: null, name: 'Tee' },
    sku: null,
    vendor_sku: null,
    size: null,
    colour: null,
    level: 15,
  };
  t.match(await (await begin(site)).send(stock, orderRecord('J1', tee(12)), orderRecord('J2', tee(5))), { updated: 1 });
  const held = () =>
    sql<{ number: string; open: number; reserved: number }>(
      `select o.number, s.open_quantity::int as open, s.reserved_quantity::int as reserved from erp_orders o
       join erp_order_lines l on l.order_id = o.id join erp_order_line_sizes s on s.order_line_id = l.id
       where o.number in ('J1', 'J2') order by o.number`,
    );
  t.same(await held(), [
    { number: 'J1', open: 12, reserved: 12 },
    { number: 'J2', open: 5, reserved: 3 },
  ]);
  t.match(await (await begin(site)).send(orderRecord('J1', { ...tee(11), modified_at: minute(1) })), { updated: 1 });
  t.same(await held(), [
    { number: 'J1', open: 11, reserved: 11 },
    { number: 'J2', open: 5, reserved: 4 },
  ]);
  const { id } = await orderOf('J1');
  t.match(await importing.asClerk('POST', `orders/${id}/start`), { status: 200 });
  const late = await begin(site);
  await late.send(orderRecord('J1', { ...tee(9), modified_at: minute(2) }));
  t.match(
    (await late.rows()).map(({ outcome, error, loser }) => ({ outcome, error, loser })),
    [{ outcome: 'review', error: { code: 'in_production' }, loser: { lines: [{ quantity: 9 }] } }],
  );
  const cancelled = await begin(site);
  t.match(await cancelled.send(orderRecord('J2', { ...tee(5), status: '4', modified_at: minute(3) })), { updated: 1 });
  t.match(await orderOf('J2'), { status: 'cancelled' });
  const [sums] = await sql(
    `select (select sum(reserved) from erp_stock_levels) as levels, (select coalesce(sum(quantity), 0)::numeric(18, 4) from erp_stock_reservations) as promises,
      (select sum(reserved_quantity) from erp_order_line_sizes) as sizes`,
  );
  t.equal(sums?.['levels'], sums?.['promises']);
  t.equal(sums?.['levels'], sums?.['sizes']);
});

t.test('what the site was told comes back as no news of its own', async (t) => {
  const site = await connect();
  const lines = [lineOf(78)];
  await (await begin(site)).send(orderRecord('N1', { lines }));
  await sql(`update dn_maps set written = '{"status": "ready"}' where connection_id = $1 and dn_id = 'N1'`, [site.id]);
  await sql(`update erp_orders set status = 'shipped', version = version + 1 where number = 'N1'`);
  const job = await begin(site);
  t.match(await job.send(orderRecord('N1', { lines, status: '2', modified_at: minute(1) })), {
    unchanged: 1,
    review: 0,
  });
  t.match(await orderOf('N1'), { status: 'shipped' });
});
