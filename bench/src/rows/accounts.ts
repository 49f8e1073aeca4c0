import { roles, tenants } from '@platen/schema/seeds/identities';
import { call, jsonHeaders, plainHeaders } from '../environment/http.js';
import { signIn } from '../environment/sign-in.js';
import { type Contender, compareOverHttp } from '../measure/compare.js';
import { microsOf } from './reads.js';
import { type Row, single } from './row.js';
import { controlPlane } from './services.js';

const host = 'acme.localhost';

/** What nothing else is to be compared with. */
export const accounts: Row = {
  name: 'accounts',
  title: 'Other calls of the control plane: CPU of one, Node and Postgres',
  needsCpu: true,
  async run(context) {
    const platform = await context.platform();
    const control = await controlPlane(platform);
    const url = platform.urls.control;
    const { accessToken } = await signIn(url, host, 'admin@acme.test');
    const bearer = { ...plainHeaders(host), authorization: `Bearer ${accessToken}` };
    const menu = await call(`${url}/api/menu`, { headers: bearer });
    const etag = menu.headers['etag'];
    if (menu.status !== 200 || typeof etag !== 'string') throw new Error(`the menu: ${menu.status} ${menu.body}`);
    const user = tenants.acme.users.find(({ email }) => email === 'sales@acme.test');
    const organization = tenants.acme.organizations['acme-print'].id;
    const explained = `user_id=${user?.id}&permission=erp.quote.write&organization_id=${organization}`;
    const workspace = tenants.acme.organizations['acme-print'].workspaces['main-street'].id;
    const key = { api_key: await createApiKey(url, bearer), organization_id: organization, workspace_id: workspace };
    const exchange = { method: 'POST' as const, path: '/api/auth/token', body: JSON.stringify(key) };
    const get = (path: string) => [{ method: 'GET' as const, path }];
    const base = { url, pid: control.pid };
    const contenders: Contender[] = [
      { ...base, name: 'menu', headers: bearer, requests: get('/api/menu') },
      { ...base, name: 'explain', headers: bearer, requests: get(`/api/admin/access/explain?${explained}`) },
      { ...base, name: 'API key for a token', headers: jsonHeaders(host), requests: [exchange] },
    ];
    const compared = await compareOverHttp(contenders, {
      load: context.load,
      postgresPid: platform.postgresPid,
      rounds: context.effort.rounds,
      amount: Math.round(1_500 * context.effort.scale),
      connections: 16,
    });
    return compared.map((comparison) => ({
      label: comparison.name,
      unit: 'µs',
      value: single(comparison.nodeMicros.median + comparison.postgresMicros.median),
      detail: `${microsOf(comparison)}; p50 ${comparison.p50Ms.median} ms`,
    }));
  },
};

async function createApiKey(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const reply = await call(`${url}/api/admin/api-keys`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({ name: 'Bench', role_id: roles.sales.id, scope: 'tenant' }),
  });
  const body: { key?: unknown } = JSON.parse(reply.body);
  if (typeof body.key !== 'string') throw new Error(`an API key: ${reply.status} ${reply.body}`);
  return body.key;
}
