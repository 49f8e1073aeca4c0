import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { bearerAuthorizer } from './authorizer.js';
import { type CallSettings, call } from './call.js';
import { parseRoute, type RouteText } from './routes.js';
import { createHttpTransport } from './transport/http-transport.js';
import { fetchTransport } from './transport/transport.js';

type Handle = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Both ways to send: Node's own, and fetch as browsers and edge runtimes have it. */
const transports = { node: createHttpTransport(), fetch: fetchTransport() };
const routes: Record<string, RouteText> = {
  import: 'POST /import cns',
  create: 'POST /files/:id bfs',
  export: 'GET /export ds',
  write: 'POST /readings js',
};

async function serve(t: Test, handle: Handle, deadlineMs = 5_000) {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    void handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const settings: Omit<CallSettings, 'transport'> = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // listening on TCP
    authorizer: bearerAuthorizer(() => 'token'),
    deadlineMs,
    maxTries: 3,
    random: () => 0,
  };
  return {
    count: () => count,
    call: (kind: keyof typeof transports, name: string, input: Record<string, unknown>) =>
      call({ ...settings, transport: transports[kind] }, parseRoute(name, routes[name] ?? 'GET / '), input, {}),
  };
}

const both = ['node', 'fetch'] as const;
const refuse = (response: ServerResponse, status: number, code: string) => {
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ status, code, title: code }));
};
const encoder = new TextEncoder();
async function* chunks(count: number, ended?: () => void) {
  try {
    for (let n = 0; n < count; n++) {
      yield encoder.encode(`${n}\n`);
      await setImmediate();
    }
  } finally {
    ended?.();
  }
}

t.test('a file of any kind becomes the body, and the answer is lines', async (t) => {
  const server = await serve(t, async (request, response) => {
    const body = await text(request);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const { headers, url } = request;
    response.write(`${JSON.stringify({ url, type: headers['content-type'], accept: headers.accept })}\n`);
    response.end(`${JSON.stringify({ body })}\n`);
  });
  const body = '0\n1\n2\n';
  const files = {
    text: () => body,
    bytes: () => encoder.encode(body),
    blob: () => new Blob([body]),
    iterable: () => chunks(3),
    stream: () => new Blob([body]).stream(),
  };
  for (const kind of both) {
    for (const [name, file] of Object.entries(files)) {
      const lines = await server.call(kind, 'import', { file: file(), dry_run: true });
      const seen = [];
      for await (const line of lines as AsyncIterable<unknown>) seen.push(line);
      const head = { url: '/import?dry_run=true', type: 'text/csv', accept: 'application/x-ndjson' };
      t.same(seen, [head, { body }], `${kind} ${name}`);
    }
  }
});

t.test('a form: fields first, then the file under its name', async (t) => {
  const server = await serve(t, async (request, response) => {
    const form = await new Response(new Uint8Array(await buffer(request)), {
      headers: { 'content-type': request.headers['content-type'] ?? '' },
    }).formData();
    const file = form.get('file') as File; // sent as one below
    const { name, type } = file;
    response.end(
      JSON.stringify({ url: request.url, name, type, purpose: form.get('purpose'), text: await file.text() }),
    );
  });
  for (const kind of both) {
    for (const file of [new Blob(['0\n1\n']), chunks(2)]) {
      const input = { id: 'a', purpose: 'art', file, file_name: 'Größe "1"\r\nx.png', media_type: 'image/png' };
      t.same(await server.call(kind, 'create', input), {
        url: '/files/a',
        name: 'Größe "1"\r\nx.png',
        type: 'image/png',
        purpose: 'art',
        text: '0\n1\n',
      });
    }
  }
  await t.rejects(server.call('node', 'create', { id: 'a', file: 'x', media_type: 'a\r\nb: c' }), TypeError);
});

