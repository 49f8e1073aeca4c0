import { type Contract, contracts, requires } from '@platen/schema/contract';
import { closed, Id, nullable, pageQuery } from '@platen/schema/contracts/shapes';
import type { InjectOptions } from 'fastify';
import t from 'tap';
import { Type } from 'typebox';
import { createAccessVerifier } from '../auth/principals.js';
import { rateLimit } from '../cache/token-buckets.js';
import { recordLog } from '../testkit/http.js';
import { createTestIssuer, testIssuer } from '../testkit/tokens.js';
import { AppError } from './app-error.js';
import { implement, implementSite } from './implement.js';
import { createServer, type ServerOptions } from './server.js';
import { type Implementation, RawJson, type TenantRef } from './types.js';

const orgId = '0190a000-0000-7000-8000-000000000001';
const Item = closed({ id: Id, name: Type.String(), version: Type.Integer(), note: nullable(Type.String()) });
const things = contracts('test.things', {
  get: {
    method: 'GET',
    path: '/api/test/things/:id',
    access: requires('erp.quote.read'),
    summary: 'One',
    params: closed({ id: Id }),
    status: 200,
    response: Item,
    versioned: true,
  },
  live: {
    method: 'GET',
    path: '/api/test/live/:id',
    access: requires('erp.quote.read'),
    summary: 'One with what others have of it',
    params: closed({ id: Id }),
    status: 200,
    response: Item,
    versioned: true,
    live: true,
  },
  list: {
    method: 'GET',
    path: '/api/test/things',
    access: requires('erp.price.compute'),
    summary: 'All',
    query: closed({ ...pageQuery, active: Type.Optional(Type.Boolean()) }),
    status: 200,
    response: closed({ limit: Type.Integer(), active: nullable(Type.Boolean()) }),
  },
  patch: {
    method: 'PATCH',
    path: '/api/test/things/:id',
    access: requires('erp.quote.write'),
    summary: 'Change',
    params: closed({ id: Id }),
    body: closed({ name: Type.String({ maxLength: 10 }), size: Type.Optional(Type.Integer()) }),
    status: 200,
    response: closed({ seen: nullable(Type.Integer()) }),
    versioned: true,
  },
  act: {
    method: 'POST',
    path: '/api/test/act',
    access: 'public',
    summary: 'With or without a body',
    body: Type.Optional(closed({ name: Type.Optional(Type.String()) })),
    status: 200,
    response: closed({ name: nullable(Type.String()) }),
  },
  open: { method: 'POST', path: '/api/test/open', access: 'public', summary: 'For all', status: 204 },
  me: {
    method: 'GET',
    path: '/api/test/me',
    access: 'self',
    summary: 'Me',
    status: 200,
    response: closed({ id: Type.String(), org: nullable(Id) }),
  },
  manage: {
    method: 'DELETE',
    path: '/api/admin/things',
    access: requires('admin.user_role.delete'),
    summary: 'x',
    status: 204,
  },
  fail: { method: 'GET', path: '/api/test/fail', access: 'public', summary: 'Fails', status: 204 },
  keys: {
    method: 'GET',
    path: '/.well-known/test.json',
    access: 'public',
    summary: 'A document',
    status: 200,
    response: closed({ ok: Type.Boolean() }),
  },
});

interface Tenant extends TenantRef {
  readonly modules: readonly string[];
}
const acme: Tenant = { id: 'tenant-a', slug: 'acme', status: 'active', modules: ['erp.quotes', 'platform.access'] };
const tenants: Record<string, Tenant> = {
  'acme.localhost': acme,
  'acme.example': acme,
  'globex.localhost': { ...acme, id: 'tenant-b', slug: 'globex' },
  'halted.localhost': { ...acme, id: 'tenant-c', status: 'suspended' },
};

const issuer = createTestIssuer();
const item = { id: orgId, name: 'cap', version: 7, note: null, secret: 'not declared' };

const implementations: Implementation<Tenant>[] = [
  implement(things.get, async ({ params }) => (params.id === orgId ? item : new RawJson('{"raw":true}', 3))),
  implement(things.live, async () => item),
  implement(things.list, async ({ query }) => ({ limit: query.limit ?? 0, active: query.active ?? null })),
  implement(things.patch, async ({ ctx }) => ({ seen: ctx.ifMatch })),
  implement(things.act, async ({ body }) => ({ name: body?.name ?? null })),
  implement(things.open, async () => {}),
  implement(things.me, async ({ ctx }) => ({ id: ctx.principal?.id ?? '', org: ctx.organizationId })),
  implement(things.manage, async () => {}),
  implement(things.fail, async () => {
    throw new Error('broken inside', { cause: new Error('password=hunter2 at /srv/app') });
  }),
  implementSite(things.keys, async () => ({ ok: true })),
];

