import { decodePermissionBits } from '@platen/chassis/auth/permission-bits';
import { roles } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type Browser, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';
import {
  acme,
  admin,
  auditOf,
  globex,
  machine,
  press,
  print,
  promo,
  sales,
  signedIn,
  untilCode,
} from '../../test/people.fixture.js';
import { codesOf } from '../access/index.js';

const main = print.workspaces['main-street'].id;
const atPromo = { role_id: roles.sales.id, scope: 'organization', organization_id: promo.id };

const create = (browser: Browser, body: object, headers: Record<string, string> = {}) =>
  browser.call('POST', '/api/admin/api-keys', { name: 'Web shop', ...body }, headers);
const exchange = (plane: TestControlPlane, body: object, host?: string) =>
  plane.browser(host).call('POST', '/api/auth/token', body, { origin: undefined });
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

async function newKey(browser: Browser, body: object): Promise<{ id: string; key: string }> {
  const answer = await create(browser, body);
  if (answer.statusCode !== 201) throw new Error(answer.body);
  return answer.json();
}

t.test('a key is shown once', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const created = await create(owner, atPromo, { 'idempotency-key': 'one' });
  t.equal(created.statusCode, 201, created.body);
  const { key, id, prefix } = created.json();
  t.match(key, /^pk_[a-z2-7]{12}_[\w-]{43}$/);
  t.equal(key.split('_')[1], prefix);
  const again = await create(owner, atPromo, { 'idempotency-key': 'one' });
  t.equal(again.headers['idempotent-replayed'], 'true');
  t.match(again.json(), { id, key: null }, 'not even to the same request');
  const stored = await plane.sql<{ everything: string }>(
    `select concat((select string_agg(k::text, ' ') from res_api_keys k), (select string_agg(i::text, ' ') from idempotency_keys i),
       (select string_agg(a::text, ' ') from audit_events a)) as everything`,
  );
  t.notMatch(stored[0]?.everything, key.split('_').slice(2).join('_'), 'nor to the database');
  const listed = await owner.call('GET', '/api/admin/api-keys?revoked=false');
  t.match(listed.json(), { items: [{ id, prefix, name: 'Web shop', last_used_at: null }] });
  t.notMatch(listed.body, /key_hash|"key"/);
  t.same(
    (await auditOf(plane, `api_key:${id}`)).map(({ action }) => action),
    ['api_key.create'],
  );
  t.notMatch(plane.log.text(), key);
});

