import t from 'tap';
import { type Answer, id, json, session, startFaultyServer } from './faulty-server.fixture.js';
import { createClient } from './index.js';
import { createNodeTransport } from './node.js';

const signIn = { email: 'sales@acme.test', password: 'platen-demo-2026' };
const quote = `/api/erp/quotes/${id(9)}`;

t.test('cookies of a *.localhost host are kept for it, on all its ports, and for no other host', async (t) => {
  const cookies = ['platen_at=one; Path=/; HttpOnly; SameSite=Lax', 'platen_rt=two; Path=/; HttpOnly; Max-Age=60'];
  const control = await startFaultyServer(t, {
    'POST /api/auth/login': [json(session(), 200, { 'set-cookie': cookies })],
  });
  const data = await startFaultyServer(t, { [`GET ${quote}`]: [json({ id: id(9) })] });
  const transport = createNodeTransport();
  const at = (host: string) =>
    createClient({ controlUrl: control.origin(host), dataUrl: data.origin(host), transport });
  await at('acme.localhost').auth.login(signIn);
  await at('acme.localhost').erp.quotes.get({ id: id(9) });
  await at('globex.localhost').erp.quotes.get({ id: id(9) });
  await at('x.acme.localhost').erp.quotes.get({ id: id(9) });
  t.equal(control.received[0]?.headers.host, new URL(control.origin('acme.localhost')).host);
  t.same(
    data.received.map(({ headers }) => headers.cookie),
    ['platen_at=one; platen_rt=two', undefined, undefined],
  );
});

t.test('a cookie that is cleared is gone; one for another host is not taken', async (t) => {
  const server = await startFaultyServer(t, {
    'POST /api/auth/login': [
      json(session(), 200, { 'set-cookie': ['platen_at=one; Path=/', 'evil=1; Domain=example.com'] }),
    ],
    'POST /api/auth/logout': [json(undefined, 204, { 'set-cookie': 'platen_at=; Path=/; Max-Age=0' })],
    [`GET ${quote}`]: [json({ id: id(9) })],
  });
  const client = createClient({
    controlUrl: server.origin(),
    dataUrl: server.origin(),
    transport: createNodeTransport(),
  });
  await client.auth.login(signIn);
  await client.erp.quotes.get({ id: id(9) });
  await client.auth.logout();
  await client.erp.quotes.get({ id: id(9) });
  const read = server.received.filter(({ method }) => method === 'GET');
  t.same(
    read.map(({ headers }) => headers.cookie),
    ['platen_at=one', undefined],
  );
});

t.test("writes carry the target's own origin, reads none", async (t) => {
  const server = await startFaultyServer(t, {
    'POST /api/auth/login': [json(session())],
    [`GET ${quote}`]: [json({ id: id(9) })],
  });
  const client = createClient({
    controlUrl: server.origin(),
    dataUrl: server.origin(),
    transport: createNodeTransport(),
  });
  await client.auth.login(signIn);
  await client.erp.quotes.get({ id: id(9) });
  t.same(
    server.received.map(({ headers }) => headers.origin),
    [server.origin(), undefined],
  );
});

t.test('an answer past the limit is cut off', async (t) => {
  const endless: Answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const write = () => {
      while (!response.destroyed && response.write(' '.repeat(16_384)));
    };
    response.on('drain', write);
    write();
  };
  const server = await startFaultyServer(t, { [`GET ${quote}`]: [endless] });
  const client = createClient({
    controlUrl: server.origin(),
    dataUrl: server.origin(),
    transport: createNodeTransport({ maxResponseBytes: 100_000 }),
    maxTries: 1,
  });
  const failure = await client.erp.quotes.get({ id: id(9) }).catch((error: unknown) => error);
  t.match(failure, { name: 'PlatenNetworkError', kind: 'connection', cause: { name: 'RangeError' } });
});

t.test('connections are kept', async (t) => {
  const ports = new Set<number | undefined>();
  const server = await startFaultyServer(t, {
    [`GET ${quote}`]: [
      (request, response) => {
        ports.add(response.socket?.remotePort);
        json({ id: id(9) })(request, response);
      },
    ],
  });
  const transport = createNodeTransport();
  const client = createClient({ controlUrl: server.origin(), dataUrl: server.origin(), transport });
  for (let n = 0; n < 3; n++) await client.erp.quotes.get({ id: id(9) });
  t.equal(ports.size, 1);
  transport.close();
});

t.test('a link of the storage is followed once, for reads, and gets nothing of the session', async (t) => {
  const storage = await startFaultyServer(t, {
    'GET /bucket/key': [(_request, response) => response.end('the bytes')],
    'GET /bucket/away': [(_request, response) => response.writeHead(302, { location: '/bucket/key' }).end()],
  });
  const linkTo = (path: string) => json(undefined, 302, { location: `${storage.origin('localhost')}${path}` });
  const file = `/api/erp/files/${id(7)}`;
  const server = await startFaultyServer(t, {
    'POST /api/auth/login': [json(session(), 200, { 'set-cookie': ['platen_at=one; Path=/'] })],
    [`GET ${file}/content`]: [linkTo('/bucket/key?signature=x'), linkTo('/bucket/away')],
    [`DELETE ${file}`]: [linkTo('/bucket/key')],
  });
  const urls = { controlUrl: server.origin('localhost'), dataUrl: server.origin('localhost') };
  const client = createClient({ ...urls, transport: createNodeTransport() });
  await client.auth.login(signIn);
  t.equal(await (await client.erp.files.content({ id: id(7) })).text(), 'the bytes');
  const noAnswer = { name: 'PlatenNetworkError', message: /./, kind: 'answer' };
  const [asked] = storage.received;
  t.equal(asked?.path, '/bucket/key?signature=x');
  t.same(Object.keys(asked?.headers ?? {}).sort(), ['connection', 'host']);
  await t.rejects(client.erp.files.content({ id: id(7) }), noAnswer, 'a link to a link is no answer');
  await t.rejects(client.erp.files.delete({ id: id(7) }), noAnswer);
  t.equal(storage.received.length, 2);
});