function makeServer(changes: Partial<ServerOptions<Tenant>> = {}) {
  const recorded = recordLog();
  const app = createServer<Tenant>({
    log: recorded.log,
    production: false,
    readiness: () => ({ ready: true, dependencies: { database: 'degraded' } }),
    contracts: Object.values(things) as readonly Contract[],
    implementations,
    resolveTenant: (host) => tenants[host],
    verifier: createAccessVerifier({ keys: issuer.keys, issuer: testIssuer }),
    refusalOf: () => null,
    isModuleAvailable: (tenant, module) => tenant.modules.includes(module),
    limitOf: () => null,
    openDb: () => {
      throw new Error('no database in this test');
    },
    devOriginPorts: [3000],
    ...changes,
  });
  const correlation = { host: 'acme.localhost', 'x-correlation-id': 'test-correlation' };
  const call = (options: InjectOptions) =>
    app.inject({ method: 'GET', ...options, headers: { ...correlation, ...options.headers } });
  return { app, call, recorded };
}

const token = (permissions: Parameters<typeof issuer.accessToken>[0] = {}) => ({
  authorization: `Bearer ${issuer.accessToken({ tid: 'tenant-a', org: orgId, ...permissions })}`,
});

t.test('an answer: serialized by its schema, with its version and its headers; one line in the log', async (t) => {
  const { call, recorded } = makeServer();
  const headers = token({ permissions: ['erp.quote.read'], sub: 'user-1' });
  const got = await call({ url: `/api/test/things/${orgId}`, headers });
  t.equal(got.statusCode, 200);
  t.same(got.json(), { id: orgId, name: 'cap', version: 7, note: null }, 'what is not declared is not sent');
  t.match(got.headers, { etag: '"7"', 'x-correlation-id': 'test-correlation', 'cache-control': 'no-store' });
  t.equal(got.headers['x-content-type-options'], 'nosniff');
  const unchanged = await call({ url: `/api/test/things/${orgId}`, headers: { ...headers, 'if-none-match': 'W/"7"' } });
  t.equal(unchanged.statusCode, 304);
  t.equal(unchanged.body, '');
  const live = await call({ url: `/api/test/live/${orgId}`, headers: { ...headers, 'if-none-match': '"7"' } });
  t.match(live, { statusCode: 200, headers: { etag: '"7"' } }, 'the same version, perhaps not the same answer');
  const raw = await call({ url: `/api/test/things/${orgId.replace('1', '2')}`, headers });
  t.equal(raw.body, '{"raw":true}', 'sent as Postgres built it');
  t.equal(raw.headers.etag, '"3"');
  t.equal(recorded.lines.length, 4);
  t.match(recorded.lines[0], {
    message: 'request',
    correlation_id: 'test-correlation',
    tenant_id: 'tenant-a',
    context: { organization_id: orgId, workspace_id: null, user_id: 'user-1' },
    data: { method: 'GET', route: '/api/test/things/:id', status: 200, db_queries: 0 },
  });
});

t.test('hosts', async (t) => {
  const { call } = makeServer();
  const at = async (host: string, tokens = token()) => {
    const answer = await call({ url: '/api/test/me', headers: { ...tokens, host } });
    return answer.statusCode === 200 ? 200 : answer.json().code;
  };
  t.equal(await at('acme.localhost:4001'), 200);
  t.equal(await at('ACME.localhost'), 200);
  t.equal(await at('acme.example'), 200, 'a domain of its own');
  t.equal(await at('nobody.localhost'), 'tenant_not_found');
  t.equal(await at('constructor'), 'tenant_not_found');
  t.equal(await at('globex.localhost'), 'token_tenant_mismatch');
  t.equal(await at('halted.localhost'), 'tenant_suspended');
  for (const host of [
    'acme.localhost.',
    'acme.localhost,globex.localhost',
    'a@acme.localhost',
    '[::1]',
    'acme..localhost',
    ' ',
    'acme.localhost:',
    'acme.localhost/x',
    '-a.localhost',
    'ａcme.localhost',
    `${'a'.repeat(300)}.localhost`,
  ]) {
    t.equal(await at(host), 'invalid_host', JSON.stringify(host));
  }
});

