import { roles, tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type Browser, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';
import { untilCode } from '../../test/people.fixture.js';

const [admin, sales, press, buyer] = tenants.acme.users;
const promo = tenants.acme.organizations['acme-promo'].id;

async function signedIn(plane: TestControlPlane, email: string): Promise<Browser> {
  const browser = plane.browser();
  await browser.signIn(email);
  return browser;
}
const make = (browser: Browser, code: string, permissions: string[]) =>
  browser.call('POST', '/api/admin/roles', { code, name: code, permissions });
const give = (browser: Browser, userId: string, roleId: string) =>
  browser.call('POST', '/api/admin/user-roles', { user_id: userId, role_id: roleId, scope: 'tenant' });
const edit = (browser: Browser, id: string, body: object) => browser.call('PATCH', `/api/admin/roles/${id}`, body);

t.test('roles', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);

  await t.test('are created, listed, changed and deleted, each with its audit event', async (t) => {
    const made = await make(owner, 'Counter', ['erp.quote.read', 'erp.order.read']);
    t.equal(made.statusCode, 201, made.body);
    const { id } = made.json();
    t.match(made.json(), { code: 'counter', system: false, permissions: ['erp.quote.read', 'erp.order.read'] });
    t.equal((await make(owner, 'COUNTER', [])).json().code, 'duplicate');
    t.same((await owner.call('GET', `/api/admin/roles/${id}`)).json(), made.json());
    const listed = (await owner.call('GET', '/api/admin/roles?system=false')).json();
    t.match(listed.items, [{ id, permission_count: 2, user_role_count: 0, invitation_count: 0, api_key_count: 0 }]);
    t.equal((await owner.call('GET', '/api/admin/roles?system=true')).json().items.length, Object.keys(roles).length);
    const first = (await owner.call('GET', '/api/admin/roles?limit=2')).json();
    const next = await owner.call('GET', `/api/admin/roles?limit=2&cursor=${first.next_cursor}`);
    t.equal(next.json().items.length, 2);
    t.not(next.json().items[0].id, first.items[0].id);
    const changed = await edit(owner, id, { name: 'Shop counter', permissions: ['erp.quote.read', 'erp.quote.write'] });
    t.match(changed.json(), { name: 'Shop counter', permissions: ['erp.quote.read', 'erp.quote.write'] });
    // The change made the owner's own token stale.
    await untilCode(owner, 'token_stale');
    await owner.call('POST', '/api/auth/refresh');
    t.equal((await owner.call('DELETE', `/api/admin/roles/${id}`)).statusCode, 204);
    t.equal((await owner.call('GET', `/api/admin/roles/${id}`)).statusCode, 404);
    t.equal((await make(owner, 'Counter', [])).statusCode, 201, 'its code is free again');
    const events = await plane.sql<{ action: string }>(
      `select action from audit_events where target = $1 order by seq`,
      [`role:${id}`],
    );
    t.same(
      events.map(({ action }) => action),
      ['role.create', 'role.update', 'role.delete'],
    );
  });

  await t.test('a change of permissions raises the tenant’s epoch and tells it in one commit', async (t) => {
    const { id } = (await make(owner, 'epoch', ['erp.quote.read'])).json();
    const [before] = await plane.sql<{ e: string }>('select authz_epoch e from tenants where id = $1', [
      tenants.acme.id,
    ]);
    await edit(owner, id, { name: 'Renamed' });
    await edit(owner, id, { permissions: [] });
    const [after] = await plane.sql<{ e: string; told: string }>(
      `select t.authz_epoch e, c.payload ->> 'authz_epoch' as told from tenants t
       join control_changes c on c.xmin = t.xmin and c.kind = 'tenant' where t.id = $1`,
      [tenants.acme.id],
    );
    t.equal(Number(after?.e), Number(before?.e) + 1, 'a name alone does not');
    t.equal(after?.told, after?.e);
    await untilCode(owner, 'token_stale');
    await owner.call('POST', '/api/auth/refresh');
  });

  await t.test('system roles stay as they are', async (t) => {
    t.equal((await edit(owner, roles.sales.id, { name: 'x' })).json().code, 'system_role');
    t.equal((await owner.call('DELETE', `/api/admin/roles/${roles.sales.id}`)).json().code, 'system_role');
  });

  await t.test('one in use is not deleted, and says by what', async (t) => {
    const { id } = (await make(owner, 'used', ['erp.quote.read'])).json();
    const given = await give(owner, buyer.id, id);
    await plane.sql(
      `insert into res_api_keys (tenant_id, id, name, prefix, key_hash, role_id, scope, created_by)
       values ($1, $2, 'k', 'pk_test', decode(repeat('00', 32), 'hex'), $3, 'tenant', $4)`,
      [tenants.acme.id, uuidv7(), id, admin.id],
    );
    const refused = await owner.call('DELETE', `/api/admin/roles/${id}`);
    t.match(refused.json(), { code: 'in_use', uses: { user_roles: 1, invitations: 0, api_keys: 1 } });
    await owner.call('DELETE', `/api/admin/user-roles/${given.json().id}`);
    await plane.sql('update res_api_keys set revoked_at = now() where role_id = $1', [id]);
    t.equal((await owner.call('DELETE', `/api/admin/roles/${id}`)).statusCode, 204, 'a revoked key keeps nothing');
    t.equal((await give(owner, buyer.id, id)).json().code, 'unknown_reference', 'a deleted role is given to nobody');
    const list = (await owner.call('GET', '/api/admin/roles?system=false')).json();
    t.notOk(list.items.some((role: { id: string }) => role.id === id));
  });

  await t.test('of another tenant are not there', async (t) => {
    const globex = plane.browser('globex.localhost');
    await globex.signIn(tenants.globex.users[0].email);
    const { id } = (await make(globex, 'theirs', ['erp.quote.read'])).json();
    const missing = await owner.call('GET', `/api/admin/roles/${uuidv7()}`);
    for (const answer of [
      await owner.call('GET', `/api/admin/roles/${id}`),
      await edit(owner, id, { name: 'mine' }),
      await owner.call('DELETE', `/api/admin/roles/${id}`),
    ]) {
      t.same({ ...answer.json(), instance: '' }, { ...missing.json(), instance: '' });
    }
    t.equal((await give(owner, sales.id, id)).json().code, 'unknown_reference');
    t.notOk((await owner.call('GET', '/api/admin/roles?limit=200')).body.includes(id));
  });
});

