import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { untilLocksAwaited } from '@platen/chassis/testkit/lock-waits';
import t from 'tap';
import { v7 } from 'uuid';
import { harbor, read } from '../../../test/sales.fixture.js';
import { openSites } from './sites.fixture.js';

const sites = await openSites(t);
const { client, sales, basket, ctxOf, connect, map, scope, takeUp } = sites;
const newOrder = async () => read<{ id: string }>(await sales.orders.create(ctxOf(), basket)).id;
type Status = 'ready' | 'shipped';
const plan = async (localId: string, status: Status, eventId = v7(), of: object = scope()) =>
  (
    await client.deconetworkEvents.plan({
      ...scope(),
      ...of,
      event_id: eventId,
      document: 'order',
      local_id: localId,
      status,
    })
  ).planned;
const calls = async (query: string) => (await sites.call('GET', `calls?${query}`)).body.items;
const told = { on: { status: true } };
const ok = { code: 10001, severity: 'SUCCESS', description: 'OK' };

t.test('an order that is another’s is told to nobody', async (t) => {
  const order = await newOrder();
  const site = await connect(told.on);
  await map(site, 'order', order);
  t.equal(await plan(order, 'ready', v7(), { workspace_id: harbor }), 0, 'another workspace’s event');
  t.equal(await plan(order, 'ready', v7(), { organization_id: v7() }), 0);
  t.equal(await plan(order, 'ready', v7(), { tenant_id: sites.globex.id }), 0, 'another tenant, in the same database');
  await t.rejects(plan(order, 'ready', v7(), { tenant_id: v7() }), { code: 'not_found' });
  t.same(await calls(`connection_id=${site.id}`), []);
  t.same(await sites.jobs(site), []);
});

t.test('once for each event, however often and however many at once', async (t) => {
  const order = await newOrder();
  const site = await connect(told.on);
  const { dnId } = await map(site, 'order', order);
  const eventId = v7();
  const planned = await Promise.all([1, 2, 3].map(() => plan(order, 'ready', eventId)));
  t.equal(
    planned.reduce((sum, each) => sum + each, 0),
    1,
  );
  t.equal(await plan(order, 'ready', eventId), 0, 'a replay');
  t.match(await calls(`connection_id=${site.id}`), [
    {
      kind: 'status',
      state: 'pending',
      local_id: order,
      attempts: 0,
      request: { order_id: dnId, new_status: 'produced', contact_customer: false },
    },
  ]);
  t.match(await sites.jobs(site), [{ status: 'queued', task: 'write', workspace_id: site.workspaceId }]);
  await newOrder();
  await plan(order, 'shipped');
  t.equal((await sites.jobs(site)).length, 1, 'one job sends both');
});

t.test('what the site said itself is not said back; who did not ask for it is not told', async (t) => {
  const order = await newOrder();
  const [asked, silent, echoing, mailing] = [
    await connect(told.on),
    await connect({ status: false, inventory: true, receipts: true }),
    await connect(told.on),
    await connect({ status: true, contact_customer: true }),
  ];
  await map(asked, 'order', order, { base: { status: 'confirmed' } });
  await map(silent, 'order', order, { base: { status: 'confirmed' } });
  await map(echoing, 'order', order, { base: { status: 'ready' } });
  await map(mailing, 'order', order);
  t.equal(await plan(order, 'ready'), 2);
  t.match(await calls(`connection_id=${asked.id}`), [{ kind: 'status' }]);
  t.same(await calls(`connection_id=${silent.id}`), []);
  t.same(await calls(`connection_id=${echoing.id}`), []);
  t.match(await calls(`connection_id=${mailing.id}`), [{ request: { contact_customer: true } }]);
});

