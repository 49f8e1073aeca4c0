import t from 'tap';
import { id, json, neverAnswer, problem, resetMidAnswer, startFaultyServer } from './faulty-server.fixture.js';
import { createClient, PlatenError, PlatenNetworkError } from './index.js';
import { createNodeTransport } from './node.js';

type Server = Awaited<ReturnType<typeof startFaultyServer>>;
const connect = (server: Server, options: { deadlineMs?: number; maxTries?: number; random?: () => number } = {}) =>
  createClient({
    controlUrl: server.origin(),
    dataUrl: server.origin(),
    transport: createNodeTransport(),
    // No jitter: a retry follows at once, or exactly when Retry-After says.
    random: () => 0,
    ...options,
  });
const customer = { code: 'c-1', name: 'Customer' };
const quote = `/api/erp/quotes/${id(9)}`;
const category = `/api/erp/categories/${id(9)}`;

t.test('an answer cut in the middle is asked for again with the same idempotency key', async (t) => {
  const server = await startFaultyServer(t, {
    'POST /api/erp/customers': [resetMidAnswer, problem(409, 'idempotency_in_flight'), json({ id: id(1) }, 201)],
  });
  t.match(await connect(server).erp.customers.create(customer), { id: id(1) });
  t.equal(server.received.length, 3);
  for (const name of ['idempotency-key', 'x-correlation-id']) {
    const values = new Set(server.received.map(({ headers }) => headers[name]));
    t.equal(values.size, 1, name);
    t.match([...values][0], /^[A-Za-z0-9._-]{8,128}$/);
  }
  t.same(new Set(server.received.map(({ body }) => body)), new Set([JSON.stringify(customer)]));
});

t.test('two calls have two keys and two correlation ids; those of the caller are kept', async (t) => {
  const server = await startFaultyServer(t, { 'POST /api/erp/customers': [json({ id: id(1) }, 201)] });
  const client = connect(server);
  await client.erp.customers.create(customer);
  await client.erp.customers.create(customer);
  await client.erp.customers.create(customer, { idempotencyKey: 'my-own-key', correlationId: 'my-own-id' });
  const [first, second, third] = server.received.map(({ headers }) => headers);
  t.not(first?.['idempotency-key'], second?.['idempotency-key']);
  t.not(first?.['x-correlation-id'], second?.['x-correlation-id']);
  t.match(third, { 'idempotency-key': 'my-own-key', 'x-correlation-id': 'my-own-id' });
});

t.test('Retry-After is waited for', async (t) => {
  const server = await startFaultyServer(t, {
    [`GET ${quote}`]: [problem(503, 'draining', { 'retry-after': '1' }), json({ id: id(9) })],
  });
  const startedMs = performance.now();
  await connect(server).erp.quotes.get({ id: id(9) });
  // Timers count whole milliseconds, and may be early by a part of one.
  t.ok(performance.now() - startedMs >= 999);
});

t.test('a wait past the deadline is not begun: the refusal is the answer', async (t) => {
  const server = await startFaultyServer(t, {
    [`GET ${quote}`]: [problem(429, 'rate_limited', { 'retry-after': '3600' })],
  });
  await t.rejects(connect(server).erp.quotes.get({ id: id(9) }), {
    name: 'PlatenError',
    code: 'rate_limited',
    retryAfterMs: 3_600_000,
  });
  t.equal(server.received.length, 1);
});

t.test('tries are bounded', async (t) => {
  const server = await startFaultyServer(t, { [`GET ${quote}`]: [problem(503, 'not_ready')] });
  await t.rejects(connect(server, { maxTries: 3 }).erp.quotes.get({ id: id(9) }), { code: 'not_ready' });
  t.equal(server.received.length, 3);
});

t.test('a failure that a repeat does not cure is not repeated', async (t) => {
  const server = await startFaultyServer(t, {
    [`POST ${quote}/send`]: [problem(409, 'illegal_transition')],
    [`GET ${quote}`]: [problem(500, 'internal_error')],
  });
  const client = connect(server);
  await t.rejects(client.erp.quotes.send({ id: id(9) }), { code: 'illegal_transition' });
  await t.rejects(client.erp.quotes.get({ id: id(9) }), { code: 'internal_error' });
  t.equal(server.received.length, 2);
});

t.test('PATCH is repeated under If-Match only; a refusal without effect always', async (t) => {
  const server = await startFaultyServer(t, { [`PATCH ${category}`]: [resetMidAnswer, resetMidAnswer, json({})] });
  const client = connect(server);
  await t.rejects(client.erp.categories.update({ id: id(9), name: 'New' }), { name: 'PlatenNetworkError' });
  t.equal(server.received.length, 1);
  await client.erp.categories.update({ id: id(9), name: 'New' }, { ifMatch: { version: 4 } });
  t.equal(server.received.length, 3);
  t.same(server.received[2], { ...server.received[2], body: '{"name":"New"}' }, 'the id is in the path only');
  t.equal(server.received[2]?.headers['if-match'], '"4"');

  const busy = await startFaultyServer(t, {
    [`PATCH ${category}`]: [problem(429, 'rate_limited', { 'retry-after': '0' }), json({})],
  });
  await connect(busy).erp.categories.update({ id: id(9), name: 'New' });
  t.equal(busy.received.length, 2);

  const held = await startFaultyServer(t, {
    [`PATCH ${category}`]: [problem(503, 'contended', { 'retry-after': '0' }), json({})],
    'POST /api/erp/customers': [problem(503, 'contended', { 'retry-after': '0' }), json({ id: id(1) }, 201)],
  });
  await connect(held).erp.categories.update({ id: id(9), name: 'New' });
  await connect(held).erp.customers.create(customer);
  t.equal(held.received.length, 4);
  t.equal(held.received[2]?.headers['idempotency-key'], held.received[3]?.headers['idempotency-key']);
});

