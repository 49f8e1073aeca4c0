import { demoSettings } from '@platen/schema/seeds/identities';
import { orderStatuses } from '@platen/schema/states/order';
import t from 'tap';
import { type Held, lineOf, minute, openImporting, orderRecord, type Site } from './apply.fixture.js';

// What happens to an order after it was imported: here, at the site, and on both sides.

const importing = await openImporting(t);
const { asClerk, begin, client, connect, sql, orderOf } = importing;

const state = async (id: string) => {
  const [order] = await sql<Record<string, string | number | null>>(
    `select o.number, o.status, o.payment_status, o.version, o.subtotal, o.discount, o.charges, o.tax, o.total, o.due_on::text as due_on,
       o.deposit_due, (select coalesce(sum(case p.kind when 'payment' then p.amount else -p.amount end), 0)
         from erp_order_payments p where p.order_id = o.id)::numeric(18,4)::text as paid,
       (o.total = o.subtotal - o.discount + o.charges + o.tax)::text as adds_up,
       (select count(*)::int from erp_order_lines l where l.order_id = o.id) as lines
     from erp_orders o where o.id = $1`,
    [id],
  );
  return order;
};
const localOf = async (site: Site, dnId: string): Promise<string> => {
  const [map] = await sql<{ local_id: string }>(
    `select local_id from dn_maps where connection_id = $1 and kind = 'order' and dn_id = $2`,
    [site.id, dnId],
  );
  return map?.local_id ?? '';
};
/** The site says that what it calls so is something else here. */
const callStatus = (site: Site, dnId: string, code: string) =>
  sql(`update dn_maps set local_code = $3 where connection_id = $1 and kind = 'status' and dn_id = $2`, [
    site.id,
    dnId,
    code,
  ]);
/** Levels are their moves, promises are open needs. */
const checkStock = async () => (await asClerk('GET', 'stock/check')).body;
const told = async (job: Held) =>
  (await job.rows())
    .filter(({ kind }) => kind === 'order')
    .map(({ outcome, error }) => [outcome, error?.code ?? ''].join(' ').trim());

/** Of the shop; one may end between two lines. */
const yearOf = new Intl.DateTimeFormat('en', { timeZone: demoSettings.timeZone, year: 'numeric' });

t.test('an imported draft keeps the money that its customer has seen', async (t) => {
  const site = await connect();
  await callStatus(site, '1', 'draft');
  const lines = [lineOf(1)];
  await (await begin(site)).send(orderRecord('D1', { lines }));
  const id = await localOf(site, 'D1');
  t.match(await state(id), { number: null, status: 'draft', total: '100.9375', charges: '12.5000', adds_up: 'true' });
  t.match(await asClerk('PATCH', `orders/${id}`, { due_on: '2026-04-01' }), { status: 200 });
  t.match(await state(id), { due_on: '2026-04-01', total: '100.9375', adds_up: 'true', lines: 1 });
  const [other] = await sql('select id from erp_customers order by code limit 1');
  t.match(await asClerk('PATCH', `orders/${id}`, { customer_id: other?.['id'] }), {
    status: 409,
    body: { code: 'illegal_transition' },
  });
  const years = [yearOf.format(Date.now())];
  t.match(await asClerk('POST', `orders/${id}/confirm`), { status: 200 });
  years.push(yearOf.format(Date.now()));
  const number = new RegExp(`-(${years.join('|')})-`);
  t.match(await state(id), { number, status: 'confirmed', total: '100.9375', adds_up: 'true' });
  const mail = await client.orderMail.get({ ...importing.scope(), id });
  t.same(mail, { mail: null, withheld: 'imported' }, 'the site has written to its customer');
  await t.test('and what is due can be paid, be it less than a cent', async (t) => {
    const pay = (amount: string, kind = 'payment') =>
      asClerk('POST', `orders/${id}/payments`, { kind, method: 'cash', amount: { amount, currency: 'EUR' } });
    t.match(await pay('0.0001'), { status: 422 });
    t.match(await pay('100'), { status: 201 });
    t.match(await pay('0.93'), { status: 201 });
    t.match(await pay('0.0075'), { status: 201 });
    t.match(await state(id), { payment_status: 'paid' });
    t.match(await pay('100.9375', 'refund'), { status: 201 });
    t.match(await state(id), { payment_status: 'refunded' });
  });
});

