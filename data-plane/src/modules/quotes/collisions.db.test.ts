import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { patient } from '@platen/chassis/testkit/patient';
import t from 'tap';
import { v7 } from 'uuid';
import { openTestPlane } from '../../testkit/test-plane.js';
import { type Desk, openDesk, type QuoteBody } from './desk.fixture.js';

t.setTimeout(120_000);

const rounds = 12;
const desk = await openDesk(t);
const { asClerk, asCustomer } = desk;

/** Asks beside `/api/erp/quotes`. */
const ask = (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object, headers: Record<string, string> = {}) =>
  desk.plane.call({ slug: 'acme' }, desk.token(), {
    method,
    url: `/api/erp${url}`,
    ...(payload && { payload }),
    headers,
  });
const shown = async (link: string) => (await asCustomer('GET', link)).body;
const statuses = (answers: readonly { status: number }[]) => answers.map(({ status }) => status).sort();

t.test('a customer accepts what the shop revises at the same moment: one of the two holds', async (t) => {
  const outcomes = new Set<string>();
  for (let round = 0; round < rounds; round += 1) {
    const { quote, link } = await desk.sent();
    const { document_hash } = await shown(link);
    const accept = () => asCustomer('POST', link, { action: 'accept', name: 'C. Customer', document_hash });
    const revise = () => asClerk('POST', `/${quote.id}/revise`, {});
    const [accepted, revised] = await Promise.all(
      round % 2 === 0 ? [accept(), revise()] : [revise(), accept()].reverse(),
    );
    const stored: QuoteBody = (await asClerk('GET', `/${quote.id}`)).body;
    outcomes.add(stored.status);
    if (stored.status === 'accepted') {
      t.match([accepted, revised], [{ status: 200 }, { status: 409, body: { code: 'illegal_transition' } }]);
    } else {
      t.match([accepted, revised], [{ status: 409, body: { code: 'quote_superseded' } }, { status: 201 }]);
      t.match(stored, { status: 'superseded', accepted_at: null });
    }
  }
  t.comment(`measured: ${[...outcomes].join(' and ')}`);
});

t.test('a draft that is changed while it is sent: what is shown is what is stored', async (t) => {
  for (let round = 0; round < rounds; round += 1) {
    const draft = await desk.draft();
    const [first] = draft.lines;
    const line = { product_id: first?.product_id, sizes: [{ variant_id: first?.sizes[0]?.variant_id, quantity: 3 }] };
    const change = () => asClerk('PATCH', `/${draft.id}`, { lines: [line] });
    const send = () => asClerk('POST', `/${draft.id}/send`);
    const answers = await Promise.all(round % 2 === 0 ? [change(), send()] : [send(), change(), send()]);
    t.equal(answers.filter(({ status, body }) => status === 200 && body.status === 'sent').length, 1, 'sent once');
    const stored: QuoteBody = (await asClerk('GET', `/${draft.id}`)).body;
    const { document } = await shown((await asClerk('GET', `/${draft.id}/link`)).body.token);
    t.same(document.total, stored.total);
    t.same(
      document.lines.map((it: { line_total: object }) => it.line_total),
      stored.lines.map((it) => it.line_total),
    );
  }
});

async function confirmed(): Promise<{ id: string; total: object; version: number }> {
  const { customer_id, lines } = await desk.draft();
  const asked = lines.map(({ product_id, sizes }) => ({
    product_id,
    sizes: sizes.map(({ variant_id, quantity }) => ({ variant_id, quantity })),
  }));
  const { body } = await ask('POST', '/orders', { customer_id, lines: asked });
  const answers = await Promise.all([1, 2, 3].map(() => ask('POST', `/orders/${body.id}/confirm`)));
  if (statuses(answers).join() !== '200,409,409') throw new Error(JSON.stringify(statuses(answers)));
  return answers.find(({ status }) => status === 200)?.body;
}

t.test('an order that is cancelled, begun and paid at the same moment', async (t) => {
  for (let round = 0; round < rounds; round += 1) {
    const { id, total } = await confirmed();
    const pay = { kind: 'payment', method: 'card', amount: total };
    const works = [
      () => ask('POST', `/orders/${id}/payments`, pay),
      () => ask('POST', `/orders/${id}/cancel`, { reason: 'Changed their mind' }),
      () => ask('POST', `/orders/${id}/payments`, pay),
      () => ask('POST', `/orders/${id}/cancel`, { reason: 'Twice' }),
    ];
    const answers = await Promise.all([...works.slice(round % 4), ...works.slice(0, round % 4)].map((work) => work()));
    t.notOk(answers.some(({ status }) => ![200, 201, 409, 422].includes(status)));
    const order = (await ask('GET', `/orders/${id}`)).body;
    const payments = (await ask('GET', `/orders/${id}/payments`)).body.items;
    t.equal(order.status, 'cancelled');
    t.ok(payments.length <= 1, 'paid once at most');
    t.equal(order.payment_status, payments.length === 1 ? 'paid' : 'unpaid');
    t.equal(answers.filter(({ status }) => status === 200).length, 1, 'cancelled once');
    const history = (await ask('GET', `/orders/${id}/history`)).body.items;
    t.same(
      history.map(({ to }: { to: string }) => to),
      ['draft', 'confirmed', 'cancelled'],
    );
  }
});

