import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { createTestIssuer } from '../testkit/tokens.js';
import { fetchKeySet } from './fetch-key-set.js';

const { jwk } = createTestIssuer();

async function serve(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
}

t.test('signing keys are read, other members are passed over', async (t) => {
  const keys = [jwk, { ...jwk, alg: 'RS512' }, { ...jwk, use: 'enc' }, { kty: 'EC' }, null, 5, { ...jwk, kid: '' }];
  const url = await serve(t, (_request, response) => response.end(JSON.stringify({ keys, more: true })));
  t.same(await fetchKeySet({ url, timeoutMs: 30_000 }), [jwk]);
});

t.test('what is no key set, or comes from elsewhere, too large or too late, is refused', async (t) => {
  let redirected = 0;
  const elsewhere = await serve(t, (_request, response) => {
    redirected += 1;
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  const answers: Record<string, RequestListener> = {
    'a redirect': (_request, response) => response.writeHead(302, { location: elsewhere }).end(),
    'an error': (_request, response) => response.writeHead(500).end(JSON.stringify({ keys: [jwk] })),
    'no JSON': (_request, response) => response.end('<html>'),
    'another document': (_request, response) => response.end('{"keys":{}}'),
    'too large': (_request, response) => response.end(JSON.stringify({ keys: [jwk], pad: 'x'.repeat(70_000) })),
    'too large once inflated': (_request, response) =>
      response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(gzipSync(JSON.stringify({ keys: [jwk], pad: 'x'.repeat(70_000) }))),
  };
  for (const [name, listener] of Object.entries(answers)) {
    await t.rejects(fetchKeySet({ url: await serve(t, listener) }), name);
  }
  t.equal(redirected, 0, 'no redirect is followed');
  const silent = await serve(t, () => undefined);
  await t.rejects(fetchKeySet({ url: silent, timeoutMs: 50 }), { name: 'TimeoutError' }, 'no answer');
  const dripping = await serve(t, (_request, response) => {
    response.write('{"keys":[');
  });
  await t.rejects(fetchKeySet({ url: dripping, timeoutMs: 50 }), { name: 'TimeoutError' }, 'an answer without an end');
});
