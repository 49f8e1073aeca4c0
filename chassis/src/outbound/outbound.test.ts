import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { allowedHostsOf } from './allowed-hosts.js';
import { guardedLookup, type Resolve } from './guarded-lookup.js';
import { createOutbound } from './outbound.js';
import { OutboundFailure, type OutboundFailureKind } from './outbound-failure.js';

const secret = 'canary-password';
const call = { body: `password=${secret}`, deadlineMs: 5_000, maxBytes: 1_000 };

async function startServer(t: Test, listener: RequestListener) {
  let hits = 0;
  const server = createServer((request, response) => {
    hits += 1;
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens at a port
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  return {
    connections: () => connections,
    port,
    url: new URL(`http://127.0.0.1:${port}/api`),
    hits: () => hits,
  };
}

function startOutbound(t: Test, options: { readonly hosts?: readonly string[]; readonly resolve?: Resolve } = {}) {
  const { hosts = [], resolve } = options;
  const outbound = createOutbound({ allowed: allowedHostsOf(hosts), ...(resolve && { resolve }) });
  t.teardown(() => outbound.close());
  return outbound;
}

async function rejects(t: Test, promise: Promise<unknown>, kind: OutboundFailureKind, reached: boolean) {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  t.ok(error instanceof OutboundFailure, String(error));
  t.match(error, { kind, reached });
  t.notOk(JSON.stringify(error, Object.getOwnPropertyNames(error)).includes(secret), 'nothing of what was sent');
}

const addresses = (...list: readonly string[]): Resolve => {
  const turns = [...list];
  return async () => [{ address: turns.shift() ?? '127.0.0.1', family: 4 }];
};

t.test('private names, numbers and bare HTTP are refused unless they are named', async (t) => {
  const server = await startServer(t, (_request, response) => response.end('mine'));
  for (const address of ['127.0.0.1', '169.254.169.254', '10.0.0.1', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1']) {
    const resolve: Resolve = async () => [{ address, family: address.includes(':') ? 6 : 4 }];
    const outbound = startOutbound(t, { resolve });
    await rejects(t, outbound.post(new URL(`https://site.example:${server.port}/`), call), 'address_refused', false);
  }
  const outbound = startOutbound(t);
  for (const text of [server.url.href, `https://127.0.0.1:${server.port}`, `https://2130706433:${server.port}`]) {
    await rejects(t, outbound.post(new URL(text), call), 'address_refused', false);
  }
  await rejects(t, startOutbound(t, { hosts: ['127.0.0.1:1'] }).post(server.url, call), 'address_refused', false);
  t.equal(server.hits(), 0);
  const named = startOutbound(t, { hosts: [`127.0.0.1:${server.port}`] });
  t.match(await named.post(server.url, call), { status: 200, text: 'mine' });
});

t.test('one private address among public ones is one too many', async (t) => {
  const resolve: Resolve = async () => [
    { address: '8.8.8.8', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ];
  await rejects(t, startOutbound(t, { resolve }).post(new URL('https://site.example'), call), 'address_refused', false);
});

t.test('a name is resolved once for a connection, and what was looked at is connected to', async (t) => {
  let asked = 0;
  const rebinding = addresses('8.8.8.8', '127.0.0.1');
  const lookup = guardedLookup((name) => {
    asked += 1;
    return rebinding(name);
  });
  const look = (all: boolean) =>
    new Promise((resolve) => lookup('site.example', { all }, (error, found) => resolve(error ?? found)));
  t.same(await look(true), [{ address: '8.8.8.8', family: 4 }]);
  t.equal(asked, 1);
  t.match(await look(false), { kind: 'address_refused' }, 'the next connection looks again');
  t.equal(asked, 2);
});

t.test('a redirect is answered as it is', async (t) => {
  const inside = await startServer(t, (_request, response) => response.end('secret of the inside'));
  const site = await startServer(t, (_request, response) =>
    response.writeHead(302, { location: inside.url.href }).end('moved'),
  );
  const outbound = startOutbound(t, { hosts: [`127.0.0.1:${site.port}`, `127.0.0.1:${inside.port}`] });
  t.match(await outbound.post(site.url, call), { status: 302, text: 'moved' });
  t.equal(inside.hits(), 0);
});

t.test('an answer has a size and a time', async (t) => {
  const site = await startServer(t, (request, response) => {
    response.write('x'.repeat(request.url === '/large' ? 5_000 : 10));
    if (request.url === '/cut') setImmediate(() => response.destroy());
    if (request.url === '/large') response.end();
  });
  const outbound = startOutbound(t, { hosts: [`127.0.0.1:${site.port}`] });
  await rejects(t, outbound.post(new URL('/large', site.url), call), 'too_large', true);
  await rejects(t, outbound.post(new URL('/slow', site.url), { ...call, deadlineMs: 50 }), 'timeout', true);
  await rejects(t, outbound.post(new URL('/cut', site.url), call), 'cut', true);
  const stop = new AbortController();
  const hits = site.hits();
  const stopped = outbound.post(new URL('/slow', site.url), { ...call, signal: stop.signal });
  while (site.hits() === hits) await new Promise(setImmediate);
  stop.abort('drained');
  await t.rejects(
    stopped.catch((reason: unknown) => Promise.reject(new Error(String(reason)))),
    { message: 'drained' },
  );
});

t.test('where nobody listens nothing was received', async (t) => {
  const site = await startServer(t, (_request, response) => response.end());
  const outbound = startOutbound(t, { hosts: ['127.0.0.1:9', `127.0.0.1:${site.port}`] });
  await rejects(t, outbound.post(new URL('http://127.0.0.1:9'), call), 'unreachable', false);
  // It speaks no TLS.
  await rejects(t, outbound.post(new URL(`https://127.0.0.1:${site.port}`), call), 'unreachable', false);
  t.equal(site.hits(), 0);
});

t.test('connections are kept, but for a call that wants its own', async (t) => {
  const site = await startServer(t, (request, response) => {
    request.resume().on('end', () => response.end('ok'));
  });
  const outbound = startOutbound(t, { hosts: [`127.0.0.1:${site.port}`] });
  for (let n = 0; n < 8; n += 1) await outbound.post(site.url, call);
  const kept = site.connections();
  t.ok(kept < 8, `${kept} connections for eight calls`);
  for (let n = 0; n < 8; n += 1) await outbound.post(site.url, { ...call, isAlone: true });
  t.equal(site.connections() - kept, 8);
});