const allowShort = { allow_short: true };

/** Every action, on a document that is ready for it. */
async function actions({ draft, sent }: Desk) {
  const accepted = async () => {
    const { quote } = await sent();
    await asClerk('POST', `/${quote.id}/accept`);
    return `/quotes/${quote.id}`;
  };
  const moved = async (...moves: string[]) => {
    const { id } = await confirmed();
    // Nothing is in stock here.
    for (const move of moves) await ask('POST', `/orders/${id}/${move}`, move === 'ship' ? undefined : allowShort);
    return `/orders/${id}`;
  };
  const quoteOf = async (made: Promise<{ quote: QuoteBody }>) => `/quotes/${(await made).quote.id}`;
  return [
    { path: `/quotes/${(await draft()).id}/send` },
    { path: `/quotes/${(await draft()).id}/reprice` },
    { path: `/quotes/${(await draft()).id}/revise`, body: {}, other: { deposit_due: null } },
    { path: `${await quoteOf(sent())}/accept` },
    { path: `${await quoteOf(sent())}/reject`, body: { reason: 'Too dear' }, other: { reason: 'Too late' } },
    { path: `${await accepted()}/convert`, body: {}, other: { due_on: '2026-09-01' } },
    { path: `${await moved()}/start`, body: allowShort, other: {} },
    { path: `${await moved('start')}/ready`, body: allowShort, other: {} },
    { path: `${await moved('start', 'ready')}/ship` },
    { path: `${await moved('start', 'ready', 'ship')}/complete` },
    { path: `${await moved()}/cancel`, body: { reason: 'Late' }, other: { reason: 'Dear' } },
    {
      path: `${await moved()}/payments`,
      body: { kind: 'payment', method: 'cash', amount: { amount: '1', currency: 'EUR' } },
      other: { kind: 'payment', method: 'cash', amount: { amount: '2', currency: 'EUR' } },
    },
  ];
}

t.test('every action: not on an older version; once for a key', async (t) => {
  for (const { path, body, other } of await actions(desk)) {
    const stale = await ask('POST', path, body, { 'if-match': '"77"' });
    t.match(stale, { status: 412, body: { code: 'version_mismatch' } }, `${path}: stale`);
    const key = { 'idempotency-key': v7() };
    const [first, twin] = await Promise.all([ask('POST', path, body, key), ask('POST', path, body, key)]);
    const done = [first, twin].filter(({ status }) => status < 300);
    t.ok(done.length >= 1, `${path}: done`);
    t.ok(
      [first, twin].every(({ status, body: { code } }) => status < 300 || code === 'idempotency_in_flight'),
      `${path}: ${first.text.slice(0, 99)} ${twin.text.slice(0, 99)}`,
    );
    const again = await ask('POST', path, body, key);
    t.same([again.status, again.body], [done[0]?.status, done[0]?.body], `${path}: the same answer`);
    t.equal(again.headers['idempotent-replayed'], 'true', path);
    if (other) {
      const reused = await ask('POST', path, other, key);
      t.match(reused, { status: 422, body: { code: 'idempotency_key_reused' } }, `${path}: another body`);
    }
    const elsewhere = await ask('POST', path.replace(/[0-9a-f-]{36}/, v7()), body, key);
    t.ok([404, 422].includes(elsewhere.status), `${path}: of another document ${elsewhere.status}`);
  }
});

t.test('an order that somebody holds for too long: its turn comes later, with the same key', async (t) => {
  const { id, total } = await confirmed();
  const pay = { kind: 'payment', method: 'card', amount: total };
  const key = { 'idempotency-key': v7() };
  const overrides = { feed: desk.plane.store, clock: () => desk.clock.at.getTime() };
  const hasty = openTestPlane(t, { 'erp-1': desk.db }, overrides, { ...patient, lockTimeoutMs: 100 });
  await asSuperuser(desk.db.superuserUrl, async (client) => {
    await client.query('begin');
    await client.query({ text: 'select from erp_orders where id = $1 for update', values: [id] });
    const options = { method: 'POST' as const, url: `/api/erp/orders/${id}/payments`, payload: pay, headers: key };
    t.match(await hasty.call({ slug: 'acme' }, desk.token(), options), {
      status: 503,
      body: { code: 'contended' },
      headers: { 'retry-after': '1' },
    });
  });
  t.match(await ask('POST', `/orders/${id}/payments`, pay, key), { status: 201, body: { order: { id } } });
});
