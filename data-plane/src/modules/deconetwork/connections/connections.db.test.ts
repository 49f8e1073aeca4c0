import { recordLog } from '@platen/chassis/testkit/http';
import { DnConnection } from '@platen/schema/contracts/data/dn-shapes';
import t, { type Test } from 'tap';
import { Compile } from 'typebox/compile';
import { openTestPlane } from '../../../testkit/test-plane.js';
import { openSites, sitePassword, siteUser } from './sites.fixture.js';

const sites = await openSites(t);
const { acme, shop, main, as, inMain, connect, openJobsOf, passTest, get, sql } = sites;
const globex = sites.addTenant('globex', 'erp_1');
const fits = (value: unknown) =>
  [...Compile(DnConnection).Errors(value)].map((error) => `${error.instancePath} ${error.message}`).join('; ');
const secrets = [sitePassword, siteUser, JSON.stringify(sitePassword).slice(1, -1)];
const showsNothing = (t: Test, text: string, where: string) =>
  t.ok(
    secrets.every((secret) => !text.includes(secret)),
    where,
  );

t.test('a site is connected, tested at once, and what signs in there is never seen again', async (t) => {
  const siteUrl = sites.newSite();
  const body = { name: 'Teamwear', site_url: `${siteUrl.toUpperCase()}/`, username: siteUser, password: sitePassword };
  const made = await inMain('POST', 'connections', body, { 'idempotency-key': 'k1' });
  t.equal(made.status, 201, made.text);
  t.equal(fits(made.body), '');
  t.match(made.body, {
    site_url: siteUrl,
    status: 'untested',
    currency: 'EUR',
    kinds: ['order'],
    conflict_rule: 'review',
    write_back: { status: false, inventory: false, receipts: false, contact_customer: false },
    sync_every_minutes: null,
    last_test: null,
    in_review: 0,
    organization_id: shop,
    workspace_id: main,
  });
  const { id } = made.body;
  t.same((await inMain('GET', `connections/${id}`)).body, made.body);
  const list = await inMain('GET', 'connections?status=untested&limit=1');
  t.same(list.body.items, [made.body]);
  for (const answer of [made, list]) showsNothing(t, answer.text, 'no answer shows it');
  t.match(await openJobsOf(id), [{ status: 'queued', task: 'test', payload: { task: 'test', connection_id: id } }]);
  t.match(await inMain('POST', 'connections', body), { status: 409, body: { code: 'duplicate' } });
  const statuses = await sql('select dn_id, state, local_code from dn_maps where connection_id = $1 order by dn_id', [
    id,
  ]);
  t.same(
    statuses.map(({ dn_id, local_code }) => `${dn_id} ${local_code}`),
    ['1 confirmed', '2 ready', '3 shipped', '4 cancelled'],
  );

  const opened = await passTest(id, 'ok', { order_date_modified: 6 });
  t.match(opened.body, { task: 'test', access: { site_url: siteUrl, username: siteUser, password: sitePassword } });
  t.match(await get(id), { status: 'active', last_test: { code: 'ok' }, field_map: { order_date_modified: 6 } });

  const tables = await sql<{ table_name: string }>(
    `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  for (const { table_name: table } of tables) {
    const rows = await sql<{ row: string }>(`select coalesce(string_agg(x::text, ' '), '') as row from ${table} x`);
    showsNothing(t, rows[0]?.row ?? '', table);
  }
});

t.test('a key is changed: what a test finds in order is encrypted under the new one', async (t) => {
  const { id } = await connect();
  const sealed = async () =>
    (await sql<{ credentials: string }>('select credentials from dn_connections where id = $1', [id]))[0];
  const before = await sealed();
  await passTest(id, 'authentication_failed');
  t.same(await sealed(), before);
  await inMain('POST', `connections/${id}/test`);
  await passTest(id);
  t.not((await sealed())?.credentials, before?.credentials);
  await inMain('POST', `connections/${id}/test`);
  t.match((await passTest(id)).body.access, { username: siteUser, password: sitePassword });
});

t.test('what is encrypted for one connection is of no use in another', async (t) => {
  const [one, other] = [await connect(), await connect({ password: 'another' })];
  await sql(
    `update dn_connections set credentials = (select credentials from dn_connections where id = $1) where id = $2`,
    [one.id, other.id],
  );
  const [test] = await openJobsOf(other.id);
  const opened = await sites.step(await sites.claim(test?.id ?? ''), 'open');
  t.match(opened, { status: 422, body: { code: 'dn_unavailable' } });
  showsNothing(t, opened.text, 'not opened');
  const path = `connections/${other.id}`;
  t.match(await inMain('PATCH', path, { password: 'new' }), {
    status: 400,
    body: { errors: [{ path: '/body/username' }] },
  });
  t.match(await inMain('PATCH', path, { username: 'new', password: 'new' }), { status: 200 });
  await sites.endJobsOf(other.id);
});

t.test('addresses that are not of a public site over TLS', async (t) => {
  const refused = [
    'http://shop.example.com',
    'https://127.0.0.1',
    'https://[::1]',
    'https://localhost',
    'https://shop.internal',
    'https://user:secret@shop.example.com',
    'https://shop.example.com/api',
    'https://shop.example.com?x=1',
    'ftp://shop.example.com',
    'shop.example.com',
    'https://169.254.169.254',
  ];
  for (const site_url of refused) {
    const answer = await inMain('POST', 'connections', { name: 'x', site_url, username: 'u', password: 'p' });
    t.match(answer, { status: 422, body: { code: 'site_url_unacceptable' } }, site_url);
    t.equal(answer.body.errors[0].path, '/body/site_url');
  }
});

t.test("somebody else's connection is not there; another context's is not acted upon", async (t) => {
  const { id, version } = await connect();
  const payload = { name: 'mine now' };
  const [, otherOrganization] = acme.organizationIds;
  const [, harbor] = acme.workspaceIds;
  const strangers = {
    'another tenant': as({}, globex),
    'another organization': as({ org: otherOrganization, ws: null }),
    'another workspace': as({ ws: harbor }),
  };
  for (const [who, call] of Object.entries(strangers)) {
    t.match(await call('GET', `connections/${id}`), { status: 404 }, who);
    t.match(await call('PATCH', `connections/${id}`, payload), { status: 404 }, who);
    for (const action of ['test', 'pause', 'resume']) {
      t.match(await call('POST', `connections/${id}/${action}`), { status: 404 }, `${who} ${action}`);
    }
    t.match(await call('DELETE', `connections/${id}`), { status: 404 }, who);
    t.same((await call('GET', 'connections')).body.items, [], who);
  }
  const wide = as({ ws: null });
  t.match(await wide('GET', `connections/${id}`), { status: 200 });
  t.match(await wide('PATCH', `connections/${id}`, payload), { status: 403, body: { code: 'context_not_allowed' } });
  t.match(await wide('DELETE', `connections/${id}`), { status: 403 });
  const reader = as({ permissions: ['erp.dn_connection.read'] });
  t.match(await reader('POST', `connections/${id}/pause`), { status: 403, body: { code: 'permission_denied' } });
  t.equal((await get(id)).version, version);
});

t.test('a change: only where and as whom one signs in makes it unknown again', async (t) => {
  const { id } = await connect({ field_map: { order_number: 3 } });
  await passTest(id, 'ok', { order_number: 9, order_date_modified: 7 });
  const active = await get(id);
  t.same(active.field_map, { order_number: 3, order_date_modified: 7 }, 'what somebody gave stands');
  const path = `connections/${id}`;
  const tag = { 'if-match': `"${active.version}"` };
  const renamed = await inMain(
    'PATCH',
    path,
    { name: 'Club', write_back: { status: true }, site_url: active.site_url },
    tag,
  );
  t.match(renamed.body, { name: 'Club', status: 'active', write_back: { status: true, contact_customer: false } });
  t.same(await openJobsOf(id), []);
  t.match(await inMain('PATCH', path, { name: 'late' }, tag), { status: 412, body: { code: 'version_mismatch' } });
  t.match(await inMain('PATCH', path, { status: 'active' }), { status: 400 });

  const moved = { site_url: sites.newSite() };
  t.match(await inMain('PATCH', path, moved), {
    status: 400,
    body: { errors: [{ path: '/body/username' }, { path: '/body/password' }] },
  });
  t.match(
    await inMain('PATCH', path, { ...moved, password: 'next' }),
    { status: 400, body: { errors: [{ path: '/body/username' }] } },
    'nor does the user name, which nobody is shown',
  );
  t.match(
    await inMain('PATCH', path, { ...moved, username: 'me' }),
    { status: 400 },
    'the old password goes nowhere else',
  );
  t.match((await inMain('PATCH', path, { ...moved, username: siteUser, password: 'next' })).body, {
    ...moved,
    status: 'untested',
    field_map: {},
  });
  t.match(await inMain('PATCH', path, { password: 'next one' }), { body: { status: 'untested' } });
  t.equal((await openJobsOf(id)).length, 1, 'the test that waits will find what is there then');
  t.match((await passTest(id)).body.access, { ...moved, username: siteUser, password: 'next one' });
  t.match(
    await inMain('PATCH', path, { password: 'next one' }),
    { body: { status: 'untested' } },
    'nobody learns that it is the same',
  );
});

t.test('a test that was overtaken by a change says nothing', async (t) => {
  const { id } = await connect();
  const [test] = await openJobsOf(id);
  const held = await sites.claim(test?.id ?? '');
  t.equal((await sites.step(held, 'open')).status, 200);
  await inMain('PATCH', `connections/${id}`, { password: 'changed' });
  t.equal((await openJobsOf(id)).length, 2);
  t.match(await sites.step(held, 'tested', { test: sites.outcome('ok'), field_map: {} }), { status: 200 });
  t.match(await get(id), { status: 'untested', last_test: null });
  t.match(await sites.step(held, 'rejected', { code: 'authentication_failed', message: 'no' }), { status: 204 });
  t.match(await get(id), { status: 'untested' });
  await sites.endJobsOf(id);
  await inMain('POST', `connections/${id}/test`);
  const [next] = await openJobsOf(id);
  await sites.step(await sites.claim(next?.id ?? ''), 'rejected', { code: 'ok', message: 'ok' });
  t.match(await get(id), { status: 'rejected' }, 'whatever it is called');
  await sites.endJobsOf(id);
});

t.test('paused, rejected: nothing is called; a test brings it back', async (t) => {
  const { id } = await connect();
  t.match(await inMain('POST', `connections/${id}/resume`), { status: 409, body: { code: 'illegal_transition' } });
  await passTest(id);
  t.match(await inMain('POST', 'sync', { connection_id: id }), { status: 201 });
  const [job] = await openJobsOf(id);
  const held = await sites.claim(job?.id ?? '');
  t.match(await sites.step(held, 'open'), { status: 200, body: { task: 'sync' } });
  t.match((await inMain('POST', `connections/${id}/pause`)).body, { status: 'paused' });
  const refused = await sites.step(held, 'open');
  t.match(refused, { status: 422, body: { code: 'dn_unavailable' } });
  showsNothing(t, refused.text, 'nor does the refusal');
  t.match(await sites.step(held, 'rejected', { code: 'authentication_failed', message: 'no' }), { status: 204 });
  t.match(await get(id), { status: 'paused', last_test: { code: 'authentication_failed' } });
  for (const action of ['pause', 'test']) {
    t.match(await inMain('POST', `connections/${id}/${action}`), { status: 409, body: { code: 'illegal_transition' } });
  }
  t.match(await inMain('DELETE', `connections/${id}`), { status: 409, body: { code: 'in_use', job_id: String } });
  await sites.endJobsOf(id);

  t.match((await inMain('POST', `connections/${id}/resume`)).body, { status: 'untested' });
  await passTest(id, 'api_off');
  t.match(await get(id), { status: 'rejected', last_test: { code: 'api_off' } });
  t.match(await inMain('POST', 'sync', { connection_id: id }), { status: 422, body: { code: 'dn_unavailable' } });
  t.match((await inMain('POST', `connections/${id}/test`)).body, { status: 'untested' });
  await passTest(id);
  t.match((await inMain('POST', `connections/${id}/test`)).body, { status: 'active' }, 'looked at while it is in use');
  t.match(await inMain('DELETE', `connections/${id}`), { status: 409, body: { code: 'in_use' } });
  await passTest(id);
  t.match(await inMain('DELETE', `connections/${id}`), { status: 204 });
  t.match(await inMain('GET', `connections/${id}`), { status: 404 });
  t.same(await sql('select 1 from dn_maps where connection_id = $1', [id]), []);
});

t.test('a worker gets what signs in for a job that it has, and no other', async (t) => {
  const { id } = await connect();
  const [test] = await openJobsOf(id);
  const held = await sites.claim(test?.id ?? '');
  const { holder } = held;
  const attempts = [
    [{ ...held, holder: { ...holder, attempt: 2 } }, 'lease_lost'],
    [{ ...held, holder: { ...holder, owner: globex.id } }, 'lease_lost'],
    [{ ...held, holder: { ...holder, workspace_id: null } }, 'not_found'],
    [{ ...held, holder: { ...holder, organization_id: globex.organizationIds[0], workspace_id: null } }, 'not_found'],
  ] as const;
  for (const [attempt, code] of attempts) {
    for (const [step, body] of [
      ['open', {}],
      ['tested', { test: sites.outcome('ok'), field_map: {} }],
      ['rejected', { code: 'x', message: 'x' }],
    ] as const) {
      t.match(await sites.step(attempt, step, body), { body: { code } }, `${step} ${code}`);
    }
  }
  t.match(await sites.step(held, 'open', {}, globex.id), { status: 404 });
  t.match(await get(id), { status: 'untested', last_test: null });
  const user = await sites.call(acme, sites.token(acme), {
    method: 'POST',
    url: `/internal/tenants/${acme.id}/jobs/${held.id}/deconetwork/open`,
  });
  t.equal(user.status, 404, 'not at the listener of tenants');
});

t.test('no line of the log has it, whatever goes wrong', async (t) => {
  const recorded = recordLog();
  const plane = openTestPlane(t, { erp_1: sites.database }, { log: recorded.log });
  const tenant = plane.addTenant('logged', 'erp_1');
  const token = plane.token(tenant);
  const post = (payload: object) =>
    plane.call(tenant, token, { method: 'POST', url: '/api/erp/dn/connections', payload });
  const body = { name: 'x', site_url: 'https://logged.example.com', username: siteUser, password: sitePassword };
  const answers = [
    await post(body),
    await post(body),
    await post({ ...body, site_url: 'http://127.0.0.1' }),
    await post({ ...body, name: 7 }),
    await post({ ...body, username: [sitePassword] }),
    await post({ ...body, [sitePassword]: 1 }),
  ];
  t.same(
    answers.map(({ status }) => status),
    [201, 409, 422, 400, 400, 400],
  );
  t.ok(recorded.lines.length > 5);
  showsNothing(t, recorded.text(), 'the log');
  for (const answer of answers.slice(0, 5)) showsNothing(t, answer.text, `${answer.status}`);
});

t.test('where the feature is off, there is nothing of it', async (t) => {
  const isFeatureEnabled = (flag: string) => flag !== 'FEATURE_DN_INTEGRATION';
  const plane = openTestPlane(t, { erp_1: sites.database }, { isFeatureEnabled });
  const tenant = plane.addTenant('without', 'erp_1');
  for (const url of ['connections', 'maps', 'import-jobs']) {
    const answer = await plane.call(tenant, plane.token(tenant), { url: `/api/erp/dn/${url}` });
    t.match(answer, { status: 404, body: { code: 'feature_disabled' } }, url);
  }
});
