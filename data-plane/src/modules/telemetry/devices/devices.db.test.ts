import { testDatabase } from '@platen/chassis/testkit/database';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { Device, DeviceCredential } from '@platen/schema/contracts/data/telemetry-devices';
import { Metric } from '@platen/schema/contracts/data/telemetry-metrics';
import t from 'tap';
import { Compile } from 'typebox/compile';
import { openTestPlane, type TestTenant } from '../../../testkit/test-plane.js';

const erp = await testDatabase(t, 'erp');
const telemetry = { ...(await testDatabase(t, 'telemetry')), kind: 'telemetry' as const };
/** Goes on until a test stops it. */
const clock = { stoppedAtMs: null as number | null };
const plane = openTestPlane(
  t,
  { 'erp-1': erp, 'telemetry-1': telemetry },
  { clock: () => clock.stoppedAtMs ?? Date.now() },
);
const parts = { telemetry_db_key: 'telemetry-1' };
const acme = plane.addTenant('acme', 'erp-1', parts);
const globex = plane.addTenant('globex', 'erp-1', parts);
const sql = async (text: string): Promise<Record<string, unknown>[]> =>
  asSuperuser(telemetry.superuserUrl, async (client) => (await client.query(text)).rows);
const devicesUrl = '/api/telemetry/devices';
const nobody = '01930000-0000-7000-8000-00000000dead';

/** In the first organization of the tenant, unless told otherwise. */
function caller(tenant: TestTenant, place: { org?: string; ws?: string | null; permissions?: never[] } = {}) {
  const token = plane.token(tenant, place);
  return (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object, headers?: Record<string, string>) =>
    plane.call(tenant, token, { method, url, ...(payload && { payload }), ...(headers && { headers }) });
}
const call = caller(acme);
const press = { code: 'press-1', name: 'Press 1', kind: 'press' };
const created = async (by: typeof call, body: object = {}): Promise<{ id: string }> => {
  const answer = await by('POST', devicesUrl, { ...press, ...body });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
};
const credentialOf = async (by: typeof call, id: string, body: object = {}) => {
  const answer = await by('POST', `${devicesUrl}/${id}/credentials`, body);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body as { id: string; secret: string; prefix: string };
};
/** Nothing is sent, so nothing but the credential is judged. */
const send = (tenant: TestTenant, secret: string, remoteAddress = '198.51.100.1') =>
  plane.call(tenant, secret, {
    method: 'POST',
    url: '/api/telemetry/readings',
    payload: { readings: [] },
    remoteAddress,
  });
const refused = { status: 401, body: { code: 'invalid_device_credential' } };

t.test('devices: created, read, changed, listed', async (t) => {
  const body = { ...press, attributes: { hall: '2', heads: 12, dtf: false } };
  const answer = await call('POST', devicesUrl, body);
  t.match(answer, { status: 201, headers: { etag: '"1"' }, body: { ...body, status: 'active', workspace_id: null } });
  t.same([...Compile(Device).Errors(answer.body)], []);
  t.match(answer.body, { last_seen_at: null, clock_skew_ms: null });
  const url = `${devicesUrl}/${answer.body.id}`;
  t.same((await call('GET', url)).body, answer.body);
  const changed = await call('PATCH', url, { name: 'Press', attributes: {} }, { 'if-match': '"1"' });
  t.match(changed, { status: 200, body: { name: 'Press', kind: 'press', version: 2 } });
  t.same(changed.body.attributes, {});
  t.match(await call('PATCH', url, { name: 'x' }, { 'if-match': '"1"' }), { status: 412 });
  const taken = { status: 409, body: { code: 'duplicate', errors: [{ path: '/body/code' }] } };
  t.match(await call('POST', devicesUrl, press), taken);
  const dryer = await created(call, { code: 'dryer.2', name: 'The DRYER of hall 2', kind: 'dryer' });
  t.match(await call('PATCH', `${devicesUrl}/${dryer.id}`, { code: 'press-1' }), taken);
  await call('PATCH', `${devicesUrl}/${dryer.id}`, { status: 'disabled' });

  const codes = async (query: string) =>
    (await call('GET', `${devicesUrl}?${query}`)).body.items.map(({ code }: { code: string }) => code);
  t.same(await codes(''), ['dryer.2', 'press-1'], 'newest first');
  t.same(await codes('status=disabled'), ['dryer.2']);
  t.same(await codes('kind=press&q=PRESS'), ['press-1']);
  t.same(await codes('q=dryer'), ['dryer.2']);
  t.same(await codes('q=%25'), [], 'nothing stands for anything');
  const first = (await call('GET', `${devicesUrl}?limit=1`)).body;
  t.same(await codes(`limit=1&cursor=${first.next_cursor}`), ['press-1']);

  for (const code of ['Press', 'press 1', '', '-x', 'x'.repeat(65), 'a,b', 'a=b', 'größe', '../x']) {
    t.match(await call('POST', devicesUrl, { ...press, code }), { status: 400 }, code);
  }
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, n]));
  const long = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`k${n}`, 'ü'.repeat(250)]));
  for (const attributes of [many, long, { nested: {} }, { 'a b': 1 }]) {
    t.match(await call('POST', devicesUrl, { ...press, code: 'x', attributes }), { status: 400 });
  }
  t.equal((await call('GET', `${devicesUrl}/${nobody}`)).status, 404);
});

