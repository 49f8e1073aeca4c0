import { randomUUID } from 'node:crypto';
import { faultsOfProblem } from '@platen/chassis/testkit/problem-document';
import type { ErrorCode } from '@platen/schema/errors';
import t, { type Test as Tap } from 'tap';
import { differenceOf, fingerprintOf } from './fingerprint.js';
import { type RawAnswer, type RawRequest, sendBytes } from './http.js';
import { newQuote, type Victim } from './samples-data.js';
import { sharedPlatform } from './shared-platform.js';
import { bearer, signIn } from './sign-in.js';
import { victimOf } from './victim.js';
import { createWorld } from './world.js';

// What a careless or hostile client sends: the documented problem document, nothing written, the next request unharmed.
const platform = await sharedPlatform(t, 'planes');
const { data, control, ports } = platform;
const database = platform.databases['erp-1'];
const { access } = await signIn(platform, 'admin@acme.test');
const victim: Victim = victimOf(await createWorld(platform, ports.data), platform);
const customers = '/api/erp/customers';
const customer = (more: object = {}) => ({ code: `b-${randomUUID().slice(0, 12)}`, name: 'Bad input', ...more });

type Case = Partial<RawRequest> & { readonly code: ErrorCode };
const post = (body: unknown, code: ErrorCode, headers: Record<string, string | undefined> = {}): Case => ({
  method: 'POST',
  path: customers,
  body,
  headers,
  code,
});
const get = (path: string, code: ErrorCode): Case => ({ path, code });
const quote = await newQuote(victim);
const quotePath = `/api/erp/quotes/${quote.id}`;
const patch = (ifMatch: string, code: ErrorCode): Case => ({
  method: 'PATCH',
  path: quotePath,
  headers: { 'if-match': ifMatch },
  body: { valid_until: '2099-01-01' },
  code,
});
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const json = (text: string) => `{"code":"x","name":"y",${text}}`;