t.test('correlation', async (t) => {
  const { call } = makeServer();
  for (const id of ['', 'short', 'a'.repeat(129), 'with space here', 'semi;colon']) {
    const refused = await call({ url: '/api/test/open', method: 'POST', headers: { 'x-correlation-id': id } });
    t.equal(refused.json().code, 'correlation_id_required', id);
    t.not(refused.headers['x-correlation-id'], id);
  }
  const made = await call({ url: '/.well-known/test.json', headers: { 'x-correlation-id': '', host: 'anything' } });
  t.equal(made.statusCode, 200);
  t.match(made.headers['x-correlation-id'], /^[\w-]{36}$/);
});

t.test('who may', async (t) => {
  const disabled = makeServer({ isFeatureEnabled: (flag) => flag !== 'FEATURE_PRICING_ENGINE' });
  const { call } = makeServer();
  const url = `/api/test/things/${orgId}`;
  const code = async (headers: Record<string, string>, path = url, send = call) => {
    const answer = await send({ url: path, headers });
    return answer.statusCode === 200 ? 200 : answer.json();
  };
  t.match(await code({}), { code: 'authentication_required', status: 401 });
  t.match(await code({ authorization: 'Basic abc' }), { code: 'token_invalid' });
  t.match(await code(token()), {
    code: 'permission_denied',
    permission: 'erp.quote.read',
    detail: 'The permission erp.quote.read is needed',
  });
  t.match(await code(token({ org: null, permissions: ['erp.quote.read'] })), { code: 'context_required' });
  t.match(await code(token({ permissions: ['erp.price.compute'] }), '/api/test/things'), {
    code: 'module_unavailable',
    module: 'erp.pricing',
  });
  t.match(await code(token({ permissions: ['erp.price.compute'] }), '/api/test/things', disabled.call), {
    code: 'feature_disabled',
    status: 404,
  });
  t.equal(await code(token({ org: null }), '/api/test/me'), 200, 'oneself needs no context');
  const admin = token({ org: null, permissions: ['admin.user_role.delete'] });
  t.equal((await call({ url: '/api/admin/things', method: 'DELETE', headers: admin })).statusCode, 204);
  const refusing = makeServer({ refusalOf: () => 'token_stale' });
  t.match(await code(token({ permissions: ['erp.quote.read'] }), url, refusing.call), {
    code: 'token_stale',
    status: 401,
  });
  const lenient = makeServer({ isTenantsToken: () => true });
  t.equal(await code({ ...token(), host: 'globex.localhost' }, '/api/test/me', lenient.call), 200);
});

t.test('cookies and origins', async (t) => {
  const { call } = makeServer();
  const signedIn = `platen_at=${issuer.accessToken({ tid: 'tenant-a', org: orgId, permissions: ['erp.quote.write'] })}`;
  const write = async (headers: Record<string, string>, send = call) => {
    const answer = await send({ method: 'PATCH', url: `/api/test/things/${orgId}`, payload: { name: 'x' }, headers });
    return answer.statusCode === 200 ? 200 : answer.json().code;
  };
  t.equal((await call({ url: '/api/test/me', headers: { cookie: signedIn } })).statusCode, 200, 'reads need no origin');
  t.equal(await write({ cookie: signedIn }), 'origin_not_allowed');
  for (const origin of ['http://acme.localhost', 'http://acme.localhost:3000', 'http://acme.example']) {
    t.equal(await write({ cookie: signedIn, origin }), 200, origin);
  }
  for (const origin of [
    'null',
    'http://globex.localhost',
    'http://acme.localhost:3001',
    'http://acme.localhost.attacker.test',
    'https://acme.localhost',
    'http://acme.localhost@attacker.test',
    'http://ACME.localhost',
  ]) {
    t.equal(await write({ cookie: signedIn, origin }), 'origin_not_allowed', origin);
  }
  t.equal(await write({ ...token({ permissions: ['erp.quote.write'] }) }), 200, 'a bearer token needs none');
  t.equal(
    await write({ cookie: `${signedIn}; ${signedIn}`, origin: 'http://acme.localhost' }),
    'authentication_required',
  );
  t.equal(await write({ cookie: `x${signedIn}`, origin: 'http://acme.localhost' }), 'authentication_required');
  const open = (headers: Record<string, string>) => call({ method: 'POST', url: '/api/test/open', headers });
  t.equal((await open({})).statusCode, 204);
  t.equal((await open({ cookie: 'platen_rt=x' })).json().code, 'origin_not_allowed', 'the refresh cookie counts too');
  t.equal(
    (await open({ origin: 'http://attacker.test' })).json().code,
    'origin_not_allowed',
    'sign-in from a foreign page',
  );
  const { call: live } = makeServer({ production: true });
  const secure = signedIn.replace('platen_at', '__Host-platen_at');
  t.equal(await write({ cookie: secure, origin: 'https://acme.localhost' }, live), 200);
  t.equal(await write({ cookie: secure, origin: 'http://acme.localhost' }, live), 'origin_not_allowed');
  t.equal(await write({ cookie: secure, origin: 'https://acme.localhost:3000' }, live), 'origin_not_allowed');
  t.equal(await write({ cookie: signedIn, origin: 'https://acme.localhost' }, live), 'authentication_required');
  t.match((await live({ url: '/health' })).headers, { 'strict-transport-security': /max-age/ });
  const preflight = { 'access-control-request-method': 'POST' };
  const asked = await call({
    method: 'OPTIONS',
    url: '/api/test/open',
    headers: { ...preflight, origin: 'http://acme.localhost:3000' },
  });
  t.equal(asked.statusCode, 204);
  t.equal(asked.headers['access-control-allow-origin'], 'http://acme.localhost:3000');
  const foreign = await call({
    method: 'OPTIONS',
    url: '/api/test/open',
    headers: { ...preflight, origin: 'http://globex.localhost' },
  });
  t.equal(foreign.headers['access-control-allow-origin'], undefined);
});

