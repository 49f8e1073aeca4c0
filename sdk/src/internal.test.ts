import t from 'tap';
import { type Answer, id, json, problem, startFaultyServer } from './faulty-server.fixture.js';
import { createInternalClient, createServiceToken, PlatenNetworkError } from './internal.js';

const credentials = { clientId: 'data-plane', clientSecret: 'not-a-secret' };
const tokens = (life = 3_600) => {
  let n = 0;
  const answer: Answer = (request, response) => {
    n += 1;
    json({ access_token: `token-${n}`, token_type: 'Bearer', expires_in: life, scope: 'feed' })(request, response);
  };
  return [answer];
};
const changes = json({ changes: [], position: '7' });
const issue = 'POST /internal/token';

t.test('one token for all calls, asked for once', async (t) => {
  const server = await startFaultyServer(t, { [issue]: tokens(), 'GET /internal/changes': [changes] });
  const client = createInternalClient({ baseUrl: server.origin('127.0.0.1'), contracts: 'control', credentials });
  const answers = await Promise.all(['1', '2', '3'].map((after) => client.feed.changes({ after, wait_seconds: 0 })));
  t.same(answers[0], { changes: [], position: '7' });
  t.equal(server.count(issue), 1);
  t.same(JSON.parse(server.received[0]?.body ?? ''), {
    grant_type: 'client_credentials',
    client_id: 'data-plane',
    client_secret: 'not-a-secret',
  });
  const calls = server.received.filter(({ method }) => method === 'GET');
  t.same(new Set(calls.map(({ headers }) => headers.authorization)), new Set(['Bearer token-1']));
  t.ok(calls.every(({ headers }) => headers['x-correlation-id']));
});

t.test('it is renewed at half its life, in the background, and waited for at its end', async (t) => {
  let nowMs = 0;
  const server = await startFaultyServer(t, { [issue]: tokens(3_600) });
  const source = createServiceToken({ baseUrl: server.origin('127.0.0.1'), credentials, now: () => nowMs });
  t.equal(await source(), 'token-1');
  nowMs = 1_799_000;
  t.equal(await source(), 'token-1');
  t.equal(server.count(issue), 1);
  nowMs = 1_801_000;
  t.same(await Promise.all([source(), source()]), ['token-1', 'token-1'], 'still good: nobody waits');
  nowMs += 3_601_000;
  t.match(await source(), /token-[23]/);
});

t.test('a refused token is replaced and the call made again, once for all who were refused', async (t) => {
  const refuseFirst: Answer = (request, response) =>
    (request.headers.authorization === 'Bearer token-1' ? problem(401, 'token_expired') : changes)(request, response);
  const server = await startFaultyServer(t, { [issue]: tokens(), 'GET /internal/outbox': [refuseFirst] });
  const baseUrl = server.origin('127.0.0.1');
  const client = createInternalClient({ baseUrl, contracts: 'data', credentials, tokenUrl: baseUrl });
  const pull = () => client.outbox.pull({ consumer: 'erp-worker', topic: 'erp.quote', owner: id(1), wait_seconds: 0 });
  await Promise.all([pull(), pull(), pull()]);
  t.equal(server.count(issue), 2);
  t.equal(
    server.received[1]?.path,
    `/internal/outbox?consumer=erp-worker&topic=erp.quote&owner=${id(1)}&wait_seconds=0`,
  );
});

t.test('a wrong secret is an error, and the next call tries again', async (t) => {
  const server = await startFaultyServer(t, {
    [issue]: [problem(401, 'invalid_client'), ...tokens()],
    'GET /internal/changes': [changes],
  });
  const client = createInternalClient({ baseUrl: server.origin('127.0.0.1'), contracts: 'control', credentials });
  await t.rejects(client.feed.changes({ after: '0', wait_seconds: 0 }), { code: 'invalid_client' });
  t.match(await client.feed.changes({ after: '0', wait_seconds: 0 }), { position: '7' });
});

const lines = (count: number, cut = ''): Answer => {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (let n = 0; n < count; n++) response.write(`${JSON.stringify({ n, name: 'Größe '.repeat(50) })}\n`);
    response.end(cut);
  };
};

t.test('the snapshot comes line by line', async (t) => {
  const server = await startFaultyServer(t, { [issue]: tokens(), 'GET /internal/snapshot': [lines(5_000)] });
  const client = createInternalClient({ baseUrl: server.origin('127.0.0.1'), contracts: 'control', credentials });
  let count = 0;
  for await (const line of await client.feed.snapshot()) {
    if (JSON.stringify(line) === JSON.stringify({ n: count, name: 'Größe '.repeat(50) })) count += 1;
  }
  t.equal(count, 5_000);
  for await (const line of await client.feed.snapshot()) {
    t.match(line, { n: 0 }, 'a reader may stop early');
    break;
  }
});

t.test('a snapshot that ends early is an error', async (t) => {
  const cut: Answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write('{"n":0}\n', () => response.socket?.resetAndDestroy());
  };
  const server = await startFaultyServer(t, {
    [issue]: tokens(),
    'GET /internal/snapshot': [cut, lines(1, '{"end":tr')],
  });
  const client = createInternalClient({ baseUrl: server.origin('127.0.0.1'), contracts: 'control', credentials });
  for (const what of ['a reset', 'a half line']) {
    const read = async () => {
      for await (const line of await client.feed.snapshot()) t.match(line, { n: 0 });
    };
    const failure = await read().catch((error: unknown) => error);
    t.ok(failure instanceof PlatenNetworkError, what);
  }
});

t.test('the deadline covers the reading of a stream', async (t) => {
  const stalled: Answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write('{"n":0}\n');
  };
  const server = await startFaultyServer(t, { [issue]: tokens(), 'GET /internal/snapshot': [stalled] });
  const client = createInternalClient({ baseUrl: server.origin('127.0.0.1'), contracts: 'control', credentials });
  const read = async () => {
    for await (const line of await client.feed.snapshot({}, { deadlineMs: 300 })) t.match(line, { n: 0 });
  };
  await t.rejects(read(), { name: 'PlatenNetworkError', kind: 'timeout' });
});
