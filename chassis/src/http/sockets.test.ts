import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { contracts } from '@platen/schema/contract';
import { closed } from '@platen/schema/contracts/shapes';
import t, { type Test } from 'tap';
import { Type } from 'typebox';
import { implement } from './implement.js';
import { listenWith } from './server.fixture.js';

/** What a client library will not send: over plain sockets. */
const echo = contracts('test.echo', {
  post: {
    method: 'POST',
    path: '/api/echo',
    access: 'public',
    summary: 'Echo',
    body: closed({ text: Type.String() }),
    status: 200,
    response: closed({ length: Type.Integer() }),
    idempotency: 'exempt',
  },
  slow: { method: 'GET', path: '/api/slow', access: 'public', summary: 'Waits', status: 204 },
});

async function listen(t: Test, requestTimeoutMs?: number) {
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const implementations = [
    implement(echo.post, async ({ body }) => ({ length: body.text.length })),
    implement(echo.slow, async () => {
      arrive();
      await released;
    }),
  ];
  const contracts = [echo.post, echo.slow];
  return { ...(await listenWith(t, { contracts, implementations }, requestTimeoutMs)), arrived, release };
}

async function read(stream: Readable): Promise<string> {
  let text = '';
  try {
    for await (const chunk of stream) text += chunk;
  } catch (error) {
    // A connection that is cut while we still write is reset; what came before it counts.
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
  }
  return text;
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

async function exchange(port: number, text: string): Promise<string> {
  const socket = await open(port);
  socket.write(text);
  return read(socket);
}

const correlation = 'x-correlation-id: test-correlation\r\nconnection: close\r\n';

t.test('hosts that no client library sends', async (t) => {
  const { port } = await listen(t);
  const get = (target: string, hosts: string) => exchange(port, `GET ${target} HTTP/1.1\r\n${hosts}${correlation}\r\n`);
  t.match(await get('/api/echo', 'host: acme.localhost\r\n'), /404.*route_not_found/s);
  const slow = (target: string, hosts: string) =>
    exchange(port, `POST ${target} HTTP/1.1\r\n${hosts}${correlation}content-length: 0\r\n\r\n`);
  const refused = {
    none: await slow('/api/echo', ''),
    empty: await slow('/api/echo', 'host:\r\n'),
    twice: await slow('/api/echo', 'host: acme.localhost\r\nhost: globex.localhost\r\n'),
    'twice the same': await slow('/api/echo', 'host: acme.localhost\r\nHost: acme.localhost\r\n'),
    'a list': await slow('/api/echo', 'host: acme.localhost, globex.localhost\r\n'),
    'folded tab': await slow('/api/echo', 'host: acme.localhost\tglobex.localhost\r\n'),
  };
  for (const [name, answer] of Object.entries(refused)) {
    t.match(answer, /^HTTP\/1\.1 400/, name);
    t.match(answer, /application\/problem\+json/, name);
  }
  const absolute = await slow('http://acme.localhost/api/echo', 'host: globex.localhost\r\n');
  t.match(absolute, /^HTTP\/1\.1 40[04]/, 'absolute-form never names the tenant');
  t.match(await exchange(port, 'nonsense\r\n\r\n'), /^HTTP\/1\.1 400.*problem\+json/s);
  t.match(await exchange(port, `GET / HTTP/1.1\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431/);
  t.match(
    await exchange(
      port,
      `POST /api/echo HTTP/1.1\r\nhost: acme.localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ),
    /^HTTP\/1\.1 400/,
    'two lengths',
  );
});

t.test('a body of 10 MB is refused while it arrives; the next request is unharmed', async (t) => {
  const { port } = await listen(t);
  const socket = await open(port);
  socket.on('error', () => {});
  const head = `POST /api/echo HTTP/1.1\r\nhost: acme.localhost\r\n${correlation}content-type: application/json\r\n`;
  socket.write(`${head}content-length: 10485760\r\n\r\n`);
  t.match(await read(socket), /^HTTP\/1\.1 413.*body_too_large/s);
  const chunked = await open(port);
  chunked.on('error', () => {});
  chunked.write(`${head}transfer-encoding: chunked\r\n\r\n`);
  const piece = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  const answer = read(chunked);
  for (let i = 0; i < 20 && chunked.writable; i += 1) chunked.write(piece);
  t.match(await answer, /^HTTP\/1\.1 413/);
  const body = '{"text":"abc"}';
  t.match(await exchange(port, `${head}content-length: ${body.length}\r\n\r\n${body}`), /200 OK.*\{"length":3\}/s);
});

t.test('what arrives byte by byte is cut', async (t) => {
  const { port } = await listen(t, 200);
  const head = 'POST /api/echo HTTP/1.1\r\nhost: acme.localhost\r\n';
  t.match(await exchange(port, head), /^HTTP\/1\.1 408/, 'headers');
  const slow = await open(port);
  slow.on('error', () => {});
  slow.write(`${head}${correlation}content-type: application/json\r\ncontent-length: 100\r\n\r\n{`);
  t.match(await read(slow), /^HTTP\/1\.1 408/, 'body');
});

t.test('who is cut or goes in the middle of a body is no fault of ours', async (t) => {
  const { app, port, lines } = await listen(t, 200);
  const begin = async () => {
    const socket = await open(port);
    const arrival = once(app.server, 'request');
    socket.write(`POST /api/echo HTTP/1.1\r\nhost: acme.localhost\r\n${correlation}content-type: application/json\r\n`);
    socket.write('content-length: 100\r\n\r\n{');
    const [raw] = await arrival;
    return { socket, gone: new Promise((resolve) => raw.once('close', resolve)) };
  };
  const cut = await begin();
  t.match(await read(cut.socket), /^HTTP\/1\.1 408/);
  const left = await begin();
  left.socket.destroy();
  await Promise.all([cut.gone, left.gone]);
  t.notMatch(JSON.stringify(lines), /"level":"error"/);
});

t.test('draining: everything is served, and each answer ends its connection', async (t) => {
  const { app, port } = await listen(t);
  const head = (path: string) =>
    `GET ${path} HTTP/1.1\r\nhost: acme.localhost\r\nx-correlation-id: test-correlation\r\n\r\n`;
  const kept = await open(port);
  kept.write(head('/health'));
  const [first] = await once(kept, 'data');
  t.match(String(first).toLowerCase(), /connection: keep-alive/);
  app.endConnections();
  kept.write(head('/ready'));
  const answers = [await read(kept)];
  for (const path of ['/health', '/api/nowhere']) answers.push(await exchange(port, head(path)));
  for (const [i, answer] of answers.entries()) {
    t.match(answer, i === 2 ? /^HTTP\/1\.1 404/ : /^HTTP\/1\.1 200/);
    t.match(answer.toLowerCase(), /connection: close/);
  }
});

t.test('closing: a connection that was accepted may still say what it wants', async (t) => {
  const { app, port, release, closingBegan } = await listen(t);
  const accepted = () => once(app.server, 'connection');
  const [late] = await Promise.all([open(port), accepted()]);
  const [silent] = await Promise.all([open(port), accepted()]);
  const closing = app.close();
  await closingBegan;
  late.write('GET /api/slow HTTP/1.1\r\nhost: acme.localhost\r\nx-correlation-id: test-correlation\r\n\r\n');
  release();
  const answer = await read(late);
  t.match(answer, /^HTTP\/1\.1 204/);
  t.match(answer.toLowerCase(), /connection: close/);
  t.equal(await read(silent), '', 'who says nothing is left in the end');
  await closing;
});

t.test('closing: who spoke while we stood still is heard', async (t) => {
  const { app, port, release, closingBegan } = await listen(t);
  const [late] = await Promise.all([open(port), once(app.server, 'connection')]);
  const closing = app.close();
  await closingBegan;
  late.write('GET /api/slow HTTP/1.1\r\nhost: acme.localhost\r\nx-correlation-id: test-correlation\r\n\r\n');
  release();
  // Longer than the time that a silent connection has.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
  t.match(await read(late), /^HTTP\/1\.1 204/);
  await closing;
});

t.test('closing: what is in flight is answered, and told to go', async (t) => {
  const { app, port, arrived, release, closingBegan } = await listen(t);
  const socket = await open(port);
  const request = 'GET /api/slow HTTP/1.1\r\nhost: acme.localhost\r\nx-correlation-id: test-correlation\r\n\r\n';
  socket.write(request);
  await arrived;
  const idle = await open(port);
  const closing = app.close();
  await closingBegan;
  release();
  const answer = await read(socket);
  t.match(answer, /^HTTP\/1\.1 204/);
  t.match(answer.toLowerCase(), /connection: close/);
  t.notMatch(answer, /503/);
  await closing;
  idle.destroy();
});