t.test('bad input: the documented problem, and the next request is unharmed', async (t) => {
  const { call } = makeServer();
  const headers = {
    ...token({ permissions: ['erp.quote.write', 'erp.quote.read'] }),
    'content-type': 'application/json',
  };
  const patch = (payload: string, more: Record<string, string> = {}) =>
    call({ method: 'PATCH', url: `/api/test/things/${orgId}`, payload, headers: { ...headers, ...more } });
  const fields = async (payload: string) => (await patch(payload)).json().errors;
  t.same(await fields('{"name":"x","colour":"red"}'), [{ path: '/body/colour', message: 'unknown field' }]);
  t.same(await fields('{"a/b~":1,"name":"x"}'), [{ path: '/body/a~1b~0', message: 'unknown field' }]);
  t.match(await fields('{"name":1}'), [{ path: '/body/name', message: /string/ }]);
  const many = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`k${n}`, 0]));
  t.equal((await fields(JSON.stringify({ name: 'x', ...many }))).length, 10, 'every error is named');
  const flood = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`k${n}`, 0]));
  t.equal((await fields(JSON.stringify({ name: 'x', ...flood }))).length, 1, 'a flood of errors is not worked through');
  const open = (payload: string) =>
    call({ method: 'POST', url: '/api/test/open', payload, headers: { 'content-type': 'application/json' } });
  t.match((await open('{"force":true}')).json(), { status: 400, errors: [{ path: '/body/force' }] });
  t.match((await open('[1]')).json(), { status: 400, errors: [{ path: '/body' }] }, 'an endpoint that takes no body');
  t.equal((await open('{}')).statusCode, 204, 'says nothing');
  t.match((await call({ method: 'POST', url: '/api/test/act' })).json(), { name: null }, 'a body that may be left out');
  const act = (payload: object) => call({ method: 'POST', url: '/api/test/act', payload });
  t.match((await act({ name: 'x' })).json(), { name: 'x' });
  t.match((await act({ other: 1 })).json(), { errors: [{ path: '/body/other', message: 'unknown field' }] });
  t.match(
    await fields('{"name":"x","size":"3"}'),
    [{ path: '/body/size', message: /integer/ }],
    'bodies are not coerced',
  );
  t.match(await fields('{"name":"x","size":1e400}'), [{ path: '/body/size' }]);
  t.match(await fields('{}'), [{ path: '/body/name', message: 'required' }]);
  t.match(await fields('[]'), [{ path: '/body' }]);
  t.match(await fields('null'), [{ path: '/body' }]);
  const code = async (payload: string, more: Record<string, string> = {}) => (await patch(payload, more)).json().code;
  t.equal(await code('{"name":'), 'malformed_body');
  t.equal(await code(''), 'malformed_body');
  t.equal(await code('{"name":"x","__proto__":{"a":1}}'), 'malformed_body');
  t.equal(await code('{"name":"x"}', { 'content-type': 'text/plain' }), 'unsupported_media_type');
  t.equal(await code('name=x', { 'content-type': 'application/x-www-form-urlencoded' }), 'unsupported_media_type');
  t.equal(await code('{"name":"x"}', { 'content-type': '' }), 'unsupported_media_type');
  for (const spelling of [
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/json;',
    'application/json ; a=b',
    'application/jsonx',
    'text/json',
    'application/json\t',
  ]) {
    const answer = await patch('{"name":1}', { 'content-type': spelling });
    t.ok(
      ['validation_failed', 'unsupported_media_type'].includes(answer.json().code),
      `${spelling}: validated or refused`,
    );
  }
  t.equal(await code(`{"name":"${'x'.repeat(1_100_000)}"}`), 'body_too_large');
  t.equal((await patch('{"name":"x"}')).statusCode, 200);

  const get = async (url: string) =>
    (await call({ url, headers: token({ permissions: ['erp.quote.read', 'erp.price.compute'] }) })).json();
  t.match(await get('/api/test/things/not-an-id'), { code: 'validation_failed', errors: [{ path: '/params/id' }] });
  t.match(await get(`/api/test/things/${orgId}?x=1`), { errors: [{ path: '/query/x', message: 'unknown field' }] });
  t.match(await get('/api/test/nothing'), {
    code: 'route_not_found',
    status: 404,
    type: 'urn:platen:error:route_not_found',
  });
  t.match(await get('/api//test/things'), { code: 'route_not_found' }, 'doubled separator');
  t.match(await get('/API/test/things'), { code: 'route_not_found' }, 'other case');
  t.match(await get('/api/test/things/'), { code: 'validation_failed' }, 'an empty id');
  t.match(await get('/api/test%2fthings'), { code: 'route_not_found' }, 'encoded separator');
  t.match(await get('/api/test/things/%'), { code: 'malformed_url' });
  t.match(await get(`/api/test/things/${'x'.repeat(500)}`), { code: 'route_not_found' });
});