t.test('every move of a person, on an imported order', async (t) => {
  const site = await connect();
  await (await begin(site)).send(orderRecord('E1', { lines: [lineOf(2)] }));
  const { id } = await orderOf('E1');
  for (const [step, body] of [
    ['start', { allow_short: true }],
    ['ready', { allow_short: true }],
    ['ship', undefined],
    ['complete', undefined],
  ] as const) {
    t.match(
      await asClerk('POST', `orders/${id}/${step}`, body),
      { status: 200, body: { charges: { amount: '12.5000' } } },
      step,
    );
  }
  t.match(await state(id), { status: 'completed', adds_up: 'true' });
  t.match(await asClerk('PATCH', `orders/${id}`, { due_on: '2026-04-01' }), { status: 409 });
  t.match(await checkStock(), { differences: [] });
});

t.test('what the site says of each state that an order has here', async (t) => {
  const site = await connect();
  const codes = {
    draft: '11',
    confirmed: '1',
    in_production: '12',
    ready: '2',
    shipped: '3',
    completed: '13',
    cancelled: '4',
  };
  await sql(
    `insert into dn_maps (tenant_id, organization_id, workspace_id, id, connection_id, kind, dn_id, state, local_code, label)
     select m.tenant_id, m.organization_id, m.workspace_id, gen_random_uuid(), m.connection_id, 'status', n.id, 'mapped', n.code, n.code
     from dn_maps m, (values ('11', 'draft'), ('12', 'in_production'), ('13', 'completed')) n (id, code)
     where m.connection_id = $1 and m.dn_id = '1'`,
    [site.id],
  );
  const pairs = orderStatuses.flatMap((from) => orderStatuses.map((to) => ({ from, to, dnId: `S-${from}-${to}` })));
  const lines = [lineOf(3)];
  const record = (dnId: string, status: keyof typeof codes, at: number) =>
    orderRecord(dnId, { lines, status: codes[status], modified_at: minute(at), customer: orderRecord('S').customer });
  for (const part of [pairs.slice(0, 25), pairs.slice(25)]) {
    await (await begin(site)).send(...part.map(({ from, dnId }) => record(dnId, from, 0)));
  }
  const made = await sql<{ dn_id: string; status: string }>(
    `select m.dn_id, o.status from dn_maps m join erp_orders o on o.id = m.local_id where m.connection_id = $1 and m.kind = 'order'`,
    [site.id],
  );
  const wrong = made.filter(({ dn_id: dnId, status }) => dnId.split('-')[1] !== status);
  t.same([made.length, wrong], [49, []], 'each in the state that it has there');
  const job = await begin(site);
  for (const part of [pairs.slice(0, 25), pairs.slice(25)]) {
    await job.send(...part.map(({ to, dnId }) => record(dnId, to, 1)));
  }
  const rows = new Map(
    (await job.rows()).map((row) => [row.dn_id, [row.outcome, row.error?.code ?? ''].join(' ').trim()]),
  );
  const way = orderStatuses.slice(0, 6);
  for (const { from, to, dnId } of pairs) {
    const moves =
      to === 'cancelled' ? way.slice(0, 4).includes(from) : from !== 'cancelled' && way.indexOf(to) > way.indexOf(from);
    const expected = from === to ? undefined : moves ? 'updated' : 'review illegal_transition';
    t.equal(rows.get(dnId), expected, `${from} here, ${to} there`);
    t.match(await state(await localOf(site, dnId)), { status: moves ? to : from, adds_up: 'true' }, dnId);
  }
  t.match(await checkStock(), { differences: [], next_cursor: null });
});

/** The rule is another one from now on, and the job's rows are tried once more. */
async function decide(site: Site, rule: string, of: Held) {
  await sql('update dn_connections set conflict_rule = $2 where id = $1', [site.id, rule]);
  const retry = await begin(site, { task: 'retry', ofJobId: of.id });
  await client.deconetworkRework.rework({ ...retry.held, limit: 200 });
  return retry;
}

