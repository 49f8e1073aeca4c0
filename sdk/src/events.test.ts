import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { bearerAuthorizer } from './authorizer.js';
import type { CallOptions, CallSettings } from './call.js';
import { readMessages } from './event-messages.js';
import { followEvents } from './events.js';
import { parseRoute } from './routes.js';
import { createHttpTransport } from './transport/http-transport.js';
import { fetchTransport } from './transport/transport.js';

const transports = { node: createHttpTransport(), fetch: fetchTransport() };
const both = ['node', 'fetch'] as const;
const route = parseRoute('test.events', 'GET /events e');

/** Each answer is for one connection, the last one for all that follow. */
async function serve(t: Test, ...answers: ((response: ServerResponse, request: IncomingMessage) => unknown)[]) {
  const asked: string[] = [];
  const tokens: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    tokens.push(request.headers.authorization);
    answers[Math.min(asked.length, answers.length) - 1]?.(response, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  let token = 0;
  const settings: Omit<CallSettings, 'transport'> = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // listening on TCP
    authorizer: bearerAuthorizer((refused) => {
      if (refused !== undefined) token += 1;
      return `token-${token}`;
    }),
    deadlineMs: 5_000,
    maxTries: 1,
    random: () => 0,
  };
  return {
    server,
    asked,
    tokens,
    follow: (kind: (typeof both)[number], input = {}, options: CallOptions = {}) =>
      followEvents({ ...settings, transport: transports[kind] }, route, input, options),
  };
}

const stream =
  (text: string, after: (response: ServerResponse) => unknown = (response) => response.end()) =>
  (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text, () => after(response));
  };
const refuse = (status: number, code: string) => (response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ status, code, title: code }));
};
const event = (id: number) => `id: ${id}\nevent: moved\ndata: {"n":${id}}\n\n`;

async function take(events: AsyncGenerator<{ id: string; data: unknown; type: string }, void>, count: number) {
  const ids: string[] = [];
  for await (const { id, data, type } of events) {
    ids.push(`${type} ${id} ${JSON.stringify(data)}`);
    if (ids.length === count) break;
  }
  return ids;
}

t.test('blocks as the standard reads them, however they are cut', async (t) => {
  const text =
    '\uFEFF: comment\nretry: 10\n\nid: 1\nevent: a\ndata: x\ndata\ndata:  y\n\nid: 2\r\n\r\ndata:{"ü":1}\r\rretry: soon\nid: 3\0\nunknown: z\n\ndata: cut';
  const whole = [
    { retryMs: 10 },
    { id: '1', type: 'a', data: 'x\n\n y' },
    { id: '2', data: undefined },
    { data: '{"ü":1}' },
    { retryMs: undefined, id: undefined, data: undefined },
  ];
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const cut = async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    };
    const seen = [];
    for await (const message of readMessages(cut())) seen.push({ ...message });
    t.equal(seen.length, whole.length, `${size} bytes`);
    t.match(seen, whole);
  }
});

t.test('a connection that ends, in order or not, comes again after the last event', async (t) => {
  const lost = (response: ServerResponse) => response.destroy();
  for (const kind of both) {
    const { follow, asked } = await serve(
      t,
      stream(`retry: 1\n\n${event(5)}`),
      stream(`${event(6)}:\nid: 9\n\nid: 10\nevent: mov`, lost),
      (response) => response.destroy(),
      refuse(503, 'draining'),
      refuse(429, 'busy'),
      stream(`id: 11\nevent: reset\ndata: {"position":"11"}\n\n`),
      stream(event(12), () => {}),
    );
    t.same(await take(follow(kind, { last_event_id: '4' }), 4), [
      'moved 5 {"n":5}',
      'moved 6 {"n":6}',
      'reset 11 {"position":"11"}',
      'moved 12 {"n":12}',
    ]);
    const from = asked.map((url) => /\d+$/.exec(url)?.[0]);
    t.same(from, ['4', '5', '9', '9', '9', '9', '11'], kind);
  }
});

t.test('a token that ran out is renewed before the stream comes again; what no repeat helps is thrown', async (t) => {
  const { follow, tokens } = await serve(
    t,
    stream(`retry: 1\n\n${event(1)}`),
    refuse(401, 'token_expired'),
    stream(event(2)),
    refuse(403, 'permission_denied'),
  );
  const events = follow('node');
  t.match((await events.next()).value, { id: '1' });
  t.match((await events.next()).value, { id: '2' });
  t.same(tokens, ['Bearer token-0', 'Bearer token-0', 'Bearer token-1']);
  await t.rejects(events.next(), { name: 'PlatenError', code: 'permission_denied', operation: 'test.events' });
  const away = await serve(t, (response) => response.destroy());
  await t.rejects(away.follow('node').next(), { name: 'PlatenNetworkError' }, 'the first connection says so');
});

t.test('who stops, by leaving the loop or by a signal, closes the connection', async (t) => {
  for (const kind of both) {
    const gone: Promise<unknown>[] = [];
    const watch = (response: ServerResponse) => {
      gone.push(once(response, 'close'));
      stream(`retry: 60000\n\n${event(1)}`, () => {})(response);
    };
    const { follow } = await serve(t, watch, watch, stream(`retry: 60000\n\n${event(1)}`));
    t.equal((await take(follow(kind), 1)).length, 1);
    await gone[0];
    const stop = new AbortController();
    const events = follow(kind, {}, { signal: stop.signal });
    await events.next();
    const next = events.next();
    stop.abort(new Error('enough'));
    await t.rejects(next, { message: 'enough' });
    await gone[1];
    const waiting = new AbortController();
    const later = follow(kind, {}, { signal: waiting.signal });
    await later.next();
    const never = later.next();
    waiting.abort(new Error('enough'));
    await t.rejects(never, { message: 'enough' }, 'while it waits to come again');
  }
});
