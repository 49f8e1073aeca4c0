import { statement } from '@platen/chassis/db/statement';
import { untilLocksAwaited } from '@platen/chassis/testkit/lock-waits';
import { platformAdmins, tenants } from '@platen/schema/seeds/identities';
import { Secret, TOTP } from 'otpauth';
import t from 'tap';
import { type Browser, startControlPlane, type TestControlPlane, untilReported } from '../../test/control-plane.js';
import { lockAdmins } from '../platform-admins/repo.js';

const { owner, operator, auditor } = platformAdmins;
const password = 'platen-demo-2026';
const host = 'platform.localhost';

async function signIn(plane: TestControlPlane, email: string, more: object = {}): Promise<Browser> {
  const browser = plane.browser(host);
  const response = await browser.call('POST', '/platform/auth/login', { email, password, ...more });
  if (response.statusCode !== 200) throw new Error(response.body);
  return browser;
}
const demote = statement<never>('test_demote', `update platform_admins set role = 'auditor' where id = $1`);
const auditOf = async (plane: TestControlPlane) =>
  (await plane.sql<{ action: string }>('select action from audit_events where tenant_id is null order by seq')).map(
    ({ action }) => action,
  );

t.test('sign-in, session, refresh, sign-out', async (t) => {
  const plane = await startControlPlane(t);
  const browser = await signIn(plane, 'OWNER@platform.test');
  t.same([...browser.cookies.keys()].sort(), ['platen_pat', 'platen_prt'], 'cookies of its own');
  const session = await browser.call('GET', '/platform/auth/session');
  t.match(session.json(), { admin: { email: owner.email, role: 'owner' } });
  const before = new Map(browser.cookies);
  t.equal((await browser.call('POST', '/platform/auth/refresh')).statusCode, 200);
  t.not(browser.cookies.get('platen_prt'), before.get('platen_prt'));
  const tab = plane.browser(host);
  for (const [name, value] of before) tab.cookies.set(name, value);
  t.equal((await tab.call('POST', '/platform/auth/refresh')).statusCode, 200, 'a second tab');
  t.equal(tab.cookies.get('platen_prt'), browser.cookies.get('platen_prt'), 'one chain');
  t.equal((await browser.call('POST', '/platform/auth/refresh')).statusCode, 200);
  for (const [name, value] of before) tab.cookies.set(name, value);
  t.equal((await tab.call('POST', '/platform/auth/refresh')).statusCode, 401, 'used, and so is its successor');
  t.match(
    (await browser.call('GET', '/platform/auth/session')).json(),
    { code: 'token_revoked' },
    'the session is over',
  );

  const again = await signIn(plane, owner.email);
  const held = new Map(again.cookies);
  t.equal((await again.call('POST', '/platform/auth/logout')).statusCode, 204);
  for (const [name, value] of held) again.cookies.set(name, value);
  t.match((await again.call('GET', '/platform/auth/session')).json(), { code: 'token_revoked' }, 'at once');
  t.same(await auditOf(plane), [
    'platform_session.begin',
    'platform_session.reuse',
    'platform_session.begin',
    'platform_session.end',
  ]);
});

t.test('neither answer nor blocking tells who there is', async (t) => {
  const plane = await startControlPlane(t);
  const guess = (email: string) =>
    plane.browser(host).call('POST', '/platform/auth/login', { email, password: 'wrong' });
  for (const email of [owner.email, 'nobody@platform.test']) {
    const codes: string[] = [];
    for (let tries = 0; tries < 6; tries += 1) codes.push((await guess(email)).json().code);
    t.same(codes.slice(0, 5), Array(5).fill('invalid_credentials'), email);
    t.equal(codes[5], 'too_many_attempts', email);
  }
  const right = await plane.browser(host).call('POST', '/platform/auth/login', { email: owner.email, password });
  t.equal(right.json().code, 'too_many_attempts', 'the right password too');
  t.equal((await plane.browser().signIn('admin@acme.test')).statusCode, 200, 'a tenant is not concerned');
});

