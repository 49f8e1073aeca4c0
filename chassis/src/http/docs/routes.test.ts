import { contracts } from '@platen/schema/contract';
import { closed } from '@platen/schema/contracts/shapes';
import t from 'tap';
import { Type } from 'typebox';
import { createAccessVerifier, createPlatformVerifier } from '../../auth/principals.js';
import { recordLog } from '../../testkit/http.js';
import { createTestIssuer, testIssuer } from '../../testkit/tokens.js';
import { implement, implementPlatform } from '../implement.js';
import { createServer } from '../server.js';
import type { TenantRef } from '../types.js';

const spec = { method: 'GET', summary: 'x', status: 200, response: closed({ ok: Type.Boolean() }) } as const;
const tenants = contracts('test.tenants', { get: { ...spec, path: '/api/test', access: 'self' } });
const platform = contracts('platform.test', {
  get: { ...spec, path: '/platform/test', access: { platform: 'auditor' } },
});
const hosts: Readonly<Record<string, TenantRef>> = {
  'acme.localhost': { id: 'tenant-a', slug: 'acme', status: 'active' },
  'halted.localhost': { id: 'tenant-b', slug: 'halted', status: 'suspended' },
};

function makeServer() {
  const { keys } = createTestIssuer();
  const refuse = () => {
    throw new Error('not for this test');
  };
  return createServer<TenantRef>({
    log: recordLog().log,
    production: true,
    readiness: () => ({ ready: true, dependencies: {} }),
    contracts: [tenants.get, platform.get],
    implementations: [
      implement(tenants.get, async () => ({ ok: true })),
      implementPlatform(platform.get, async () => ({ ok: true })),
    ],
    documents: { name: 'test', title: 'A <b>title</b>', description: 'What it is' },
    resolveTenant: (host) => hosts[host],
    verifier: createAccessVerifier({ keys, issuer: testIssuer }),
    refusalOf: () => null,
    isModuleAvailable: () => true,
    limitOf: () => null,
    openDb: refuse,
    platform: {
      host: 'platform.localhost',
      verifier: createPlatformVerifier({ keys, issuer: testIssuer }),
      isSessionOpen: async () => true,
      openDb: refuse,
      limitOf: () => null,
    },
  });
}
const app = makeServer();
t.teardown(() => app.close());
const get = (url: string, host = 'acme.localhost') => app.inject({ url, headers: { host } });

t.test('the page: nothing of its own runs in it, and everything it names is here', async (t) => {
  const page = await get('/docs/test');
  t.equal(page.statusCode, 200, 'without a session and without a correlation id');
  const { headers, body } = page;
  t.equal(headers['x-content-type-options'], 'nosniff');
  t.match(headers['strict-transport-security'], /max-age/);
  const policy = String(headers['content-security-policy']);
  t.match(policy, "default-src 'none'");
  t.notMatch(policy, /unsafe|\*|https?:/);
  t.match(body, '<title>A &lt;b&gt;title&lt;/b&gt;</title>');
  t.notMatch(body, /<script>|<style>|style=| on\w+=/);
  const named = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
  t.equal(named.length, 5);
  for (const address of named) {
    t.match(address, /^\/docs\/test\/assets\//, 'of this host');
    const asset = await get(address);
    t.equal(asset.statusCode, 200, address);
    t.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable');
    t.equal(asset.headers['x-content-type-options'], 'nosniff');
    t.match(asset.headers['content-type'], /^(text\/(javascript|css); charset=utf-8|image\/png)$/);
    t.ok(asset.rawPayload.length > 100);
  }
});

t.test('no name leads out of the list of assets', async (t) => {
  const [, base = ''] = /src="(.*)\/swagger-ui-bundle\.js"/.exec((await get('/docs/test')).body) ?? [];
  for (const file of [
    'package.json',
    '..%2fpackage.json',
    '%2e%2e%2fpackage.json',
    'toString',
    '__proto__',
    'index.html',
  ]) {
    t.equal((await get(`${base}/${file}`)).statusCode, 404, file);
  }
  t.equal((await get('/docs/test/assets/older/viewer.js')).statusCode, 404, 'what is cached for good has one address');
});

t.test('each kind of host has its own document; a host of nobody’s has none', async (t) => {
  const pathsAt = async (host: string) => Object.keys((await get('/openapi/test.json', host)).json().paths);
  t.same(await pathsAt('acme.localhost'), ['/api/test']);
  t.same(await pathsAt('platform.localhost'), ['/platform/test']);
  const schemesAt = async (host: string) =>
    Object.keys((await get('/openapi/test.json', host)).json().components.securitySchemes);
  t.same(await schemesAt('acme.localhost'), ['bearer', 'cookie']);
  t.same(await schemesAt('platform.localhost'), ['bearer', 'platformCookie']);
  t.equal((await get('/docs/test', 'platform.localhost')).statusCode, 200);
  for (const [host, code] of [
    ['nobody.localhost', 'tenant_not_found'],
    ['halted.localhost', 'tenant_suspended'],
    ['a,b', 'invalid_host'],
  ] as const) {
    for (const url of ['/docs/test', '/openapi/test.json', '/docs/test/assets/x/viewer.js']) {
      const refused = await get(url, host);
      t.equal(refused.json().code, code, `${host}${url}`);
      t.match(refused.headers['content-type'], 'application/problem+json');
    }
  }
});

t.test('a method that no endpoint has, and that Node knows, is a 404', async (t) => {
  const refused = await app.inject({ method: 'QUERY' as 'GET', url: '/api/test', headers: { host: 'acme.localhost' } });
  t.equal(refused.statusCode, 404);
  t.equal(refused.json().code, 'route_not_found');
});