t.test('queries are text: coerced, bounded, one value each', async (t) => {
  const { call } = makeServer({ isModuleAvailable: () => true });
  const list = async (query: string) =>
    (await call({ url: `/api/test/things${query}`, headers: token({ permissions: ['erp.price.compute'] }) })).json();
  t.same(await list(''), { limit: 50, active: null });
  t.same(await list('?limit=7&active=true'), { limit: 7, active: true });
  for (const query of [
    '?limit=0',
    '?limit=201',
    '?limit=ten',
    '?limit=1e3',
    '?limit=1&limit=2',
    '?active=yes',
    '?cursor=',
    '?__proto__=1',
  ]) {
    t.equal((await list(query)).code, 'validation_failed', query);
  }
});

t.test('If-Match', async (t) => {
  const { call } = makeServer();
  const headers = token({ permissions: ['erp.quote.write'] });
  const patch = async (ifMatch: string) => {
    const answer = await call({
      method: 'PATCH',
      url: `/api/test/things/${orgId}`,
      payload: { name: 'x' },
      headers: { ...headers, 'if-match': ifMatch },
    });
    return answer.json().code ?? answer.json().seen;
  };
  t.equal(await patch('"7"'), 7);
  t.equal(await patch('*'), null);
  t.equal(await patch('W/"7"'), 'version_mismatch');
  t.equal(await patch('"abc"'), 'version_mismatch');
  for (const broken of ['7', '"7', '', '"7", "8"']) t.equal(await patch(broken), 'invalid_if_match', broken);
});

t.test('limits', async (t) => {
  const limit = rateLimit('read', 2);
  let nowMs = Date.now();
  const { call } = makeServer({ limitOf: () => limit, clock: () => nowMs });
  const me = (headers: Record<string, string>) => call({ url: '/api/test/me', headers });
  const one = token({ sub: 'one' });
  t.match((await me(one)).headers, { 'ratelimit-policy': '"read";q=2;w=60', ratelimit: '"read";r=1;t=30' });
  t.equal((await me(one)).statusCode, 200);
  const refused = await me(one);
  t.match(refused.json(), { code: 'rate_limited', status: 429 });
  t.equal(refused.headers['retry-after'], '30');
  t.equal((await me(token({ sub: 'two' }))).statusCode, 200, "another's bucket is another");
  nowMs += 30_000;
  t.equal((await me(one)).statusCode, 200);
});

