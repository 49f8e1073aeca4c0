import { contracts, requires } from '@platen/schema/contract';
import { closed } from '@platen/schema/contracts/shapes';
import t, { type Test } from 'tap';
import { Type } from 'typebox';
import { createAccessVerifier } from '../auth/principals.js';
import { openDatabase } from '../db/database.js';
import { statement } from '../db/statement.js';
import type { DbStats } from '../db/types.js';
import { testDatabase } from '../testkit/database.js';
import { asSuperuser } from '../testkit/database-templates.js';
import { recordLog } from '../testkit/http.js';
import { patient } from '../testkit/patient.js';
import { createTestIssuer, testIssuer } from '../testkit/tokens.js';
import { AppError } from './app-error.js';
import { implement } from './implement.js';
import { createServer } from './server.js';

const things = contracts('test.things', {
  create: {
    method: 'POST',
    path: '/api/things',
    access: 'self',
    summary: 'Create',
    body: closed({ name: Type.String(), fail: Type.Optional(Type.Boolean()) }),
    status: 201,
    response: closed({ name: Type.String(), serial: Type.Integer() }),
  },
  place: {
    method: 'POST',
    path: '/api/place',
    access: requires('erp.quote.write'),
    summary: 'In an organization',
    status: 201,
    response: closed({ organization: Type.String() }),
  },
  clear: { method: 'POST', path: '/api/clear', access: 'public', summary: 'Act', status: 204 },
});

const insertEffect = statement<{ serial: number }>(
  'test.insert_effect',
  'insert into effects (name) values ($1) returning serial',
  { parse: { serial: 'int' } },
);
const countEffects = 'select count(*)::int as count from effects';
const tenant = { id: '0190a000-0000-7000-8000-00000000000a', slug: 'acme', status: 'active' };
const user = (n: number) => `0190a000-0000-7000-8000-0000000000b${n}`;
const issuer = createTestIssuer();

