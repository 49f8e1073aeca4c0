import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { contracts, requires } from '@platen/schema/contract';
import { closed } from '@platen/schema/contracts/shapes';
import t, { type Test } from 'tap';
import { Type } from 'typebox';
import { implement } from './implement.js';
import { issuer, listenWith, tenant } from './server.fixture.js';

const maxBytes = 100_000;
const maxUnpackedBytes = 2_000_000;
const Counted = closed({ bytes: Type.Integer(), name: Type.String(), purpose: Type.String() });
const things = contracts('test.things', {
  form: {
    method: 'POST',
    path: '/api/test/form',
    access: requires('erp.quote.write'),
    summary: 'A file with fields',
    body: closed({ purpose: Type.String({ maxLength: 10 }) }),
    upload: { mediaType: 'multipart/form-data', maxBytes },
    idempotency: 'exempt',
    status: 201,
    response: Counted,
  },
  csv: {
    method: 'POST',
    path: '/api/test/csv',
    access: requires('erp.quote.write'),
    summary: 'Lines',
    upload: { mediaType: 'text/csv', maxBytes },
    idempotency: 'exempt',
    status: 200,
    response: Counted,
  },
  texts: {
    method: 'POST',
    path: '/api/test/texts',
    access: requires('erp.quote.write'),
    summary: 'JSON or text, compressed too',
    body: closed({ text: Type.String() }),
    upload: {
      mediaType: 'application/json',
      also: {
        'application/x-ndjson': { description: 'Lines of JSON', example: '{}\n' },
        'text/plain': { description: 'Lines', example: 'a\n' },
      },
      maxBytes: maxUnpackedBytes,
      encodings: ['gzip'],
    },
    idempotency: 'exempt',
    status: 200,
    response: Counted,
  },
  json: {
    method: 'POST',
    path: '/api/test/json',
    access: 'public',
    summary: 'As most endpoints',
    body: closed({ text: Type.Optional(Type.String()) }),
    idempotency: 'exempt',
    status: 200,
    response: Type.String(),
  },
});

const org = '0190a000-0000-7000-8000-000000000001';
const may = `Bearer ${issuer.accessToken({ tid: tenant.id, org, permissions: ['erp.quote.write'] })}`;

/** `failures`: what the handler saw instead of the end of a file. `reads` counts handlers that began, `reading` is of the first. */
async function listen(t: Test, requestTimeoutMs?: number) {
  const failures: unknown[] = [];
  const seen = { reads: 0 };
  const arrivals: (() => void)[] = [];
  const failed = new Promise<void>((resolve) => arrivals.push(resolve));
  let begin = (): void => undefined;
  const reading = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const count = async (file: Readable): Promise<number> => {
    seen.reads += 1;
    begin();
    let bytes = 0;
    try {
      for await (const chunk of file as AsyncIterable<Buffer>) bytes += chunk.length;
    } catch (error) {
      failures.push(error);
      for (const arrive of arrivals) arrive();
      throw error;
    }
    return bytes;
  };
  const implementations = [
    implement(things.form, async ({ body, upload }) => ({
      bytes: await count(upload.file),
      name: `${upload.fileName} ${upload.mediaType}`,
      purpose: body.purpose,
    })),
    implement(things.csv, async ({ upload }) => ({ bytes: await count(upload.file), name: '', purpose: '' })),
    implement(things.texts, async ({ body, upload }) => ({
      bytes: await count(upload.file),
      name: upload.mediaType,
      purpose: String(body),
    })),
    implement(things.json, async () => 'done'),
  ];
  const contracts = [things.form, things.csv, things.texts, things.json];
  const listener = await listenWith(t, { contracts, implementations }, requestTimeoutMs);
  return { ...listener, failures, failed, reading, seen };
}

const base = { host: 'acme.localhost', 'x-correlation-id': 'test-correlation' };