const cases: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  'bodies that do not fit': {
    'an unknown field': post(customer({ rank: 1 }), 'validation_failed'),
    'an unknown field further in': post(
      customer({ addresses: [{ kind: 'billing', line1: 'a', city: 'b', country: 'DE', planet: 'c' }] }),
      'validation_failed',
    ),
    'a number for a text': post(customer({ name: 7 }), 'validation_failed'),
    'a text for a boolean': post(customer({ tax_exempt: 'true' }), 'validation_failed'),
    'null for what is required': post(customer({ name: null }), 'validation_failed'),
    'a list for an object': post([], 'validation_failed'),
    'a text alone': post('"text"', 'validation_failed'),
    'null alone': post('null', 'validation_failed'),
    'a text that is too long': post(customer({ name: 'x'.repeat(201) }), 'validation_failed'),
    'more elements than allowed': post(
      customer({
        addresses: Array.from({ length: 21 }, () => ({ kind: 'billing', line1: 'a', city: 'b', country: 'DE' })),
      }),
      'validation_failed',
    ),
    'an empty object': post({}, 'validation_failed'),
    'no body': post(undefined, 'validation_failed'),
  },
  'numbers out of this world': {
    '1e400': post(json('"tax_exempt":1e400'), 'validation_failed'),
    '2^63 as money': post(
      { code: 'p', name: 'p', kind: 'blank', base_price: { amount: '9223372036854775808', currency: 'EUR' } },
      'validation_failed',
    ),
    'NaN as money': post({ base_price: { amount: 'NaN', currency: 'EUR' } }, 'validation_failed'),
    'more pieces than there are': {
      method: 'POST',
      path: '/api/erp/pricing/price',
      body: `{"lines":[{"product_id":"${randomUUID()}","sizes":[{"variant_id":"${randomUUID()}","quantity":1e400}]}]}`,
      code: 'validation_failed',
    },
    'half a piece': {
      method: 'POST',
      path: '/api/erp/pricing/price',
      body: { lines: [{ product_id: randomUUID(), sizes: [{ variant_id: randomUUID(), quantity: 0.5 }] }] },
      code: 'validation_failed',
    },
    'a limit of 2^63': get(`${customers}?limit=9223372036854775808`, 'validation_failed'),
    'a limit of nothing': get(`${customers}?limit=`, 'validation_failed'),
    'a limit twice': get(`${customers}?limit=1&limit=2`, 'validation_failed'),
  },
  'bodies that are no JSON': {
    broken: post('{"code":', 'malformed_body'),
    'with a comma too many': post('{"code":"x","name":"y",}', 'malformed_body'),
    'nested 5,000 deep': post(nested(5_000), 'validation_failed'),
    'a __proto__ key': post(json('"__proto__":{"admin":true}'), 'malformed_body'),
    'a constructor key': post(json('"constructor":{"prototype":{"admin":true}}'), 'malformed_body'),
    'text/plain': post(customer(), 'unsupported_media_type', { 'content-type': 'text/plain' }),
    'a form': post('code=x&name=y', 'unsupported_media_type', { 'content-type': 'application/x-www-form-urlencoded' }),
    multipart: post('--x--', 'unsupported_media_type', { 'content-type': 'multipart/form-data; boundary=x' }),
    'no content type': post(customer(), 'unsupported_media_type', { 'content-type': undefined }),
    'a content type beside it': post(customer(), 'unsupported_media_type', { 'content-type': 'application/jsonx' }),
    'a content type before it': post(customer(), 'unsupported_media_type', { 'content-type': 'text/application/json' }),
    'two content types': post(customer(), 'unsupported_media_type', { 'content-type': 'text/plain, application/json' }),
    'a tab in the content type and a wrong body': post(customer({ rank: 1 }), 'validation_failed', {
      'content-type': 'application/json\t; charset=utf-8',
    }),
    'capitals in the content type and a wrong body': post(customer({ rank: 1 }), 'validation_failed', {
      'content-type': 'Application/JSON',
    }),
  },
  'texts with something in them': {
    'NUL in a name': post(customer({ name: 'a\u0000b' }), 'validation_failed'),
    'NUL in a code': post(customer({ code: 'a\u0000b' }), 'validation_failed'),
    'NUL in the query': get(`${customers}?customer_group=a%00b`, 'validation_failed'),
  },
  paths: {
    'an encoded slash': get('/api/erp%2fcustomers', 'route_not_found'),
    'an encoded slash in an id': get('/api/erp/customers/..%2f..%2fhealth', 'validation_failed'),
    'two slashes': get('/api//erp/customers', 'route_not_found'),
    'a slash at the end': get('/api/erp/customers/', 'validation_failed'),
    dots: get('/api/erp/quotes/../customers', 'route_not_found'),
    capitals: get('/API/erp/customers', 'route_not_found'),
    'a broken escape': get('/api/erp/customers/%', 'malformed_url'),
    'an id in capitals': get(`${customers}/01930000-0000-7000-8000-00000000000A`, 'validation_failed'),
    'an id that is SQL': get(`${customers}/1'%20or%20'1'='1`, 'validation_failed'),
    'another method': { method: 'PUT', path: customers, body: {}, code: 'route_not_found' },
    'an internal endpoint': get('/internal/outbox', 'route_not_found'),
    'metrics from outside': get('/metrics', 'route_not_found'),
  },
  cursors: {
    'made up': get(`${customers}?cursor=abc`, 'invalid_cursor'),
    altered: get(`${customers}?cursor=WyJmZmZmIl0.AAAAAAAAAAAAAAAAAAAAAA`, 'invalid_cursor'),
    'of another list': get(
      `${customers}?cursor=${encodeURIComponent(await cursorOf('/api/erp/quotes'))}`,
      'invalid_cursor',
    ),
    'of other filters': get(
      `/api/erp/quotes?status=draft&cursor=${encodeURIComponent(await cursorOf('/api/erp/quotes'))}`,
      'invalid_cursor',
    ),
    'too long': get(`${customers}?cursor=${'a'.repeat(1_025)}`, 'validation_failed'),
  },
  preconditions: {
    'a version that is past': patch('"999"', 'version_mismatch'),
    'a weak tag': patch('W/"1"', 'version_mismatch'),
    'no quotes': patch('1', 'invalid_if_match'),
    'a list of tags': patch('"1", "2"', 'invalid_if_match'),
    'an idempotency key with a space': post(customer(), 'invalid_idempotency_key', { 'idempotency-key': 'a b' }),
    'an idempotency key that is too long': post(customer(), 'invalid_idempotency_key', {
      'idempotency-key': 'k'.repeat(256),
    }),
  },
  'correlation ids': Object.fromEntries(
    ['', 'short', 'x'.repeat(129), 'with space', '<script>'].map((id) => [
      `"${id.slice(0, 12)}"`,
      post(customer(), 'correlation_id_required', { 'x-correlation-id': id === '' ? undefined : id }),
    ]),
  ),
};

