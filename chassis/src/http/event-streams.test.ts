import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { contracts, requires } from '@platen/schema/contract';
import { closed, streamQuery } from '@platen/schema/contracts/shapes';
import t, { type Test } from 'tap';
import { Type } from 'typebox';
import { createAccessVerifier } from '../auth/principals.js';
import { recordLog } from '../testkit/http.js';
import { type AccessTokenParts, createTestIssuer, testIssuer } from '../testkit/tokens.js';
import { type EventSink, EventStream, formatEvent, readLastEventId } from './event-stream.js';
import type { EventStreamSettings } from './event-streams.js';
import { implement } from './implement.js';
import { createServer } from './server.js';
import type { TokenRefusal } from './tenant-rules.js';

const things = contracts('test.things', {
  events: {
    method: 'GET',
    path: '/api/test/things/events',
    access: requires('erp.quote.read'),
    summary: 'What happens',
    query: closed(streamQuery),
    status: 200,
    response: Type.String(),
    mediaType: 'text/event-stream',
    navigable: true,
    events: { happened: closed({ n: Type.Integer() }) },
  },
});

const issuer = createTestIssuer();
const org = '0190a000-0000-7000-8000-000000000001';
const granted: AccessTokenParts = { tid: 'tenant-a', org, permissions: ['erp.quote.read'] };

interface Reader {
  readonly request: ClientRequest;
  readonly answer: IncomingMessage;
  text(): string;
  /** Resolves when the text so far matches. */
  until(pattern: RegExp): Promise<void>;
  /** Resolves with the text when the stream is over, cut or not. */
  ended: Promise<string>;
}

async function serve(
  t: Test,
  settings: Partial<EventStreamSettings> = {},
  runs: (sink: EventSink) => Promise<void> = whenClosed,
) {
  const { log, lines } = recordLog();
  const state = {
    status: 'active',
    hasModule: true,
    refusal: null as TokenRefusal | null,
    nowMs: Date.now(),
    keys: issuer.keys.current(),
    gate: Promise.resolve(),
    /** Called when a handler has come to the gate. */
    atGate: () => {},
  };
  let changed = () => {};
  const sinks: EventSink[] = [];
  const app = createServer({
    log,
    production: false,
    contracts: [things.events],
    implementations: [
      implement(things.events, async ({ request, query }) => {
        const from = readLastEventId(request, query);
        state.atGate();
        await state.gate;
        return new EventStream(
          (sink) => {
            sinks.push(sink);
            sink.send(formatEvent({ id: `${from ?? 'now'}`, type: 'happened', data: '{"n":1}' }));
            return runs(sink);
          },
          () => '77',
        );
      }),
    ],
    readiness: () => ({ ready: true, dependencies: {} }),
    resolveTenant: (host) =>
      host === 'acme.localhost' ? { id: 'tenant-a', slug: 'acme', status: state.status } : undefined,
    verifier: createAccessVerifier({ keys: { current: () => state.keys }, issuer: testIssuer }),
    refusalOf: () => state.refusal,
    isModuleAvailable: () => state.hasModule,
    limitOf: () => null,
    openDb: () => {
      throw new Error('no database');
    },
    onAccessChanged: (listener) => {
      changed = listener;
    },
    clock: () => state.nowMs,
    eventStreams: { tickMs: 5, ...settings },
  });
  const closingBegan = new Promise<void>((resolve) => {
    app.addHook('preClose', (done) => {
      resolve();
      done();
    });
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  const { port } = app.server.address() as AddressInfo; // listening on TCP
  const open = async (headers: Record<string, string> = {}, query = '', token = issuer.accessToken(granted)) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      path: `/api/test/things/events${query}`,
      headers: { host: 'acme.localhost', authorization: `Bearer ${token}`, ...headers },
    });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return readerOf(asked, answer);
  };
  return { app, lines, state, sinks, open, change: () => changed(), closingBegan };
}

const whenClosed = async ({ closed }: EventSink): Promise<void> => {
  if (!closed.aborted) await once(closed, 'abort');
};

function readerOf(asked: ClientRequest, answer: IncomingMessage): Reader {
  let text = '';
  answer.setEncoding('utf8');
  const ended = new Promise<string>((resolve) => answer.once('close', () => resolve(text)));
  answer.on('error', () => undefined);
  answer.on('data', (chunk: string) => {
    text += chunk;
  });
  return {
    request: asked,
    answer,
    text: () => text,
    ended,
    async until(pattern) {
      while (!pattern.test(text)) await once(answer, 'data');
    },
  };
}