/** Sends what `body` gives, chunked unless a length is named. */
async function post(port: number, path: string, headers: Record<string, string>, body: Iterable<Buffer | string>) {
  const outgoing = httpRequest({ port, method: 'POST', path, headers: { ...base, ...headers } });
  outgoing.on('error', () => {});
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  Readable.from(body).pipe(outgoing);
  const [answer] = await answered;
  const content = await text(answer);
  outgoing.destroy();
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(content) };
}

const boundary = 'b0undary';
const multipart = { 'content-type': `multipart/form-data; boundary=${boundary}`, authorization: may };
const csv = { 'content-type': 'text/csv; charset=utf-8', authorization: may };
const field = (name: string, value: string) =>
  `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const fileHead = (name = 'file', fileName = 'logo.png') =>
  `--${boundary}\r\ncontent-disposition: form-data; name="${name}"; filename="${fileName}"\r\ncontent-type: image/png\r\n\r\n`;
const end = `\r\n--${boundary}--\r\n`;
const piece = Buffer.alloc(10_000, 'x');
const pieces = (count: number): Buffer[] => Array.from({ length: count }, () => piece);

t.test('a form and a file arrive as streams, fields validated', async (t) => {
  const { port } = await listen(t);
  const form = await post(port, '/api/test/form', multipart, [
    field('purpose', 'art'),
    fileHead('file', '../../etc/pass wd.png'),
    ...pieces(10),
    end,
  ]);
  t.match(form, {
    status: 201,
    headers: { 'x-correlation-id': 'test-correlation', 'content-type': /json/ },
    body: { bytes: maxBytes, name: 'pass wd.png image/png', purpose: 'art' },
  });
  const lines = await post(port, '/api/test/csv', csv, ['a,b\n', '1,2\n']);
  t.match(lines, { status: 200, body: { bytes: 8 } });
});

t.test('broken forms', async (t) => {
  const { port, failures } = await listen(t);
  const send = (...parts: (Buffer | string)[]) => post(port, '/api/test/form', multipart, parts);
  const cases = {
    'unknown field': await send(field('purpose', 'a'), field('other', 'x'), fileHead(), 'x', end),
    'field missing': await send(fileHead(), 'x', end),
    'field too long': await send(field('purpose', 'x'.repeat(11)), fileHead(), 'x', end),
    'field far too long': await send(field('purpose', 'x'.repeat(5_000)), fileHead(), 'x', end),
    'field twice': await send(field('purpose', 'a'), field('purpose', 'b'), fileHead(), 'x', end),
    prototype: await send(field('__proto__', 'a'), field('purpose', 'b'), fileHead(), 'x', end),
    'no file': await send(field('purpose', 'a'), `--${boundary}--\r\n`),
    'file under another name': await send(field('purpose', 'a'), fileHead('upload'), 'x', end),
  };
  for (const [name, answer] of Object.entries(cases)) {
    t.match(answer, { status: 400, body: { code: 'validation_failed', correlation_id: 'test-correlation' } }, name);
  }
  const malformed = {
    'many fields': await send(...Array.from({ length: 20 }, (_, i) => field(`f${i}`, 'x')), fileHead(), 'x', end),
    'field after the file': await send(field('purpose', 'a'), fileHead(), 'x\r\n', field('other', 'x'), end),
    'second file': await send(field('purpose', 'a'), fileHead(), 'x\r\n', fileHead(), 'y', end),
    'no end': await send(field('purpose', 'a'), fileHead(), 'x'),
    'not a form': await send('hello'),
  };
  for (const [name, answer] of Object.entries(malformed)) {
    t.match(answer, { status: 400, body: { code: 'malformed_body' } }, name);
  }
  const noBoundary = { ...multipart, 'content-type': 'multipart/form-data' };
  t.match(await post(port, '/api/test/form', noBoundary, ['x']), { status: 400 });
  t.match(await send(field('purpose', 'a'), fileHead('file', 'x'.repeat(300)), 'x', end), { status: 400 });
  const cut = `--${boundary}\r\ncontent-disposition: form-data; x="${'x'.repeat(9_000)}"; name="file"; filename="a"\r\n\r\n`;
  t.match(await send(field('purpose', 'a'), cut, 'x', end), { status: 400 }, 'part headers are bounded');
  t.ok(failures.length >= 2, 'a handler that had begun was told');
});

t.test('no content-type confusion: each route takes its own type and no other', async (t) => {
  const { port, seen } = await listen(t);
  const form = [field('purpose', 'a'), fileHead(), 'x', end];
  const json = { 'content-type': 'application/json', authorization: may };
  const refused: [string, Record<string, string>, (Buffer | string)[]][] = [
    ['/api/test/json', multipart, form],
    ['/api/test/json', csv, ['a']],
    ['/api/test/json', { 'content-type': 'text/plain' }, ['{}']],
    ['/api/test/form', json, ['{"purpose":"a"}']],
    ['/api/test/form', csv, ['a']],
    ['/api/test/form', { authorization: may, 'content-type': 'application/x-www-form-urlencoded' }, ['purpose=a']],
    ['/api/test/csv', json, ['{}']],
    ['/api/test/csv', multipart, form],
    ['/api/test/csv', { authorization: may }, ['a,b']],
    ['/api/test/csv', { authorization: may, 'content-length': '0' }, []],
    ['/api/test/csv', { ...csv, 'content-encoding': 'gzip' }, ['a,b']],
    ['/api/test/csv', { ...csv, 'content-type': 'text/csv; charset=windows-1252' }, ['a,b']],
  ];
  for (const [path, headers, body] of refused) {
    t.match(await post(port, path, headers, body), { status: 415, body: { code: 'unsupported_media_type' } }, path);
  }
  t.equal(seen.reads, 0);
});

t.test('one of several types, compressed or not, comes to the handler as it was before', async (t) => {
  const { port } = await listen(t);
  const send = (type: string, content: Buffer, more: Record<string, string> = {}) =>
    post(port, '/api/test/texts', { 'content-type': type, authorization: may, ...more }, [content]);
  const zipped = { 'content-encoding': 'gzip' };
  const content = Buffer.from('{"text": 1}');
  for (const [type, essence] of [
    ['application/json', 'application/json'],
    ['Application/JSON; charset=UTF-8', 'application/json'],
    ['application/x-ndjson', 'application/x-ndjson'],
    ['text/plain;charset=utf-8', 'text/plain'],
  ] as const) {
    // Even of JSON nothing is judged before the handler: the text should have been a string.
    const answer = { status: 200, body: { bytes: content.length, name: essence, purpose: 'undefined' } };
    t.match(await send(type, content), answer, type);
    t.match(await send(type, gzipSync(content), zipped), answer, `${type}, compressed`);
  }
  const twice = Buffer.concat([gzipSync(content), gzipSync(content)]);
  t.match(await send('text/plain', twice, zipped), { body: { bytes: 2 * content.length } }, 'two members are one file');
  for (const [type, more] of [
    ['text/csv', {}],
    ['text/plain; charset=latin1', {}],
    ['application/json', { 'content-encoding': 'br' }],
    ['application/json', { 'content-encoding': 'gzip, gzip' }],
  ] as const) {
    t.match(await send(type, content, more), { status: 415, body: { code: 'unsupported_media_type' } }, type);
  }
  const said = { detail: /^Send the body as [\w/]+( or [\w/-]+)+$/ };
  t.match((await send('application/x-www-form-urlencoded', content)).body, said, 'and is told what is taken');
});

t.test('what is compressed badly is malformed; a bomb goes off at its limit', async (t) => {
  const { port, failures, lines } = await listen(t);
  const headers = { 'content-type': 'text/plain', 'content-encoding': 'gzip', authorization: may };
  const send = (...parts: Buffer[]) => post(port, '/api/test/texts', headers, parts);
  const noise = randomBytes(50_000);
  const whole = gzipSync(noise);
  const spoilt = Buffer.from(whole);
  spoilt.writeUInt32LE(0, spoilt.length - 8);
  const broken = { 'not gzip': Buffer.from('hello'), cut: whole.subarray(0, 30_000), 'another checksum': spoilt };
  for (const [name, content] of Object.entries(broken)) {
    t.match(await send(content), { status: 400, body: { code: 'malformed_body' } }, name);
  }
  t.match(await send(whole), { status: 200, body: { bytes: noise.length } });
  const text = Buffer.alloc(maxUnpackedBytes, '{"device":"press-1","value":1}');
  const few = gzipSync(text.subarray(0, 200_000));
  t.match(await send(few), { status: 200, body: { bytes: 200_000 } }, 'what is small may be as alike as it wants');
  t.match(await send(gzipSync(noise), gzipSync(text.subarray(0, 1_000_000))), { status: 200 });

  const tooLarge = { status: 413, body: { code: 'body_too_large' } };
  failures.length = 0;
  t.match(await send(gzipSync(text)), tooLarge, 'within its limit, and unpacked to more than anything honest is');
  const bomb = gzipSync(Buffer.alloc(200_000_000));
  const before = process.memoryUsage().rss;
  t.match(await send(bomb), tooLarge);
  t.match(await send(noise, bomb), { status: 400 });
  t.match(await send(whole, gzipSync(randomBytes(maxUnpackedBytes))), tooLarge, 'as large as it is packed');
  t.comment(
    `measured: memory grew by ${((process.memoryUsage().rss - before) / 1e6).toFixed(0)} MB over 200 MB of zeros`,
  );
  t.match(failures, [
    { code: 'body_too_large' },
    { code: 'body_too_large' },
    { code: 'malformed_body' },
    { code: 'body_too_large' },
  ]);
  t.notMatch(JSON.stringify(lines), /request failed/);
});

t.test('too large: refused by its length before it is read, and while it arrives in chunks', async (t) => {
  const { port, failures, seen } = await listen(t);
  const declared = await post(port, '/api/test/csv', { ...csv, 'content-length': String(maxBytes + 1) }, pieces(11));
  t.match(declared, { status: 413, body: { code: 'body_too_large' } });
  t.equal(seen.reads, 0);
  t.match(await post(port, '/api/test/csv', csv, pieces(40)), { status: 413, body: { code: 'body_too_large' } });
  const form = [field('purpose', 'a'), fileHead(), ...pieces(11), end];
  t.match(await post(port, '/api/test/form', multipart, form), { status: 413, body: { code: 'body_too_large' } });
  t.match(failures, [{ code: 'body_too_large' }, { code: 'body_too_large' }], 'the handlers were told');
  t.match(await post(port, '/api/test/csv', csv, pieces(10)), { status: 200 }, 'exactly as large as allowed');
});

t.test('access is decided before a byte of the body is read', async (t) => {
  const { port, seen } = await listen(t);
  /** The head alone: whoever waits for the body never answers. */
  const head = async (path: string, headers: Record<string, string>) => {
    const socket = connect(port, '127.0.0.1');
    const lines = Object.entries({ ...base, ...headers, 'content-length': '50000' }).map(([k, v]) => `${k}: ${v}\r\n`);
    socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return chunk.toString();
  };
  const cookie = `platen_at=${may.slice('Bearer '.length)}`;
  const { authorization: _, ...form } = multipart;
  const without = `Bearer ${issuer.accessToken({ tid: tenant.id, org, permissions: [] })}`;
  t.match(await head('/api/test/form', form), /^HTTP\/1\.1 401.*authentication_required/s);
  t.match(await head('/api/test/form', { ...form, authorization: without }), /^HTTP\/1\.1 403.*permission_denied/s);
  // What a form on another site sends: the cookie, and no header of its choosing.
  t.match(await head('/api/test/form', { ...form, cookie }), /^HTTP\/1\.1 403.*origin_not_allowed/s);
  for (const origin of ['null', 'https://evil.example', 'http://globex.localhost']) {
    t.match(await head('/api/test/form', { ...form, cookie, origin }), /^HTTP\/1\.1 403.*origin_not_allowed/s, origin);
  }
  t.match(await head('/api/test/form', { ...form, cookie, 'x-correlation-id': '' }), /400.*correlation_id_required/s);
  t.equal(seen.reads, 0);
  const own = { ...form, cookie, origin: 'http://acme.localhost' };
  t.match(await post(port, '/api/test/form', own, [field('purpose', 'a'), fileHead(), 'x', end]), { status: 201 });
});

t.test('an upload that breaks off is an error of the handler’s stream, and none of ours', async (t) => {
  const { port, failures, failed, reading, lines } = await listen(t);
  const socket = connect(port, '127.0.0.1');
  const head = Object.entries({ ...base, ...multipart, 'content-length': '50000' }).map(([k, v]) => `${k}: ${v}\r\n`);
  socket.write(`POST /api/test/form HTTP/1.1\r\n${head.join('')}\r\n${field('purpose', 'a')}${fileHead()}half`);
  await reading;
  socket.end();
  await failed;
  t.match(failures, [{ code: 'malformed_body' }]);
  t.notMatch(JSON.stringify(lines), /request failed/);
});

t.test('slow senders are cut, whatever they send; who is not slow may take longer', async (t) => {
  const { port, failures } = await listen(t, 200);
  const trickle = async (path: string, headers: Record<string, string>, first: string, byte: string) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    const lines = Object.entries({ ...base, ...headers, 'content-length': '50000' }).map(([k, v]) => `${k}: ${v}\r\n`);
    socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${first}`);
    const drip = setInterval(() => socket.write(byte), 10);
    let answer = '';
    try {
      for await (const chunk of socket) answer += chunk;
    } catch {
      // Reset while we were still writing: what came before it counts.
    }
    clearInterval(drip);
    return answer;
  };
  const form = `${field('purpose', 'a')}${fileHead()}`;
  t.match(await trickle('/api/test/csv', csv, '', 'x'), /^HTTP\/1\.1 408.*test-correlation/s);
  t.match(await trickle('/api/test/form', multipart, form, 'x'), /^HTTP\/1\.1 408.*request_timeout/s);
  t.match(failures, [{ code: 'request_timeout' }, { code: 'request_timeout' }]);
  t.match(await trickle('/api/test/json', { 'content-type': 'application/json' }, '', ' '), /^HTTP\/1\.1 408/);
  t.match(await trickle('/api/test/none', {}, '', 'x'), /^HTTP\/1\.1 404/, 'what nobody reads ends too');
  const outgoing = httpRequest({ port, method: 'POST', path: '/api/test/csv', headers: { ...base, ...csv } });
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  const startedMs = performance.now();
  let sent = 0;
  const steady = setInterval(() => {
    // Fifty bytes a millisecond, those of a moment in which nobody got to send among them.
    const due = Math.min(25_000, Math.ceil((performance.now() - startedMs) * 50));
    outgoing.write(Buffer.alloc(due - sent, 'x'));
    sent = due;
    if (sent < 25_000) return;
    clearInterval(steady);
    outgoing.end();
  }, 20);
  const [answer] = await answered;
  t.equal(answer.statusCode, 200, 'longer than the time for a request, and always moving');
  t.match(JSON.parse(await text(answer)), { bytes: 25_000 });
});

t.test('who has sent it in time is not cut because we stood still', async (t) => {
  const { port, reading } = await listen(t, 200);
  const socket = connect(port, '127.0.0.1');
  const head = Object.entries({ ...base, ...csv, connection: 'close', 'content-length': '50000' });
  socket.write(`POST /api/test/csv HTTP/1.1\r\n${head.map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`);
  await reading;
  socket.write(Buffer.alloc(50_000, 'x'));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  t.match(await text(socket), /^HTTP\/1\.1 200.*"bytes":50000/s);
});
