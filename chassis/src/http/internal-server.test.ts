import { type Contract, contracts } from '@platen/schema/contract';
import { closed } from '@platen/schema/contracts/shapes';
import t from 'tap';
import { Type } from 'typebox';
import { createServiceVerifier } from '../auth/principals.js';
import { recordLog } from '../testkit/http.js';
import { createTestIssuer, testIssuer } from '../testkit/tokens.js';
import { implementSite } from './implement.js';
import { createMetrics } from './metrics.js';
import { createInternalServer } from './server.js';

const feed = contracts('internal.test', {
  get: {
    method: 'GET',
    path: '/internal/test/:tenant_id',
    access: { service: 'feed' },
    summary: 'x',
    params: closed({ tenant_id: Type.String() }),
    status: 200,
    response: closed({ caller: Type.String() }),
  },
  stream: {
    method: 'GET',
    path: '/internal/stream',
    access: { service: 'feed' },
    summary: 'x',
    status: 200,
    response: Type.String(),
    mediaType: 'application/x-ndjson',
  },
  token: { method: 'POST', path: '/internal/token', access: 'client_credentials', summary: 'x', status: 204 },
});
const issuer = createTestIssuer();

function makeServer() {
  const metrics = createMetrics();
  const app = createInternalServer({
    log: recordLog().log,
    production: false,
    readiness: () => ({ ready: true, dependencies: {} }),
    contracts: Object.values(feed) as readonly Contract[],
    implementations: [
      implementSite(feed.get, async ({ ctx }) => ({ caller: ctx.principal?.id ?? '' })),
      implementSite(feed.stream, async () => '{"a":1}\n{"b":2}\n'),
      implementSite(feed.token, async () => {}),
    ],
    verifier: createServiceVerifier({ keys: issuer.keys, issuer: testIssuer }),
    metrics,
    exposed: metrics,
  });
  return (url: string, headers: Record<string, string> = {}, method: 'GET' | 'POST' = 'GET') =>
    app.inject({ method, url, headers: { 'x-correlation-id': 'test-correlation', ...headers } });
}

t.test('service tokens only, with the scope of the endpoint', async (t) => {
  const call = makeServer();
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const good = await call('/internal/test/x', bearer(issuer.serviceToken(['outbox', 'feed'])));
  t.same(good.json(), { caller: 'test-service' });
  t.match((await call('/internal/test/x')).json(), { code: 'authentication_required' });
  t.match((await call('/internal/test/x', bearer(issuer.serviceToken(['outbox'])))).json(), {
    code: 'insufficient_scope',
    scope: 'feed',
  });
  t.match((await call('/internal/test/x', bearer(issuer.accessToken()))).json(), { code: 'token_invalid' }, "a user's");
  const cookie = { cookie: `platen_at=${issuer.serviceToken(['feed'])}` };
  t.match((await call('/internal/test/x', cookie)).json(), { code: 'authentication_required' }, 'never from a cookie');
  t.equal((await call('/internal/token', {}, 'POST')).statusCode, 204);
});

t.test('foreign media types and metrics', async (t) => {
  const call = makeServer();
  const authorization = `Bearer ${issuer.serviceToken(['feed'])}`;
  const stream = await call('/internal/stream', { authorization });
  t.match(stream.headers['content-type'], /^application\/x-ndjson/);
  t.equal(stream.body, '{"a":1}\n{"b":2}\n');
  await call('/internal/test/x', { authorization });
  const metrics = await call('/metrics');
  t.match(
    metrics.body,
    /http_request_duration_seconds_count\{method="GET",route="\/internal\/test\/:tenant_id",status="200"\} 1/,
  );
  t.notMatch(metrics.body, /test\/x/);
});
