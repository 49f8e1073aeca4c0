import { startOutbox } from '@platen/chassis/bus/outbox-pull';
import { openDatabase } from '@platen/chassis/db/database';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { recordLog } from '@platen/chassis/testkit/http';
import { createTestIssuer } from '@platen/chassis/testkit/tokens';
import { FeedEntity } from '@platen/schema/contracts/internal/feed';
import { eventSources } from '@platen/schema/events/cloud-event';
import { tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { Value } from 'typebox/value';
import { v7 as uuidv7 } from 'uuid';
import { buildApp } from './app.js';
import {
  issuer,
  serviceSecrets,
  startControlPlane,
  type TestControlPlane,
  untilReported,
} from './test/control-plane.js';
import { untilCode } from './test/people.fixture.js';

const correlation = { 'x-correlation-id': 'test-correlation' };

async function serviceToken(plane: TestControlPlane, client_id: string, client_secret: string) {
  const payload = { grant_type: 'client_credentials', client_id, client_secret };
  return plane.app.internal.inject({ method: 'POST', url: '/internal/token', headers: correlation, payload });
}

t.test('the internal listener', async (t) => {
  const plane = await startControlPlane(t);
  const issued = (await serviceToken(plane, 'data-plane', serviceSecrets.dataPlane)).json();
  const authorization = `Bearer ${issued.access_token}`;
  const get = (url: string, headers: Record<string, string> = { authorization }) =>
    plane.app.internal.inject({ method: 'GET', url, headers: { ...correlation, ...headers } });

  await t.test('gives service tokens for a client’s secret', async (t) => {
    t.match(issued, { token_type: 'Bearer', expires_in: 3600, scope: 'feed' });
    for (const [id, secret] of [
      ['data-plane', serviceSecrets.erpWorker],
      ['nobody', serviceSecrets.dataPlane],
      ['nobody', ' '],
    ] as const) {
      const refused = await serviceToken(plane, id, secret);
      t.equal(refused.statusCode, 401);
      t.equal(refused.json().code, 'invalid_client');
    }
  });

  await t.test('admits only tokens of services, with the scope', async (t) => {
    const worker = (await serviceToken(plane, 'erp-worker', serviceSecrets.erpWorker)).json().access_token;
    const browser = plane.browser();
    await browser.signIn('admin@acme.test');
    const forged = createTestIssuer().serviceToken(['feed'], { iss: issuer });
    for (const [headers, code] of [
      [{}, 'authentication_required'],
      [{ authorization: `Bearer ${worker}` }, 'insufficient_scope'],
      [{ authorization: `Bearer ${browser.cookies.get('platen_at')}` }, 'token_invalid'],
      [{ authorization: `Bearer ${forged}` }, 'token_invalid'],
      [{ cookie: `platen_at=${issued.access_token}` }, 'authentication_required'],
    ] as const) {
      t.equal((await get('/internal/snapshot', headers)).json().code, code);
    }
    const atTenant = { authorization };
    t.equal((await browser.call('GET', '/api/auth/session', undefined, atTenant)).json().code, 'token_invalid');
    t.equal((await browser.call('GET', '/internal/snapshot', undefined, atTenant)).statusCode, 404);
  });

  await t.test('the snapshot holds everything at one position, and changes go on from there', async (t) => {
    const leaver = plane.browser();
    await leaver.signIn('sales@acme.test');
    await leaver.call('POST', '/api/auth/logout');
    const response = await get('/internal/snapshot');
    t.equal(response.headers['content-type'], 'application/x-ndjson');
    const lines = response.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const head = lines[0];
    const end = lines.at(-1);
    const entities: FeedEntity[] = lines.slice(1, -1);
    t.match(head, { position: /^\d+$/, taken_at: /Z$/ });
    t.same(end, { end: true, count: entities.length });
    for (const entity of entities) t.ok(Value.Check(FeedEntity, entity), JSON.stringify(entity));
    const kinds = entities.map((entity) => entity.kind);
    t.same([...new Set(kinds)], ['signing_keys', 'tenant', 'organization', 'revoked_session']);
    t.match(
      entities.find((entity) => entity.kind === 'tenant' && entity.id === tenants.acme.id),
      { slug: 'acme', status: 'active', erp_db_key: 'erp-1', limits: { users: 50 }, domains: [] },
    );
    const after = await get(`/internal/changes?after=${head.position}&wait_seconds=0`);
    t.same(after.json(), { changes: [], position: head.position });
    const early = (await get('/internal/changes?after=0&wait_seconds=0')).json();
    t.equal(early.position, head.position);
    for (const { entity } of early.changes) t.ok(Value.Check(FeedEntity, entity), JSON.stringify(entity));
    t.equal((await get('/internal/changes?after=999999&wait_seconds=0')).statusCode, 410);
    t.equal((await get('/internal/changes?after=9999999999999999999')).json().code, 'validation_failed');
  });

  await t.test('keeps the heartbeats of instances', async (t) => {
    const payload = { instance_id: uuidv7(), kind: 'data-plane', feed_position: '3', key_ids: ['a', 'b,c'] };
    const report = (feed_position: string) =>
      plane.app.internal.inject({
        method: 'POST',
        url: '/internal/instances',
        headers: { ...correlation, authorization },
        payload: { ...payload, feed_position },
      });
    t.equal((await report('3')).statusCode, 204);
    t.equal((await report('999999999999999999')).statusCode, 204);
    const rows = await plane.sql(
      'select feed_position, to_json(key_ids) as keys from platform_instances where id = $1',
      [payload.instance_id],
    );
    t.same(rows, [{ feed_position: '999999999999999999', keys: '["a","b,c"]' }]);
    const leave = (id: string) =>
      plane.app.internal.inject({
        method: 'DELETE',
        url: `/internal/instances/${id}`,
        headers: { ...correlation, authorization },
      });
    t.equal((await leave(payload.instance_id)).statusCode, 204);
    t.equal((await leave(payload.instance_id)).statusCode, 204, 'twice is fine');
    await untilReported(plane);
    const left = await plane.sql<{ id: string; kind: string }>('select id, kind from platform_instances');
    for (const { id } of left) t.equal((await leave(id)).statusCode, 204);
    t.same(await plane.sql('select id, kind from platform_instances'), left, 'no data plane signs a control plane off');
  });
});

t.test('a change of a tenant reaches its requests without a restart', async (t) => {
  const plane = await startControlPlane(t);
  const browser = plane.browser();
  await browser.signIn('sales@acme.test');
  await plane.sql(`update tenants set status = 'suspended' where slug = 'acme'`);
  const [payload] = await plane.sql<{ entity: string }>(
    `select json_build_object('kind', 'tenant', 'id', id, 'slug', slug, 'name', name, 'status', status, 'domains', '[]'::json,
       'erp_db_key', erp_db_key, 'telemetry_db_key', null, 'authz_epoch', authz_epoch, 'modules', '[]'::json,
       'limits', '{}'::json) as entity from tenants where slug = 'acme'`,
  );
  await plane.sql('select append_control_change($1, $2, $3)', ['tenant', tenants.acme.id, payload?.entity ?? '']);
  await t.resolves(untilCode(browser, 'tenant_suspended'));
});

t.test('in production cookies are bound to host and TLS', async (t) => {
  const plane = await startControlPlane(t, { production: true });
  const response = await plane.browser().signIn('sales@acme.test');
  t.same(
    response.cookies.map(({ name, secure, path, domain }) => [name, secure, path, domain]),
    [
      ['__Host-platen_at', true, '/', undefined],
      ['__Host-platen_rt', true, '/', undefined],
    ],
  );
});

t.test('without its database it is not ready, and says why', async (t) => {
  const nowhere = 'postgres://nobody:nothing@127.0.0.1:9/none';
  const tenantDb = openDatabase({ name: 'away', url: nowhere, poolSize: 3 });
  const platformDb = systemDatabase({ name: 'away-platform', url: nowhere, poolSize: 1 });
  const app = buildApp({
    tenantDb,
    platformDb,
    passwords: { hash: async () => '', verify: async () => ({ valid: false, outdated: false }), close: async () => {} },
    outbox: startOutbox({ databases: [], eventSource: eventSources.controlPlane, log: recordLog().log }),
    dns: { resolveTxt: async () => [] },
    isFeatureEnabled: () => true,
    log: recordLog().log,
    settings: {
      production: false,
      issuer,
      baseDomain: 'localhost',
      keyEncryptionKey: Buffer.alloc(32).toString('base64'),
      devOriginPorts: [],
      devLinkPort: 4000,
      trustedProxies: [],
      authRequestsPerMinute: 1,
      dataInternalUrl: 'http://127.0.0.1:9',
      deletionGraceMs: 0,
      defaultTelemetryDbKey: null,
    },
  });
  t.teardown(async () => {
    await app.close();
    await Promise.all([tenantDb.close(), platformDb.close()]);
  });
  await app.start();
  const ready = await app.tenant.inject('/ready');
  t.equal(ready.statusCode, 503);
  t.match(ready.json(), { reason: 'the database is away', dependencies: { database: 'degraded' } });
  t.equal((await app.tenant.inject('/health')).statusCode, 200);
});