t.test('a stream: its head, its first words, its events, its line in the log', async (t) => {
  const { open, sinks, lines, app } = await serve(t);
  const reader = await open({ origin: 'http://acme.localhost' });
  await reader.until(/happened/);
  t.match(reader.answer.headers, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-correlation-id': /./,
    'x-content-type-options': 'nosniff',
    vary: 'origin',
  });
  t.notOk(reader.answer.headers['content-encoding']);
  t.equal(reader.text(), 'retry: 2000\n\nid: now\nevent: happened\ndata: {"n":1}\n\n');
  t.equal(lines.length, 0, 'no line before its end');
  reader.request.destroy();
  if (sinks[0] && !sinks[0].closed.aborted) await once(sinks[0].closed, 'abort');
  t.equal(sinks[0]?.send('x'), false, 'nothing goes to who has left');
  t.equal(app.eventStreams.count, 0);
  t.match(lines, [{ message: 'request', data: { route: '/api/test/things/events', status: 200 } }]);
});

t.test('where to resume: the header is newer than the address', async (t) => {
  const { open } = await serve(t);
  const at = async (headers: Record<string, string>, query = '') => {
    const reader = await open(headers, query);
    await reader.until(/\n\n(.*\n)*\n/);
    reader.request.destroy();
    return /^id: (.*)$/m.exec(reader.text())?.[1] ?? reader.text();
  };
  t.equal(await at({}, '?last_event_id=12'), '12');
  t.equal(await at({ 'last-event-id': '14' }, '?last_event_id=12'), '14');
  t.equal(await at({ 'last-event-id': '' }), 'now');
  for (const headers of [{ 'last-event-id': '9999999999999999999' }, { 'last-event-id': '1 or 1' }]) {
    const refused = await open(headers);
    t.equal(refused.answer.statusCode, 400);
    t.match(JSON.parse(await refused.ended), { errors: [{ path: '/headers/last-event-id' }] });
  }
});

t.test('silence is broken by a comment and the place to resume', async (t) => {
  const { open } = await serve(t, { heartbeatMs: 10 });
  const reader = await open();
  await reader.until(/:\nid: 77\n\n:\nid: 77\n\n/);
  reader.request.destroy();
});

t.test('who may no longer read is sent away', async (t) => {
  const changes: Record<string, (state: Awaited<ReturnType<typeof serve>>['state']) => void> = {
    'the session has ended': (state) => (state.refusal = 'token_revoked'),
    'rights have changed': (state) => (state.refusal = 'token_stale'),
    'the tenant is suspended': (state) => (state.status = 'suspended'),
    'the tenant is deleted': (state) => (state.status = 'deleting'),
    'the module is gone': (state) => (state.hasModule = false),
    'the key is revoked': (state) => (state.keys = []),
  };
  for (const [name, change] of Object.entries(changes)) {
    const { open, state, sinks, change: tell } = await serve(t, { heartbeatMs: 60_000 });
    const readers = [await open(), await open()];
    await Promise.all(readers.map((reader) => reader.until(/happened/)));
    tell();
    change(state);
    tell();
    for (const reader of readers) t.match(await reader.ended, /retry: 2000\n\n$/, name);
    t.ok(sinks.every(({ closed }) => closed.aborted));
  }
});

t.test('what changes with time alone is seen by the next heartbeat; a token ends by the clock', async (t) => {
  const { open, state } = await serve(t, { heartbeatMs: 10 });
  const reader = await open();
  await reader.until(/happened/);
  state.hasModule = false;
  await reader.ended;
  state.hasModule = true;
  const quiet = await serve(t, { heartbeatMs: 60_000 });
  const expiring = await quiet.open();
  await expiring.until(/happened/);
  // Tokens count whole seconds: one made in the second after the server's clock was read lasts a second longer than by it.
  quiet.state.nowMs += 901_000;
  t.match(await expiring.ended, /retry: 200\n\n$/);
});

t.test('what changes while a stream is prepared refuses it', async (t) => {
  const { open, app, state, sinks, change } = await serve(t);
  let pass = () => {};
  state.gate = new Promise((resolve) => {
    pass = resolve;
  });
  const prepares = new Promise<void>((resolve) => {
    state.atGate = resolve;
  });
  const opening = open();
  await prepares;
  state.refusal = 'token_revoked';
  change();
  await new Promise(setImmediate);
  pass();
  const reader = await opening;
  t.equal(reader.answer.statusCode, 401);
  t.match(JSON.parse(await reader.ended), { code: 'token_revoked' });
  t.same([sinks.length, app.eventStreams.count], [0, 0]);
});

