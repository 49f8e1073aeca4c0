import { roles } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { startControlPlane } from '../../test/control-plane.js';
import {
  acme,
  admin,
  auditOf,
  buyer,
  globex,
  manager,
  press,
  print,
  promo,
  sales,
  signedIn,
  untilCode,
} from '../../test/people.fixture.js';

const path = (id: string, action = '') => `/api/admin/users/${id}${action}`;

t.test('the list', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const list = async (query = '') => (await owner.call('GET', `/api/admin/users${query}`)).json();
  const emails = async (query: string) => (await list(query)).items?.map(({ email }: { email: string }) => email);

  t.equal((await list()).items.length, acme.users.length, 'of this tenant alone');
  const first = await list('?limit=2');
  const second = await list(`?limit=2&cursor=${encodeURIComponent(first.next_cursor)}`);
  t.equal(new Set([...first.items, ...second.items].map(({ id }) => id)).size, 4);
  t.equal(
    (await list(`?limit=2&status=active&cursor=${encodeURIComponent(first.next_cursor)}`)).code,
    'invalid_cursor',
  );
  t.same(await emails('?email_prefix=SALES'), [sales.email]);
  t.same(await emails('?email_prefix=%25'), [], 'no wildcard');
  t.same(await emails('?name_prefix=mia%20m'), [manager.email]);
  t.same(await emails(`?role_id=${roles.production.id}`), [press.email]);
  t.same(await emails('?status=disabled'), []);
  t.equal((await list('?password_hash=x')).code, 'validation_failed', 'no filter but the declared');
  t.notMatch(JSON.stringify(await list()), /argon2|password|secret/);
});

t.test('needs the permission for the whole tenant', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const clerk = await signedIn(plane, sales.email);
  t.match((await clerk.call('GET', path(press.id))).json(), {
    code: 'permission_denied',
    permission: 'admin.user.read',
  });
  // An administrator of one organization: users are not of an organization.
  const given = { user_id: press.id, role_id: roles.tenant_admin.id, scope: 'organization', organization_id: promo.id };
  await owner.call('POST', '/api/admin/user-roles', given);
  const local = await signedIn(plane, press.email);
  await local.call('POST', '/api/context/switch', { organization_id: promo.id });
  for (const [method, url] of [
    ['GET', '/api/admin/users'],
    ['GET', path(sales.id)],
    ['POST', path(sales.id, '/disable')],
    ['DELETE', path(sales.id, '/totp')],
    ['POST', path(sales.id, '/end-sessions')],
  ] as const) {
    t.match((await local.call(method, url)).json(), { code: 'permission_denied' }, `${method} ${url}`);
  }
});

t.test('changing a user', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const patch = (id: string, body: object) => owner.call('PATCH', path(id), body);
  const main = print.workspaces['main-street'].id;

  const changed = await patch(sales.id, { name: 'Sam S.', default_organization_id: promo.id });
  t.match(changed.json(), { name: 'Sam S.', default_organization_id: promo.id, default_workspace_id: null });
  const back = await patch(sales.id, { default_organization_id: print.id, default_workspace_id: main });
  t.match(back.json(), { name: 'Sam S.', default_organization_id: print.id, default_workspace_id: main });
  t.equal((await patch(sales.id, { default_workspace_id: null })).json().default_organization_id, print.id);
  const audit = await auditOf(plane, `user:${sales.id}`);
  t.same(
    audit.map(({ action }) => action),
    ['user.update', 'user.update', 'user.update'],
  );
  t.match(JSON.parse(audit[0]?.before ?? ''), { name: sales.name });

  t.equal(
    (await patch(sales.id, { default_organization_id: promo.id, default_workspace_id: main })).json().code,
    'unknown_reference',
  );
  const foreign = globex.organizations['globex-main'].id;
  t.equal((await patch(sales.id, { default_organization_id: foreign })).json().code, 'unknown_reference');
  t.match((await patch(sales.id, { default_organization_id: null, default_workspace_id: main })).json(), {
    code: 'validation_failed',
    errors: [{ path: '/body/default_workspace_id' }],
  });
  for (const field of ['status', 'email', 'authz_epoch']) {
    t.equal((await patch(sales.id, { [field]: 'active' })).json().code, 'validation_failed', field);
  }
  const missing = await patch(uuidv7(), { name: 'x' });
  const theirs = await patch(globex.users[0].id, { name: 'x' });
  t.equal(theirs.statusCode, 404);
  t.same({ ...theirs.json(), instance: '' }, { ...missing.json(), instance: '' });
});