t.test('without a token, limits go by the address: of IPv6 by its /64', async (t) => {
  const limit = rateLimit('auth', 1);
  const { call } = makeServer({ limitOf: () => limit, clock: () => 0 });
  const open = async (remoteAddress: string) =>
    (await call({ method: 'POST', url: '/api/test/open', remoteAddress })).statusCode;
  t.equal(await open('2001:db8::1'), 204);
  t.equal(await open('2001:db8::ffff:2'), 429, 'another of the same 2^64');
  t.equal(await open('2001:db8:0:1::1'), 204);
  t.equal(await open('203.0.113.7'), 204);
  t.equal(await open('::ffff:203.0.113.7'), 429);
  t.equal(await open('203.0.113.8'), 204);
});

t.test('a fault of ours says nothing of the inside, and is logged once with its causes', async (t) => {
  const { call, recorded } = makeServer();
  const answer = await call({ url: '/api/test/fail' });
  t.equal(answer.statusCode, 500);
  t.strictSame(answer.json(), {
    type: 'urn:platen:error:internal_error',
    title: 'Something failed on our side',
    status: 500,
    code: 'internal_error',
    instance: '/api/test/fail',
    correlation_id: 'test-correlation',
  });
  t.match(answer.headers['content-type'], /^application\/problem\+json/);
  const faults = recorded.lines.filter((line) => line['level'] === 'error');
  t.equal(faults.length, 1);
  t.match(faults[0], { data: { error: { message: 'broken inside', cause: { name: 'Error' } } } });
});

t.test('health and readiness need neither host nor correlation', async (t) => {
  let ready = true;
  const { app } = makeServer({
    readiness: () => ({ ready, dependencies: { 'erp-1': 'schema_behind' } }),
    documents: { name: 'test', title: 'Test', description: '' },
  });
  t.same((await app.inject('/health')).json(), { status: 'ok' });
  t.match((await app.inject('/ready')).json(), { status: 'ready', dependencies: { 'erp-1': 'schema_behind' } });
  ready = false;
  t.equal((await app.inject('/ready')).statusCode, 503);
  const document = await app.inject({ url: '/openapi/test.json', headers: { host: 'acme.localhost' } });
  t.equal(document.json().openapi, '3.1.0', 'whoever reads it needs no correlation id');
});

t.test('a server does not start unless contracts and implementations match', async (t) => {
  t.throws(
    () => makeServer({ implementations: implementations.slice(1) }),
    /test\.things\.get is declared but not implemented/,
  );
  t.throws(() => makeServer({ contracts: [things.get] }), /test\.things\.list is implemented but not declared/);
  t.throws(
    () => makeServer({ implementations: [...implementations, implementations[0] as Implementation<Tenant>] }),
    /twice/,
  );
});

t.test('a problem that a service throws', async (t) => {
  const throwing = implement(things.open, async () => {
    throw new AppError('illegal_transition', 'It was sent', { extensions: { allowed: ['accept'], status: 1 } });
  });
  const { call } = makeServer({
    implementations: implementations.map((i) => (i.contract === things.open ? throwing : i)),
  });
  const answer = await call({ method: 'POST', url: '/api/test/open' });
  t.match(answer.json(), { status: 409, code: 'illegal_transition', detail: 'It was sent', allowed: ['accept'] });
});

t.test('an answer that its own contract does not describe is a fault of ours', async (t) => {
  const wrong = [
    implement(things.me, async () => ({ id: 'x', org: { not: 'an id' } }) as never),
    implement(things.me, async () => undefined as never),
    implement(things.me, () => {
      throw new Error('before the promise');
    }),
  ];
  for (const implementation of wrong) {
    const { call } = makeServer({
      implementations: implementations.map((i) => (i.contract === things.me ? implementation : i)),
    });
    t.match((await call({ url: '/api/test/me', headers: token() })).json(), { status: 500, code: 'internal_error' });
  }
});

t.test('a plane without sign-in never shows the refresh cookie to its handlers', async (t) => {
  let seen: string | undefined;
  const look = implementations.map((i) =>
    i.contract === things.me
      ? implement(things.me, async ({ request }) => {
          seen = request.headers.cookie;
          return { id: 'x', org: null };
        })
      : i,
  );
  const { call } = makeServer({ dropRefreshCookie: true, implementations: look });
  const access = `platen_at=${issuer.accessToken({ tid: 'tenant-a' })}`;
  await call({ url: '/api/test/me', headers: { cookie: `a=1; platen_rt=canary; ${access}` } });
  t.equal(seen, `a=1; ${access}`);
  await call({ url: '/api/test/me', headers: { ...token(), cookie: 'a=1; platen_rt=canary' } });
  t.equal(seen, 'a=1', 'nor when the caller has a bearer token');
});