t.test('JSON as it is, or a file in its place; compressed if it is asked for', async (t) => {
  const server = await serve(t, async (request, response) => {
    const { url, headers } = request;
    const sent = await buffer(request);
    const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const gzip = headers['content-encoding'] ?? null;
    response.end(JSON.stringify({ url, type: headers['content-type'], gzip, body: body.toString() }));
  });
  const readings = [{ device: 'press', metric: 'pieces', value: 1 }];
  for (const kind of both) {
    for (const gzip of [false, true]) {
      const packed = gzip ? 'gzip' : null;
      t.same(await server.call(kind, 'write', { readings, gzip }), {
        url: '/readings',
        type: 'application/json',
        gzip: packed,
        body: JSON.stringify({ readings }),
      });
      for (const file of ['0\n1\n2\n', chunks(3)]) {
        const lines = { file, media_type: 'text/plain', precision: 'ms', gzip };
        t.same(await server.call(kind, 'write', lines), {
          url: '/readings?precision=ms',
          type: 'text/plain',
          gzip: packed,
          body: '0\n1\n2\n',
        });
      }
    }
  }
  await t.rejects(server.call('node', 'write', { file: 'x', media_type: 'a\r\nb: c' }), TypeError);
});

t.test('bytes: as a stream, a text or a Blob', async (t) => {
  const server = await serve(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/pdf' });
    response.end('%PDF');
  });
  for (const kind of both) {
    // What the contract's type says of this answer.
    const get = async () => (await server.call(kind, 'export', {})) as import('./streams.js').Download;
    t.equal(await (await get()).text(), '%PDF');
    const blob = await (await get()).blob();
    t.match(blob, { size: 4, type: 'application/pdf' });
    const answer = await get();
    t.equal(answer.headers.get('content-type'), 'application/pdf');
    t.equal(await new Response(answer.body).text(), '%PDF');
  }
});

t.test('a refusal before the end stops the source; a stream is sent once, a Blob again', async (t) => {
  const server = await serve(t, (_request, response) => refuse(response, 429, 'rate_limited'));
  for (const kind of both) {
    let ended = () => {};
    const sourceEnded = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const before = server.count();
    const failure = server.call(kind, 'import', { file: chunks(Number.POSITIVE_INFINITY, ended) });
    await t.rejects(failure, { code: 'rate_limited', status: 429 }, kind);
    await sourceEnded;
    t.equal(server.count(), before + 1);
    await t.rejects(server.call(kind, 'import', { file: 'x' }), { code: 'rate_limited' });
    t.equal(server.count(), before + 4);
  }
});

t.test('a form whose answer is lost is not sent again: it may have made a file', async (t) => {
  const server = await serve(t, async (request, response) => {
    await buffer(request);
    response.socket?.resetAndDestroy();
  });
  await t.rejects(server.call('node', 'create', { id: 'a', file: 'x' }), {
    name: 'PlatenNetworkError',
    kind: 'connection',
  });
  t.equal(server.count(), 1);
});

t.test('the deadline is for each wait, not for the whole', async (t) => {
  const deadlineMs = 5_000;
  let answer: ServerResponse | undefined;
  const server = await serve(
    t,
    async (request, response) => {
      await buffer(request);
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write('0\n');
      answer = response;
    },
    deadlineMs,
  );
  // The time of the client's deadlines alone, so that a machine that stands still is late for none of them.
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  for (const end of [true, false]) {
    const lines = (await server.call('node', 'import', { file: 'x' })) as AsyncGenerator<unknown, void>;
    for (let n = 0; n < 6; n++) {
      t.same(await lines.next(), { done: false, value: n }, 'longer than the deadline in whole');
      mock.timers.tick(deadlineMs - 1);
      if (n < 5) answer?.write(`${n + 1}\n`);
    }
    if (end) answer?.end();
    const last = lines.next();
    if (end) t.equal((await last).done, true);
    else {
      mock.timers.tick(1);
      await t.rejects(last, { name: 'PlatenNetworkError', kind: 'timeout' });
    }
  }
});