t.test('a connection that is not in use keeps what it will have to say, and is not called', async (t) => {
  const order = await newOrder();
  const paused = await connect(told.on, { status: 'paused' });
  await map(paused, 'order', order);
  t.equal(await plan(order, 'ready'), 1);
  t.same(await sites.jobs(paused), [], 'nobody to be called');
  t.match(await sites.call('POST', `connections/${paused.id}/resume`), { status: 200 });
  const test = await takeUp(paused);
  const found = { at: new Date().toISOString(), code: 'ok', message: 'As it should be', checks: [] };
  for (const _ of [1, 2]) await client.deconetworkConnections.tested({ ...test, test: found, field_map: {} });
  t.match(await sites.jobs(paused), [{ task: 'test' }, { task: 'write', status: 'queued' }], 'in use again');
  t.equal((await sites.jobs(paused)).length, 2);
  await sites.end(test);
  const other = await connect(told.on);
  await map(other, 'order', order);
  await plan(order, 'ready');
  const held = await takeUp(other);
  await sites.sql(`update dn_connections set status = 'paused' where id = $1`, [other.id]);
  await t.rejects(client.deconetworkCalls.nextCall(held), { code: 'dn_unavailable' });
  t.match(await calls(`connection_id=${other.id}`), [{ state: 'pending', attempts: 0 }]);
  await sites.end(held);
});

t.test('kept as sent before it is; sent again where no answer came; only forward', async (t) => {
  const order = await newOrder();
  const site = await connect(told.on);
  const { id: mapId, dnId } = await map(site, 'order', order, { base: { status: 'confirmed' } });
  await plan(order, 'ready');
  const first = await takeUp(site);
  const { call } = await client.deconetworkCalls.nextCall(first);
  t.match(call, { kind: 'status', attempts: 1, request: { order_id: dnId, new_status: 'produced' } });
  t.match(await calls(`map_id=${mapId}`), [{ state: 'sent', attempts: 1 }]);
  const again = await client.deconetworkCalls.nextCall(first);
  t.match(again, { call: { id: call?.id, attempts: 2 }, remaining: 0 }, 'its answer was lost');

  await client.jobs.release(first);
  const second = await takeUp(site);
  const settle = { call_id: call?.id ?? '', outcome: 'done', response: ok } as const;
  await t.rejects(client.deconetworkCalls.settleCall({ ...first, ...settle }), { code: 'lease_lost' });
  await t.rejects(client.deconetworkCalls.nextCall(first), { code: 'lease_lost' });
  await t.rejects(client.deconetworkCalls.settleCall({ ...second, ...settle, call_id: v7() }), { code: 'not_found' });
  await t.rejects(client.deconetworkCalls.settleCall({ ...second, ...settle, organization_id: v7() }), {
    code: 'not_found',
  });
  t.match((await client.deconetworkCalls.nextCall(second)).call, { id: call?.id, attempts: 3 }, 'another worker');
  await client.deconetworkCalls.settleCall({ ...second, ...settle });
  await client.deconetworkCalls.settleCall({ ...second, ...settle, outcome: 'failed' });
  t.match(await calls(`map_id=${mapId}`), [{ state: 'done', response: ok, error: null }], 'a repeat changes nothing');
  t.same(await sites.written(mapId), { status: 'ready' });

  t.equal(await plan(order, 'ready'), 0, 'told already');
  await plan(order, 'shipped');
  t.match(await sites.jobs(site), [{ status: 'running' }, { status: 'queued' }], 'the running one may be past its end');
  t.match((await client.deconetworkCalls.nextCall(second)).call, { request: { new_status: 'shipped' } });
  await sites.end(second);
});

t.test(
  'of two that wait, the later is sent; a job of another kind, or of another connection, sends nothing',
  async (t) => {
    const order = await newOrder();
    const [site, other] = [await connect(told.on), await connect(told.on)];
    const { id: mapId } = await map(site, 'order', order);
    await map(other, 'order', order);
    await plan(order, 'ready');
    await plan(order, 'shipped');
    const held = await takeUp(other);
    const [foreign] = await calls(`connection_id=${site.id}&state=pending`);
    await t.rejects(client.deconetworkCalls.settleCall({ ...held, call_id: foreign.id, outcome: 'done' }), {
      code: 'not_found',
    });
    await client.jobs.release(held);
    const own = await takeUp(site);
    t.match(await client.deconetworkCalls.nextCall(own), {
      call: { request: { new_status: 'shipped' } },
      remaining: 0,
    });
    t.match(await calls(`map_id=${mapId}`), [{ state: 'sent' }, { state: 'dropped', error: { code: 'superseded' } }]);
    await sites.sql(`update erp_jobs set payload = payload || '{"task":"sync"}' where id = $1`, [own.id]);
    await t.rejects(client.deconetworkCalls.nextCall(own), { code: 'not_found' });
    await sites.end(own);
  },
);

