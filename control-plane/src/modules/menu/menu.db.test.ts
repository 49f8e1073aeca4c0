import { menu } from '@platen/schema/menu';
import { plans, tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { type Browser, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';
import { untilCode } from '../../test/people.fixture.js';

interface Entry {
  readonly code: string;
  readonly blocked: boolean;
  readonly blocked_by: string | null;
  readonly children?: readonly Entry[];
}

const read = async (browser: Browser) => (await browser.call('GET', '/api/menu')).json();
const linksOf = (items: readonly Entry[]): string[] =>
  items.flatMap(({ code, children = [] }) => (children.length > 0 ? linksOf(children) : [code]));
const find = (items: readonly Entry[], code: string): Entry | undefined =>
  items.flatMap((entry) => [entry, ...(entry.children ?? [])]).find((entry) => entry.code === code);

const signedIn = async (plane: TestControlPlane, email: string, host?: string): Promise<Browser> => {
  const browser = plane.browser(host);
  await browser.signIn(email);
  return browser;
};

t.test('the menu', async (t) => {
  const plane = await startControlPlane(t);
  const admin = await signedIn(plane, 'admin@acme.test');
  const globex = await signedIn(plane, 'admin@globex.test', 'globex.localhost');

  await t.test('an administrator of a tenant with everything sees everything, in order', async (t) => {
    const { items, cache_ttl_seconds } = await read(admin);
    t.same(
      items.map((entry: Entry) => [entry.code, ...(entry.children ?? []).map(({ code }) => code)]),
      menu.map((entry) => [entry.code, ...('links' in entry ? entry.links.map(({ code }) => code) : [])]),
    );
    t.equal(cache_ttl_seconds, 300);
    t.match(items[0], { label: 'Sales', route: null, blocked: false, children: [{ route: '/quotes' }] });
  });

  await t.test('others see what their role allows', async (t) => {
    const press = await signedIn(plane, 'press@acme.test');
    t.same(linksOf((await read(press)).items), [
      'sales.orders',
      'catalogue',
      'files',
      'jobs',
      'designs',
      'mockups',
      'production.board',
      'machines.devices',
      'machines.alerts',
      'stock.levels',
      'stock.shortages',
    ]);
    const sales = await signedIn(plane, 'sales@acme.test');
    t.same(linksOf((await read(sales)).items), [
      'sales.quotes',
      'sales.orders',
      'sales.customers',
      'catalogue',
      'files',
      'jobs',
      'designs',
      'mockups',
      'deconetwork',
      'production.board',
      'stock.levels',
      'stock.shortages',
      'purchasing.orders',
      'purchasing.suggestions',
      'suppliers',
      'pricing.calculator',
      'pricing.rule-sets',
      'pricing.tax-rates',
    ]);
    t.equal((await plane.browser().call('GET', '/api/menu')).json().code, 'authentication_required');
    const stranger = plane.browser('globex.localhost');
    const authorization = `Bearer ${admin.cookies.get('platen_at')}`;
    const refused = await stranger.call('GET', '/api/menu', undefined, { authorization });
    t.equal(refused.json().code, 'token_tenant_mismatch');
  });

  await t.test('what the plan lacks is blocked, what is on trial is not', async (t) => {
    const { items } = await read(globex);
    t.match(find(items, 'administration.stores'), { blocked: true, blocked_by: 'plan', module: 'platform.stores' });
    t.match(find(items, 'administration.audit'), { blocked: false, blocked_by: null });
  });

  await t.test('an ETag, and 304 with it', async (t) => {
    const first = await admin.call('GET', '/api/menu');
    const etag = String(first.headers['etag']);
    t.match(etag, /^"[\w-]{43}"$/);
    const second = await admin.call('GET', '/api/menu', undefined, { 'if-none-match': etag });
    t.equal(second.statusCode, 304);
    t.equal(second.headers['etag'], etag);
    t.equal(second.body, '');
    t.equal((await admin.call('GET', '/api/menu', undefined, { 'if-none-match': '"other"' })).statusCode, 200);
    t.not((await globex.call('GET', '/api/menu')).headers['etag'], etag);
  });

  await t.test('is right at once after a change of what the tenant has', async (t) => {
    const change = (text: string) => plane.sql(text, [tenants.globex.id]);
    const stores = async () => find((await read(globex)).items, 'administration.stores');
    await change(`insert into tenant_platform_product_modules (tenant_id, module_id, source)
      select $1, id, 'grant' from platform_product_modules where code = 'platform.stores'`);
    t.match(await stores(), { blocked: false });
    await change(`update tenant_platform_product_modules set enabled = false where tenant_id = $1
      and module_id = (select id from platform_product_modules where code = 'platform.stores')`);
    t.match(await stores(), { blocked: true, blocked_by: 'switch_off' });
    await change(`delete from tenant_platform_product_modules where tenant_id = $1
      and module_id = (select id from platform_product_modules where code = 'platform.stores')`);
    await plane.sql(
      `delete from platform_plan_modules where plan_id = $1
      and module_id = (select id from platform_product_modules where code = 'erp.customers')`,
      [plans.starter.id],
    );
    t.equal(find((await read(globex)).items, 'sales.customers'), undefined, 'not for sale: gone');
    await plane.sql(
      `update res_menu_items set label = 'Customer base', updated_at = clock_timestamp() where code = 'catalogue'`,
    );
    t.match(find((await read(globex)).items, 'catalogue'), { label: 'Customer base' });
  });

  await t.test('is right at once after a change of what the user may', async (t) => {
    const buyer = await signedIn(plane, 'buyer@acme.test');
    t.same(linksOf((await read(buyer)).items), [
      'sales.orders',
      'catalogue',
      'files',
      'jobs',
      'stock.levels',
      'stock.shortages',
      'purchasing.orders',
      'purchasing.suggestions',
      'suppliers',
    ]);
    const [role] = await plane.sql<{ id: string }>('select id from res_user_roles where user_id = $1', [
      tenants.acme.users[3].id,
    ]);
    t.equal((await admin.call('DELETE', `/api/admin/user-roles/${role?.id}`)).statusCode, 204);
    await untilCode(buyer, 'token_stale');
    t.equal((await buyer.call('GET', '/api/menu')).json().code, 'token_stale');
    await buyer.call('POST', '/api/auth/refresh');
    t.same((await read(buyer)).items, []);
  });

  await t.test('lives no longer than what it rests on', async (t) => {
    const endsAt = new Date(Date.now() + 90_000);
    await plane.sql(`update tenant_platform_product_modules set valid_until = $2 where tenant_id = $1`, [
      tenants.globex.id,
      endsAt,
    ]);
    const { cache_ttl_seconds: ttl } = await read(globex);
    t.ok(ttl > 0 && ttl <= 90, `the trial: ${ttl}`);
    t.equal((await read(admin)).cache_ttl_seconds, 300);
    const sales = await signedIn(plane, 'sales@acme.test');
    await plane.sql('update res_user_roles set expires_at = $2 where user_id = $1', [tenants.acme.users[1].id, endsAt]);
    await sales.call('POST', '/api/auth/refresh');
    const ofRole = (await read(sales)).cache_ttl_seconds;
    t.ok(ofRole > 0 && ofRole <= 90, `the role: ${ofRole}`);
    plane.clock.offsetMs = 91_000;
    t.match(find((await read(globex)).items, 'administration.audit'), { blocked: true, blocked_by: 'ended_trial' });
  });
});

t.test('what the installation lacks is gone', async (t) => {
  const plane = await startControlPlane(t, { isFeatureEnabled: (flag) => flag !== 'FEATURE_PRICING_ENGINE' });
  const admin = await signedIn(plane, 'admin@acme.test');
  t.equal(find((await read(admin)).items, 'pricing'), undefined);
});