t.test('DELETE: not found after a lost answer means that it is gone; at first it is an error', async (t) => {
  const path = `DELETE /api/admin/user-roles/${id(9)}`;
  const lost = await startFaultyServer(t, { [path]: [resetMidAnswer, problem(404, 'not_found')] });
  t.equal(await connect(lost).admin.userRoles.delete({ id: id(9) }), undefined);
  const missing = await startFaultyServer(t, { [path]: [problem(404, 'not_found')] });
  await t.rejects(connect(missing).admin.userRoles.delete({ id: id(9) }), { code: 'not_found' });
});

t.test('one deadline over all tries', async (t) => {
  const server = await startFaultyServer(t, { [`GET ${quote}`]: [problem(503, 'not_ready'), neverAnswer] });
  const failure = await connect(server, { deadlineMs: 1_000 })
    .erp.quotes.get({ id: id(9) }, { correlationId: 'deadline-1' })
    .catch((error: unknown) => error);
  t.ok(failure instanceof PlatenNetworkError);
  t.match(failure, { kind: 'timeout', operation: 'erp.quotes.get', correlationId: 'deadline-1' });
});

t.test("the caller's signal ends a call with the caller's reason, also while it waits", async (t) => {
  const reason = new Error('Enough');
  let controller = new AbortController();
  const giveUp = () => controller.abort(reason);
  const server = await startFaultyServer(t, {
    [`GET ${quote}`]: [giveUp],
    [`GET ${category}`]: [problem(503, 'not_ready', { 'retry-after': '20' })],
  });
  // Asked for right before the wait.
  const random = () => {
    setImmediate(giveUp);
    return 0;
  };
  const client = connect(server, { random });
  for (const call of [client.erp.quotes.get, client.erp.categories.get]) {
    const before = server.received.length;
    controller = new AbortController();
    const answer = call({ id: id(9) }, { signal: controller.signal });
    t.equal(await answer.catch((error: unknown) => error), reason);
    t.equal(server.received.length, before + 1);
  }
  const aborted = AbortSignal.abort(new Error('Before it began'));
  await t.rejects(client.erp.quotes.get({ id: id(9) }, { signal: aborted }), { message: 'Before it began' });
  t.equal(server.received.length, 2);
});

t.test('a problem document becomes a typed error', async (t) => {
  const server = await startFaultyServer(t, {
    'POST /api/erp/customers': [
      problem(
        400,
        'validation_failed',
        {},
        {
          detail: 'Two fields',
          errors: [{ path: '/name', message: 'is missing' }],
          limit: 7,
        },
      ),
    ],
  });
  const client = connect(server);
  const failure = await client.erp.customers.create(customer).catch((error: unknown) => error);
  t.ok(client.erp.customers.create.isError(failure));
  t.notOk(client.erp.customers.update.isError(failure), "not another method's");
  t.ok(failure instanceof PlatenError);
  t.match(failure, {
    message: 'erp.customers.create: Two fields',
    status: 400,
    code: 'validation_failed',
    fields: [{ path: '/name', message: 'is missing' }],
    extensions: { limit: 7 },
    correlationId: server.received[0]?.headers['x-correlation-id'],
  });
});

t.test("an answer that is not this API's is told from one that is", async (t) => {
  const html =
    (status: number) =>
    (_: unknown, response: import('node:http').ServerResponse): void => {
      response.writeHead(status, { 'content-type': 'text/html' });
      response.end('<h1>Proxy</h1>');
    };
  const server = await startFaultyServer(t, {
    [`GET ${quote}`]: [html(502), html(200)],
    [`GET ${category}`]: [html(403)],
  });
  const client = connect(server);
  await t.rejects(client.erp.quotes.get({ id: id(9) }), { name: 'PlatenNetworkError', kind: 'answer', status: 200 });
  t.equal(server.received.length, 2, 'a gateway in trouble is asked again');
  await t.rejects(client.erp.categories.get({ id: id(9) }), {
    name: 'PlatenNetworkError',
    kind: 'answer',
    status: 403,
  });
});

t.test('an id that would change the path is refused before it leaves', async (t) => {
  const server = await startFaultyServer(t, {});
  const client = connect(server);
  for (const bad of ['', '.', '..']) await t.rejects(client.erp.quotes.get({ id: bad }), TypeError);
  await t.rejects(client.erp.quotes.get({ id: 'a/../b?c#d' }), { code: 'route_not_found' });
  t.same(
    server.received.map(({ path }) => path),
    ['/api/erp/quotes/a%2F..%2Fb%3Fc%23d'],
  );
});

t.test('pages and items run through all pages', async (t) => {
  const pages = [
    { items: [{ id: id(1) }, { id: id(2) }], next_cursor: 'two' },
    { items: [], next_cursor: 'three' },
    { items: [{ id: id(3) }], next_cursor: null },
  ];
  const answers = pages.map((page) => json(page));
  const server = await startFaultyServer(t, { 'GET /api/erp/orders': [...answers, ...answers] });
  const client = connect(server);
  const ids: string[] = [];
  for await (const order of client.erp.orders.list.items({ status: 'confirmed', limit: 2 })) ids.push(order.id);
  t.same(ids, [id(1), id(2), id(3)]);
  t.same(
    server.received.map(({ path }) => path.split('?')[1]),
    ['status=confirmed&limit=2', 'status=confirmed&limit=2&cursor=two', 'status=confirmed&limit=2&cursor=three'],
  );
  const sizes: number[] = [];
  for await (const page of client.erp.orders.list.pages()) sizes.push(page.items.length);
  t.same(sizes, [2, 0, 1]);
});
