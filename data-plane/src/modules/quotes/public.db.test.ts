import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { recordLog } from '@platen/chassis/testkit/http';
import { PublicQuote } from '@platen/schema/contracts/data/public-quotes';
import t from 'tap';
import { Value } from 'typebox/value';
import { v7 } from 'uuid';
import { canonicalJson, sha256 } from '../pricing/index.js';
import { type Desk, openDesk } from './desk.fixture.js';

const acceptance = (hash: string | null, more: object = {}) => ({
  action: 'accept',
  document_hash: hash,
  name: 'Ada Lovelace',
  ...more,
});
const rowOf = (desk: Desk, id: string) =>
  asSuperuser(desk.db.superuserUrl, async (client) => {
    const { rows } = await client.query('select * from erp_quotes where id = $1', [id]);
    return rows[0];
  });
const eventsOf = (desk: Desk, id: string) =>
  asSuperuser(desk.db.superuserUrl, async (client) => {
    const { rows } = await client.query<{ type: string; workspace_id: string }>(
      'select type, workspace_id from outbox_events where key like $1 order by seq',
      [`%:${id}`],
    );
    return rows;
  });

t.test('the customer sees what was sent, and nothing of the shop’s', async (t) => {
  const { log, text: logged } = recordLog();
  const desk = await openDesk(t, { log });
  const canary = '7531.2468';
  await asSuperuser(desk.db.superuserUrl, async (client) => {
    await client.query('update erp_product_variants set cost = $1', [canary]);
    await client.query(`update erp_customers set customer_group = 'canary-group'`);
  });
  const { quote, link } = await desk.sent();
  await asSuperuser(desk.db.superuserUrl, (client) =>
    client.query(
      `update erp_quote_lines set receipt = jsonb_set(receipt::jsonb, '{product_id}', '"canary-receipt"')::text`,
    ),
  );
  const { status, body, text, headers } = await desk.asCustomer('GET', link, undefined, { 'x-correlation-id': '' });
  t.equal(status, 200, 'a page sends no correlation id');
  t.match(headers['cache-control'], 'no-store');
  t.ok(Value.Check(PublicQuote, body));
  t.equal(body.document_hash, quote.document_hash);
  t.equal(sha256(canonicalJson(body.document)), quote.document_hash, 'who is shown it can hash it');
  t.match(body, {
    status: 'sent',
    document: {
      number: quote.number,
      issued_on: '2026-03-01',
      total: quote.total,
      tax: quote.tax,
      valid_until: quote.valid_until,
      organization: { name: 'Acme Print' },
      lines: quote.lines.map(({ line_total, fee_total, quantity }) => ({ line_total, fee_total, quantity })),
      taxes: quote.taxes,
    },
  });
  t.equal(body.document.lines[0].sizes.length, quote.lines[0]?.sizes.length);
  const row = await rowOf(desk, quote.id);
  const secret = link.split('.')[1] ?? '';
  const unseen = {
    cost: canary,
    receipt: 'canary-receipt',
    'receipt hash': quote.lines[0]?.receipt_hash ?? '',
    group: 'canary-group',
    'price list': quote.rule_set_version_id,
    quote: quote.id,
    customer: quote.customer_id,
    organization: quote.organization_id,
    workspace: quote.workspace_id ?? '',
    'token hash': row.accept_token_hash,
    secret,
  };
  for (const [what, canaryText] of Object.entries(unseen)) t.notOk(text.includes(canaryText), `no ${what} is shown`);

  // Whatever becomes of the catalogue, the quote says what it said.
  await asSuperuser(desk.db.superuserUrl, (client) => client.query(`update erp_products set name = 'Renamed'`));
  t.same((await desk.asCustomer('GET', link)).body, body);

  await desk.asCustomer('POST', link, acceptance(quote.document_hash));
  await desk.asCustomer('GET', `${link}x`);
  await desk.asCustomer('POST', link, { action: 'none' });
  t.match(logged(), '/api/public/quotes/:token');
  t.notOk(logged().includes(secret), 'the secret is in no log line');
  const rows = await asSuperuser(desk.db.superuserUrl, async (client) => {
    const all =
      await client.query(`select t::text as line from erp_quotes t union all select t::text from outbox_events t
      union all select t::text from idempotency_keys t`);
    return all.rows.map(({ line }) => line as string).join('\n');
  });
  t.ok(rows.includes(row.accept_token_hash));
  t.notOk(rows.includes(secret), 'nor in any row');
});