t.test('nobody makes or changes a role beyond what they hold for the whole tenant', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const { id: keeper } = (
    await make(owner, 'keeper', ['admin.role.read', 'admin.role.write', 'erp.quote.read'])
  ).json();
  const { id: wide } = (await make(owner, 'wide', ['erp.quote.read', 'erp.quote.write'])).json();
  await give(owner, sales.id, keeper);
  const limited = await signedIn(plane, sales.email);
  t.equal((await make(limited, 'ok', ['erp.quote.read'])).statusCode, 201);
  t.equal((await make(limited, 'more', ['erp.order.confirm'])).json().code, 'grant_exceeds_own');
  t.equal((await edit(limited, wide, { permissions: ['erp.quote.read'] })).json().code, 'grant_exceeds_own', 'taking');
  t.equal((await edit(limited, keeper, { permissions: ['admin.role.read', 'admin.user.write'] })).statusCode, 403);
  t.equal((await owner.call('DELETE', `/api/admin/roles/${wide}`)).statusCode, 204);

  await t.test('a role at one organization is not enough', async (t) => {
    const given = { user_id: press.id, role_id: roles.tenant_admin.id, scope: 'organization', organization_id: promo };
    await owner.call('POST', '/api/admin/user-roles', given);
    const local = await signedIn(plane, press.email);
    await local.call('POST', '/api/context/switch', { organization_id: promo });
    t.match((await make(local, 'local', [])).json(), { code: 'permission_denied', permission: 'admin.role.write' });
    const { items } = (await local.call('GET', '/api/admin/roles')).json();
    const adminRole = items.find((role: { id: string }) => role.id === roles.tenant_admin.id);
    t.equal(adminRole.user_role_count, 1, 'counts are of what they may see');
    const seen = (await local.call('GET', '/api/admin/user-roles')).json().items;
    t.same(new Set(seen.map((row: { organization_id: string }) => row.organization_id)), new Set([promo]));
  });

  await t.test('whoever holds it for a while adds nothing for good', async (t) => {
    const { id } = (await make(owner, 'later', [])).json();
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    await plane.sql('update res_user_roles set expires_at = $1 where role_id = $2', [soon, keeper]);
    t.equal((await edit(limited, id, { permissions: ['erp.quote.read'] })).json().code, 'grant_exceeds_own');
  });
});

t.test('the last administrator stays when a role changes', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const everything = (await owner.call('GET', '/api/admin/permissions'))
    .json()
    .items.map((p: { code: string }) => p.code);
  const { id } = (await make(owner, 'own-admin', everything)).json();
  await give(owner, admin.id, id);
  await owner.call('POST', '/api/auth/refresh');
  const [system] = await plane.sql<{ id: string }>(
    'select id from res_user_roles where user_id = $1 and role_id = $2',
    [admin.id, roles.tenant_admin.id],
  );
  t.equal((await owner.call('DELETE', `/api/admin/user-roles/${system?.id}`)).statusCode, 204);
  await owner.call('POST', '/api/auth/refresh');
  const without = everything.filter((code: string) => code !== 'admin.user_role.create');
  t.equal((await edit(owner, id, { permissions: without })).json().code, 'last_admin');
  t.equal((await edit(owner, id, { permissions: everything, name: 'Still' })).statusCode, 200);
});
