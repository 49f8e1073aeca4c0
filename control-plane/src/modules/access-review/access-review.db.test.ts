import { roles, tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type Browser, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';

const [admin, sales, press, buyer] = tenants.acme.users;
const print = tenants.acme.organizations['acme-print'].id;
const promo = tenants.acme.organizations['acme-promo'].id;
const mainStreet = tenants.acme.organizations['acme-print'].workspaces['main-street'].id;

async function signedIn(plane: TestControlPlane, email: string): Promise<Browser> {
  const browser = plane.browser();
  await browser.signIn(email);
  return browser;
}
const explain = async (browser: Browser, query: Record<string, string>) =>
  browser.call('GET', `/api/admin/access/explain?${new URLSearchParams(query)}`);
const preview = async (browser: Browser, change: object) => browser.call('POST', '/api/admin/access/preview', change);

/** An administrator of one organization, in it. */
async function localAdmin(plane: TestControlPlane, owner: Browser): Promise<Browser> {
  const role = { role_id: roles.tenant_admin.id, scope: 'organization', organization_id: promo };
  await owner.call('POST', '/api/admin/user-roles', { user_id: press.id, ...role });
  const browser = await signedIn(plane, press.email);
  await browser.call('POST', '/api/context/switch', { organization_id: promo });
  return browser;
}

t.test('explain', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const inPrint = { organization_id: print, workspace_id: mainStreet };

  await t.test('shows the way to what is allowed', async (t) => {
    const found = (await explain(owner, { user_id: sales.id, permission: 'erp.quote.send', ...inPrint })).json();
    t.match(found, {
      user: { id: sales.id, status: 'active' },
      decision: 'allowed',
      outcome: 'allowed',
      held: true,
      held_by_roles: true,
      context_reachable: true,
      user_roles: [{ role_id: roles.sales.id, applies: 'yes', has_permission: true }],
      module: { code: 'erp.quotes', available: true },
    });
  });

  await t.test('shows what is missing, and what would mend it', async (t) => {
    const found = (await explain(owner, { user_id: press.id, permission: 'erp.quote.send', ...inPrint })).json();
    t.match(found, { decision: 'denied', outcome: 'permission_denied', held: false });
    const kinds = found.what_would_change_it.flatMap(({ steps }: { steps: { kind: string }[] }) =>
      steps.map((step) => step.kind),
    );
    t.ok(kinds.includes('give_role') && kinds.includes('allow_override'), kinds.join());
  });

  await t.test('an override that denies, and the removal that helps', async (t) => {
    const body = { user_id: sales.id, permission: 'erp.quote.send', effect: 'deny', reason: 'on trial' };
    const made = await owner.call('POST', '/api/admin/permission-overrides', {
      ...body,
      scope: 'organization',
      organization_id: print,
    });
    t.equal(made.statusCode, 201, made.body);
    const found = (await explain(owner, { user_id: sales.id, permission: 'erp.quote.send', ...inPrint })).json();
    t.match(found, {
      outcome: 'permission_denied',
      held_by_roles: true,
      overrides: [{ id: made.json().id, effect: 'deny', applies: 'yes', held_after: false, reason: 'on trial' }],
    });
    t.match(found.what_would_change_it[0], { steps: [{ kind: 'remove_override', id: made.json().id }] });
    await owner.call('DELETE', `/api/admin/permission-overrides/${made.json().id}`);
  });

  await t.test('each layer has its own outcome', async (t) => {
    const outcome = async (query: Record<string, string>) => (await explain(owner, query)).json().outcome;
    const asks = { user_id: sales.id, permission: 'erp.quote.send' };
    t.equal(await outcome({ ...asks, organization_id: promo }), 'context_not_allowed');
    t.equal(await outcome({ ...asks, organization_id: print }), 'workspace_required');
    t.equal(await outcome(asks), 'context_required');
    await plane.sql(`update res_users set status = 'disabled' where id = $1`, [buyer.id]);
    t.equal(await outcome({ user_id: buyer.id, permission: 'erp.order.read', ...inPrint }), 'user_disabled');
    const globex = plane.browser('globex.localhost');
    await globex.signIn(tenants.globex.users[0].email);
    const query = { user_id: tenants.globex.users[0].id, permission: 'admin.domain.read' };
    const found = (await explain(globex, query)).json();
    t.match(found, { outcome: 'module_unavailable', held: true });
    t.match(found.what_would_change_it, [{ steps: [{ kind: 'obtain_module', code: 'platform.stores' }] }]);
  });

  await t.test('refuses what does not exist or is another tenant’s', async (t) => {
    const asks = { permission: 'erp.quote.send', organization_id: promo };
    const missing = await explain(owner, { ...asks, user_id: uuidv7() });
    t.equal(missing.statusCode, 404);
    const foreign = await explain(owner, { ...asks, user_id: tenants.globex.users[0].id });
    t.same({ ...foreign.json(), instance: '' }, { ...missing.json(), instance: '' });
    const elsewhere = { ...asks, user_id: sales.id, organization_id: tenants.globex.organizations['globex-main'].id };
    t.equal((await explain(owner, elsewhere)).statusCode, 404);
    t.equal((await explain(owner, { ...asks, user_id: sales.id, permission: 'erp.nothing.read' })).statusCode, 400);
    const half = { user_id: sales.id, permission: 'erp.quote.send', workspace_id: mainStreet };
    t.equal((await explain(owner, half)).statusCode, 400);
  });

  await t.test('an administrator of an organization sees what is in their reach', async (t) => {
    const local = await localAdmin(plane, owner);
    const asks = { user_id: press.id, permission: 'erp.quote.send' };
    const found = await explain(local, { ...asks, organization_id: promo });
    t.equal(found.statusCode, 200, found.body);
    t.equal(found.json().user_roles.length, 1, 'the role at the other organization is not theirs to see');
    t.match((await explain(local, { ...asks, ...inPrint })).json(), { code: 'permission_denied' });
    t.match((await explain(local, asks)).json(), { code: 'permission_denied' });
    const stranger = { user_id: sales.id, permission: 'erp.quote.send', organization_id: promo };
    t.equal((await explain(local, stranger)).statusCode, 404);
  });
});