t.test('locking somebody out', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const disable = (id: string) => owner.call('POST', path(id, '/disable'));
  const enable = (id: string) => owner.call('POST', path(id, '/enable'));
  const target = await signedIn(plane, sales.email);

  const gone = await disable(sales.id);
  t.match(gone.json(), { id: sales.id, status: 'disabled' });
  await t.resolves(untilCode(target, 'token_revoked'), 'their token is refused');
  t.equal((await target.call('POST', '/api/auth/refresh')).json().code, 'refresh_invalid');
  t.equal((await plane.browser().signIn(sales.email)).json().code, 'invalid_credentials');
  t.same(
    await plane.sql(
      `select kind from control_changes where tenant_id = $1 and (payload ->> 'user_id' = $2 or kind = 'revoked_session')
       order by seq`,
      [acme.id, sales.id],
    ),
    [{ kind: 'user_epoch' }, { kind: 'revoked_session' }],
    'in the transaction of the change',
  );
  t.equal((await disable(sales.id)).json().status, 'disabled', 'twice is fine');
  t.same(
    (await auditOf(plane, `user:${sales.id}`)).map(({ action }) => action),
    ['user.disable'],
  );

  t.equal((await enable(sales.id)).json().status, 'active');
  t.equal((await plane.browser().signIn(sales.email)).statusCode, 200);
  t.equal((await disable(admin.id)).json().code, 'self_change');
  t.equal((await disable(uuidv7())).statusCode, 404);
  t.equal((await disable(globex.users[0].id)).statusCode, 404);

  await t.test('not by who holds less', async (t) => {
    const helper = { tenant_id: acme.id, id: uuidv7() };
    await plane.sql(`insert into res_roles (id, tenant_id, code, name) values ($1, $2, 'helpdesk', 'Help desk')`, [
      helper.id,
      acme.id,
    ]);
    await plane.sql(
      `insert into res_role_permissions (tenant_id, role_id, permission_id)
       select $1, $2, id from res_permissions where code = any ($3::text[])`,
      [acme.id, helper.id, ['admin.user.read', 'admin.user.write', ...roles.production.permissions]],
    );
    await plane.sql(
      `insert into res_user_roles (tenant_id, id, user_id, role_id, scope) values ($1, $2, $3, $4, 'tenant')`,
      [acme.id, uuidv7(), buyer.id, helper.id],
    );
    const desk = await signedIn(plane, buyer.email);
    for (const [method, action] of [
      ['POST', '/disable'],
      ['DELETE', '/totp'],
    ] as const) {
      t.equal((await desk.call(method, path(admin.id, action))).json().code, 'grant_exceeds_own', action);
      t.equal((await desk.call(method, path(sales.id, action))).json().code, 'grant_exceeds_own', action);
    }
    const able = await desk.call('POST', path(press.id, '/disable'));
    t.equal(able.statusCode, 200, 'who holds no more than they do');
  });
});

t.test('the last administrator stays, whoever is quicker', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  await owner.call('POST', '/api/admin/user-roles', {
    user_id: sales.id,
    role_id: roles.tenant_admin.id,
    scope: 'tenant',
  });
  const other = await signedIn(plane, sales.email);
  await owner.signIn(admin.email);
  const answers = await Promise.all([
    owner.call('POST', path(sales.id, '/disable')),
    other.call('POST', path(admin.id, '/disable')),
  ]);
  t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 1, answers.map(({ body }) => body).join());
  const rows = await plane.sql<{ n: string }>(
    `select count(*) as n from res_users where status = 'active' and id in ($1, $2)`,
    [admin.id, sales.id],
  );
  t.same(rows, [{ n: '1' }]);
});

t.test('a lost device, and sessions from elsewhere', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  await plane.sql(`update res_users set totp_secret = 'encrypted', totp_confirmed_at = now() where id = $1`, [
    press.id,
  ]);
  await plane.sql(
    `insert into res_user_recovery_codes (tenant_id, id, user_id, code_hash) values ($1, $2, $3, 'hash')`,
    [acme.id, uuidv7(), press.id],
  );
  t.equal((await owner.call('GET', path(press.id))).json().totp_enabled, true);
  t.equal((await plane.browser().signIn(press.email)).json().code, 'totp_required');
  t.equal((await owner.call('DELETE', path(press.id, '/totp'))).statusCode, 204);
  t.equal((await owner.call('DELETE', path(admin.id, '/totp'))).json().code, 'self_change');
  t.same(await plane.sql('select id from res_user_recovery_codes where user_id = $1', [press.id]), []);
  const two = await Promise.all([signedIn(plane, press.email), signedIn(plane, press.email)]);
  t.equal((await owner.call('POST', path(press.id, '/end-sessions'))).statusCode, 204);
  await t.resolves(Promise.all(two.map((browser) => untilCode(browser, 'token_revoked'))));
  t.equal((await plane.browser().signIn(press.email)).statusCode, 200, 'signing in again is theirs');
});