t.test('the token', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const { id, key } = await newKey(owner, atPromo);

  await t.test('has the key’s role at the key’s place, and no more', async (t) => {
    const answer = await exchange(plane, { api_key: key });
    t.equal(answer.statusCode, 200, answer.body);
    t.match(answer.json(), {
      token_type: 'Bearer',
      expires_in: 900,
      context: { organization_id: promo.id, workspace_id: null },
    });
    const claims = claimsOf(answer.json().access_token);
    t.match(claims, { sub: id, sid: id, tid: acme.id, org: promo.id, ws: null, epo: [Number, 0] });
    t.same(codesOf(decodePermissionBits(claims.prm)).sort(), [...roles.sales.permissions].sort());
    t.same(answer.cookies, [], 'nothing for a browser to keep');
  });

  await t.test('answers who it is, and is no person', async (t) => {
    const { call } = machine(plane, (await exchange(plane, { api_key: key })).json().access_token);
    t.match((await call('GET', '/api/auth/session')).json(), { user: null, api_key: { id, name: 'Web shop' } });
    t.match((await call('GET', '/api/context')).json(), { organizations: [{ id: promo.id }] });
    t.equal((await call('POST', '/api/context/switch', { organization_id: promo.id })).json().code, 'person_required');
    t.equal((await call('GET', '/api/auth/sessions')).json().code, 'person_required');
    const change = { current_password: 'x', new_password: 'moss lantern quartz 41' };
    t.equal((await call('POST', '/api/auth/password', change)).statusCode >= 400, true);
    t.equal((await call('GET', '/api/admin/users')).json().code, 'permission_denied');
    t.equal((await call('GET', '/api/menu')).statusCode, 200);
    t.equal((await call('GET', '/api/access/permissions')).statusCode, 200);
  });

  await t.test('chooses a context only inside the key’s reach', async (t) => {
    const ask = async (of: string, place: object) => (await exchange(plane, { api_key: of, ...place })).json();
    t.equal((await ask(key, { organization_id: print.id })).code, 'context_not_allowed');
    const { key: wide } = await newKey(owner, { role_id: roles.tenant_admin.id, scope: 'tenant' });
    t.match(await ask(wide, {}), { context: { organization_id: null, workspace_id: null } });
    t.match(await ask(wide, { organization_id: promo.id }), { context: { organization_id: promo.id } });
    t.match(await ask(wide, { organization_id: print.id }), { code: 'workspace_required' });
    t.match(await ask(wide, { organization_id: print.id, workspace_id: main }), { context: { workspace_id: main } });
    t.equal((await ask(wide, { organization_id: globex.organizations['globex-main'].id })).code, 'context_not_allowed');
    const within = { role_id: roles.production.id, scope: 'workspace', organization_id: print.id, workspace_id: main };
    const { key: narrow } = await newKey(owner, within);
    t.match(await ask(narrow, {}), { context: { organization_id: print.id, workspace_id: main } });
  });

  await t.test('is noted at most once a minute', async (t) => {
    const used = async () =>
      (await plane.sql<{ at: string }>('select last_used_at::text as at from res_api_keys where id = $1', [id]))[0]?.at;
    const first = await used();
    t.ok(first);
    await exchange(plane, { api_key: key });
    t.equal(await used(), first);
    await plane.sql(`update res_api_keys set last_used_at = now() - interval '2 minutes' where id = $1`, [id]);
    await exchange(plane, { api_key: key });
    t.ok(Date.parse((await used()) ?? '') > Date.now() - 60_000);
  });

  await t.test('ends with the key', async (t) => {
    const expires_at = new Date(Date.now() + 60_000).toISOString();
    const { key: brief } = await newKey(owner, { ...atPromo, expires_at });
    const answer = (await exchange(plane, { api_key: brief })).json();
    t.ok(answer.expires_in <= 60);
    t.ok(Date.parse(answer.expires_at) <= Date.parse(expires_at));
  });

  await t.test('goes stale when its role changes', async (t) => {
    const role = await owner.call('POST', '/api/admin/roles', {
      code: 'shop',
      name: 'Shop',
      permissions: ['erp.quote.read', 'erp.quote.write'],
    });
    t.equal(role.statusCode, 201, role.body);
    const { key: shop } = await newKey(owner, { ...atPromo, role_id: role.json().id });
    const token = async () => (await exchange(plane, { api_key: shop })).json().access_token;
    const holder = machine(plane, await token());
    t.equal((await holder.call('GET', '/api/auth/session')).statusCode, 200);
    await owner.call('PATCH', `/api/admin/roles/${role.json().id}`, { permissions: ['erp.quote.read'] });
    await untilCode(holder, 'token_stale');
    t.same(codesOf(decodePermissionBits(claimsOf(await token()).prm)), ['erp.quote.read'], 'the next one knows');
  });
});

t.test('unknown, of another tenant, revoked, past its end, altered: one answer', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const { id, key } = await newKey(owner, atPromo);
  const { id: oldId, key: old } = await newKey(owner, atPromo);
  await plane.sql(`update res_api_keys set expires_at = now() - interval '1 ms' where id = $1`, [oldId]);
  const token = (await exchange(plane, { api_key: key })).json().access_token;
  const holder = machine(plane, token);
  t.equal((await holder.call('GET', '/api/auth/session')).statusCode, 200);

  const revoked = await owner.call('POST', `/api/admin/api-keys/${id}/revoke`);
  t.ok(revoked.json().revoked_at);
  await untilCode(holder, 'token_revoked');
  t.equal((await owner.call('POST', `/api/admin/api-keys/${id}/revoke`)).statusCode, 200, 'twice is fine');
  t.same(
    (await auditOf(plane, `api_key:${id}`)).map(({ action }) => action),
    ['api_key.create', 'api_key.revoke'],
  );

  const { key: good } = await newKey(owner, atPromo);
  const answers = await Promise.all([
    exchange(plane, { api_key: key }),
    exchange(plane, { api_key: old }),
    exchange(plane, { api_key: `${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}` }),
    exchange(plane, { api_key: `${good}A` }),
    exchange(plane, { api_key: good.toUpperCase() }),
    exchange(plane, { api_key: 'pk_' }),
    exchange(plane, { api_key: "' or 1=1 --" }),
    exchange(plane, { api_key: good }, 'globex.localhost'),
  ]);
  for (const answer of answers) {
    t.equal(answer.statusCode, 401);
    t.same({ ...answer.json() }, { ...answers[0]?.json() });
  }
  t.equal((await exchange(plane, { api_key: good })).statusCode, 200);
});