t.test('preview', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const made = await owner.call('POST', '/api/admin/roles', {
    code: 'Clerk',
    name: 'Clerk',
    permissions: ['erp.quote.read'],
  });
  const clerk = made.json().id as string;
  const place = { scope: 'organization', organization_id: promo };
  await owner.call('POST', '/api/admin/user-roles', { user_id: sales.id, role_id: clerk, ...place });
  const assignments = () =>
    plane.sql(
      'select (select count(*) from res_user_roles) a, (select count(*) from audit_events) b, (select count(*) from res_role_permissions) c',
    );
  const before = await assignments();

  await t.test('a role that changes', async (t) => {
    const change = { role_update: { id: clerk, permissions: ['erp.quote.write'] } };
    t.same((await preview(owner, change)).json(), {
      subjects: [
        {
          kind: 'user',
          id: sales.id,
          name: sales.name,
          status: 'active',
          differences: [
            {
              gains: ['erp.quote.write'],
              loses: ['erp.quote.read'],
              contexts: [{ organization_id: promo, workspace_id: null }],
              context_count: 1,
            },
          ],
        },
      ],
      subject_count: 1,
      truncated: false,
      problems: [],
    });
  });

  await t.test('tells for what it would be refused', async (t) => {
    const codes = async (browser: Browser, change: object) => {
      const { problems } = (await preview(browser, change)).json() as { problems: { code: string }[] };
      return problems.map(({ code }) => code);
    };
    t.same(await codes(owner, { role_delete: { id: clerk } }), ['in_use']);
    t.same(await codes(owner, { role_delete: { id: roles.sales.id } }), ['system_role']);
    t.same(await codes(owner, { role_delete: { id: uuidv7() } }), ['not_found']);
    t.same(await codes(owner, { role_create: { code: 'CLERK', name: 'x', permissions: [] } }), ['duplicate']);
    const double = { user_id: sales.id, role_id: clerk, ...place };
    t.same(await codes(owner, { user_role_create: double }), ['duplicate']);
    const foreign = { ...double, user_id: tenants.globex.users[0].id };
    t.same(await codes(owner, { user_role_create: foreign }), ['unknown_reference']);
    const [own] = await plane.sql<{ id: string }>('select id from res_user_roles where user_id = $1', [admin.id]);
    t.same(await codes(owner, { user_role_delete: { id: own?.id ?? '' } }), ['last_admin']);
    const deny = { user_id: admin.id, permission: 'admin.user_role.create', effect: 'deny', scope: 'tenant' };
    t.same(await codes(owner, { permission_override_create: deny }), ['last_admin']);
    const local = await localAdmin(plane, owner);
    t.same(await codes(local, { user_role_delete: { id: own?.id ?? '' } }), ['not_found'], 'outside of the reach');
    const beyond = await preview(local, { role_update: { id: clerk, permissions: [] } });
    t.equal(beyond.json().code, 'permission_denied');
    await plane.sql('delete from res_user_roles where user_id = $1 and role_id = $2', [
      press.id,
      roles.tenant_admin.id,
    ]);
  });

  await t.test('takes one change, and writes nothing', async (t) => {
    t.equal((await preview(owner, {})).statusCode, 400);
    t.equal((await preview(owner, { role_delete: { id: clerk }, user_role_delete: { id: clerk } })).statusCode, 400);
    const [now] = (await assignments()) as { a: string; c: string }[];
    const [then] = before as { a: string; c: string }[];
    t.same([now?.a, now?.c], [then?.a, then?.c]);
  });
});

t.test('preview of a role that 1,000 users have', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const body = { code: 'everybody', name: 'Everybody', permissions: ['erp.quote.read'] };
  const role = (await owner.call('POST', '/api/admin/roles', body)).json().id as string;
  await plane.sql(
    `with users as (insert into res_users (tenant_id, id, email, name, status)
       select $1, gen_random_uuid(), 'many-' || n || '@acme.test', 'Many ' || n, 'active' from generate_series(1, 1000) n returning id)
     insert into res_user_roles (tenant_id, id, user_id, role_id, scope, organization_id)
     select $1, gen_random_uuid(), id, $2, 'organization', $3 from users`,
    [tenants.acme.id, role, print],
  );
  await plane.sql(
    `insert into res_workspaces (tenant_id, id, organization_id, code, name)
     select $1, gen_random_uuid(), $2, 'many-' || n, 'Many' from generate_series(1, 100) n`,
    [tenants.acme.id, print],
  );
  const started = performance.now();
  const found = await preview(owner, { role_update: { id: role, permissions: ['erp.quote.write'] } });
  t.comment(
    `measured: 1,000 users, 100 workspaces: ${Math.round(performance.now() - started)} ms, ${found.body.length} bytes`,
  );
  t.match(found.json(), { subject_count: 1000, truncated: true, problems: [] });
  t.equal(found.json().subjects.length, 100);
  t.equal(found.json().subjects[0].differences[0].context_count, 102);
});