t.test('an acceptance: bound to what was shown, once, and told of', async (t) => {
  const desk = await openDesk(t);
  const { quote, link } = await desk.sent();
  const accept = (more: object = {}, headers = {}) =>
    desk.asCustomer('POST', link, acceptance(quote.document_hash, more), headers);
  const other = acceptance(sha256('another document'));
  t.match(await desk.asCustomer('POST', link, other), { status: 409, body: { code: 'content_changed' } });
  t.match(await accept({ reason: 'why not' }), { status: 400, body: { code: 'validation_failed' } });

  const markup = '<img src=x onerror=alert(1)> "Ada"';
  const spoofed = { 'x-forwarded-for': '6.6.6.6', forwarded: 'for=6.6.6.6', 'x-real-ip': '6.6.6.6' };
  const first = await accept({ name: markup }, spoofed);
  t.equal(first.status, 200, first.text);
  t.ok(Value.Check(PublicQuote, first.body));
  t.match(first.body, { status: 'accepted', accepted_name: markup, accepted_at: '2026-03-01T09:30:00.000Z' });
  t.match(first.headers['content-type'], 'application/json');
  t.equal(first.headers['x-content-type-options'], 'nosniff');
  desk.clock.at = new Date('2026-03-02T08:00:00Z');
  t.same((await accept({ name: 'Somebody else' })).body, first.body, 'once more is the same answer');
  t.match(await rowOf(desk, quote.id), {
    accepted_ip: '127.0.0.1',
    accepted_by: null,
    accepted_hash: quote.document_hash,
    version: 3,
  });
  t.same(
    (await eventsOf(desk, quote.id)).map(({ type }) => type),
    ['erp.quote.sent', 'erp.quote.accepted'],
  );
  t.ok((await eventsOf(desk, quote.id)).every((event) => event.workspace_id === quote.workspace_id));
  t.match(await desk.asCustomer('POST', link, other), { status: 409, body: { code: 'content_changed' } });
  const reject = { ...acceptance(quote.document_hash), action: 'reject' };
  t.match(await desk.asCustomer('POST', link, reject), {
    status: 409,
    body: { code: 'illegal_transition', allowed: [] },
  });
  t.equal((await desk.asClerk('POST', `/${quote.id}/convert`, {})).status, 201);
  t.match((await desk.asCustomer('GET', link)).body, { status: 'accepted' }, 'the order is the shop’s matter');
  t.equal((await accept()).status, 200);
});

t.test('a rejection, with its reason', async (t) => {
  const desk = await openDesk(t);
  const { quote, link } = await desk.sent();
  const reject = { action: 'reject', document_hash: quote.document_hash, name: 'Ada', reason: 'Too dear' };
  const first = await desk.asCustomer('POST', link, reject);
  t.match(first.body, { status: 'rejected', accepted_at: null });
  t.notOk(first.text.includes('Too dear'), 'what was told the shop is not shown to whoever has the link');
  t.same((await desk.asCustomer('POST', link, reject)).body, first.body);
  t.match((await desk.asClerk('GET', `/${quote.id}`)).body, { rejected_name: 'Ada', reject_reason: 'Too dear' });
  t.equal((await desk.asCustomer('POST', link, acceptance(quote.document_hash))).body.code, 'illegal_transition');
  t.same(
    (await eventsOf(desk, quote.id)).map(({ type }) => type),
    ['erp.quote.sent', 'erp.quote.rejected'],
  );
  const recorded = await desk.sent();
  t.match((await desk.asClerk('POST', `/${recorded.quote.id}/reject`, { reason: 'By phone' })).body, {
    status: 'rejected',
    reject_reason: 'By phone',
    rejected_name: null,
  });
});