t.test('nobody else’s: not by another tenant, organization or workspace', async (t) => {
  const [ws, otherWs] = acme.workspaceIds;
  const inWorkspace = caller(acme, { ws });
  const mine = await created(call, { code: 'mine' });
  const ours = await created(inWorkspace, { code: 'ours' });
  const { id: credential } = await credentialOf(call, mine.id);
  const strangers = [caller(globex), caller(acme, { org: acme.organizationIds[1] })];
  for (const stranger of strangers) {
    t.equal((await stranger('GET', `${devicesUrl}/${mine.id}`)).status, 404);
    t.equal((await stranger('PATCH', `${devicesUrl}/${mine.id}`, { name: 'x' })).status, 404);
    t.equal((await stranger('GET', `${devicesUrl}/${mine.id}/credentials`)).status, 404);
    t.equal((await stranger('POST', `${devicesUrl}/${mine.id}/credentials`, {})).status, 404);
    const url = `${devicesUrl}/${mine.id}/credentials/${credential}`;
    t.equal((await stranger('POST', `${url}/revoke`)).status, 404);
    t.equal((await stranger('POST', `${url}/rotate`, { grace_seconds: 0 })).status, 404);
    t.same((await stranger('GET', devicesUrl)).body.items, []);
  }
  const elsewhere = caller(acme, { ws: otherWs });
  t.equal((await elsewhere('GET', `${devicesUrl}/${ours.id}`)).status, 404);
  t.equal((await elsewhere('POST', `${devicesUrl}/${ours.id}/credentials`, {})).status, 404);
  const organizations = { status: 403, body: { code: 'context_not_allowed' } };
  t.equal((await elsewhere('GET', `${devicesUrl}/${mine.id}`)).status, 200, 'what all have in common is seen');
  t.match(await elsewhere('PATCH', `${devicesUrl}/${mine.id}`, { name: 'x' }), organizations, 'and is not theirs');
  t.match(await elsewhere('POST', `${devicesUrl}/${mine.id}/credentials`, {}), organizations);
  t.equal(
    (await call('POST', `${devicesUrl}/${ours.id}/credentials/${credential}/revoke`)).status,
    404,
    'of another device',
  );
  const numbers = await sql(`select device_no from tel_devices where tenant_id = '${acme.id}' order by device_no`);
  t.same(
    numbers.map(({ device_no: no }) => no),
    numbers.map((_, n) => n + 1),
    'numbered by tenant',
  );
});

t.test('as many active devices as the plan has, in all organizations', async (t) => {
  const few = plane.addTenant('few', 'erp-1', { ...parts, limits: { devices: 2 } });
  const [one, two] = [caller(few), caller(few, { org: few.organizationIds[1] })];
  const first = await created(one, { code: 'a' });
  const racing = await Promise.all(['b', 'c', 'd'].map((code) => two('POST', devicesUrl, { ...press, code })));
  t.same(racing.map(({ status }) => status).sort(), [201, 422, 422]);
  const full = { status: 422, body: { code: 'limit_reached', limit: 'devices', allowed: 2 } };
  t.match(await one('POST', devicesUrl, { ...press, code: 'e' }), full);
  const url = `${devicesUrl}/${first.id}`;
  await one('PATCH', url, { status: 'disabled' });
  await one('PATCH', url, { status: 'disabled' });
  t.match(await one('POST', devicesUrl, { ...press, code: 'a' }), { status: 409 }, 'what fails takes no place');
  await created(one, { code: 'e' });
  t.match(await one('PATCH', url, { status: 'active' }), full);
  t.match((await one('GET', url)).body, { status: 'disabled', version: 3 });
});

