import t from 'tap';
import { id, json, problem, session, startFaultyServer } from './faulty-server.fixture.js';
import { type Client, createClient, PlatenError, type SignedOut } from './index.js';
import { createNodeTransport } from './node.js';

const refresh = 'POST /api/auth/refresh';
const quote = `/api/erp/quotes/${id(9)}`;
const expired = problem(401, 'token_expired');
const login = (client: Client) => client.auth.login({ email: 'sales@acme.test', password: 'platen-demo-2026' });

t.test('a token that has expired is renewed and the call made again, under one correlation id', async (t) => {
  const server = await startFaultyServer(t, {
    [`GET ${quote}`]: [expired, json({ id: id(9) })],
    [refresh]: [json(session())],
  });
  const client = createClient({ ...urls(server), transport: createNodeTransport() });
  t.match(await client.erp.quotes.get({ id: id(9) }, { correlationId: 'walk-00001' }), { id: id(9) });
  t.same(
    server.received.map(({ method, path }) => `${method} ${path}`),
    [`GET ${quote}`, refresh, `GET ${quote}`],
  );
  t.same(
    server.received.filter(({ method }) => method === 'GET').map(({ headers }) => headers['x-correlation-id']),
    ['walk-00001', 'walk-00001'],
  );
});

t.test('a retry after renewal keeps the idempotency key', async (t) => {
  const server = await startFaultyServer(t, {
    [`POST ${quote}/send`]: [problem(401, 'token_stale'), json({ id: id(9) })],
    [refresh]: [json(session())],
  });
  const client = createClient({ ...urls(server), transport: createNodeTransport() });
  await client.erp.quotes.send({ id: id(9) }, { ifMatch: 3 });
  const sent = server.received.filter(({ path }) => path.endsWith('/send'));
  t.equal(sent.length, 2);
  t.ok(sent[0]?.headers['idempotency-key']);
  t.equal(sent[0]?.headers['idempotency-key'], sent[1]?.headers['idempotency-key']);
  t.same(
    sent.map(({ headers }) => headers['if-match']),
    ['"3"', '"3"'],
  );
});

t.test('many 401 at once cause one refresh, whenever they arrive', async (t) => {
  const calls = 20;
  const cookies = { first: 'at=first; Path=/', second: 'at=second; Path=/' };
  const server = await startFaultyServer(t, {
    'POST /api/auth/login': [json(session(), 200, { 'set-cookie': [cookies.first] })],
    [`GET ${quote}`]: [
      (request, response) => {
        const fresh = request.headers.cookie === 'at=second';
        // Half of the refusals come after the refresh is done.
        const delayed = !fresh && server.count(`GET ${quote}`) % 2 === 0;
        const answer = () => (fresh ? json({ id: id(9) }) : expired)(request, response);
        if (delayed) whenRefreshed.then(answer);
        else answer();
      },
    ],
    [refresh]: [
      (request, response) => {
        json(session(), 200, { 'set-cookie': [cookies.second] })(request, response);
        response.on('close', refreshed);
      },
    ],
  });
  let refreshed = () => {};
  const whenRefreshed = new Promise<void>((resolve) => {
    refreshed = resolve;
  });
  const client = createClient({ ...urls(server), transport: createNodeTransport() });
  await login(client);
  const answers = await Promise.all(Array.from({ length: calls }, () => client.erp.quotes.get({ id: id(9) })));
  t.equal(answers.length, calls);
  t.equal(server.count(refresh), 1);
});

t.test('a second 401 after the renewal is the answer: no loop', async (t) => {
  const server = await startFaultyServer(t, { [`GET ${quote}`]: [expired], [refresh]: [json(session())] });
  const client = createClient({ ...urls(server), transport: createNodeTransport() });
  await t.rejects(client.erp.quotes.get({ id: id(9) }), { status: 401, code: 'token_expired' });
  t.equal(server.count(`GET ${quote}`), 2);
  t.equal(server.count(refresh), 1);
});

