import { roles, tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type Browser, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';
import { untilCode } from '../../test/people.fixture.js';

const [admin, sales, press, buyer, manager] = tenants.acme.users;
const print = tenants.acme.organizations['acme-print'].id;
const promo = tenants.acme.organizations['acme-promo'].id;
const mainStreet = tenants.acme.organizations['acme-print'].workspaces['main-street'].id;

async function signedIn(plane: TestControlPlane, email: string): Promise<Browser> {
  const browser = plane.browser();
  await browser.signIn(email);
  return browser;
}
const give = (browser: Browser, body: object, headers: Record<string, string> = {}) =>
  browser.call('POST', '/api/admin/user-roles', body, headers);
const take = (browser: Browser, id: string) => browser.call('DELETE', `/api/admin/user-roles/${id}`);
const atOrganization = (user: { id: string }, role: { id: string }, organizationId: string) => ({
  user_id: user.id,
  role_id: role.id,
  scope: 'organization',
  organization_id: organizationId,
});

/** The production user as an administrator of one organization; their next token knows it. */
async function organizationAdmin(plane: TestControlPlane, owner: Browser): Promise<Browser> {
  const given = await give(owner, atOrganization(press, roles.tenant_admin, promo));
  if (given.statusCode !== 201) throw new Error(given.body);
  const browser = await signedIn(plane, press.email);
  await browser.call('POST', '/api/context/switch', { organization_id: promo });
  return browser;
}

t.test('giving a role', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);

  await t.test('raises the epoch and tells the data planes in one commit', async (t) => {
    const given = await give(owner, atOrganization(sales, roles.production, promo));
    t.equal(given.statusCode, 201, given.body);
    t.match(given.json(), { user_id: sales.id, scope: 'organization', organization_id: promo, workspace_id: null });
    const rows = await plane.sql<{ epoch: string; announced: string }>(
      `select u.authz_epoch as epoch, c.payload ->> 'authz_epoch' as announced
       from res_users u join res_user_roles r on r.id = $1 and r.xmin = u.xmin
       join control_changes c on c.xmin = u.xmin and c.kind = 'user_epoch' where u.id = $2`,
      [given.json().id, sales.id],
    );
    t.same(rows, [{ epoch: '2', announced: '2' }]);
  });

  await t.test('makes tokens from before stale', async (t) => {
    const holder = await signedIn(plane, buyer.email);
    await give(owner, atOrganization(buyer, roles.sales, print));
    await t.resolves(untilCode(holder, 'token_stale'));
    t.equal((await holder.call('POST', '/api/auth/refresh')).statusCode, 200);
    t.ok((await holder.call('GET', '/api/auth/session')).json().permissions.includes('erp.quote.send'));
  });

  await t.test('answers a repeat with the first answer, and refuses it under another key', async (t) => {
    const body = atOrganization(manager, roles.sales, promo);
    const first = await give(owner, body, { 'idempotency-key': 'same' });
    const again = await give(owner, body, { 'idempotency-key': 'same' });
    t.equal(again.headers['idempotent-replayed'], 'true');
    t.equal(again.body, first.body);
    t.equal((await give(owner, body, { 'idempotency-key': 'other' })).json().code, 'duplicate');
    const reused = await give(owner, atOrganization(manager, roles.sales, print), { 'idempotency-key': 'same' });
    t.equal(reused.json().code, 'idempotency_key_reused');
  });

  await t.test('refuses scopes that do not name their place, and ends in the past', async (t) => {
    const base = { user_id: sales.id, role_id: roles.sales.id };
    for (const [body, path] of [
      [{ scope: 'tenant', organization_id: print }, '/body/organization_id'],
      [{ scope: 'organization' }, '/body/organization_id'],
      [{ scope: 'workspace', organization_id: print }, '/body/workspace_id'],
      [{ scope: 'tenant', expires_at: '2020-01-01T00:00:00.000Z' }, '/body/expires_at'],
      [{ scope: 'tenant', expires_at: '2099-13-41T00:00:00.000Z' }, '/body/expires_at'],
    ] as const) {
      const refused = await give(owner, { ...base, ...body });
      t.match(refused.json(), { code: 'validation_failed', errors: [{ path }] });
    }
  });

  await t.test('refuses what is not there, and what is of another tenant', async (t) => {
    const foreignUser = tenants.globex.users[0];
    const foreignOrganization = tenants.globex.organizations['globex-main'].id;
    for (const body of [
      atOrganization({ id: uuidv7() }, roles.sales, print),
      atOrganization(sales, { id: uuidv7() }, print),
      atOrganization(foreignUser, roles.sales, print),
      atOrganization(sales, roles.sales, foreignOrganization),
      { ...atOrganization(sales, roles.sales, promo), scope: 'workspace', workspace_id: mainStreet },
    ]) {
      t.equal((await give(owner, body)).json().code, 'unknown_reference');
    }
  });

  await t.test('needs the permission', async (t) => {
    const clerk = await signedIn(plane, sales.email);
    const refused = await give(clerk, atOrganization(sales, roles.tenant_admin, print));
    t.match(refused.json(), { code: 'permission_denied', permission: 'admin.user_role.create' });
  });
});