t.test('a status that the order has passed here is no conflict', async (t) => {
  for (const [n, rule] of (['site', 'review'] as const).entries()) {
    const site = await connect(rule);
    const dnId = `P${n}`;
    const lines = [lineOf(11 + n)];
    await (await begin(site)).send(orderRecord(dnId, { lines }));
    const { id } = await orderOf(dnId);
    for (const step of ['start', 'ready']) await asClerk('POST', `orders/${id}/${step}`, { allow_short: true });
    await asClerk('POST', `orders/${id}/ship`);
    const job = await begin(site);
    await job.send(orderRecord(dnId, { lines, status: '2', due_on: '2026-04-05', modified_at: minute(1) }));
    t.same(await told(job), ['updated']);
    t.match(await state(id), { status: 'shipped', due_on: '2026-04-05' });
    const back = await begin(site);
    await back.send(orderRecord(dnId, { lines, status: '1', due_on: '2026-04-06', modified_at: minute(2) }));
    t.match(
      [await told(back), await state(id)],
      [
        [rule === 'site' ? 'review illegal_transition' : 'review conflict'],
        { status: 'shipped', due_on: '2026-04-06' },
      ],
    );
  }
});

t.test('what cannot be done to an order keeps nothing else from being done, and can be decided', async (t) => {
  const site = await connect('site');
  const lines = [lineOf(21)];
  const first = orderRecord('Q1', { lines });
  await (await begin(site)).send(first);
  const { id } = await orderOf('Q1');
  const stocked = { level: 50, kind: 'inventory' as const, raw: '{}', modified_at: minute(0) };
  const none = {
    sku: null,
    vendor_sku: null,
    size: null,
    colour: null,
    product: { dn_id: '121', code: null, name: 'Tee' },
  };
  await (await begin(site)).send({ ...stocked, ...none, dn_id: '121_0' }, { ...stocked, ...none, dn_id: '121_1' });
  t.match(await asClerk('POST', `orders/${id}/start`, {}), { status: 200 });
  const theirs = {
    lines: [lineOf(21, 1)],
    modified_at: minute(1),
    due_on: '2026-04-07',
    status: '3',
    outstanding: '0',
  };
  const changed = orderRecord('Q1', theirs);
  const job = await begin(site);
  await job.send(changed);
  t.same(await told(job), ['review in_production']);
  t.match(await state(id), {
    status: 'shipped',
    due_on: '2026-04-07',
    total: '100.9375',
    paid: '55.9375',
    adds_up: 'true',
  });
  const again = await begin(site);
  await again.send(changed);
  t.same(await told(again), ['review in_production'], 'and is asked again');
  const decided = await decide(site, 'platen', again);
  t.same(await told(decided), ['updated'], 'ours stands');
  t.match((await decided.rows()).at(-1), { loser: { total: '55.9375' } });
  const after = await begin(site);
  await after.send(changed);
  t.same(await told(after), []);
  t.match(await checkStock(), { differences: [] });
});

t.test('a conflict waits until somebody decides; what the site changes besides comes all the same', async (t) => {
  for (const [n, rule] of (['site', 'platen'] as const).entries()) {
    const site = await connect('review');
    const dnId = `R${n}`;
    const lines = [lineOf(31 + n)];
    await (await begin(site)).send(orderRecord(dnId, { lines }));
    const { id } = await orderOf(dnId);
    const total = Number((await orderOf(dnId)).total);
    await sql(`update erp_orders set due_on = '2026-04-01', version = version + 1 where id = $1`, [id]);
    await (await begin(site)).send(orderRecord(dnId, { lines, modified_at: minute(1), due_on: '2026-05-01' }));
    const later = await begin(site);
    const outstanding = String(total - 10);
    await later.send(orderRecord(dnId, { lines, modified_at: minute(2), due_on: '2026-05-01', outstanding }));
    t.same(await told(later), ['review conflict']);
    t.match(await state(id), { due_on: '2026-04-01', paid: '10.0000' });
    t.same(await told(await decide(site, rule, later)), ['updated'], rule);
    t.match(await state(id), { due_on: rule === 'site' ? '2026-05-01' : '2026-04-01', paid: '10.0000' });
    const [open] = await sql(
      'select count(*)::int as n from dn_import_job_rows where job_id = $1 and settled_by_job_id is null',
      [later.id],
    );
    t.match(open, { n: 0 });
  }
});