t.test('a session that has ended is told once, and asks no more', async (t) => {
  const events: SignedOut[] = [];
  const server = await startFaultyServer(t, {
    'POST /api/auth/login': [json(session())],
    [`GET ${quote}`]: [expired],
    [refresh]: [problem(401, 'refresh_invalid')],
  });
  const client = createClient({
    ...urls(server),
    transport: createNodeTransport(),
    onSignedOut: (event) => events.push(event),
  });
  await login(client);
  const failures = await Promise.allSettled([1, 2, 3].map(() => client.erp.quotes.get({ id: id(9) })));
  for (const failure of failures) {
    t.ok(failure.status === 'rejected' && client.erp.quotes.get.isError(failure.reason));
    t.match(failure, { reason: { code: 'token_expired', cause: { code: 'refresh_invalid' } } });
  }
  await t.rejects(client.erp.quotes.get({ id: id(9) }), { code: 'token_expired' });
  t.equal(server.count(refresh), 1);
  t.match(events, [{ reason: 'refresh_invalid' }]);

  await login(client);
  await t.rejects(client.erp.quotes.get({ id: id(9) }));
  t.equal(events.length, 2, 'a new session can end again');
});

t.test('a revoked token is not renewed', async (t) => {
  const events: SignedOut[] = [];
  const server = await startFaultyServer(t, { [`GET ${quote}`]: [problem(401, 'token_revoked')] });
  const client = createClient({
    ...urls(server),
    transport: createNodeTransport(),
    onSignedOut: (event) => events.push(event),
  });
  await t.rejects(client.erp.quotes.get({ id: id(9) }, { correlationId: 'revoked-1' }), PlatenError);
  t.equal(server.count(refresh), 0);
  t.same(events, [{ reason: 'token_revoked', correlationId: 'revoked-1' }]);
});

t.test('the token is renewed ahead of time, and nobody waits for it', async (t) => {
  let nowMs = Date.now();
  let answerRefresh = () => {};
  let asked = () => {};
  const refreshIsAsked = new Promise<void>((resolve) => (asked = resolve));
  const server = await startFaultyServer(t, {
    'POST /api/auth/login': [json(session(nowMs + 900_000))],
    [`GET ${quote}`]: [json({ id: id(9) })],
    [refresh]: [
      (request, response) => {
        answerRefresh = () => json(session(nowMs + 900_000))(request, response);
        asked();
      },
    ],
  });
  const client = createClient({ ...urls(server), transport: createNodeTransport(), now: () => nowMs });
  await login(client);
  nowMs += 299_000;
  await client.erp.quotes.get({ id: id(9) });
  t.equal(server.count(refresh), 0, 'before five minutes');
  nowMs += 2_000;
  // The refresh is not answered yet: the calls are, nevertheless.
  await Promise.all([1, 2, 3].map(() => client.erp.quotes.get({ id: id(9) })));
  await refreshIsAsked;
  t.equal(server.count(refresh), 1, 'after five minutes, once');
  answerRefresh();
});

t.test('signing out is told, and the next sign-in begins anew', async (t) => {
  const events: SignedOut[] = [];
  const server = await startFaultyServer(t, {
    'POST /api/auth/login': [json(session())],
    'POST /api/auth/logout': [json(undefined, 204)],
  });
  const client = createClient({
    ...urls(server),
    transport: createNodeTransport(),
    onSignedOut: (event) => events.push(event),
  });
  await login(client);
  t.equal(await client.auth.logout(), undefined);
  t.match(events, [{ reason: 'signed_out' }]);
});

t.test('a refused bearer token is handed back for another one, once', async (t) => {
  const refused: (string | undefined)[] = [];
  const server = await startFaultyServer(t, {
    [`GET ${quote}`]: [
      (request, response) =>
        (request.headers.authorization === 'Bearer new' ? json({ id: id(9) }) : expired)(request, response),
    ],
  });
  let current = 'old';
  const client = createClient({
    ...urls(server, '127.0.0.1'),
    token: (old) => {
      refused.push(old);
      if (old) current = 'new';
      return current;
    },
  });
  t.match(await client.erp.quotes.get({ id: id(9) }), { id: id(9) }, 'by plain fetch');
  t.same(refused, [undefined, 'old', undefined]);
});

function urls(server: { origin(host?: string): string }, host?: string) {
  return { controlUrl: server.origin(host), dataUrl: `${server.origin(host)}/` };
}