async function cursorOf(path: string): Promise<string> {
  const answer = await data({ host: 'acme', path: `${path}?limit=1`, headers: bearer(access) });
  return (answer.json as { next_cursor: string }).next_cursor;
}

async function isUnharmed(t: Tap): Promise<void> {
  const answer = await data({ host: 'acme', path: `${customers}?limit=1`, headers: bearer(access) });
  t.equal(answer.status, 200, 'the next request is fine');
}

t.test('what is wrong is named for people', async (t) => {
  const namedBy = async (path: string, body?: object) => {
    const method = body === undefined ? 'GET' : 'POST';
    const answer = await data({ host: 'acme', path, method, headers: bearer(access), ...(body && { body }) });
    return (answer.json as { errors: { path: string; message: string }[] }).errors;
  };
  t.same(await namedBy(customers, customer({ name: 'a\u0000b' })), [
    { path: '/body/name', message: 'holds a character that cannot be stored' },
  ]);
  t.same(await namedBy(customers, customer({ name: ' ' })), [{ path: '/body/name', message: 'must not be blank' }]);
  t.match(await namedBy(`${customers}/17`), [{ path: '/params/id', message: /^must be like "01930000-/ }]);
});

let asked = 0;
for (const [name, group] of Object.entries(cases)) {
  t.test(name, async (t) => {
    const before = await fingerprintOf(database);
    for (const [what, { code, headers, ...request }] of Object.entries(group)) {
      const answer = await data({
        host: 'acme',
        path: customers,
        ...request,
        headers: { ...bearer(access), ...headers },
      });
      asked += 1;
      t.same(faultsOfProblem(answer, code), [], `${what}: ${answer.text.slice(0, 200)}`);
    }
    t.same(differenceOf(before, await fingerprintOf(database)), [], 'nothing was written');
    await isUnharmed(t);
  });
}

t.test('10 MB bodies', async (t) => {
  const before = await fingerprintOf(database);
  const body = JSON.stringify(customer({ name: 'x'.repeat(10_000_000) }));
  const answer = await data({ method: 'POST', host: 'acme', path: customers, headers: bearer(access), body }).catch(
    // The server answers and closes while the client is sending; what the client then sees is up to the kernel.
    (error: NodeJS.ErrnoException) => error,
  );
  if (answer instanceof Error) t.match(answer.code, /EPIPE|ECONNRESET/);
  else t.same(faultsOfProblem(answer, 'body_too_large'), []);
  const announced = await sendBytes(
    ports.data,
    `POST ${customers} HTTP/1.1\r\nhost: acme.localhost\r\nauthorization: Bearer ${access}\r\nx-correlation-id: too-large-1\r\ncontent-type: application/json\r\ncontent-length: 10000000\r\nconnection: close\r\n\r\n{`,
  );
  t.same(faultsOfProblem(announced, 'body_too_large'), [], 'refused by its announced length');
  t.same(differenceOf(before, await fingerprintOf(database)), []);
  await isUnharmed(t);
});

t.test('odd hosts', async (t) => {
  const ask = (head: string, target: string = customers): Promise<RawAnswer> =>
    sendBytes(
      ports.data,
      `GET ${target} HTTP/1.1\r\n${head}authorization: Bearer ${access}\r\nx-correlation-id: odd-host-1\r\nconnection: close\r\n\r\n`,
    );
  const odd: Readonly<Record<string, readonly [head: string, code: ErrorCode, target?: string]>> = {
    none: ['', 'invalid_host'],
    empty: ['host: \r\n', 'invalid_host'],
    twice: ['host: acme.localhost\r\nhost: acme.localhost\r\n', 'invalid_host'],
    'twice, of two tenants': ['host: acme.localhost\r\nhost: globex.localhost\r\n', 'invalid_host'],
    'a list': ['host: acme.localhost, globex.localhost\r\n', 'invalid_host'],
    'a dot at the end': ['host: acme.localhost.\r\n', 'invalid_host'],
    'a user': ['host: acme.localhost@globex.localhost\r\n', 'invalid_host'],
    'a port that is none': ['host: acme.localhost:http\r\n', 'invalid_host'],
    'an address': ['host: [::1]\r\n', 'invalid_host'],
    'an absolute target': ['host: acme.localhost\r\n', 'invalid_host', `http://globex.localhost${customers}`],
    'a label in front': ['host: x.acme.localhost\r\n', 'tenant_not_found'],
    'the base domain': ['host: localhost\r\n', 'tenant_not_found'],
    'an address of this machine': ['host: 127.0.0.1\r\n', 'tenant_not_found'],
  };
  for (const [what, [head, code, target]] of Object.entries(odd)) {
    const answer = await ask(head, target);
    asked += 1;
    t.same(faultsOfProblem(answer, code), [], `${what}: ${answer.text.slice(0, 200)}`);
  }
  const forwarded = await ask('host: globex.localhost\r\nx-forwarded-host: acme.localhost\r\n');
  t.same(faultsOfProblem(forwarded, 'token_tenant_mismatch'), [], 'a forwarded host is nobody’s word');
  for (const host of ['acme.localhost', 'ACME.LocalHost', 'acme.localhost:80']) {
    t.equal((await ask(`host: ${host}\r\n`)).status, 200, `${host} is fine`);
  }
  await isUnharmed(t);
});

t.test('idempotency keys', async (t) => {
  const body = customer();
  const key = randomUUID();
  const create = (headers: Record<string, string>, sent: object = body, token = access) =>
    data({ method: 'POST', host: 'acme', path: customers, headers: { ...bearer(token), ...headers }, body: sent });
  const first = await create({ 'idempotency-key': key });
  t.equal(first.status, 201);
  const again = await create({ 'idempotency-key': key });
  t.equal(again.text, first.text, 'the first answer again');
  t.equal(again.headers['idempotent-replayed'], 'true');
  const before = await fingerprintOf(database);
  t.same(faultsOfProblem(await create({ 'idempotency-key': key }, customer()), 'idempotency_key_reused'), []);
  t.same(faultsOfProblem(await create({}, body), 'duplicate'), [], 'without the key it is another request');
  t.same(differenceOf(before, await fingerprintOf(database)), [], 'nothing was written');

  const sales = await signIn(platform, 'sales@acme.test');
  const own = await create({ 'idempotency-key': key }, customer(), sales.access);
  t.equal(own.status, 201, 'somebody else’s key of the same text is another key');

  const parallelKey = randomUUID();
  const twin = customer();
  const answers = await Promise.all(Array.from({ length: 12 }, () => create({ 'idempotency-key': parallelKey }, twin)));
  const created = answers.filter(({ status }) => status === 201);
  const inFlight = answers.filter(({ status }) => status === 409);
  t.equal(created.length + inFlight.length, answers.length, 'twelve at once: created, replayed, or in flight');
  t.equal(new Set(created.map(({ text }) => text)).size, 1, 'one customer');
  t.equal(created.filter(({ headers }) => headers['idempotent-replayed'] === undefined).length, 1, 'made once');
  for (const answer of inFlight) t.same(faultsOfProblem(answer, 'idempotency_in_flight'), []);
});

t.test('sign-in gives nothing away', async (t) => {
  const login = (body: unknown, headers = {}) =>
    control({ method: 'POST', host: 'acme', path: '/api/auth/login', body, headers });
  const wrong = await login({ email: 'sales@acme.test', password: 'not the password' });
  const unknown = await login({ email: 'nobody@acme.test', password: 'not the password' });
  const elsewhere = await login({ email: 'admin@globex.test', password: 'platen-demo-2026' });
  const same = ({ status, json: body }: RawAnswer) => ({ status, ...(body as object), correlation_id: null });
  t.same(faultsOfProblem(wrong, 'invalid_credentials'), []);
  t.same(same(unknown), same(wrong), 'an unknown e-mail looks like a wrong password');
  t.same(same(elsewhere), same(wrong), 'and so does a user of another tenant');
  t.same(faultsOfProblem(await login({ email: 'a@b', password: 'x'.repeat(129) }), 'validation_failed'), []);
  t.same(faultsOfProblem(await login({ email: 'a@b.c\u0000', password: 'x' }), 'validation_failed'), []);
  t.same(faultsOfProblem(await login('email=a', { 'content-type': 'text/plain' }), 'unsupported_media_type'), []);
});

t.test('figures', async (t) => {
  t.comment(`measured: bad input: ${asked} requests refused with their problem document, nothing written`);
  t.ok(asked > 0);
});