/** As the API asks for it: all that there is to be undone, the last first. */
async function undo(site: Site, of: Held) {
  const job = await begin(site, { task: 'undo', ofJobId: of.id });
  await client.deconetworkRework.rework({ ...job.held, limit: 200 });
  return job;
}

t.test('an undo leaves what was changed here changed here, for the next import too', async (t) => {
  const site = await connect('review');
  const lines = [lineOf(41)];
  await (await begin(site)).send(orderRecord('T1', { lines }));
  const { id } = await orderOf('T1');
  await sql(`update erp_orders set due_on = '2026-04-01', version = version + 1 where id = $1`, [id]);
  const record = orderRecord('T1', { lines, modified_at: minute(1), outstanding: '50.9375' });
  const job = await begin(site);
  await job.send(record);
  t.match(await state(id), { due_on: '2026-04-01', paid: '50.0000' });
  t.same(await told(await undo(site, job)), ['undone']);
  t.match(await state(id), { due_on: '2026-04-01', paid: '0.0000' });
  const again = await begin(site);
  await again.send(record);
  t.same(await told(again), ['updated']);
  t.match(await state(id), { due_on: '2026-04-01', paid: '50.0000' }, 'the site has said nothing new of it');
});

t.test('what was done beside a conflict is undone too', async (t) => {
  const site = await connect('review');
  const lines = [lineOf(42)];
  const made = await begin(site);
  await made.send(orderRecord('T2', { lines }));
  const { id } = await orderOf('T2');
  await sql(`update erp_orders set due_on = '2026-04-01', version = version + 1 where id = $1`, [id]);
  const job = await begin(site);
  await job.send(orderRecord('T2', { lines, modified_at: minute(1), due_on: '2026-05-01', outstanding: '50.9375' }));
  t.same(await told(job), ['review conflict']);
  t.match(await state(id), { paid: '50.0000' });
  t.same(await told(await undo(site, made)), ['refused newer_import'], 'the newer one first');
  t.same(await told(await undo(site, job)), ['undone']);
  t.match(await state(id), { due_on: '2026-04-01', paid: '0.0000' });
  t.same(await told(await undo(site, job)), [], 'once');
});

t.test('what people have done with an imported order: jobs of its lines, payments', async (t) => {
  const site = await connect('site');
  const lines = [lineOf(51), lineOf(52, 1)];
  const made = await begin(site);
  await made.send(orderRecord('J1', { lines }), orderRecord('J2', { lines }), orderRecord('J3', { lines }));
  const [j1, j2, j3] = [await orderOf('J1'), await orderOf('J2'), await orderOf('J3')];
  for (const { id } of [j1, j3]) {
    const jobs = await asClerk('POST', 'production/jobs', { order_id: id });
    t.match(jobs, { status: 201, body: { items: { length: 2 } } });
  }
  const pay = { kind: 'payment', method: 'cash', amount: { amount: '20', currency: 'EUR' } };
  t.match(await asClerk('POST', `orders/${j2.id}/payments`, pay), { status: 201 });
  const refused = ['refused in_production', 'refused changed_since', 'refused in_production'];
  t.same(await told(await undo(site, made)), refused);
  const changed = await begin(site);
  await changed.send(orderRecord('J1', { lines: [lineOf(51)], modified_at: minute(1) }));
  await changed.send(orderRecord('J2', { lines, outstanding: '100', modified_at: minute(1) }));
  await changed.send(orderRecord('J3', { lines, status: '4', modified_at: minute(1) }));
  t.same(await told(changed), ['review in_production', 'updated', 'updated']);
  t.match(await state(j2.id), { paid: '45.9375', payment_status: 'partial' }, 'the rule is the site’s');
  t.match(await state(j3.id), { status: 'cancelled' });
  const open = await sql(`select status from erp_production_jobs where order_id = $1`, [j3.id]);
  t.same(
    open.map(({ status }) => status),
    ['cancelled', 'cancelled'],
  );
  t.match(await checkStock(), { differences: [] });
});