t.test('a flood keeps out only networks that no administrator came from', async (t) => {
  const plane = await startControlPlane(t);
  const from = (remoteAddress: string) =>
    plane.app.tenant.inject({
      method: 'POST',
      url: '/platform/auth/login',
      remoteAddress,
      headers: { host, 'x-correlation-id': 'test-correlation' },
      payload: { email: owner.email, password },
    });
  t.equal((await from('198.51.100.7')).statusCode, 200);
  await plane.sql(
    `insert into auth_throttles (tenant_id, subject_hash, ip_prefix, failures, last_failure_at, blocked_until)
     values ('00000000-0000-0000-0000-000000000000', '', '', 600, now(), now() + interval '1 minute')`,
  );
  t.equal((await from('203.0.113.9')).json().code, 'too_many_attempts');
  t.equal((await from('198.51.100.99')).statusCode, 200);
});

t.test('an authenticator is asked for, each code serves once', async (t) => {
  const plane = await startControlPlane(t);
  // Else a step may end between a code and its use.
  plane.clock.stoppedAtMs = Date.now();
  const browser = await signIn(plane, operator.email);
  const wrong = await browser.call('POST', '/platform/auth/totp', { password: 'wrong' });
  t.equal(wrong.json().code, 'invalid_credentials');
  const begun = (await browser.call('POST', '/platform/auth/totp', { password })).json();
  t.match(begun.otpauth_uri, /^otpauth:\/\/totp\//);
  const totp = new TOTP({ secret: Secret.fromBase32(begun.secret) });
  const code = () => totp.generate({ timestamp: plane.nowMs() });
  await signIn(plane, operator.email);
  const confirmed = await browser.call('POST', '/platform/auth/totp/confirm', { code: code() });
  t.equal(confirmed.json().recovery_codes.length, 10);
  const login = (more: object) =>
    plane.browser(host).call('POST', '/platform/auth/login', { email: operator.email, password, ...more });
  t.equal((await login({})).json().code, 'totp_required');
  t.equal((await login({ totp: code() })).json().code, 'totp_invalid', 'used for the confirmation');
  plane.clock.offsetMs += 60_000;
  t.equal((await login({ totp: code() })).statusCode, 200);
  t.equal((await login({ totp: code() })).json().code, 'totp_invalid');
  const [recovery] = confirmed.json().recovery_codes;
  t.equal((await login({ totp: recovery })).statusCode, 200);
  t.equal((await login({ totp: recovery })).json().code, 'totp_invalid');
  const [row] = await plane.sql<{ totp_secret: string }>('select totp_secret from platform_admins where email = $1', [
    operator.email,
  ]);
  t.notMatch(row?.totp_secret, begun.secret, 'encrypted');
  const other = await signIn(plane, owner.email);
  const reset = { password: 'quite another long one', remove_totp: true };
  t.match((await other.call('POST', `/platform/admins/${operator.id}/reset-password`, reset)).json(), {
    totp_enabled: false,
  });
  t.match((await browser.call('GET', '/platform/auth/session')).json(), { code: 'token_revoked' });
  t.equal((await login({ password: reset.password })).statusCode, 200);
});

t.test('one’s own password', async (t) => {
  const plane = await startControlPlane(t);
  const [browser, elsewhere] = [await signIn(plane, auditor.email), await signIn(plane, auditor.email)];
  const change = (new_password: string) =>
    browser.call('POST', '/platform/auth/password', { current_password: password, new_password });
  t.equal((await change('password1234')).json().code, 'password_unacceptable');
  t.equal((await change('a word nobody thinks of')).statusCode, 204);
  t.equal((await browser.call('GET', '/platform/auth/session')).statusCode, 200);
  t.equal((await elsewhere.call('GET', '/platform/auth/session')).statusCode, 401);
});

t.test('hosts, audiences and origins are told apart', async (t) => {
  const plane = await startControlPlane(t);
  const admin = await signIn(plane, owner.email);
  const user = plane.browser();
  await user.signIn('admin@acme.test');
  const adminToken = admin.cookies.get('platen_pat') ?? '';
  const userToken = user.cookies.get('platen_at') ?? '';
  const bearer = (token: string) => ({ authorization: `Bearer ${token}`, cookie: undefined, origin: undefined });
  const at = (where: string) => plane.browser(where);

  t.match((await at(host).call('GET', '/platform/tenants', undefined, bearer(userToken))).json(), {
    code: 'token_invalid',
  });
  for (const path of ['/api/auth/session', '/api/admin/users']) {
    const response = await at('acme.localhost').call('GET', path, undefined, bearer(adminToken));
    t.match([response.statusCode, response.json().code], [401, 'token_invalid'], path);
  }
  for (const path of ['/platform/tenants', '/platform/auth/session', `/platform/tenants/${tenants.acme.id}`]) {
    const response = await at('acme.localhost').call('GET', path, undefined, bearer(adminToken));
    t.match([response.statusCode, response.json().code], [404, 'route_not_found'], `${path} at a tenant's host`);
  }
  t.equal(
    (await at('acme.localhost').call('POST', '/platform/auth/login', { email: owner.email, password })).statusCode,
    404,
  );
  for (const path of ['/api/auth/session', '/api/admin/users', '/api/menu']) {
    const response = await at(host).call('GET', path, undefined, bearer(userToken));
    t.match([response.statusCode, response.json().code], [404, 'tenant_not_found'], `${path} at the platform's host`);
  }
  t.equal((await at(host).call('GET', '/platform/tenants')).json().code, 'authentication_required');
  const path = `/platform/tenants/${tenants.globex.id}/suspend`;
  for (const origin of ['http://acme.localhost', 'http://evil.test', 'null', undefined]) {
    const response = await admin.call('POST', path, undefined, { origin });
    t.match([response.statusCode, response.json().code], [403, 'origin_not_allowed'], `from ${origin}`);
  }
});

t.test('who runs the platform: owners alone say, and one of them stays', async (t) => {
  const plane = await startControlPlane(t);
  const browser = await signIn(plane, owner.email);
  const of = (id: string, action = '') => `/platform/admins/${id}${action}`;
  for (const other of [operator, auditor]) {
    const lesser = await signIn(plane, other.email);
    for (const [method, url] of [
      ['GET', '/platform/admins'],
      ['GET', '/platform/service-accounts'],
      ['POST', of(owner.id, '/disable')],
      ['POST', '/platform/signing-keys'],
    ] as const) {
      t.equal(
        (await lesser.call(method, url)).json().code,
        'platform_role_required',
        `${other.email} ${method} ${url}`,
      );
    }
  }
  const made = await browser.call('POST', '/platform/admins', {
    email: 'Second@Platform.test',
    name: 'Sue Second',
    role: 'owner',
    password: 'a word nobody thinks of',
  });
  t.match([made.statusCode, made.json()], [201, { email: 'second@platform.test', status: 'active' }]);
  t.notMatch(made.body, /argon|password/);
  const second = await signIn(plane, 'second@platform.test', { password: 'a word nobody thinks of' });
  t.equal((await browser.call('PATCH', of(owner.id), { role: 'auditor' })).json().code, 'self_change');
  t.equal((await browser.call('POST', of(owner.id, '/disable'))).json().code, 'self_change');
  t.equal((await browser.call('PATCH', of(owner.id), { name: 'Olga the First' })).statusCode, 200, 'but one’s name');
  t.match((await second.call('PATCH', of(owner.id), { role: 'operator' })).json(), { role: 'operator' });
  t.match((await browser.call('GET', '/platform/auth/session')).json(), { code: 'token_revoked' }, 'at once');
  // Two owners who put each other out at once: one of them is late.
  await plane.sql(`update platform_admins set role = 'owner' where id = $1`, [owner.id]);
  const first = await signIn(plane, owner.email);
  const [a, b] = await Promise.all([
    first.call('POST', of(made.json().id, '/disable')),
    second.call('POST', of(owner.id, '/disable')),
  ]);
  const codes = [a, b].map((response) => (response.statusCode === 200 ? 'ok' : response.json().code)).sort();
  t.ok(codes.includes('ok') && codes.some((code) => ['last_owner', 'token_revoked'].includes(code)), codes.join());
  t.match(await auditOf(plane), [/./, /./, /./, 'platform_admin.create']);
});

t.test('who is put out while they make another owner makes none', async (t) => {
  const plane = await startControlPlane(t);
  const browser = await signIn(plane, owner.email);
  const asked = await plane.platformDb.transaction(async (tx) => {
    await lockAdmins(tx);
    const call = browser.call('POST', '/platform/admins', {
      email: 'back-door@platform.test',
      name: 'Bea Back',
      role: 'owner',
      password: 'a word nobody thinks of',
    });
    // Past the guard, and waiting for its turn: what happens now, it has to see.
    await untilLocksAwaited(plane.database.superuserUrl);
    await tx.query(demote, [owner.id]);
    return { call };
  });
  t.match((await asked.call).json(), { code: 'token_revoked' });
  t.same(await plane.sql(`select 1 from platform_admins where email like 'back-door%'`), []);
});

t.test('accounts of processes', async (t) => {
  const plane = await startControlPlane(t);
  const browser = await signIn(plane, owner.email);
  const url = '/platform/service-accounts';
  const made = (await browser.call('POST', url, { code: 'reporting', scopes: ['feed'] })).json();
  t.match(made, { code: 'reporting', scopes: ['feed'], status: 'active', secret: /^[\w-]{43}$/ });
  const token = async (client_secret: string) =>
    (
      await plane.app.internal.inject({
        method: 'POST',
        url: '/internal/token',
        headers: { 'x-correlation-id': 'test-correlation' },
        payload: { grant_type: 'client_credentials', client_id: 'reporting', client_secret },
      })
    ).statusCode;
  t.equal(await token(made.secret), 200);
  t.equal((await browser.call('POST', url, { code: 'reporting', scopes: ['feed'] })).json().code, 'duplicate');
  t.equal((await browser.call('POST', url, { code: 'other', scopes: ['everything'] })).statusCode, 400);
  const rotated = (await browser.call('POST', `${url}/${made.id}/rotate-secret`)).json();
  t.not(rotated.secret, made.secret);
  t.equal(await token(made.secret), 401);
  t.equal(await token(rotated.secret), 200);
  t.match((await browser.call('POST', `${url}/${made.id}/disable`)).json(), { status: 'disabled' });
  t.equal(await token(rotated.secret), 401);
  t.match((await browser.call('POST', `${url}/${made.id}/enable`)).json(), { status: 'active' });
  const listed = await browser.call('GET', url);
  t.notMatch(listed.body, /secret/);
  const audited = await plane.sql<{ text: string }>(
    `select coalesce(before::text, '') || coalesce(after::text, '') as text from audit_events where tenant_id is null`,
  );
  for (const { text } of audited) t.notMatch(text, new RegExp(`secret|${rotated.secret}|${made.secret}`));
});

t.test('instances and databases', async (t) => {
  const plane = await startControlPlane(t);
  const browser = await signIn(plane, auditor.email);
  await plane.sql(
    `insert into platform_instances (id, kind, last_seen_at, feed_position, key_ids, databases) values
       ('01930000-0000-7000-8000-00000000aaaa', 'data-plane', now() + interval '1 hour', 0, '{k1}', '{"erp-1": "ok", "erp-2": "away"}'),
       ('01930000-0000-7000-8000-00000000bbbb', 'data-plane', now() + interval '1 hour', 0, '{}', '{"erp-1": "schema_behind", "erp-7": "ok"}'),
       ('01930000-0000-7000-8000-00000000cccc', 'data-plane', now() - interval '5 minutes', 0, '{}', '{"erp-8": "ok"}')`,
  );
  await untilReported(plane);
  const instances = (await browser.call('GET', '/platform/data-planes')).json().items;
  t.match(
    instances.find(({ id }: { id: string }) => id.endsWith('aaaa')),
    {
      alive: true,
      key_ids: ['k1'],
      databases: [
        { key: 'erp-1', state: 'ok' },
        { key: 'erp-2', state: 'away' },
      ],
    },
  );
  t.ok(instances.find(({ id }: { id: string }) => id.endsWith('aaaa')).feed_lag > 0);
  await plane.sql(
    `insert into control_changes (kind, tenant_id, payload) select 'weather', null, '{}' from generate_series(1, 10010)`,
  );
  const late = (await browser.call('GET', '/platform/data-planes')).json().items;
  t.equal(late.find(({ id }: { id: string }) => id.endsWith('aaaa')).feed_lag, 10_000, 'counted no further');
  t.equal(instances.find(({ id }: { id: string }) => id.endsWith('cccc')).alive, false);
  t.ok(instances.some(({ kind }: { kind: string }) => kind === 'control-plane'));
  const databases = (await browser.call('GET', '/platform/databases')).json().items;
  t.match(databases, [
    { key: 'erp-1', state: 'schema_behind', data_planes: 2, tenants: 1 },
    { key: 'erp-2', state: 'away', data_planes: 1, tenants: 2 },
    { key: 'erp-7', state: 'ok', data_planes: 1, tenants: 0 },
  ]);
});