t.test('one that is given up while it is waited for does not hide those behind it', async (t) => {
  const site = await connect(told.on);
  for (let n = 0; n < 2; n += 1) {
    const order = await newOrder();
    await map(site, 'order', order);
    await plan(order, 'ready');
  }
  const held = await takeUp(site);
  const [second, first] = await calls(`connection_id=${site.id}`);
  const next = await asSuperuser(sales.db.superuserUrl, async (db) => {
    await db.query('begin');
    await db.query(`update dn_calls set state = 'dropped' where id = $1`, [first.id]);
    const asked = client.deconetworkCalls.nextCall(held);
    await untilLocksAwaited(sales.db.superuserUrl);
    await db.query('commit');
    return asked;
  });
  t.match(next, { call: { id: second.id }, remaining: 0 });
  await sites.end(held);
});

t.test('refused, or not answered: kept with the site’s words, tried eight times, seen to by people', async (t) => {
  const order = await newOrder();
  const site = await connect(told.on);
  const { id: mapId } = await map(site, 'order', order);
  await plan(order, 'ready');
  let held = await takeUp(site);
  const refusal = { code: 50005, severity: 'ERROR', description: 'Invalid parameters' };
  for (let attempt = 1; attempt <= 8; attempt += 1) {
    const { call } = await client.deconetworkCalls.nextCall(held);
    t.equal(call?.attempts, attempt);
    await client.deconetworkCalls.settleCall({ ...held, call_id: call?.id ?? '', outcome: 'retry' });
  }
  t.same(await client.deconetworkCalls.nextCall(held), { call: null, remaining: 0 }, 'eight were enough');
  const [failed] = await calls(`map_id=${mapId}`);
  t.match(failed, { state: 'failed', attempts: 8, error: { code: 'no_answer' } });

  t.match(await sites.call('POST', `calls/${failed.id}/retry`, { of: 'globex' }), { status: 404 });
  t.match(await sites.call('POST', `calls/${failed.id}/retry`, { workspaceId: harbor }), { status: 404 });
  t.match(await sites.call('GET', `calls/${failed.id}`, { workspaceId: harbor }), { status: 404 });
  t.match(await sites.call('POST', `calls/${failed.id}/retry`, { workspaceId: null }), {
    status: 403,
    body: { code: 'context_not_allowed' },
  });
  t.match(await sites.call('POST', `calls/${failed.id}/retry`, { headers: { 'if-match': '"1"' } }), { status: 412 });
  const retried = await sites.call('POST', `calls/${failed.id}/retry`);
  t.match(retried, { status: 200, body: { state: 'pending', attempts: 0, error: null } });
  t.match(await sites.call('POST', `calls/${failed.id}/retry`), { status: 409, body: { code: 'illegal_transition' } });
  await sites.end(held);
  held = await takeUp(site);
  const { call } = await client.deconetworkCalls.nextCall(held);
  t.match(await sites.call('POST', `calls/${failed.id}/retry`), { status: 409 }, 'on its way');
  t.match(await sites.call('POST', `calls/${failed.id}/drop`), { status: 409 });
  await client.deconetworkCalls.settleCall({ ...held, call_id: call?.id ?? '', outcome: 'failed', response: refusal });
  t.match(await sites.call('GET', `calls/${failed.id}`), {
    body: { state: 'failed', response: refusal, error: { code: 'site_50005', message: 'Invalid parameters' } },
  });
  t.match(await sites.call('POST', `calls/${failed.id}/drop`), {
    body: { state: 'dropped', error: { code: 'site_50005' } },
  });
  t.match(await sites.call('POST', `calls/${failed.id}/drop`), { status: 409 });
  t.same(await sites.written(mapId), null);
});