t.test('what changes with time alone also ends a stream that is never silent', async (t) => {
  const talking = async (sink: EventSink) => {
    while (sink.send(':\n\n')) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  const { open, state } = await serve(t, { heartbeatMs: 50 }, talking);
  const reader = await open();
  await reader.until(/happened/);
  state.hasModule = false;
  t.match(await reader.ended, /retry: 2000\n\n$/);
});

t.test('as many at once as one and all may have', async (t) => {
  const { open, app } = await serve(t, { perPrincipal: 2, perTenant: 3 });
  const one = issuer.accessToken(granted);
  const first = await open({}, '', one);
  await open({}, '', one);
  const refused = await open({}, '', one);
  t.equal(refused.answer.statusCode, 429);
  t.match(JSON.parse(await refused.ended), { code: 'busy' });
  t.match(refused.answer.headers, { 'retry-after': '5', 'content-type': 'application/problem+json' });
  await open();
  t.equal((await open()).answer.statusCode, 429, 'the tenant’s share');
  t.equal(app.eventStreams.count, 3);
  first.request.destroy();
  while (app.eventStreams.count === 3) await new Promise(setImmediate);
  t.equal((await open()).answer.statusCode, 200, 'a place became free');
});

t.test('a reader that takes nothing is cut, and only that one', async (t) => {
  const sending = async (sink: EventSink) => {
    const text = formatEvent({ id: '1', type: 'happened', data: JSON.stringify({ n: 'x'.repeat(64 * 1024) }) });
    while (sink.send(text)) await new Promise(setImmediate);
  };
  const { open, app } = await serve(t, { heartbeatMs: 60_000 }, sending);
  const slow = await open();
  const good = await open();
  slow.answer.pause();
  while (app.eventStreams.count === 2) await new Promise(setImmediate);
  t.equal(app.eventStreams.count, 1);
  t.notOk(good.answer.destroyed);
  good.request.destroy();
  slow.request.destroy();
});

t.test('a reader that is stuck is cut by time, however little waits for it', async (t) => {
  let bytes = 0;
  const filling = async (sink: EventSink) => {
    // Until the system's buffers are full, and a little more.
    const text = formatEvent({ id: '1', type: 'happened', data: '"x"'.padEnd(16 * 1024) });
    while (app.eventStreams.count > 0 && !isStuck() && sink.send(text)) {
      bytes += text.length;
      await new Promise(setImmediate);
    }
    await whenClosed(sink);
  };
  const { open, app } = await serve(t, { heartbeatMs: 60_000, stuckMs: 50, maxPendingBytes: 1e9 }, filling);
  const isStuck = () => bytes > 16 * 1024 * 1024;
  const slow = await open();
  slow.answer.pause();
  while (app.eventStreams.count === 1) await new Promise((resolve) => setTimeout(resolve, 5));
  t.equal(app.eventStreams.count, 0);
  slow.request.destroy();
});

t.test('a reader that left before its stream began is no open stream', async (t) => {
  const { app, state, sinks, lines } = await serve(t);
  let pass = () => {};
  state.gate = new Promise((resolve) => {
    pass = resolve;
  });
  const { port } = app.server.address() as AddressInfo; // listening on TCP
  const headers = { host: 'acme.localhost', authorization: `Bearer ${issuer.accessToken(granted)}` };
  const asked = request({ host: '127.0.0.1', port, path: '/api/test/things/events', headers });
  asked.on('error', () => undefined);
  asked.end();
  const [seen] = await once(app.server, 'request');
  const gone = new Promise((resolve) => seen.socket.once('close', resolve));
  asked.destroy();
  await gone;
  pass();
  while (lines.length === 0) await new Promise(setImmediate);
  t.equal(app.eventStreams.count, 0);
  t.equal(sinks[0]?.send('x'), false);
});

t.test('closing: who comes meanwhile is told when to come back, for a refusal would end it for good', async (t) => {
  const { open, app, sinks, state, closingBegan } = await serve(t);
  let release = () => {};
  state.gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const arrived = once(app.server, 'request');
  const reader = open();
  await arrived;
  const closing = app.close();
  await closingBegan;
  release();
  t.match(await (await reader).ended, /^retry: \d+\n\n$/);
  t.equal(sinks.length, 0);
  await closing;
});

t.test('draining: everybody is told when to come back, nobody new is taken, and the listener closes', async (t) => {
  const { open, app, sinks } = await serve(t);
  const reader = await open();
  await reader.until(/happened/);
  const closing = app.close();
  const retry = Number(/retry: (\d+)\n\n$/.exec(await reader.ended)?.[1]);
  t.ok(retry >= 250 && retry <= 2_250, `${retry} ms`);
  await closing;
  t.ok(sinks[0]?.closed.aborted);
});

t.test('a source that fails ends its stream, and the log says why', async (t) => {
  const { open, lines } = await serve(t, {}, () => Promise.reject(new Error('away')));
  t.match(await (await open()).ended, /retry: 2000\n\n$/);
  t.match(lines.map(({ message }) => message).sort(), ['an event stream failed', 'request']);
});