async function start(t: Test) {
  const urls = await testDatabase(t, 'erp');
  await asSuperuser(urls.superuserUrl, (client) =>
    client.query(
      `create table effects (serial integer generated always as identity, name text not null);
       grant select, insert on effects to platen_app`,
    ),
  );
  const database = openDatabase({ name: 'test', url: urls.appUrl, poolSize: 10, ...patient });
  t.teardown(() => database.close());
  const stats: DbStats[] = [];
  // Holds requests between their work and their commit.
  let gate: Promise<void> | undefined;
  const app = createServer({
    log: recordLog().log,
    production: false,
    readiness: () => ({ ready: true, dependencies: {} }),
    contracts: [things.create, things.place, things.clear],
    implementations: [
      implement(things.create, async ({ ctx, body }) =>
        ctx.write(async (tx) => {
          const [row] = await tx.query(insertEffect, [body.name]);
          if (body.fail === true) throw new AppError('illegal_transition');
          await gate;
          return { name: body.name, serial: row?.serial ?? 0, undeclared: 'never sent, never kept' };
        }),
      ),
      implement(things.place, async ({ ctx }) => ctx.write(async () => ({ organization: ctx.organizationId ?? '' }))),
      implement(things.clear, async ({ ctx }) =>
        ctx.write(async (tx) => {
          tx.defer(insertEffect, ['cleared']);
        }),
      ),
    ],
    resolveTenant: () => tenant,
    verifier: createAccessVerifier({ keys: issuer.keys, issuer: testIssuer }),
    refusalOf: () => null,
    isModuleAvailable: () => true,
    limitOf: () => null,
    openDb: (_tenant, scope, seen) => {
      stats.push(seen);
      return database.scoped(scope, seen);
    },
  });
  const tokens = [1, 2].map((n) => issuer.accessToken({ tid: tenant.id, sub: user(n) }));
  const create = (key: string | undefined, payload: object, caller = 0) =>
    app.inject({
      method: 'POST',
      url: '/api/things',
      payload,
      headers: {
        host: 'acme.localhost',
        'x-correlation-id': 'test-correlation',
        authorization: `Bearer ${tokens[caller]}`,
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
    });
  const clear = (key: string) =>
    app.inject({
      method: 'POST',
      url: '/api/clear',
      headers: { host: 'acme.localhost', 'x-correlation-id': 'test-correlation', 'idempotency-key': key },
    });
  const place = (key: string, org: string, ws: string | null = null) =>
    app.inject({
      method: 'POST',
      url: '/api/place',
      headers: {
        host: 'acme.localhost',
        'x-correlation-id': 'test-correlation',
        authorization: `Bearer ${issuer.accessToken({ tid: tenant.id, sub: user(1), org, ws, permissions: ['erp.quote.write'] })}`,
        'idempotency-key': key,
      },
    });
  const query = <R extends object>(text: string) =>
    asSuperuser(urls.superuserUrl, async (client) => (await client.query<R>(text)).rows);
  const effects = async () => (await query<{ count: number }>(countEffects))[0]?.count;
  return { create, place, clear, query, effects, stats, hold: (held: Promise<void> | undefined) => (gate = held) };
}

t.test('a key answers once', async (t) => {
  const { create, clear, query, effects, stats } = await start(t);
  const first = await create('key-1', { name: 'a' });
  t.equal(first.statusCode, 201, first.body);
  t.equal(first.headers['idempotent-replayed'], undefined);
  t.equal(stats[0]?.roundTrips, 3, 'begin with lock and look-up; the work; the answer with the commit');
  const again = await create('key-1', { name: 'a' });
  t.equal(again.statusCode, 201);
  t.equal(again.headers['idempotent-replayed'], 'true');
  t.equal(again.body, first.body, 'the same bytes');
  t.equal(await effects(), 1);
  t.match((await create('key-1', { name: 'b' })).json(), { code: 'idempotency_key_reused', status: 422 });
  t.equal((await create('key-1', { name: 'a' }, 1)).json().serial, 2, "another caller's key is another");
  t.equal((await create(undefined, { name: 'a' })).statusCode, 201);
  t.equal(await effects(), 3);
  for (const key of ['', 'with space', 'ü', 'x'.repeat(256)]) {
    t.equal((await create(key, { name: 'a' })).json().code, 'invalid_idempotency_key', key);
  }

  t.equal((await clear('key-2')).statusCode, 204);
  const cleared = await clear('key-2');
  t.equal(cleared.statusCode, 204);
  t.equal(cleared.headers['idempotent-replayed'], 'true');
  t.equal(cleared.body, '');
  t.equal(await effects(), 4);

  t.equal((await create('key-3', { name: 'a', fail: true })).statusCode, 409);
  t.equal((await create('key-3', { name: 'a' })).statusCode, 201, 'a failure keeps no key');
  await query(`update idempotency_keys set expires_at = now() - interval '1 second'`);
  t.equal((await create('key-3', { name: 'other' })).json().name, 'other', 'after a day a key is free');
  t.equal((await create('key-3', { name: 'other' })).headers['idempotent-replayed'], 'true');
});

t.test("a key is of one context: another organization's answer is not repeated", async (t) => {
  const { place } = await start(t);
  const [here, there] = [user(8), user(9)];
  t.match((await place('key', here)).json(), { organization: here });
  t.match((await place('key', here)).headers, { 'idempotent-replayed': 'true' });
  t.match((await place('key', there)).json(), { status: 422, code: 'idempotency_key_reused' });
  t.match((await place('key', here, there)).json(), { status: 422, code: 'idempotency_key_reused' });
});

t.test('the same key at once: one effect, nobody waits', async (t) => {
  const { create, effects, hold } = await start(t);
  let release = () => {};
  hold(
    new Promise((resolve) => {
      release = resolve;
    }),
  );
  const answers = Array.from({ length: 8 }, () => create('same', { name: 'a' }));
  // All but one are refused while the first is still held open.
  let refused = 0;
  await new Promise<void>((resolve) => {
    for (const answer of answers) {
      void answer.then((done) => {
        if (done.statusCode === 409) refused += 1;
        if (refused === 7) resolve();
      });
    }
  });
  release();
  const codes = (await Promise.all(answers)).map((answer) => answer.statusCode).sort();
  t.same(codes, [201, 409, 409, 409, 409, 409, 409, 409]);
  hold(undefined);
  t.equal((await create('same', { name: 'a' })).headers['idempotent-replayed'], 'true');
  t.equal(await effects(), 1);
  const racing = await Promise.all(Array.from({ length: 40 }, () => create('race', { name: 'r' })));
  t.ok(racing.every(({ statusCode }) => statusCode === 201 || statusCode === 409));
  t.equal(await effects(), 2, 'however they interleave');
});
