import { roles, tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type Browser, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';

const [admin, sales, press, buyer] = tenants.acme.users;
const print = tenants.acme.organizations['acme-print'].id;
const promo = tenants.acme.organizations['acme-promo'].id;

async function signedIn(plane: TestControlPlane, email: string): Promise<Browser> {
  const browser = plane.browser();
  await browser.signIn(email);
  return browser;
}
const path = '/api/admin/permission-overrides';
const set = (browser: Browser, body: object) =>
  browser.call('POST', path, { scope: 'tenant', reason: 'test', ...body });
const remove = (browser: Browser, id: string) => browser.call('DELETE', `${path}/${id}`);
const own = async (browser: Browser) => (await browser.call('GET', '/api/access/permissions')).json();

t.test('overrides', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const denied = { user_id: sales.id, permission: 'erp.quote.send', effect: 'deny' };

  await t.test('are set and removed: epoch, feed and audit in the same commit', async (t) => {
    const made = await set(owner, denied);
    t.equal(made.statusCode, 201, made.body);
    t.match(made.json(), { ...denied, scope: 'tenant', reason: 'test', expires_at: null });
    const rows = await plane.sql<{ epoch: string; told: string; after: object }>(
      `select u.authz_epoch as epoch, c.payload ->> 'authz_epoch' as told, a.after::text as after
       from res_users u join control_changes c on c.xmin = u.xmin and c.kind = 'user_epoch'
       join audit_events a on a.xmin = u.xmin and a.action = 'permission_override.create' where u.id = $1`,
      [sales.id],
    );
    t.equal(rows.length, 1);
    t.equal(rows[0]?.epoch, rows[0]?.told);
    t.same(JSON.parse(String(rows[0]?.after)), made.json());
    t.equal((await set(owner, denied)).json().code, 'duplicate');
    const listed = (await owner.call('GET', `${path}?user_id=${sales.id}`)).json();
    t.same(listed.items, [made.json()]);
    t.equal((await owner.call('GET', `${path}?permission=erp.quote.read`)).json().items.length, 0);
    t.equal((await remove(owner, made.json().id)).statusCode, 204);
    t.equal((await remove(owner, made.json().id)).statusCode, 404);
  });

  await t.test('deny after allow at the same scope; the narrower scope after both', async (t) => {
    const given = { user_id: press.id, permission: 'erp.quote.read', reason: 'test' };
    const holds = async () => {
      const clerk = await signedIn(plane, press.email);
      return (await own(clerk)).permissions.includes('erp.quote.read');
    };
    t.equal(await holds(), false);
    const ids = [(await set(owner, { ...given, effect: 'allow' })).json().id];
    t.equal(await holds(), true);
    ids.push((await set(owner, { ...given, effect: 'deny' })).json().id);
    t.equal(await holds(), false);
    const narrow = { ...given, effect: 'allow', scope: 'organization', organization_id: print };
    ids.push((await set(owner, narrow)).json().id);
    t.equal(await holds(), true);
    for (const id of ids) t.equal((await remove(owner, id)).statusCode, 204);
  });

  await t.test('refuses what is not there, and what is malformed', async (t) => {
    t.equal((await set(owner, { ...denied, user_id: uuidv7() })).json().code, 'unknown_reference');
    t.equal((await set(owner, { ...denied, user_id: tenants.globex.users[0].id })).json().code, 'unknown_reference');
    t.equal((await set(owner, { ...denied, permission: 'erp.nothing.do' })).statusCode, 400);
    t.equal((await set(owner, { ...denied, scope: 'organization' })).statusCode, 400);
    t.equal((await set(owner, { ...denied, reason: ' ' })).statusCode, 400);
  });

  await t.test('nobody allows, denies or frees what they do not hold there', async (t) => {
    const local = { user_id: press.id, role_id: roles.tenant_admin.id, scope: 'organization', organization_id: promo };
    await owner.call('POST', '/api/admin/user-roles', local);
    const helper = await signedIn(plane, press.email);
    await helper.call('POST', '/api/context/switch', { organization_id: promo });
    const here = { scope: 'organization', organization_id: promo };
    t.equal((await set(helper, { ...denied, ...here })).statusCode, 201);
    for (const effect of ['allow', 'deny']) {
      const wide = await set(helper, { ...denied, effect });
      t.equal(wide.json().code, 'grant_exceeds_own', 'a wider place');
      const there = await set(helper, { ...denied, effect, scope: 'organization', organization_id: print });
      t.equal(there.json().code, 'grant_exceeds_own', 'another place than the context of the request');
    }
    const onHelper = { user_id: press.id, permission: 'erp.quote.send', effect: 'deny', ...here };
    const made = await set(owner, onHelper);
    await helper.call('POST', '/api/auth/refresh');
    t.equal((await set(helper, { ...denied, effect: 'allow', ...here })).json().code, 'grant_exceeds_own');
    t.equal((await remove(helper, made.json().id)).json().code, 'grant_exceeds_own', 'nobody frees themselves');
    const seen = (await helper.call('GET', path)).json().items as { organization_id: string }[];
    t.ok(seen.length > 0 && seen.every((row) => row.organization_id === promo), 'lists what lies in their reach');
    const wide = (await set(owner, { ...denied, user_id: buyer.id })).json().id;
    t.equal((await remove(helper, wide)).statusCode, 404);
  });
});

