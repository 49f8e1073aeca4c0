import { plans as seeded, tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { startControlPlane, type TestControlPlane } from '../../test/control-plane.js';
import { tenantEntity } from '../feed/entities.js';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A caller in this role, at the platform's host. */
async function platformCaller(plane: TestControlPlane, role: 'auditor' | 'operator') {
  const email = `plans-${role}@platform.test`;
  const password = 'a long platform password';
  await plane.sql(
    `insert into platform_admins (id, email, name, password_hash, role) values ($1, $2, $2, $3, $4) on conflict do nothing`,
    [uuidv7(), email, await plane.passwords.hash(password), role],
  );
  const browser = plane.browser('platform.localhost');
  const signedIn = await browser.call('POST', '/platform/auth/login', { email, password });
  if (signedIn.statusCode !== 200) throw new Error(signedIn.body);
  return async (method: Method, url: string, payload?: object) => {
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = {
      host: 'platform.localhost',
      origin: 'http://platform.localhost',
      'x-correlation-id': 'test-correlation',
      cookie,
    };
    return plane.app.tenant.inject({ method, url, headers, ...(payload && { payload }) });
  };
}

const globex = tenants.globex.id;
const starter = `/platform/plans/${seeded.starter.id}`;
const lastChanges = (plane: TestControlPlane, after: string) =>
  plane.sql<{ seq: string; tenant_id: string; payload: string }>(
    'select seq::text as seq, tenant_id, payload::text as payload from control_changes where seq > $1::bigint order by control_changes.seq',
    [after],
  );
const position = async (plane: TestControlPlane) =>
  (await plane.sql<{ seq: string }>('select max(seq)::text as seq from control_changes'))[0]?.seq ?? '0';
/** Of one chain: the time does not tell which of two chains had its last event later. */
const lastAudit = async (plane: TestControlPlane, tenantId: string | null) =>
  (
    await plane.sql<{
      action: string;
      target: string;
      actor_type: string;
      before: string;
      after: string;
    }>(
      `select action, target, actor_type, before::text as before, after::text as after from audit_events
       where tenant_id is not distinct from $1 order by seq desc limit 1`,
      [tenantId],
    )
  )[0];

t.test('plans', async (t) => {
  const plane = await startControlPlane(t);
  const [auditor, operator] = [await platformCaller(plane, 'auditor'), await platformCaller(plane, 'operator')];

  await t.test('the auditor reads, the operator writes, at the platform’s host alone', async (t) => {
    const { items, next_cursor } = (await auditor('GET', '/platform/plans?limit=1')).json();
    t.match(items, [{ code: 'starter', tenants: 2, limits: { users: 5 } }]);
    const rest = (await auditor('GET', `/platform/plans?limit=1&cursor=${next_cursor}`)).json();
    t.match(rest, { items: [{ code: 'pro', tenants: 1 }], next_cursor: null });
    t.equal((await auditor('GET', '/platform/plans?cursor=x.y')).json().code, 'invalid_cursor');
    t.equal((await auditor('GET', `/platform/plans/${uuidv7()}`)).json().code, 'not_found');
    for (const [method, url, body] of [
      ['PATCH', starter, { name: 'Mine' }],
      ['DELETE', starter, undefined],
      ['POST', '/platform/plans', { code: 'x', name: 'X', modules: [], limits: {} }],
      ['POST', `${starter}/preview`, {}],
      ['PUT', `/platform/tenants/${globex}/modules/erp.quotes`, { kind: 'off' }],
      ['DELETE', `/platform/tenants/${globex}/limits/users`, undefined],
    ] as const) {
      t.equal((await auditor(method, url, body)).json().code, 'platform_role_required', `${method} ${url}`);
    }
    const admin = plane.browser('globex.localhost');
    await admin.signIn('admin@globex.test');
    t.equal((await admin.call('GET', '/platform/plans')).statusCode, 404);
    const authorization = `Bearer ${admin.cookies.get('platen_at')}`;
    const refused = await admin.call('GET', '/platform/plans', undefined, {
      host: 'platform.localhost',
      authorization,
    });
    t.equal(refused.json().code, 'token_invalid', 'a tenant’s token is none of the platform’s');
  });

  await t.test('are made, changed and deleted', async (t) => {
    const body = { code: 'Solo', name: 'Solo', modules: ['erp.catalog'], limits: { users: 1, devices: null } };
    const made = (await operator('POST', '/platform/plans', body)).json();
    t.match(made, { code: 'solo', modules: ['erp.catalog'], limits: { users: 1, devices: null }, tenants: 0 });
    t.match(await lastAudit(plane, null), { action: 'plan.create', actor_type: 'platform_admin' });
    t.equal((await operator('POST', '/platform/plans', body)).json().code, 'duplicate');
    t.equal(
      (await operator('POST', '/platform/plans', { ...body, modules: ['erp.magic'] })).json().code,
      'unknown_reference',
    );
    t.equal(
      (await operator('POST', '/platform/plans', { ...body, limits: { magic: 1 } })).json().code,
      'validation_failed',
    );
    t.equal(
      (await operator('POST', '/platform/plans', { ...body, limits: { users: -1 } })).json().code,
      'validation_failed',
    );
    const before = await position(plane);
    const changed = await operator('PATCH', `/platform/plans/${made.id}`, {
      modules: ['erp.quotes'],
      limits: { users: null },
    });
    t.match(changed.json(), { name: 'Solo', modules: ['erp.quotes'], limits: { users: null } });
    t.notOk('devices' in changed.json().limits);
    t.same(await lastChanges(plane, before), [], 'no tenant has it');
    t.equal((await operator('DELETE', `/platform/plans/${made.id}`)).statusCode, 204);
    t.equal((await operator('DELETE', `/platform/plans/${made.id}`)).json().code, 'not_found');
    t.equal((await operator('DELETE', starter)).json().code, 'in_use');
  });

  await t.test('a preview says what a change would take, and writes nothing', async (t) => {
    await plane.sql(
      `insert into tenant_platform_product_modules (tenant_id, module_id, source, valid_until)
       select $1, id, 'trial', now() + interval '1 day' from platform_product_modules where code = 'erp.orders'`,
      [globex],
    );
    const before = await position(plane);
    const preview = (
      await operator('POST', `${starter}/preview`, {
        modules: ['erp.catalog', 'platform.stores'],
        limits: { users: 0 },
      })
    ).json();
    t.match(preview, {
      tenants: 2,
      affected: 2,
      gained: ['platform.stores'],
      exceeded: [{ limit_code: 'users', tenants: 2 }],
    });
    t.match(
      preview.lost.find(({ module }: { module: string }) => module === 'erp.orders'),
      { tenants: 1 },
    );
    const [first] = preview.items;
    t.equal(first.tenant.slug, 'globex');
    t.match(first.kept, [{ module: 'erp.orders', decided_by: 'trial', valid_until: /Z$/ }]);
    t.match(first.exceeded, [{ limit_code: 'users', limit: 0, used: 1 }]);
    const quotes = first.lost.find(({ module }: { module: string }) => module === 'erp.quotes');
    t.match(quotes, { users: 1, api_keys: 0 });
    const capped = (await operator('POST', `${starter}/preview`, { modules: [], max_items: 1 })).json();
    t.match(capped, { affected: 2, items: { length: 1 } });
    const moved = (await operator('POST', `${starter}/preview`, { tenant_id: tenants.acme.id })).json();
    t.match(moved, { tenants: 1, affected: 1, gained: [], items: [{ tenant: { slug: 'acme' } }] });
    t.same(
      moved.lost.map(({ module }: { module: string }) => module),
      ['platform.audit', 'platform.stores'],
    );
    t.equal((await operator('POST', `${starter}/preview`, { tenant_id: uuidv7() })).json().code, 'unknown_reference');
    t.equal(
      (await operator('POST', `${starter}/preview`, { modules: ['erp.magic'] })).json().code,
      'unknown_reference',
    );
    t.equal(await position(plane), before);
    t.match((await auditor('GET', starter)).json(), { limits: { users: 5 } });
  });

  await t.test('a change is told of every tenant on the plan, and of none else', async (t) => {
    const before = await position(plane);
    await operator('PATCH', starter, { name: 'Starter' });
    t.same(await lastChanges(plane, before), [], 'a name is nobody’s affair');
    const { modules } = (await auditor('GET', starter)).json();
    const limits = { users: 3 };
    await operator('PATCH', starter, { modules: modules.filter((code: string) => code !== 'erp.orders'), limits });
    const told = await lastChanges(plane, before);
    t.same(told.map(({ tenant_id }) => tenant_id).sort(), [globex, tenants.initech.id].sort());
    const same = await plane.sql<{ same: string }>(
      `select c.payload = ${tenantEntity}::jsonb as same from control_changes c join tenants t on t.id = c.tenant_id where c.seq > $1::bigint`,
      [before],
    );
    t.same(same, [{ same: 't' }, { same: 't' }], 'as the snapshot shows them');
    const entity = JSON.parse(told.find(({ tenant_id }) => tenant_id === globex)?.payload ?? '{}');
    t.same(entity.limits, limits);
    t.match(
      entity.modules.find(({ code }: { code: string }) => code === 'erp.orders'),
      { valid_until: /Z$/ },
      'its trial is left',
    );
    t.match(await lastAudit(plane, null), { action: 'plan.update', target: `plan:${seeded.starter.id}` });
  });
});

t.test('products', async (t) => {
  const plane = await startControlPlane(t, { isFeatureEnabled: () => false });
  const operator = await platformCaller(plane, 'operator');
  const { items } = (await operator('GET', '/platform/products')).json();
  t.same(
    items.map(({ code }: { code: string }) => code),
    ['platform', 'erp', 'telemetry'],
  );
  const url = `/platform/products/${items[1].id}`;
  t.match((await operator('GET', url)).json(), { code: 'erp', name: 'Shop ERP' });
  t.match((await operator('PATCH', url, { name: 'Shop', position: 0 })).json(), { name: 'Shop', position: 0 });
  t.match(await lastAudit(plane, null), { action: 'product.update', before: /Shop ERP/, after: /"Shop"/ });
  const modules = (await operator('GET', `${url}/modules`)).json().items;
  t.match(
    modules.find(({ code }: { code: string }) => code === 'erp.pricing'),
    { feature_flag: 'FEATURE_PRICING_ENGINE', enabled_here: false },
  );
  for (const path of ['', '/modules']) {
    t.equal((await operator('GET', `/platform/products/${uuidv7()}${path}`)).json().code, 'not_found');
  }
});

t.test('what is set for one tenant', async (t) => {
  const plane = await startControlPlane(t);
  const operator = await platformCaller(plane, 'operator');
  const base = `/platform/tenants/${globex}`;
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const admin = plane.browser('globex.localhost');
  await admin.signIn('admin@globex.test');
  const seen = async (code: string) => {
    const { items } = (await admin.call('GET', '/api/access/modules')).json();
    return items.find((item: { code: string }) => item.code === code);
  };
  const lastTold = async () => JSON.parse((await lastChanges(plane, '0')).at(-1)?.payload ?? '{}');

  await t.test('a module: granted, on trial, off, and back to the plan', async (t) => {
    const url = `${base}/modules/platform.stores`;
    t.match((await operator('PUT', url, { kind: 'trial', valid_until: soon })).json(), {
      available: true,
      decided_by: 'trial',
      in_plan: false,
      valid_until: soon,
      set: { kind: 'trial', valid_until: soon },
    });
    t.match(await lastAudit(plane, globex), {
      action: 'tenant_module.update',
      target: 'module:platform.stores',
      before: /"set": null/,
    });
    t.match(
      (await lastTold()).modules.find(({ code }: { code: string }) => code === 'platform.stores'),
      { valid_until: soon },
    );
    t.match(await seen('platform.stores'), { available: true, decided_by: 'trial' }, 'the tenant sees it at once');
    t.match((await operator('PUT', url, { kind: 'grant' })).json(), { decided_by: 'grant', valid_until: null });
    t.equal((await operator('DELETE', url)).statusCode, 204);
    t.match(await seen('platform.stores'), { available: false, decided_by: 'plan' });
    t.match((await operator('PUT', `${base}/modules/erp.orders`, { kind: 'off', valid_until: soon })).json(), {
      available: false,
      decided_by: 'switch_off',
      available_from: soon,
      in_plan: true,
    });
    t.match(
      (await lastTold()).modules.find(({ code }: { code: string }) => code === 'erp.orders'),
      { valid_from: soon, valid_until: null },
    );
    const { items } = (await operator('GET', `${base}/modules`)).json();
    t.match(
      items.find(({ code }: { code: string }) => code === 'erp.orders'),
      { set: { kind: 'off' }, available: false },
    );
  });

  await t.test('a product: off takes its modules, a trial brings them', async (t) => {
    t.match((await operator('PUT', `${base}/products/erp`, { kind: 'off' })).json(), {
      code: 'erp',
      set: { kind: 'off', valid_until: null },
    });
    t.match(await seen('erp.catalog'), { available: false, decided_by: 'product' });
    t.same(
      (await lastTold()).modules.filter(({ code }: { code: string }) => code.startsWith('erp.')),
      [],
    );
    await operator('PUT', `${base}/products/platform`, { kind: 'trial', valid_until: soon });
    t.match(await seen('platform.stores'), { available: true, decided_by: 'trial' });
    t.match((await operator('GET', `${base}/products`)).json().items, [
      { code: 'platform', set: { kind: 'trial' } },
      { code: 'erp' },
    ]);
    for (const code of ['platform', 'erp'])
      t.equal((await operator('DELETE', `${base}/products/${code}`)).statusCode, 204);
    t.match(await seen('erp.catalog'), { available: true, decided_by: 'plan' });
  });

  await t.test('a limit of its own', async (t) => {
    const url = `${base}/limits/users`;
    t.match((await operator('PUT', url, { value: 9 })).json(), {
      value: 9,
      decided_by: 'tenant',
      plan_value: 5,
      used: 1,
    });
    t.equal((await lastTold()).limits.users, 9);
    t.match((await operator('PUT', url, { value: null })).json(), { value: null, decided_by: 'tenant' });
    t.equal((await operator('DELETE', url)).statusCode, 204);
    const { items } = (await operator('GET', `${base}/limits`)).json();
    t.match(items, [
      { code: 'users', value: 5, decided_by: 'plan' },
      { code: 'devices', value: 10, decided_by: 'plan' },
    ]);
    t.match(await lastAudit(plane, globex), { action: 'tenant_limit.update', target: 'limit:users' });
  });

  await t.test('what is refused', async (t) => {
    const past = new Date(Date.now() - 1).toISOString();
    for (const [path, body] of [
      ['/modules/erp.orders', { kind: 'trial' }],
      ['/modules/erp.orders', { kind: 'grant', valid_until: past }],
      ['/modules/erp.orders', { kind: 'grant', valid_until: '2027-02-31T00:00:00.000Z\u0000' }],
      ['/modules/erp.orders', { kind: 'plan' }],
      ['/modules/erp.orders', { kind: 'grant', tenant_id: tenants.acme.id }],
      ['/limits/users', { value: 1.5 }],
      ['/limits/users', { value: 2 ** 60 }],
      ['/limits/magic', { value: 1 }],
    ] as const) {
      t.equal(
        (await operator('PUT', base + path, body)).json().code,
        'validation_failed',
        JSON.stringify([path, body]),
      );
    }
    for (const path of ['/modules/erp.magic', '/products/magic']) {
      t.equal((await operator('PUT', base + path, { kind: 'grant' })).json().code, 'not_found');
    }
    for (const path of ['products/erp', 'modules/erp.orders', 'limits/users']) {
      const body = path === 'limits/users' ? { value: 1 } : { kind: 'grant' };
      t.equal((await operator('PUT', `/platform/tenants/${uuidv7()}/${path}`, body)).json().code, 'not_found');
      const list = path.slice(0, path.indexOf('/'));
      t.equal((await operator('GET', `/platform/tenants/${uuidv7()}/${list}`)).json().code, 'not_found');
    }
  });
});
