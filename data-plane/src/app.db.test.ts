import { testDatabase } from '@platen/chassis/testkit/database';
import type { PermissionCode } from '@platen/schema/permissions';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { openTestPlane, type TestTenant } from './testkit/test-plane.js';

const plane = openTestPlane(t, {
  'erp-1': await testDatabase(t, 'erp'),
  'erp-2': await testDatabase(t, 'erp'),
  unmigrated: await testDatabase(t, 'empty'),
});
const acme = plane.addTenant('acme', 'erp-1');
const neighbour = plane.addTenant('neighbour', 'erp-1');
const globex = plane.addTenant('globex', 'erp-2', { domains: ['print.example'] });
const get = (tenant: Pick<TestTenant, 'slug'>, token: string, url: string) =>
  plane.call(tenant, token, { method: 'GET', url });
const addCustomer = (tenant: TestTenant, token: string, code: string) =>
  plane.call(tenant, token, { method: 'POST', url: '/api/erp/customers', payload: { code, name: code } });
const codes = (body: { items: { code: string }[] }): string[] => body.items.map(({ code }) => code).sort();

t.test('each sees its own: tenants in one database, in two, organizations of one tenant', async (t) => {
  const tokens = [
    [acme, plane.token(acme), 'a1'],
    [acme, plane.token(acme, { org: acme.organizationIds[1] }), 'a2'],
    [neighbour, plane.token(neighbour), 'n1'],
    [globex, plane.token(globex), 'g1'],
  ] as const;
  const made = await Promise.all(tokens.map(([tenant, token, code]) => addCustomer(tenant, token, code)));
  t.same(
    made.map(({ status }) => status),
    [201, 201, 201, 201],
  );
  for (const [index, [tenant, token, code]] of tokens.entries()) {
    t.same(codes((await get(tenant, token, '/api/erp/customers')).body), [code]);
    for (const [other, { body }] of made.entries()) {
      const url = `/api/erp/customers/${body.id}`;
      const expected = other === index ? 200 : 404;
      t.equal((await get(tenant, token, url)).status, expected, `${code} reads ${tokens[other]?.[2]}`);
      const patch = { method: 'PATCH' as const, url, payload: { name: 'taken over' } };
      if (other !== index) t.equal((await plane.call(tenant, token, patch)).status, 404);
    }
  }
  t.equal((await addCustomer(neighbour, plane.token(neighbour), 'a1')).status, 201, 'codes are one organization’s own');
});

t.test('a workspace sees what is the organization’s, and shares the catalogue', async (t) => {
  const [here, there] = acme.workspaceIds;
  const inWorkspace = plane.token(acme, { ws: here });
  t.equal((await addCustomer(acme, inWorkspace, 'from-workspace')).status, 201);
  const elsewhere = plane.token(acme, { ws: there });
  t.ok(codes((await get(acme, elsewhere, '/api/erp/customers')).body).includes('from-workspace'));
});

t.test('host and token belong together', async (t) => {
  const token = plane.token(acme);
  t.match(await get(neighbour, token, '/api/erp/customers'), {
    status: 401,
    body: { code: 'token_tenant_mismatch' },
  });
  t.match(await get({ slug: 'nobody' }, token, '/api/erp/customers'), {
    status: 404,
    body: { code: 'tenant_not_found' },
  });
  const atDomain = await plane.call(globex, plane.token(globex), {
    method: 'GET',
    url: '/api/erp/customers',
    headers: { host: 'print.example' },
  });
  t.equal(atDomain.status, 200);
});

t.test('what the feed says holds for the next request', async (t) => {
  const tenant = plane.addTenant('changing', 'erp-1');
  const token = plane.token(tenant, { sub: uuidv7() });
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  const answer = async (sent = token) => {
    const { status, body } = await get(tenant, sent, '/api/erp/customers');
    return status === 200 ? 'ok' : body.code;
  };
  t.equal(await answer(), 'ok');
  plane.apply({ kind: 'user_epoch', tenant_id: tenant.id, user_id: claims.sub, authz_epoch: 1 });
  t.equal(await answer(), 'token_stale');
  const renewed = plane.token(tenant, { sub: claims.sub, epo: [0, 1] });
  t.equal(await answer(renewed), 'ok');
  const { sid } = JSON.parse(Buffer.from(renewed.split('.')[1] ?? '', 'base64url').toString());
  const forgetAt = new Date(Date.now() + 960_000).toISOString();
  plane.apply({ kind: 'revoked_session', tenant_id: tenant.id, session_id: sid, forget_at: forgetAt });
  t.equal(await answer(renewed), 'token_revoked');

  const { modules, ...rest } = { ...plane.store.tenantById(tenant.id) };
  const entity = {
    kind: 'tenant' as const,
    id: tenant.id,
    slug: tenant.slug,
    name: rest.name ?? '',
    domains: [],
    erp_db_key: 'erp-1',
    telemetry_db_key: null,
    authz_epoch: 0,
    limits: {},
  };
  const other = plane.token(tenant);
  const without = (modules ?? []).filter(({ code }) => code !== 'erp.customers');
  plane.apply({ ...entity, status: 'active', modules: without });
  t.equal(await answer(other), 'module_unavailable');
  plane.apply({ ...entity, status: 'suspended', modules: [...(modules ?? [])] });
  t.equal(await answer(other), 'tenant_suspended');
  plane.apply({ ...entity, status: 'active', modules: [...(modules ?? [])], authz_epoch: 1 });
  t.equal(await answer(other), 'token_stale');
});

t.test('permission and context', async (t) => {
  const withPermissions = (permissions: PermissionCode[], parts = {}) => plane.token(acme, { permissions, ...parts });
  const list = (token: string) => get(acme, token, '/api/erp/customers');
  t.match(await list(withPermissions(['erp.product.read'])), {
    status: 403,
    body: { code: 'permission_denied', permission: 'erp.customer.read' },
  });
  t.match(await list(withPermissions(['erp.customer.read'], { org: null })), {
    status: 403,
    body: { code: 'context_required' },
  });
  t.equal((await list(withPermissions(['erp.customer.read']))).status, 200);
});

t.test('one database in trouble costs its own tenants', async (t) => {
  const lost = plane.addTenant('lost', 'no-such-key');
  const behind = plane.addTenant('behind', 'unmigrated');
  for (let again = 0; again < 2; again += 1) {
    const away = await get(lost, plane.token(lost), '/api/erp/customers');
    t.match(away, { status: 503, body: { code: 'database_unavailable' }, headers: { 'retry-after': /\d/ } });
    t.notMatch(away.text, 'no-such-key', 'the answer tells no key');
    t.match(await get(behind, plane.token(behind), '/api/erp/customers'), {
      status: 503,
      body: { code: 'schema_behind' },
    });
    t.equal((await get(acme, plane.token(acme), '/api/erp/customers')).status, 200);
  }
  const ready = await plane.app.tenant.inject({ method: 'GET', url: '/ready' });
  t.equal(ready.statusCode, 200);
  t.same(ready.json().dependencies, { databases: 'schema_behind' }, 'and tells strangers no key either');
  const inside = await plane.app.internal.inject({ method: 'GET', url: '/ready' });
  t.match(inside.json().dependencies, { 'database erp-1': 'ok', 'database unmigrated': 'schema_behind' });
});
