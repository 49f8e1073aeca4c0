import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { contracts } from '@platen/schema/contract';
import { closed } from '@platen/schema/contracts/shapes';
import t, { type Test } from 'tap';
import { Type } from 'typebox';
import { implement } from './implement.js';
import { listenWith } from './server.fixture.js';

const wholeBytes = 16 * 1024;
const things = contracts('test.whole', {
  lines: {
    method: 'POST',
    path: '/api/test/lines',
    access: 'public',
    summary: 'Lines, compressed too',
    upload: { mediaType: 'text/csv', maxBytes: 50_000, encodings: ['gzip'] },
    idempotency: 'exempt',
    status: 200,
    response: closed({ bytes: Type.Integer(), last: Type.String(), whole: Type.Boolean() }),
  },
  few: {
    method: 'POST',
    path: '/api/test/few',
    access: 'public',
    summary: 'Few bytes',
    upload: { mediaType: 'text/csv', maxBytes: 100 },
    idempotency: 'exempt',
    status: 200,
    response: Type.Integer(),
  },
});

async function listen(t: Test, requestTimeoutMs?: number) {
  const seen: number[] = [];
  const implementations = [
    implement(things.lines, async ({ upload }) => {
      const bytes = upload.whole ?? (await buffer(upload.file));
      seen.push(bytes.length);
      return { bytes: bytes.length, last: bytes.subarray(-1).toString(), whole: upload.whole !== null };
    }),
    // Reads what is whole in the way of all others.
    implement(things.few, async ({ upload }) => (await buffer(upload.file)).length),
  ];
  const contracts = [things.lines, things.few];
  return { ...(await listenWith(t, { contracts, implementations }, requestTimeoutMs)), seen };
}

function open(port: number, path: string, headers: Record<string, string>): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  const all = { host: 'acme.localhost', 'x-correlation-id': 'test-whole', 'content-type': 'text/csv', ...headers };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST ${path} HTTP/1.1\r\n${head.join('')}\r\n`);
  return socket;
}

/** All answers on the connection, until the server ends it. */
async function answersOf(socket: Socket): Promise<string> {
  let text = '';
  try {
    for await (const chunk of socket) text += chunk;
  } catch {
    // Reset while we were still writing: what came before it counts.
  }
  return text;
}

async function post(port: number, path: string, headers: Record<string, string>, ...pieces: (string | Buffer)[]) {
  const socket = open(port, path, { connection: 'close', ...headers });
  for (const piece of pieces) {
    socket.write(piece);
    // Each on its own: a piece that arrives with the next is none.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return answersOf(socket);
}

const lengthOf = (length: number) => ({ 'content-length': String(length) });
const answer = (bytes: number, whole: boolean, last = 'z') =>
  new RegExp(`^HTTP/1.1 200.*\\{"bytes":${bytes},"last":"${last}","whole":${whole}\\}$`, 's');
const bytesOf = (length: number) => `${'x'.repeat(length - 1)}z`;

t.test('what says to be short is there in whole, to the byte; anything else arrives', async (t) => {
  const { port } = await listen(t);
  const send = (headers: Record<string, string>, ...pieces: (string | Buffer)[]) =>
    post(port, '/api/test/lines', headers, ...pieces);
  t.match(await send(lengthOf(3), 'a,z'), answer(3, true));
  t.match(await send(lengthOf(5), 'a,', 'b', ',z'), answer(5, true), 'in pieces');
  t.match(await send(lengthOf(0)), answer(0, true, ''), 'empty');
  t.match(await send(lengthOf(wholeBytes), bytesOf(wholeBytes)), answer(wholeBytes, true));
  t.match(await send(lengthOf(wholeBytes + 1), bytesOf(wholeBytes + 1)), answer(wholeBytes + 1, false));
  t.match(await send({ 'transfer-encoding': 'chunked' }, '3\r\na,z\r\n', '0\r\n\r\n'), answer(3, false), 'chunked');
  const packed = gzipSync(bytesOf(40_000));
  const zipped = { 'content-encoding': 'gzip', ...lengthOf(packed.length) };
  t.match(await send(zipped, packed), answer(40_000, false), 'compressed');
  const bomb = gzipSync(Buffer.alloc(10_000_000));
  t.ok(bomb.length < wholeBytes);
  t.match(
    await send({ 'content-encoding': 'gzip', ...lengthOf(bomb.length) }, bomb),
    /^HTTP\/1.1 413.*body_too_large/s,
  );
});

t.test('limits and types are asked first', async (t) => {
  const { port, seen } = await listen(t);
  const send = (length: number, more: Record<string, string> = {}) =>
    post(port, '/api/test/few', { ...lengthOf(length), ...more }, bytesOf(length));
  t.match(await send(100), /^HTTP\/1.1 200.*100$/s, 'as a stream too, for who wants one');
  t.match(await send(101), /^HTTP\/1.1 413.*body_too_large/s);
  t.match(await send(9, { 'content-type': 'text/csv; charset=latin1' }), /^HTTP\/1.1 415/);
  t.match(await send(9, { 'content-encoding': 'gzip' }), /^HTTP\/1.1 415/);
  t.match(await send(9, { 'transfer-encoding': 'chunked' }), /^HTTP\/1.1 400/, 'two lengths are none');
  t.same(seen, []);
});

t.test('a length that lies', async (t) => {
  const { port, seen, lines } = await listen(t);
  const more = await post(port, '/api/test/lines', lengthOf(3), 'a,zand more\r\n\r\n');
  t.match(more, /HTTP\/1.1 400/, 'longer: what follows is no request, and no part of this one');
  t.ok(
    seen.splice(0).every((bytes) => bytes === 3),
    'whether it was handled by then or not',
  );

  const half = open(port, '/api/test/lines', lengthOf(9));
  half.end('a,b');
  t.match(await answersOf(half), /^HTTP\/1.1 400/, 'ended before it was complete');
  const gone = open(port, '/api/test/lines', lengthOf(9));
  await once(gone, 'connect');
  gone.write('a,b', () => gone.resetAndDestroy());
  t.match(await post(port, '/api/test/lines', lengthOf(3), 'a,z'), answer(3, true), 'others are served');
  t.same(seen, [3], 'nobody handled what was not there');
  t.notMatch(JSON.stringify(lines), /request failed/);
});

t.test('who drips is cut, and told why', async (t) => {
  const { port, seen } = await listen(t, 200);
  const socket = open(port, '/api/test/lines', lengthOf(9_000));
  const drip = setInterval(() => socket.write('x'), 10);
  t.match(await answersOf(socket), /^HTTP\/1.1 408.*request_timeout.*test-whole/s);
  clearInterval(drip);
  t.same(seen, []);
});
