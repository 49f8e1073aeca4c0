import { statement } from '@platen/chassis/db/statement';
import { roles, tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type Browser, startControlPlane } from '../../test/control-plane.js';
import { administering, isAdministrator, lockAssignments, requireAdministratorLeft } from './administrators.js';
import { findIdentity } from './repo.js';

const { acme } = tenants;
const [admin, sales, press, buyer, manager] = acme.users;
const promo = acme.organizations['acme-promo'].id;

t.test('SQL and the rule agree on who administers', async (t) => {
  const plane = await startControlPlane(t);
  const taking = roles.tenant_admin.id;
  const scope = { tenantId: acme.id, organizationId: null, workspaceId: null };
  const db = plane.tenantDb.scoped(scope);
  const half = uuidv7();
  await plane.sql(`insert into res_roles (id, tenant_id, code, name) values ($1, $2, 'half', 'Half')`, [half, acme.id]);
  await plane.sql(
    `insert into res_role_permissions (tenant_id, role_id, permission_id)
     select $1, $2, id from res_permissions where code = 'admin.user_role.create'`,
    [acme.id, half],
  );
  // A fixed sequence, so that a failure comes back.
  let seed = 7;
  const pick = <T>(...from: readonly T[]): T => {
    seed = (seed * 48_271) % 2_147_483_647;
    return from[seed % from.length] as T;
  };
  let yes = 0;
  for (let round = 0; round < 150; round++) {
    await plane.sql('delete from res_user_roles where tenant_id = $1', [acme.id]);
    await plane.sql('delete from res_user_permission_overrides where tenant_id = $1', [acme.id]);
    await plane.sql(
      `update res_users set status = case when id = $1 then $2 else 'disabled' end where tenant_id = $3`,
      [admin.id, pick('active', 'active', 'disabled'), acme.id],
    );
    const end = () => pick<Date | null>(null, null, new Date(Date.now() + 60_000), new Date(Date.now() - 60_000));
    for (const role of pick([taking], [half], [half, taking], [])) {
      const organization = pick(null, null, promo);
      await plane.sql(
        `insert into res_user_roles (tenant_id, id, user_id, role_id, scope, organization_id, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [acme.id, uuidv7(), admin.id, role, organization === null ? 'tenant' : 'organization', organization, end()],
      );
    }
    for (const effect of pick(['allow'], ['deny'], ['allow', 'deny'], [], [])) {
      const organization = pick(null, promo);
      await plane.sql(
        `insert into res_user_permission_overrides
           (tenant_id, id, user_id, permission_id, effect, scope, organization_id, reason, expires_at)
         select $1, $2, $3, id, $4, $5, $6, 'test', $7 from res_permissions where code = $8`,
        [
          acme.id,
          uuidv7(),
          admin.id,
          effect,
          organization === null ? 'tenant' : 'organization',
          organization,
          end(),
          pick(...administering),
        ],
      );
    }
    const now = new Date();
    const identity = await findIdentity(db, acme.id, admin.id);
    const expected = identity !== undefined && isAdministrator(identity, now.getTime());
    if (expected) yes += 1;
    const found = await db
      .transaction((tx) => requireAdministratorLeft(tx, acme.id, now))
      .then(
        () => true,
        (error: { code?: string }) => {
          if (error.code !== 'last_admin') throw error;
          return false;
        },
      );
    if (found !== expected) t.equal(found, expected, `round ${round}: ${JSON.stringify(identity)}`);
  }
  t.ok(yes > 3 && yes < 147, `${yes} of 150`);
});

t.test('two who are disabled at once, by whoever does it: one stays', async (t) => {
  const plane = await startControlPlane(t);
  const scope = { tenantId: acme.id, organizationId: null, workspaceId: null };
  await plane.sql(
    `insert into res_user_roles (tenant_id, id, user_id, role_id, scope) values ($1, $2, $3, $4, 'tenant')`,
    [acme.id, uuidv7(), sales.id, roles.tenant_admin.id],
  );
  const disable = statement<never>('test disable', `update res_users set status = 'disabled' where id = $1`);
  const run = (userId: string) =>
    plane.tenantDb.scoped(scope).transaction(async (tx) => {
      await lockAssignments(tx, acme.id);
      tx.defer(disable, [userId]);
      await requireAdministratorLeft(tx, acme.id, new Date());
    });
  const results = await Promise.allSettled([run(admin.id), run(sales.id)]);
  t.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
});

t.test('who loses the right meanwhile gives nothing any more', async (t) => {
  const plane = await startControlPlane(t);
  const signedIn = async (email: string): Promise<Browser> => {
    const browser = plane.browser();
    await browser.signIn(email);
    return browser;
  };
  const owner = await signedIn(admin.email);
  const post = (browser: Browser, body: object) => browser.call('POST', '/api/admin/user-roles', body);
  for (let round = 0; round < 5; round++) {
    const given = await post(owner, { user_id: sales.id, role_id: roles.tenant_admin.id, scope: 'tenant' });
    const helper = await signedIn(sales.email);
    const target = round % 2 === 0 ? buyer : manager;
    const [taken, granted] = await Promise.all([
      owner.call('DELETE', `/api/admin/user-roles/${given.json().id}`),
      post(helper, { user_id: target.id, role_id: roles.production.id, scope: 'organization', organization_id: promo }),
    ]);
    t.equal(taken.statusCode, 204);
    // Either the grant came first, or it was refused: a stale token, or a right that is gone when it looks.
    const events = await plane.sql<{ action: string; target: string }>(
      `select action, target from audit_events where target = any ($1::text[]) order by seq desc limit 2`,
      [[`user_role:${given.json().id}`, `user_role:${granted.json().id ?? 'none'}`]],
    );
    if (granted.statusCode === 201) {
      t.match(events, [
        { action: 'user_role.delete' },
        { action: 'user_role.create', target: `user_role:${granted.json().id}` },
      ]);
      await plane.sql('delete from res_user_roles where id = $1', [granted.json().id]);
    } else t.ok(['grant_exceeds_own', 'token_stale', 'token_revoked'].includes(granted.json().code), granted.body);
  }
});

t.test('a role that has ended gives nothing', async (t) => {
  const plane = await startControlPlane(t);
  const owner = plane.browser();
  await owner.signIn(admin.email);
  const soon = new Date(Date.now() + 120_000).toISOString();
  const body = { user_id: press.id, role_id: roles.tenant_admin.id, scope: 'tenant', expires_at: soon };
  t.equal((await owner.call('POST', '/api/admin/user-roles', body)).statusCode, 201);
  const helper = plane.browser();
  await helper.signIn(press.email);
  t.equal((await helper.call('GET', '/api/admin/user-roles')).statusCode, 200);
  // Past the end, and the 30 s that clocks may differ by.
  plane.clock.offsetMs = 160_000;
  t.equal((await helper.call('GET', '/api/admin/user-roles')).json().code, 'token_expired');
  const refreshed = (await helper.call('POST', '/api/auth/refresh')).json();
  t.notOk(refreshed.permissions.includes('admin.user_role.read'));
  t.match((await helper.call('GET', '/api/admin/user-roles')).json(), { code: 'permission_denied' });
});