t.test('nobody gives what they do not hold where it would hold', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const local = await organizationAdmin(plane, owner);

  t.equal((await give(local, atOrganization(sales, roles.sales, promo))).statusCode, 201);
  t.equal(
    (await give(local, atOrganization(sales, roles.sales, print))).json().code,
    'grant_exceeds_own',
    'the place of the grant decides, not the context of the request',
  );
  const everywhere = { user_id: press.id, role_id: roles.production.id, scope: 'tenant' };
  t.equal((await give(local, everywhere)).json().code, 'grant_exceeds_own', 'a wider scope');

  await t.test('an override that denies counts', async (t) => {
    await plane.sql(
      `insert into res_user_permission_overrides
         (tenant_id, id, user_id, permission_id, effect, scope, organization_id, reason)
       select $1, $2, $3, id, 'deny', 'organization', $4, 'test' from res_permissions where code = 'erp.quote.send'`,
      [tenants.acme.id, uuidv7(), admin.id, promo],
    );
    t.equal((await give(owner, atOrganization(buyer, roles.sales, promo))).json().code, 'grant_exceeds_own');
    t.equal((await give(owner, atOrganization(manager, roles.production, promo))).statusCode, 201);
    const everywhere = { user_id: buyer.id, role_id: roles.sales.id, scope: 'tenant' };
    t.equal((await give(owner, everywhere)).json().code, 'grant_exceeds_own', 'denied in a part of the reach');
  });

  await t.test('a right that ends is not made permanent', async (t) => {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    await plane.sql(`update res_user_roles set expires_at = $1 where user_id = $2 and organization_id = $3`, [
      soon,
      press.id,
      promo,
    ]);
    const own = atOrganization(buyer, roles.production, promo);
    t.equal((await give(local, own)).json().code, 'grant_exceeds_own');
    t.equal((await give(local, { ...own, expires_at: soon })).statusCode, 201);
  });
});

t.test('an assignment that has ended may be renewed', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const body = atOrganization(sales, roles.production, promo);
  await give(owner, { ...body, expires_at: new Date(Date.now() + 60_000).toISOString() });
  await plane.sql(
    `update res_user_roles set expires_at = now() - interval '1 ms' where user_id = $1 and organization_id = $2`,
    [sales.id, promo],
  );
  t.equal((await give(owner, body)).statusCode, 201);
});

t.test('taking a role', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const assignmentOf = async (user: { id: string }) => {
    const rows = await plane.sql<{ id: string }>('select id from res_user_roles where user_id = $1 order by id', [
      user.id,
    ]);
    return rows[0]?.id ?? '';
  };

  await t.test('makes tokens from before stale', async (t) => {
    const holder = await signedIn(plane, manager.email);
    const taken = await take(owner, await assignmentOf(manager));
    t.equal(taken.statusCode, 204, taken.body);
    await t.resolves(untilCode(holder, 'token_stale'));
    const refreshed = (await holder.call('POST', '/api/auth/refresh')).json();
    t.match(refreshed, { context: { organization_id: null, workspace_id: null }, permissions: [] });
  });

  await t.test('what lies outside of one’s reach is not there', async (t) => {
    const local = await organizationAdmin(plane, owner);
    const missing = await take(local, uuidv7());
    for (const id of [
      await assignmentOf(sales),
      await assignmentOf(admin),
      await assignmentOf(tenants.globex.users[0]),
    ]) {
      const refused = await take(local, id);
      t.equal(refused.statusCode, 404);
      t.same({ ...refused.json(), instance: '' }, { ...missing.json(), instance: '' });
    }
  });

  await t.test('the last administrator stays', async (t) => {
    const first = await assignmentOf(admin);
    t.equal((await take(owner, first)).json().code, 'last_admin');
    const passing = { user_id: buyer.id, role_id: roles.tenant_admin.id, scope: 'tenant' };
    await give(owner, { ...passing, expires_at: new Date(Date.now() + 60_000).toISOString() });
    t.equal((await take(owner, first)).json().code, 'last_admin', 'one who is so for a while does not count');
  });
});

t.test('two administrators who remove each other: one stays, every time', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const second = { user_id: sales.id, role_id: roles.tenant_admin.id, scope: 'tenant' };
  for (let round = 0; round < 5; round++) {
    const given = await give(owner, second);
    if (given.statusCode !== 201) throw new Error(given.body);
    const other = await signedIn(plane, sales.email);
    const rows = await plane.sql<{ id: string; user_id: string }>(
      `select id, user_id from res_user_roles where scope = 'tenant' and tenant_id = $1`,
      [tenants.acme.id],
    );
    const idOf = (userId: string) => rows.find((row) => row.user_id === userId)?.id ?? '';
    const answers = await Promise.all([take(owner, idOf(sales.id)), take(other, idOf(admin.id))]);
    t.equal(answers.filter((answer) => answer.statusCode === 204).length, 1, answers.map((a) => a.body).join());
    // Whoever lost is put back, so that the next round begins like this one.
    const [left] = await plane.sql<{ user_id: string }>(
      `select user_id from res_user_roles where scope = 'tenant' and tenant_id = $1`,
      [tenants.acme.id],
    );
    await plane.sql(`update res_user_roles set user_id = $1 where scope = 'tenant' and user_id = $2`, [
      admin.id,
      left?.user_id ?? '',
    ]);
    await plane.sql(`delete from res_user_roles where scope = 'tenant' and user_id = $1`, [sales.id]);
    await owner.signIn(admin.email);
  }
});