t.test('metrics: created, read, changed, listed, of the whole organization', async (t) => {
  const url = '/api/telemetry/metrics';
  const body = { code: 'temperature', name: 'Temperature', kind: 'gauge', unit: 'Cel', expected_interval_ms: 1_000 };
  const answer = await caller(acme, { ws: acme.workspaceIds[0] })('POST', url, body);
  t.match(answer, { status: 201, body: { ...body, version: 1 } });
  t.same([...Compile(Metric).Errors(answer.body)], []);
  const own = `${url}/${answer.body.id}`;
  t.same((await caller(acme, { ws: acme.workspaceIds[1] })('GET', own)).body, answer.body);
  const changed = await call('PATCH', own, { unit: null, expected_interval_ms: null }, { 'if-match': '"1"' });
  t.match(changed, { status: 200, body: { unit: null, expected_interval_ms: null, name: 'Temperature', version: 2 } });
  t.match(await call('PATCH', own, { name: 'x' }, { 'if-match': '"1"' }), { status: 412 });
  t.match(await call('PATCH', own, { kind: 'counter' }), { status: 400 }, 'it is what it was made as');
  t.match(await call('POST', url, body), { status: 409, body: { code: 'duplicate' } });
  await call('POST', url, { code: 'pieces', name: 'Pieces', kind: 'counter' });
  const codes = async (query: string) =>
    (await call('GET', `${url}?${query}`)).body.items.map(({ code }: { code: string }) => code);
  t.same(
    [await codes(''), await codes('kind=counter'), await codes('q=TEMP')],
    [['pieces', 'temperature'], ['pieces'], ['temperature']],
  );
  t.equal((await caller(globex)('GET', own)).status, 404);
});

t.test('a credential: shown once, good for the readings of its device and for nothing else', async (t) => {
  const device = await created(call, { code: 'credited' });
  const url = `${devicesUrl}/${device.id}/credentials`;
  const key = { 'idempotency-key': 'once' };
  const made = await call('POST', url, {}, key);
  t.equal(made.status, 201, made.text);
  const { secret, ...rest } = made.body;
  t.same([...Compile(DeviceCredential).Errors(rest)], []);
  t.match(secret, /^pdev_[0-9a-f]{32}\.[0-9a-f]{16}\.[\w-]{43}$/);
  t.match((await call('POST', url, {}, key)).body, { ...rest, secret: null }, 'not even to the same request');
  const stored = JSON.stringify(
    await sql('select c::text from tel_device_credentials c union all select i::text from idempotency_keys i'),
  );
  t.notMatch(stored, secret.split('.')[2], 'nor to the database');
  t.notMatch((await call('GET', url)).text, /secret|hash/);

  t.equal((await send(acme, secret)).status, 200);
  t.match((await call('GET', url)).body.items, [{ prefix: rest.prefix, last_used_at: String }]);
  for (const [method, path] of [
    ['GET', devicesUrl],
    ['POST', url],
    ['GET', '/api/erp/quotes'],
  ] as const) {
    const elsewhere = await plane.call(acme, secret, { method, url: path, ...(method === 'POST' && { payload: {} }) });
    t.match(elsewhere, { status: 401, body: { code: 'token_invalid' } }, path);
  }
  t.match(await send(globex, secret), refused, 'at another tenant’s host');
  const [head = '', prefix, random = ''] = secret.split('.');
  const otherOrganization = `pdev_${acme.organizationIds[1].replaceAll('-', '')}`;
  const wrong = [
    `${otherOrganization}.${prefix}.${random}`,
    `${head}.${prefix}.${random.slice(1)}A`,
    `${head}.${'0'.repeat(16)}.${random}`,
    `${head}.${prefix}`,
    'pdev_',
  ];
  for (const [n, text] of wrong.entries()) t.match(await send(acme, text, `198.51.100.${n + 2}`), refused, text);
  t.equal((await send(acme, secret)).status, 200);
  const cookie = await plane.app.tenant.inject({
    method: 'POST',
    url: '/api/telemetry/readings',
    headers: {
      host: 'acme.localhost',
      'x-correlation-id': 'test-correlation',
      origin: 'http://acme.localhost',
      cookie: `platen_at=${secret}`,
    },
    payload: { readings: [] },
  });
  t.match(cookie.json(), { code: 'token_invalid' }, 'a page cannot bring it');
});

