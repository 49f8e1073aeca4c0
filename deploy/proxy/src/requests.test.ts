import { once } from 'node:events';
import { request } from 'node:http';
import { listContracts } from '@platen/schema/contract';
import { controlContracts } from '@platen/schema/contracts/control/index';
import { dataContracts } from '@platen/schema/contracts/data/index';
import t from 'tap';
import { type Seen, send, startStandIns } from './stand-in-planes.fixture.js';
import { nginxIsMissing } from './test-proxy.js';

// What becomes of requests on their way, by a real nginx before stand-ins for the planes.
const mebibyte = 1024 * 1024;
const pathOf = (path: string): string => path.replaceAll(/:\w+/g, '01930000-0000-7000-8000-000000000001');
const everything = [...listContracts(controlContracts), ...listContracts(dataContracts)];

t.test('requests', { skip: nginxIsMissing }, async (t) => {
  const { proxy, agent, control, first, second } = await startStandIns(t);
  const { port } = proxy;
  const saw = async (headers: Record<string, string>) => {
    const { body: text } = await send(port, 'GET', '/api/menu', { agent, headers });
    return (JSON.parse(text) as Seen).headers;
  };

  await t.test('who asks is told by the proxy alone', async (t) => {
    const forged = await saw({
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'globex.example.com',
      'x-forwarded-proto': 'gopher',
      'x-forwarded-port': '1',
      'x-real-ip': '203.0.113.9',
      forwarded: 'for=203.0.113.9;host=globex.example.com',
      proxy: 'http://203.0.113.9',
      connection: 'x-forwarded-for',
      'x-correlation-id': 'a-correlation-id',
      traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
      cookie: 'platen_at=x',
    });
    t.same(forged, {
      host: 'acme.example.com',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-correlation-id': 'a-correlation-id',
      traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
      cookie: 'platen_at=x',
    });
    t.equal((await saw({ host: 'Acme.Example.com:8443' })).host, 'Acme.Example.com:8443', 'the host as it came');
  });

  await t.test('logs name the path without its query, and no token of a link', async (t) => {
    const secret = 'a-token-of-a-link-that-nobody-else-may-know';
    for (const { path } of listContracts(dataContracts).filter((contract) => contract.secretPath)) {
      await send(port, 'GET', `${path.replace(':token', secret)}?token=${secret}`, { agent });
    }
    const sent = { 'x-correlation-id': 'find-this-one', authorization: `Bearer ${secret}`, referer: secret };
    await send(port, 'GET', `/api/menu?cursor=${secret}`, { agent, headers: sent });
    const lines = await proxy.accessLog('find-this-one');
    t.notMatch(JSON.stringify(lines), secret);
    t.match(lines.at(-1), { path: '/api/menu', status: 200, ip: '127.0.0.1', correlation_id: 'find-this-one' });
    t.equal(lines.at(-2)?.['path'], '/api/public/quotes/-');
  });

  await t.test('bodies are limited as the planes limit them', async (t) => {
    const uploads = listContracts(dataContracts).filter(({ upload }) => upload !== undefined);
    const post = (path: string, bytes: number) =>
      send(port, 'POST', pathOf(path), { agent, body: Buffer.alloc(bytes, 'x') });
    for (const { path, upload } of uploads) {
      const bytes = Math.min(10 * mebibyte, upload?.maxBytes ?? 0);
      t.equal((JSON.parse((await post(path, bytes)).body) as Seen).bytes, bytes, `${bytes} bytes to ${path}`);
    }
    t.equal((await post('/api/erp/quotes', mebibyte)).status, 200);
    const refused = await post('/api/erp/quotes', mebibyte + 1);
    t.match([refused.status, JSON.parse(refused.body).code], [413, 'body_too_large']);
    const claimed = (path: string, bytes: number) =>
      send(port, 'POST', path, { headers: { 'content-length': bytes, expect: '100-continue' } });
    t.equal((await claimed('/api/telemetry/readings', 4 * mebibyte + 1)).status, 413);
    t.equal((await claimed('/api/erp/files', 129 * mebibyte + 1)).status, 413);
  });

  await t.test('streams: what was sent is there while the rest is still to come', async (t) => {
    const streamed = everything.filter(
      ({ events, mediaType, upload }) =>
        (events !== undefined || /ndjson|csv|octet/.test(mediaType ?? '')) && upload === undefined,
    );
    t.ok(streamed.length > 6);
    for (const { path, name } of streamed) {
      // The second line is not sent before the reader has the first.
      let go = () => {};
      const read = new Promise<void>((resolve) => {
        go = resolve;
      });
      const before = [control.answer, first.answer] as const;
      control.answer = first.answer = async (_, outgoing) => {
        outgoing.writeHead(200, { 'content-type': 'text/plain' });
        outgoing.write('first\n');
        await read;
        outgoing.end('second\n');
      };
      const sending = request({ host: '127.0.0.1', port, path: pathOf(path), headers: { host: 'acme.example.com' } });
      sending.end();
      const [incoming] = await once(sending, 'response');
      const parts: string[] = [];
      for await (const chunk of incoming) {
        parts.push(String(chunk));
        go();
      }
      t.same(parts, ['first\n', 'second\n'], name);
      [control.answer, first.answer] = before;
    }
  });

  await t.test('an upload is read while it is sent, and answered meanwhile', async (t) => {
    for (const path of ['/api/erp/catalog/import', '/api/erp/files']) {
      const before = first.answer;
      first.answer = async (incoming, outgoing) => {
        outgoing.writeHead(200, { 'content-type': 'application/x-ndjson' });
        for await (const chunk of incoming) outgoing.write(`${String(chunk).length}\n`);
        outgoing.end('summary\n');
      };
      const headers = { host: 'acme.example.com', 'content-type': 'text/csv' };
      const sending = request({ host: '127.0.0.1', port, method: 'POST', path, headers });
      sending.write('x'.repeat(100));
      const [incoming] = await once(sending, 'response');
      const parts: string[] = [];
      for await (const chunk of incoming) {
        parts.push(String(chunk));
        if (parts.length === 1) sending.end('x'.repeat(50));
      }
      t.same(parts.join(''), '100\n50\nsummary\n', path);
      t.equal(parts[0], '100\n', 'the first line before the rest was sent');
      first.answer = before;
    }
  });

  await t.test('what may have been carried out is sent again only where that cannot happen twice', async (t) => {
    const before = first.answer;
    first.answer = (incoming) => void incoming.resume().once('end', () => incoming.socket.destroy());
    const sentAgain = async (method: string, headers: Record<string, string> = {}) => {
      const options = { agent, headers, ...(method !== 'GET' && { body: '{"a":1}' }) };
      const { status, body: text } = await send(port, method, '/api/erp/orders', options);
      return status === 200 ? (JSON.parse(text) as Seen).plane : status;
    };
    t.equal(await sentAgain('GET'), 'data 2');
    t.equal(await sentAgain('POST', { 'idempotency-key': 'a-key-of-a-caller' }), 'data 2');
    t.equal(second.seen.at(-1)?.bytes, 7, 'with its body');
    t.equal(second.seen.at(-1)?.headers['idempotency-key'], 'a-key-of-a-caller');
    t.equal(await sentAgain('PATCH', { 'if-match': '"3"' }), 'data 2');
    t.equal(second.seen.at(-1)?.headers['if-match'], '"3"');
    const colons = { 'idempotency-key': 'a:key:of-a-caller' };
    for (const [method, headers] of [
      ['POST'],
      ['PATCH'],
      ['PATCH', colons],
      ['POST', { 'if-match': '"a:b"' }],
    ] as const) {
      const count = second.seen.length;
      t.equal(await sentAgain(method, headers), 502, method);
      t.equal(second.seen.length, count, 'not sent again');
    }
    first.answer = before;
  });

  await t.test('what could not be sent goes to another instance, whatever it is', async (t) => {
    await first.close();
    for (const method of ['POST', 'GET', 'PATCH', 'PUT', 'DELETE']) {
      const { body: text } = await send(port, method, '/api/erp/orders', { agent, body: '{}' });
      t.equal((JSON.parse(text) as Seen).plane, 'data 2', method);
    }
  });
});