t.test('the last administrator stays', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  for (const permission of ['admin.user_role.create', 'admin.user_role.delete']) {
    const deny = { user_id: admin.id, permission, effect: 'deny' };
    t.equal((await set(owner, deny)).json().code, 'last_admin');
    const narrow = { ...deny, scope: 'organization', organization_id: promo };
    t.equal((await set(owner, narrow)).json().code, 'last_admin', 'a part of the tenant is not the tenant');
  }
  const rows = await plane.sql('select from res_user_permission_overrides where user_id = $1', [admin.id]);
  t.equal(rows.length, 0);

  await t.test('two who deny each other at once: one stays', async (t) => {
    const given = { user_id: sales.id, role_id: roles.tenant_admin.id, scope: 'tenant' };
    await owner.call('POST', '/api/admin/user-roles', given);
    const other = await signedIn(plane, sales.email);
    const deny = { permission: 'admin.user_role.delete', effect: 'deny' };
    const answers = await Promise.all([
      set(owner, { ...deny, user_id: sales.id }),
      set(other, { ...deny, user_id: admin.id }),
    ]);
    t.equal(answers.filter(({ statusCode }) => statusCode === 201).length, 1, answers.map(({ body }) => body).join());
  });
});

t.test('what I may do here', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const clerk = await signedIn(plane, sales.email);
  const before = await own(clerk);
  t.equal(before.expires_at, null);
  t.same(before.permissions, (await clerk.call('GET', '/api/auth/session')).json().permissions, 'as the session says');
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const allow = { user_id: sales.id, permission: 'admin.user.read', effect: 'allow', expires_at: soon };
  t.equal((await set(owner, allow)).statusCode, 201);
  const again = await signedIn(plane, sales.email);
  t.match(await own(again), { expires_at: soon });
  t.ok((await own(again)).permissions.includes('admin.user.read'));
  t.equal((await plane.browser().call('GET', '/api/access/permissions')).statusCode, 401);
});

t.test('what a machine may do here: its role, until its key ends; and it administers no further', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const place = { scope: 'organization', organization_id: promo };
  const made = await owner.call('POST', '/api/admin/api-keys', {
    name: 'Robot',
    role_id: roles.tenant_admin.id,
    expires_at: soon,
    ...place,
  });
  t.equal(made.statusCode, 201, made.body);
  const machine = plane.browser();
  const asMachine = { origin: undefined };
  const body = { api_key: made.json().key, organization_id: promo };
  const token = await machine.call('POST', '/api/auth/token', body, asMachine);
  t.equal(token.statusCode, 200, token.body);
  const headers = { ...asMachine, authorization: `Bearer ${token.json().access_token}` };
  const held = (await machine.call('GET', '/api/access/permissions', undefined, headers)).json();
  t.match(held, { context: { organization_id: promo, workspace_id: null }, expires_at: soon });
  t.ok(held.permissions.includes('erp.quote.send'));
  const deny = { user_id: sales.id, permission: 'erp.quote.send', effect: 'deny', reason: 'test' };
  const here = await machine.call('POST', path, { ...deny, ...place }, headers);
  t.equal(here.statusCode, 201, here.body);
  const [event] = await plane.sql<{ actor_type: string }>('select actor_type from audit_events where target = $1', [
    `permission_override:${here.json().id}`,
  ]);
  t.equal(event?.actor_type, 'api_key');
  const wide = await machine.call('POST', path, { ...deny, scope: 'tenant' }, headers);
  t.equal(wide.json().code, 'grant_exceeds_own');
  const lasting = { ...deny, permission: 'erp.order.read', effect: 'allow', ...place };
  t.equal((await machine.call('POST', path, lasting, headers)).json().code, 'grant_exceeds_own', 'its key ends');
});