t.test('a credential ends: with its time, revoked, rotated, its device disabled', async (t) => {
  const device = await created(call, { code: 'ending' });
  const url = `${devicesUrl}/${device.id}/credentials`;
  const startMs = Date.now();
  clock.stoppedAtMs = startMs;
  // What is found is remembered for a minute; the database, whose clock goes on, must not find it over before that.
  const soon = new Date(startMs + 55_000).toISOString();
  const brief = await credentialOf(call, device.id, { expires_at: soon });
  t.equal((await send(acme, brief.secret)).status, 200);
  clock.stoppedAtMs += 56_000;
  t.match(await send(acme, brief.secret), refused, 'also from memory');
  t.match(await call('POST', url, { expires_at: soon }), {
    status: 400,
    body: { errors: [{ path: '/body/expires_at' }] },
  });

  const old = await credentialOf(call, device.id);
  t.equal((await send(acme, old.secret)).status, 200);
  const tooLong = await call('POST', `${url}/${old.id}/rotate`, { grace_seconds: 86_401 });
  t.equal(tooLong.status, 400);
  const rotated = await call('POST', `${url}/${old.id}/rotate`, { grace_seconds: 3_600 });
  t.match(rotated, { status: 201, body: { secret: /^pdev_/, device_id: device.id } });
  t.equal((await send(acme, old.secret)).status, 200, 'for a while');
  t.equal((await send(acme, rotated.body.secret)).status, 200);
  t.equal((await call('POST', `${url}/${old.id}/rotate`, { grace_seconds: 0 })).status, 201);
  t.match(await send(acme, old.secret), refused, 'and no longer');
  t.match(await call('POST', `${url}/${old.id}/rotate`, { grace_seconds: 0 }), {
    status: 409,
    body: { code: 'illegal_transition' },
  });

  await call('PATCH', `${devicesUrl}/${device.id}`, { status: 'disabled' });
  t.match(await send(acme, rotated.body.secret), refused);
  await call('PATCH', `${devicesUrl}/${device.id}`, { status: 'active' });
  t.equal((await send(acme, rotated.body.secret)).status, 200);
  const revoked = await call('POST', `${url}/${rotated.body.id}/revoke`);
  t.match(revoked, { status: 200, body: { revoked_at: String } });
  t.match(await send(acme, rotated.body.secret), refused);
  t.same((await call('POST', `${url}/${rotated.body.id}/revoke`)).body, revoked.body, 'twice is fine');

  const known = await credentialOf(call, device.id);
  t.equal((await send(acme, known.secret)).status, 200);
  await sql(`update tel_device_credentials set revoked_at = now() where id = '${known.id}'`);
  t.equal((await send(acme, known.secret)).status, 200, 'what another instance does');
  clock.stoppedAtMs += 60_000;
  t.match(await send(acme, known.secret), refused, 'is known within a minute');
});

t.test('a device is where its organization is: open, with the module, in its workspace', async (t) => {
  const shop = plane.addTenant('shop', 'erp-1', parts);
  const inWorkspace = caller(shop, { ws: shop.workspaceIds[0] });
  const device = await created(inWorkspace);
  const { secret } = await credentialOf(inWorkspace, device.id);
  const startMs = Date.now();
  clock.stoppedAtMs = startMs;
  t.equal((await send(shop, secret)).status, 200);
  const tenant = {
    kind: 'tenant' as const,
    id: shop.id,
    slug: 'shop',
    name: 'shop',
    domains: [],
    erp_db_key: 'erp-1',
    telemetry_db_key: 'telemetry-1',
    authz_epoch: 0,
    limits: {},
  };
  plane.apply({ ...tenant, status: 'active', modules: [] });
  t.match(await send(shop, secret), { status: 403, body: { code: 'module_unavailable' } });
  plane.apply({ ...tenant, status: 'suspended', modules: [] });
  t.match(await send(shop, secret), { status: 403, body: { code: 'tenant_suspended' } });
  plane.apply({ ...tenant, status: 'active', modules: [], telemetry_db_key: null });
  clock.stoppedAtMs += 60_000;
  t.match(await send(shop, secret), { status: 503, body: { code: 'database_unavailable' } });
});

t.test('who guesses is stopped, and no machine in the same network with them', async (t) => {
  const device = await created(call, { code: 'quiet' });
  const { secret } = await credentialOf(call, device.id);
  clock.stoppedAtMs = Date.now();
  const network = '203.0.113.7';
  const guess = (n: number) => `${secret.split('.').slice(0, 2).join('.')}.${String(n).padStart(43, '0')}`;
  const answers = [];
  for (let n = 0; n < 40; n += 1) answers.push(await send(acme, guess(n), network));
  t.match(answers[29], refused);
  t.match(answers[35], { status: 429, body: { code: 'too_many_attempts' }, headers: { 'retry-after': String } });
  t.equal((await send(acme, secret, network)).status, 200);
  t.match(await send(acme, guess(0), '203.0.113.8'), refused, 'from elsewhere; and it is remembered to be wrong');
});
