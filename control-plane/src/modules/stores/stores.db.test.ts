import { until } from '@platen/chassis/testkit/until';
import { roles, tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type Browser, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';

const { acme, globex } = tenants;
const print = acme.organizations['acme-print'];
const promo = acme.organizations['acme-promo'];
const { harbor, 'main-street': mainStreet } = print.workspaces;
const url = '/api/admin/stores';

const signedIn = async (plane: TestControlPlane, email: string, host?: string): Promise<Browser> => {
  const browser = plane.browser(host);
  const answer = await browser.signIn(email);
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return browser;
};
const provenDomain = async (plane: TestControlPlane, admin: Browser, domain: string): Promise<string> => {
  const { id, verification } = (await admin.call('POST', '/api/admin/domains', { domain })).json();
  plane.dns.set(verification.name, [verification.value]);
  const verified = await admin.call('POST', `/api/admin/domains/${id}/verify`);
  if (verified.statusCode !== 200) throw new Error(verified.body);
  return id;
};
/** Until this plane has heard of the store: sign-in there then gives its context, or none. */
const untilPinned = (plane: TestControlPlane, email: string, host: string, organizationId: string) =>
  until(
    () => plane.browser(host).signIn(email),
    (answer) => answer.statusCode === 403 || answer.json().context?.organization_id === organizationId,
  );
const renewed = async (browser: Browser) => {
  const answer = await browser.call('POST', '/api/auth/refresh');
  if (answer.statusCode !== 200) throw new Error(answer.body);
};

t.test('stores', async (t) => {
  const plane = await startControlPlane(t);
  const admin = await signedIn(plane, 'admin@acme.test');
  const shop = await provenDomain(plane, admin, 'shop.acme-print.com');
  const kiosk = await provenDomain(plane, admin, 'kiosk.acme-print.com');
  const store = { code: 'Promo', name: 'Promo shop', domain_id: shop, organization_id: promo.id };
  let promoStore = '';

  await t.test('opens at a proven domain', async (t) => {
    const made = await admin.call('POST', url, store);
    t.equal(made.statusCode, 201, made.body);
    t.match(made.json(), {
      code: 'promo',
      domain: 'shop.acme-print.com',
      organization_id: promo.id,
      workspace_id: null,
    });
    promoStore = made.json().id;
    const [row] = await plane.sql<{ stores: string }>(
      `select payload ->> 'stores' as stores from control_changes where kind = 'tenant' and tenant_id = $1
       order by seq desc limit 1`,
      [acme.id],
    );
    t.same(JSON.parse(row?.stores ?? ''), [
      { domain: 'shop.acme-print.com', id: promoStore, organization_id: promo.id, workspace_id: null },
    ]);
    await renewed(admin);
  });

  await t.test('where it may not open', async (t) => {
    const attempt = async (parts: object) =>
      (await admin.call('POST', url, { ...store, code: 'other', ...parts })).json();
    const listed: { id: string; kind: string }[] = (await admin.call('GET', '/api/admin/domains')).json().items;
    const own = listed.find(({ kind }) => kind === 'subdomain')?.id;
    t.match(await attempt({ domain_id: own }), { status: 422, code: 'domain_unacceptable' }, 'our own sub-domain');
    const claimed = (await admin.call('POST', '/api/admin/domains', { domain: 'later.com' })).json();
    t.match(await attempt({ domain_id: claimed.id }), { status: 422, code: 'domain_unverified' });
    t.match(await attempt({}), { status: 409, code: 'duplicate' }, 'one at a domain');
    t.match(await attempt({ domain_id: kiosk, code: 'PROMO' }), { status: 409, code: 'duplicate' });
    const [strange] = await plane.sql<{ id: string }>('select id from tenant_domains where tenant_id = $1', [
      globex.id,
    ]);
    for (const parts of [
      { domain_id: strange?.id },
      { domain_id: uuidv7() },
      { domain_id: kiosk, organization_id: globex.organizations['globex-main'].id },
      { domain_id: kiosk, organization_id: promo.id, workspace_id: harbor.id },
      { domain_id: kiosk, workspace_id: uuidv7() },
    ]) {
      t.match(await attempt(parts), { status: 422, code: 'unknown_reference' }, JSON.stringify(parts));
    }
    const primary = await admin.call('PATCH', `/api/admin/domains/${shop}`, { is_primary: true });
    t.match(primary.json(), { status: 409, code: 'in_use' });
    t.match((await admin.call('DELETE', `/api/admin/domains/${shop}`)).json(), { status: 409, code: 'in_use' });
    const archive = await admin.call('PATCH', `/api/admin/organizations/${promo.id}`, { status: 'archived' });
    t.match(archive.json(), { status: 409, code: 'in_use' });
  });

  await t.test('sign-in, refresh and switch at its host give its context, or nothing', async (t) => {
    const atShop = 'shop.acme-print.com';
    const signed = await untilPinned(plane, 'admin@acme.test', atShop, promo.id);
    t.match(signed.json(), { context: { organization_id: promo.id, workspace_id: null } });
    const visitor = await signedIn(plane, 'admin@acme.test', atShop);
    t.same(
      (await visitor.call('GET', '/api/context')).json().organizations.map(({ id }: { id: string }) => id),
      [promo.id],
    );
    for (const context of [
      { organization_id: print.id, workspace_id: mainStreet.id },
      { organization_id: print.id },
      { organization_id: globex.organizations['globex-main'].id },
    ]) {
      const switched = await visitor.call('POST', '/api/context/switch', context);
      t.match(switched.json(), { status: 403, code: 'context_not_allowed' });
    }
    t.match((await visitor.call('POST', '/api/auth/refresh')).json(), { context: { organization_id: promo.id } });
    const stranger = await plane.browser(atShop).signIn('sales@acme.test');
    t.match(stranger.json(), { status: 403, code: 'context_not_allowed' }, 'who has no access there stays outside');
    t.same(stranger.cookies, []);
    const wrong = await plane.browser(atShop).signIn('sales@acme.test', 'wrong password');
    t.match(wrong.json(), { status: 401, code: 'invalid_credentials' });
  });

  await t.test('a token of another context is refused there', async (t) => {
    const elsewhere = await signedIn(plane, 'admin@acme.test');
    const authorization = `Bearer ${elsewhere.cookies.get('platen_at')}`;
    const bearer = (host: string, path: string) =>
      plane.browser(host).call('GET', path, undefined, { authorization, origin: undefined });
    t.equal((await bearer('acme.localhost', '/api/auth/session')).statusCode, 200);
    for (const path of ['/api/auth/session', '/api/context', url, '/api/admin/organizations']) {
      t.match((await bearer('shop.acme-print.com', path)).json(), { status: 403, code: 'context_not_allowed' }, path);
    }
  });

  await t.test('a workspace’s store, and moving it', async (t) => {
    const made = await admin.call('POST', url, {
      code: 'kiosk',
      name: 'Kiosk',
      domain_id: kiosk,
      organization_id: print.id,
      workspace_id: mainStreet.id,
    });
    t.equal(made.statusCode, 201, made.body);
    const { id } = made.json();
    await renewed(admin);
    const host = 'kiosk.acme-print.com';
    const signed = await untilPinned(plane, 'press@acme.test', host, print.id);
    t.match(signed.json(), { context: { organization_id: print.id, workspace_id: mainStreet.id } });
    const press = await signedIn(plane, 'press@acme.test', host);
    const held = await admin.call('PATCH', `/api/admin/workspaces/${mainStreet.id}`, { status: 'archived' });
    t.match(held.json(), { status: 409, code: 'in_use' });
    const moved = await admin.call('PATCH', `${url}/${id}`, { workspace_id: harbor.id });
    t.match(moved.json(), { workspace_id: harbor.id, organization_id: print.id }, moved.body);
    await renewed(admin);
    const refused = await until(
      () => press.call('POST', '/api/auth/refresh'),
      ({ statusCode }) => statusCode !== 200,
    );
    t.match(refused.json(), { status: 403, code: 'context_not_allowed' }, 'has no access to where it went');
    const away = await admin.call('PATCH', `${url}/${id}`, { organization_id: promo.id });
    t.match(away.json(), { organization_id: promo.id, workspace_id: null });
    await renewed(admin);
  });

  await t.test("whoever administers one organization's has no say in another's", async (t) => {
    await plane.sql(
      `insert into res_user_roles (tenant_id, id, user_id, role_id, scope, organization_id)
       values ($1, $2, $3, $4, 'organization', $5)`,
      [acme.id, uuidv7(), acme.users[1].id, roles.tenant_admin.id, print.id],
    );
    const local = await signedIn(plane, 'sales@acme.test');
    t.same((await local.call('GET', url)).json().items, []);
    t.same((await local.call('GET', `${url}?organization_id=${promo.id}`)).json().items, []);
    for (const id of [promoStore, uuidv7()]) {
      for (const answer of [
        await local.call('GET', `${url}/${id}`),
        await local.call('PATCH', `${url}/${id}`, { organization_id: print.id }),
        await local.call('DELETE', `${url}/${id}`),
      ]) {
        t.match(answer.json(), { status: 404, code: 'not_found' });
      }
    }
    const made = await local.call('POST', url, { ...store, code: 'x' });
    t.match(made.json(), { status: 422, code: 'unknown_reference' });

    const free = await provenDomain(plane, admin, 'everybody.acme-print.com');
    const other = await provenDomain(plane, admin, 'another.acme-print.com');
    const taken = await local.call('POST', url, {
      code: 'mine',
      name: 'Mine',
      domain_id: free,
      organization_id: print.id,
    });
    t.match(taken.json(), { status: 403, code: 'permission_denied' }, 'a host that leads everybody to the tenant');
    const given = await admin.call('POST', url, {
      code: 'mine',
      name: 'Mine',
      domain_id: free,
      organization_id: print.id,
    });
    const own = `${url}/${given.json().id}`;
    await renewed(admin);
    await renewed(local);
    t.equal((await local.call('PATCH', own, { domain_id: other })).json().code, 'permission_denied');
    t.match(
      (await local.call('PATCH', own, { name: 'Ours' })).json(),
      { name: 'Ours' },
      'but the storefront is theirs',
    );
    t.equal((await admin.call('DELETE', own)).statusCode, 204, 'a new name makes no token stale');
  });

  await t.test('closed, its host is one of the whole tenant again', async (t) => {
    t.equal((await admin.call('DELETE', `${url}/${promoStore}`)).statusCode, 204);
    const atShop = plane.browser('shop.acme-print.com');
    await until(async () => (await atShop.signIn('sales@acme.test')).statusCode === 200);
    const actions = await plane.sql<{ action: string }>(
      `select distinct action from audit_events where tenant_id = $1 and action like 'store.%' order by action`,
      [acme.id],
    );
    t.same(
      actions.map(({ action }) => action),
      ['store.create', 'store.delete', 'store.update'],
    );
  });
});
