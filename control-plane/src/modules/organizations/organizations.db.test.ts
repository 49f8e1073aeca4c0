import type { FeedEntity, FeedOrganization } from '@platen/schema/contracts/internal/feed';
import { roles, tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type Browser, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';

const { acme, globex } = tenants;
const print = acme.organizations['acme-print'];
const promo = acme.organizations['acme-promo'];
const { harbor, 'main-street': mainStreet } = print.workspaces;

const signedIn = async (plane: TestControlPlane, email: string): Promise<Browser> => {
  const browser = plane.browser();
  const answer = await browser.signIn(email);
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return browser;
};
const giveRole = (plane: TestControlPlane, userId: string, organizationId: string, workspaceId: string | null = null) =>
  plane.sql(
    `insert into res_user_roles (tenant_id, id, user_id, role_id, scope, organization_id, workspace_id)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      acme.id,
      uuidv7(),
      userId,
      roles.tenant_admin.id,
      workspaceId === null ? 'organization' : 'workspace',
      organizationId,
      workspaceId,
    ],
  );
const lastTold = async (plane: TestControlPlane, id: string): Promise<FeedOrganization | undefined> => {
  const [row] = await plane.sql<{ payload: string }>(
    `select payload from control_changes where kind = 'organization' and payload ->> 'id' = $1 order by seq desc limit 1`,
    [id],
  );
  if (row === undefined) return undefined;
  const entity = JSON.parse(row.payload) as FeedEntity;
  return entity.kind === 'organization' ? entity : undefined;
};
const audited = async (plane: TestControlPlane) =>
  (await plane.sql<{ action: string }>('select action from audit_events order by tenant_id, seq')).map(
    (row) => row.action,
  );
const names = (answer: { json(): { items: { code: string }[] } }) => answer.json().items.map(({ code }) => code);

t.test('organizations', async (t) => {
  const plane = await startControlPlane(t);
  const admin = await signedIn(plane, 'admin@acme.test');
  const url = '/api/admin/organizations';

  await t.test('a new one begins with the ways of the first', async (t) => {
    const made = await admin.call('POST', url, { code: 'ACME-Ｎew', name: 'Acme New', settings: { locale: 'DE-at' } });
    t.equal(made.statusCode, 201, made.body);
    t.match(made.json(), { code: 'acme-new', status: 'active' });
    const { id } = made.json();
    const settings = (await admin.call('GET', `${url}/${id}/settings`)).json();
    t.match(settings, { organization_id: id, currency: 'EUR', time_zone: 'Europe/Berlin', locale: 'de-AT' });
    t.match(settings, {
      order_prefix: 'SO',
      receipt_tolerance_percent: '0.00',
      address: null,
      workspace_required: false,
    });
    t.match(await lastTold(plane, id), { code: 'acme-new', settings: { locale: 'de-AT' }, workspaces: [] });
    t.same(names(await admin.call('GET', url)), ['acme-new', 'acme-print', 'acme-promo'], 'and is listed by code');
    const twin = await admin.call('POST', url, { code: 'acme-new', name: 'Twin' });
    t.match(twin.json(), { status: 409, code: 'duplicate' });
    const bad = await admin.call('POST', url, { code: 'bad', name: 'Bad', settings: { time_zone: 'Mars/Base' } });
    t.match(bad.json(), { code: 'validation_failed', errors: [{ path: '/body/settings/time_zone' }] });
    const other = await plane.browser('globex.localhost').signIn('admin@globex.test');
    t.equal(other.statusCode, 200);
  });

  await t.test('a page goes on where the last one ended', async (t) => {
    const first = (await admin.call('GET', `${url}?limit=2`)).json();
    t.equal(first.items.length, 2);
    t.same(names(await admin.call('GET', `${url}?limit=2&cursor=${first.next_cursor}`)), ['acme-promo']);
    const filtered = await admin.call('GET', `${url}?limit=2&status=active&cursor=${first.next_cursor}`);
    t.equal(filtered.json().code, 'invalid_cursor', 'with the filters it was given for');
  });

  await t.test('settings', async (t) => {
    const at = `${url}/${promo.id}/settings`;
    const patch = {
      time_zone: 'america/new_york',
      currency: 'USD',
      order_prefix: 'P/',
      receipt_tolerance_percent: '12.5',
      address: { line1: 'Pier 1', city: 'Boston', country: 'US' },
      logo_file_id: promo.id,
    };
    const changed = await admin.call('PATCH', at, patch);
    t.equal(changed.statusCode, 200, changed.body);
    t.match(changed.json(), { ...patch, time_zone: 'America/New_York', receipt_tolerance_percent: '12.50' });
    t.match(await lastTold(plane, promo.id), {
      settings: { currency: 'USD', order_prefix: 'P/', receipt_tolerance_percent: '12.50' },
      letterhead: { legal_name: 'Acme Promo GmbH', address: { city: 'Boston' }, logo_file_id: promo.id },
    });
    for (const wrong of [
      { receipt_tolerance_percent: '100.01' },
      { receipt_tolerance_percent: '-1' },
      { quote_valid_days: 0 },
      { order_prefix: '' },
      { order_prefix: 'has space' },
      { address: { line1: 'x' } },
      { currency: 'ZZZ' },
      { colour: 'red' },
    ]) {
      t.match(
        (await admin.call('PATCH', at, wrong)).json(),
        { status: 400, code: 'validation_failed' },
        JSON.stringify(wrong),
      );
    }
    t.match((await admin.call('PATCH', at, { address: null, currency: 'EUR' })).json(), {
      address: null,
      order_prefix: 'P/',
    });
  });

  await t.test('whoever administers one has no say in another', async (t) => {
    await giveRole(plane, acme.users[1].id, print.id);
    const local = await signedIn(plane, 'sales@acme.test');
    t.same(names(await local.call('GET', url)), ['acme-print']);
    t.equal((await local.call('GET', `${url}/${print.id}`)).statusCode, 200);
    const missing = uuidv7();
    for (const id of [promo.id, globex.organizations['globex-main'].id, missing]) {
      for (const answer of [
        await local.call('GET', `${url}/${id}`),
        await local.call('PATCH', `${url}/${id}`, { name: 'Mine' }),
        await local.call('GET', `${url}/${id}/settings`),
        await local.call('PATCH', `${url}/${id}/settings`, { currency: 'USD' }),
      ]) {
        t.match(answer.json(), { status: 404, code: 'not_found', detail: undefined });
      }
      const workspace = await local.call('POST', '/api/admin/workspaces', {
        organization_id: id,
        code: 'w',
        name: 'W',
      });
      t.match(workspace.json(), { status: 422, code: 'unknown_reference' });
      t.same(names(await local.call('GET', `/api/admin/workspaces?organization_id=${id}`)), []);
    }
    t.match((await local.call('POST', url, { code: 'own', name: 'Own' })).json(), {
      status: 403,
      code: 'permission_denied',
      permission: 'admin.organization.write',
    });
    t.equal((await local.call('PATCH', `${url}/${print.id}`, { name: 'Acme Print' })).statusCode, 200);
    const [row] = await plane.sql<{ name: string }>('select name from res_organizations where id = $1', [promo.id]);
    t.equal(row?.name, promo.name);
  });

  await t.test('workspaces', async (t) => {
    const at = '/api/admin/workspaces';
    const made = await admin.call('POST', at, { organization_id: promo.id, code: 'Depot', name: 'Depot' });
    t.match(made.json(), { code: 'depot', organization_id: promo.id, status: 'active' });
    t.match(await lastTold(plane, promo.id), { workspaces: [{ code: 'depot' }] });
    t.same(names(await admin.call('GET', `${at}?organization_id=${promo.id}`)), ['depot']);
    const twin = await admin.call('POST', at, { organization_id: promo.id, code: 'DEPOT', name: 'x' });
    t.equal(twin.json().code, 'duplicate');
    const { id } = made.json();
    t.equal((await admin.call('PATCH', `${at}/${id}`, { name: 'Old depot', status: 'archived' })).statusCode, 200);
    t.same((await lastTold(plane, promo.id))?.workspaces, []);
    t.match((await admin.call('POST', '/api/auth/refresh')).json(), { context: { organization_id: print.id } });
    await giveRole(plane, acme.users[2].id, print.id, mainStreet.id);
    const local = await signedIn(plane, 'press@acme.test');
    t.equal((await local.call('PATCH', `${at}/${mainStreet.id}`, { name: 'Main Street' })).statusCode, 200);
    t.equal((await local.call('PATCH', `${at}/${harbor.id}`, { name: 'Mine' })).statusCode, 404);
    t.equal((await local.call('PATCH', `${at}/${id}`, { name: 'Mine' })).statusCode, 404);
  });

  await t.test('an archived one is offered to nobody, and its tokens go stale', async (t) => {
    const [before] = await plane.sql<{ authz_epoch: string }>('select authz_epoch from tenants where id = $1', [
      acme.id,
    ]);
    const sales = await signedIn(plane, 'sales@acme.test');
    const archived = await admin.call('PATCH', `${url}/${print.id}`, { status: 'archived' });
    t.match(archived.json(), { status: 'archived' }, archived.body);
    t.match(await lastTold(plane, print.id), { status: 'archived' });
    const [after] = await plane.sql<{ authz_epoch: string }>('select authz_epoch from tenants where id = $1', [
      acme.id,
    ]);
    t.equal(Number(after?.authz_epoch), Number(before?.authz_epoch) + 1);
    t.match((await sales.call('POST', '/api/auth/refresh')).json(), { context: { organization_id: null } });
    t.match((await plane.browser().signIn('buyer@acme.test')).json(), { context: { organization_id: null } });
    await admin.call('POST', '/api/auth/refresh');
    const offered = (await admin.call('GET', '/api/context')).json().organizations;
    t.notOk(offered.some(({ id }: { id: string }) => id === print.id));
    const workspace = await admin.call('POST', '/api/admin/workspaces', {
      organization_id: print.id,
      code: 'w',
      name: 'W',
    });
    t.equal(workspace.json().code, 'unknown_reference');
    t.match((await admin.call('PATCH', `${url}/${print.id}`, { status: 'active' })).json(), { status: 'active' });
    t.match((await sales.call('POST', '/api/auth/refresh')).json(), { context: { organization_id: print.id } });
  });

  await t.test('the last active one stays, also when two go at once', async (t) => {
    const own = plane.browser('globex.localhost');
    await own.signIn('admin@globex.test');
    const only = await own.call('PATCH', `${url}/${globex.organizations['globex-main'].id}`, { status: 'archived' });
    t.match(only.json(), { status: 409, code: 'illegal_transition' });
    const second = (await own.call('POST', url, { code: 'second', name: 'Second' })).json();
    const both = await Promise.all(
      [second.id, globex.organizations['globex-main'].id].map((id) =>
        own.call('PATCH', `${url}/${id}`, { status: 'archived' }),
      ),
    );
    t.same(both.map(({ statusCode }) => statusCode).sort(), [200, 409]);
  });

  await t.test('each change left its event', async (t) => {
    const actions = await audited(plane);
    for (const action of [
      'organization.create',
      'organization.update',
      'organization.archive',
      'organization_settings.update',
      'workspace.create',
      'workspace.archive',
    ]) {
      t.ok(actions.includes(action), action);
    }
  });
});