t.test('guessing is slowed down for the guesser’s network, and for nobody else', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const { key } = await newKey(owner, atPromo);
  const codes: string[] = [];
  for (let n = 0; n < 32; n += 1) codes.push((await exchange(plane, { api_key: `pk_nothing_${n}` })).json().code);
  t.equal(codes[0], 'invalid_api_key');
  t.equal(codes.at(-1), 'too_many_attempts');
  const machine = await exchange(plane, { api_key: key });
  t.equal(machine.statusCode, 200, 'whoever shares a provider’s network with the guesser works on');
  t.equal((await plane.browser().signIn(sales.email)).statusCode, 200, 'people sign in as ever');
});

t.test('a key hands on no more than it or its maker holds', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const given = { user_id: press.id, role_id: roles.tenant_admin.id, scope: 'organization', organization_id: promo.id };
  await owner.call('POST', '/api/admin/user-roles', given);
  const local = await signedIn(plane, press.email);
  await local.call('POST', '/api/context/switch', { organization_id: promo.id });
  const wide = { role_id: roles.production.id, scope: 'tenant' };
  t.equal((await create(local, wide)).json().code, 'grant_exceeds_own', 'a wider scope');
  t.equal(
    (await create(local, { ...atPromo, organization_id: print.id })).json().code,
    'grant_exceeds_own',
    'elsewhere',
  );
  t.equal((await create(local, atPromo)).statusCode, 201);
  const ownersKey = await newKey(owner, { role_id: roles.sales.id, scope: 'tenant' });
  const missing = await local.call('POST', `/api/admin/api-keys/${uuidv7()}/revoke`);
  const theirs = await local.call('POST', `/api/admin/api-keys/${ownersKey.id}/revoke`);
  t.equal(theirs.statusCode, 404);
  t.same({ ...theirs.json(), instance: '' }, { ...missing.json(), instance: '' });
  t.equal((await local.call('GET', '/api/admin/api-keys')).json().items.length, 1, 'a list of their own place');
  t.equal((await create(owner, { ...atPromo, role_id: uuidv7() })).json().code, 'unknown_reference');

  await t.test('made by a key that ends', async (t) => {
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    const { key } = await newKey(owner, {
      role_id: roles.tenant_admin.id,
      scope: 'organization',
      organization_id: promo.id,
      expires_at,
    });
    const { call } = machine(plane, (await exchange(plane, { api_key: key })).json().access_token);
    const make = (body: object) => call('POST', '/api/admin/api-keys', { name: 'Child', ...body });
    t.equal((await make(atPromo)).json().code, 'grant_exceeds_own', 'for longer than itself');
    t.equal((await make(wide)).json().code, 'grant_exceeds_own', 'for more than itself');
    t.equal((await make({ ...atPromo, expires_at })).statusCode, 201);
    const grant = { user_id: sales.id, role_id: roles.tenant_admin.id, scope: 'tenant' };
    t.equal((await call('POST', '/api/admin/user-roles', grant)).json().code, 'grant_exceeds_own');
  });

  await t.test('and its token dies with it, whatever it could do', async (t) => {
    const { id, key } = await newKey(owner, { role_id: roles.tenant_admin.id, scope: 'tenant' });
    const { call } = machine(plane, (await exchange(plane, { api_key: key })).json().access_token);
    t.equal((await call('GET', '/api/admin/users')).statusCode, 200);
    await plane.sql('update res_api_keys set revoked_at = now() where id = $1', [id]);
    t.equal((await call('GET', '/api/admin/users')).json().code, 'token_revoked', 'even before the feed tells');
  });
});
