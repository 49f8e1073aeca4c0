import { until } from '@platen/chassis/testkit/until';
import { roles } from '@platen/schema/seeds/identities';
import t from 'tap';
import type { RawAnswer } from './http.js';
import { mailTo } from './mail-folder.js';
import { sharedPlatform } from './shared-platform.js';
import { bearer, readCookies, signIn } from './sign-in.js';
import { acme, acmePromo } from './world.js';

// From an administrator's click to a machine that writes on the data plane, through every process and the mail folder.
const platform = await sharedPlatform(t, 'processes');
const [admin] = acme.users;
const password = 'moss lantern quartz 41';
const atPromo = { role_id: roles.sales.id, scope: 'organization', organization_id: acmePromo.id };
const { access: adminToken } = await signIn(platform, admin.email);

const ask = (target: string, body?: object, token?: string) => {
  const [method = 'GET', url = ''] = target.split(' ');
  const plane = url.startsWith('/api/erp/') ? platform.data : platform.control;
  return plane({ method, path: url, host: 'acme', headers: token === undefined ? {} : bearer(token), body });
};
// The answers of the contracts, each read by the test that knows it.
const fields = (answer: RawAnswer) => answer.json as Record<string, string>;

t.test('an invitation arrives, is accepted once, and its secret is gone', async (t) => {
  const email = 'nina@example.test';
  const invited = await ask('POST /api/admin/invitations', { email, ...atPromo }, adminToken);
  t.equal(invited.status, 201, invited.text);
  const mail = await mailTo(platform, email);
  const [, token = ''] = /\/invitation#token=([\w-]{43})/.exec(mail) ?? [];
  t.ok(token);
  t.match(mail, `http://acme.localhost:${platform.ports.control}/invitation#`);
  const accepted = await ask('POST /api/auth/invitations/accept', { token, name: 'Nina New', password });
  t.equal(accepted.status, 200, accepted.text);
  const { platen_at: access = '' } = readCookies(accepted.headers['set-cookie']);
  t.equal((await ask('GET /api/erp/quotes?limit=1', undefined, access)).status, 200, 'and works on the data plane');
  t.equal((await ask('POST /api/auth/invitations/accept', { token, name: 'Eve', password })).status, 401);
  for (const service of ['control-plane', 'erp-worker'] as const) {
    const lines = platform.logLines(service).join('\n');
    t.notMatch(lines, token, `${service} logs no link`);
    t.notMatch(lines, password);
  }
});

t.test('an API key works on the data plane until it is revoked', async (t) => {
  const created = await ask('POST /api/admin/api-keys', { name: 'Shop', ...atPromo }, adminToken);
  const { key = '', id = '' } = fields(created);
  const { access_token: token = '' } = fields(await ask('POST /api/auth/token', { api_key: key }));
  t.equal((await ask('GET /api/erp/quotes?limit=1', undefined, token)).status, 200);
  const body = { code: 'made-by-a-machine', name: 'Machine-made' };
  t.equal((await ask('POST /api/erp/customers', body, token)).status, 201);
  await ask(`POST /api/admin/api-keys/${id}/revoke`, undefined, adminToken);
  const revokedMs = performance.now();
  const refused = await until(
    () => ask('GET /api/erp/quotes?limit=1', undefined, token),
    ({ status }) => status === 401,
  );
  t.equal(fields(refused)['code'], 'token_revoked');
  t.comment(
    `measured: API key revoked to refused by the data plane, ms: ${(performance.now() - revokedMs).toFixed(1)}`,
  );
  t.equal((await ask('POST /api/auth/token', { api_key: key })).status, 401);
  for (const service of ['control-plane', 'data-plane'] as const) {
    t.notMatch(platform.logLines(service).join('\n'), key.slice(-43), `${service} logs no key`);
  }
});

t.test('who is locked out is out on the data plane too', async (t) => {
  const { access } = await signIn(platform, acme.users[4].email);
  t.equal((await ask('GET /api/erp/quotes?limit=1', undefined, access)).status, 200);
  const disabled = await ask(`POST /api/admin/users/${acme.users[4].id}/disable`, undefined, adminToken);
  t.equal(disabled.status, 200, disabled.text);
  const refused = await until(
    () => ask('GET /api/erp/quotes?limit=1', undefined, access),
    ({ status }) => status === 401,
  );
  t.match(fields(refused)['code'], /token_(revoked|stale)/);
});