t.test('many at once: one acceptance', async (t) => {
  const desk = await openDesk(t);
  const { quote, link } = await desk.sent();
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      desk.asCustomer('POST', link, acceptance(quote.document_hash, { name: `Customer ${index}` })),
    ),
  );
  t.same(new Set(answers.map(({ text }) => text)).size, 1, 'all read of the same one');
  t.equal((await eventsOf(desk, quote.id)).length, 2);
});

t.test('what is no link of this host’s quotes is not there, in the same words', async (t) => {
  const desk = await openDesk(t);
  const { quote, link } = await desk.sent();
  const [organization = '', secret = ''] = link.split('.');
  const flipped = (text: string, at: number) =>
    `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
  const wrong: Record<string, string> = {
    'another secret': `${organization}.${'A'.repeat(43)}`,
    'another organization': `${v7().replaceAll('-', '')}.${secret}`,
    'the quote’s id': quote.id,
    'the hash in the secret’s place': `${organization}.${(await rowOf(desk, quote.id)).accept_token_hash}`,
    'no secret': `${organization}.`,
    'a longer secret': `${link}A`,
    nothing: '%20',
    'a path': '..%2f..%2fapi',
    'a statement': "'%20or%20true--",
    'a zero byte': `${link}%00`,
  };
  for (let at = 0; at < secret.length; at += 1) {
    wrong[`bit ${at}`] = `${organization}.${flipped(secret, at)}`;
  }
  const told = new Set<string>();
  const told404 = async (name: string, token: string, headers = {}) => {
    // Each from a network of its own would still be the same token: the limit is not what this is about.
    desk.clock.at = new Date(desk.clock.at.getTime() + 10_000);
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? acceptance(quote.document_hash) : undefined;
      const answer = await desk.asCustomer(method, token, body, headers);
      t.equal(answer.status, 404, `${method} ${name}`);
      const { instance, correlation_id: _id, ...rest } = answer.body;
      t.equal(instance, '/api/public/quotes/:token', 'no refusal repeats a token');
      told.add(JSON.stringify(rest));
    }
  };
  for (const [name, token] of Object.entries(wrong)) await told404(name, token);
  await told404('another tenant’s host', link, { host: 'globex.localhost' });
  t.equal(told.size, 1, [...told].join('\n'));
  t.match(await desk.asCustomer('GET', link, undefined, { host: 'nobody.localhost' }), { status: 404 });

  const suspended = { ...desk.entity, status: 'suspended' as const };
  desk.plane.apply(suspended);
  t.match(await desk.asCustomer('GET', link), { status: 403, body: { code: 'tenant_suspended' } });
  t.match(await desk.asCustomer('POST', link, acceptance(quote.document_hash)), { status: 403 });
  desk.plane.apply({ ...desk.entity, modules: [] });
  t.equal((await desk.asCustomer('GET', link)).status, 404, 'quotes are not part of the plan any more');
  const store = (id: string, workspaceId: string | null) => ({
    ...desk.entity,
    stores: [{ domain: 'shop.example', id: v7(), organization_id: id, workspace_id: workspaceId }],
  });
  const atShop = async () => (await desk.asCustomer('GET', link, undefined, { host: 'shop.example' })).status;
  desk.plane.apply(store(v7(), null));
  t.equal(await atShop(), 404, 'the storefront of another organization');
  desk.plane.apply(store(quote.organization_id, v7()));
  t.equal(await atShop(), 404, 'of another workspace');
  desk.plane.apply(store(quote.organization_id, null));
  t.equal(await atShop(), 200);
  t.match(await desk.asCustomer('POST', link, acceptance(quote.document_hash)), { status: 200 });
});

t.test('names and bodies have their limits', async (t) => {
  const desk = await openDesk(t);
  const { quote, link } = await desk.sent();
  const hash = quote.document_hash;
  const bodies = [
    acceptance(hash, { name: 'A'.repeat(201) }),
    acceptance(hash, { name: '  ' }),
    acceptance(hash, { name: '' }),
    acceptance(hash, { name: 5 }),
    acceptance(hash, { more: true }),
    acceptance('deadbeef'),
    acceptance(null),
    acceptance(hash?.toUpperCase() ?? ''),
    { ...acceptance(hash), action: 'convert' },
    { action: 'reject', document_hash: hash, name: 'Ada', reason: 'x'.repeat(2001) },
    { document_hash: hash, name: 'Ada' },
  ];
  for (const body of bodies)
    t.equal((await desk.asCustomer('POST', link, body)).status, 400, JSON.stringify(body).slice(0, 90));
  t.equal((await desk.asCustomer('POST', link, { name: 'A'.repeat(2_000_000) })).status, 413);
  const form = { 'content-type': 'text/plain' };
  t.equal((await desk.asCustomer('POST', link, acceptance(hash), form)).status, 415);
  const foreign = { origin: 'https://evil.example' };
  t.match(await desk.asCustomer('POST', link, acceptance(hash), foreign), { body: { code: 'origin_not_allowed' } });
  t.match(await desk.asClerk('GET', `/${quote.id}`), { body: { status: 'sent', version: 2 } });
});

t.test('a caller who tries and tries is told to wait', async (t) => {
  const desk = await openDesk(t);
  const { link } = await desk.sent();
  let refused = 0;
  for (let n = 0; n < 70; n += 1) {
    const { status, headers } = await desk.asCustomer('GET', link, undefined, { 'x-forwarded-for': `10.0.0.${n}` });
    if (status !== 429) continue;
    refused += 1;
    t.ok(Number(headers['retry-after']) > 0);
  }
  t.equal(refused, 10, 'sixty a minute with one link');
  for (let n = 0; n < 70; n += 1) {
    const guess = `${acmeToken}.${String(n).padStart(43, 'x')}`;
    if ((await desk.asCustomer('GET', guess, undefined, { 'x-forwarded-for': `10.0.1.${n}` })).status === 429)
      refused += 1;
  }
  t.ok(refused > 10, 'and for guesses from one network');
  desk.clock.at = new Date(desk.clock.at.getTime() + 60_000);
  t.equal((await desk.asCustomer('GET', link)).status, 200);
});
const acmeToken = '0'.repeat(32);

t.test('the last day ends by the organization’s clock', async (t) => {
  const desk = await openDesk(t);
  const { time_zone: zone } = desk.organization.settings;
  t.equal(zone, 'Europe/Berlin', 'an hour ahead of UTC in winter, two in summer');
  const { quote, link } = await desk.sent();
  t.equal(quote.valid_until, '2026-03-31', 'in summer time');
  const statusAt = async (at: string, expected: string) => {
    desk.clock.at = new Date(at);
    t.equal((await desk.asCustomer('GET', link)).body.status, expected, `the page at ${at}`);
    t.equal((await desk.asClerk('GET', `/${quote.id}`)).body.status, expected, `the quote at ${at}`);
    for (const status of ['sent', 'expired']) {
      const { items } = (await desk.asClerk('GET', `?status=${status}&customer_id=${quote.customer_id}`)).body;
      const found = items.find((item: { id: string }) => item.id === quote.id);
      t.equal(found?.status, status === expected ? status : undefined, `the list of ${status} at ${at}`);
    }
    const { items } = (await desk.asClerk('GET', '')).body;
    t.equal(items.find((item: { id: string }) => item.id === quote.id)?.status, expected);
  };
  await statusAt('2026-03-31T21:59:59.999Z', 'sent');
  await statusAt('2026-03-31T22:00:00.000Z', 'expired');
  t.match(await desk.asCustomer('POST', link, acceptance(quote.document_hash)), {
    status: 422,
    body: { code: 'quote_expired' },
  });
  t.match(await desk.asClerk('POST', `/${quote.id}/accept`), { status: 422, body: { code: 'quote_expired' } });
  t.match(await rowOf(desk, quote.id), { status: 'sent', version: 2 }, 'nothing was written');
  desk.clock.at = new Date('2026-03-31T21:59:59.999Z');
  t.equal(
    (await desk.asCustomer('POST', link, acceptance(quote.document_hash))).status,
    200,
    'to its last millisecond',
  );
});
