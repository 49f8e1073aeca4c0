import t from 'tap';
import { v7 } from 'uuid';
import { openDesk, type QuoteBody } from './desk.fixture.js';

t.setTimeout(120_000);

// Over sockets: two browsers, one quote.
t.test('two users on one quote: one wins, the other is told, nothing is lost', async (t) => {
  const desk = await openDesk(t);
  const url = await desk.plane.app.tenant.listen({ host: '127.0.0.1', port: 0 });
  const token = desk.token();
  const ask = async (method: string, path: string, version: number, body?: object) => {
    const answer = await fetch(`${url}/api/erp/quotes${path}`, {
      method,
      headers: {
        // The host that is meant is not the address: fetch would not let it be said.
        authorization: `Bearer ${token}`,
        'x-correlation-id': `race-${v7()}`,
        'if-match': `"${version}"`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as QuoteBody & { code?: string } };
  };
  desk.plane.apply({ ...desk.entity, domains: ['127.0.0.1'] });
  let { id, version } = await desk.draft();
  for (let round = 0; round < 50; round += 1) {
    const days = [`2026-04-${10 + (round % 10)}`, `2026-05-${10 + (round % 10)}`];
    const answers = await Promise.all(days.map((day) => ask('PATCH', `/${id}`, version, { valid_until: day })));
    const won = answers.findIndex(({ status }) => status === 200);
    t.same(answers.map(({ status }) => status).sort(), [200, 412], `round ${round}`);
    t.equal(answers[1 - won]?.body.code, 'version_mismatch');
    const { body: stored } = await desk.asClerk('GET', `/${id}`);
    t.same(stored, answers[won]?.body, 'the winner’s change is there, whole');
    t.equal(stored.valid_until, days[won]);
    t.equal(stored.version, version + 1);
    ({ id, version } = stored);
  }
});

t.test('an action that two take at once is taken once', async (t) => {
  const desk = await openDesk(t);
  const { quote } = await desk.sent();
  const both = async (path: string, keys: readonly string[], body?: object) => {
    const answers = await Promise.all(
      keys.map((key) => desk.asClerk('POST', `/${quote.id}${path}`, body, { 'idempotency-key': key })),
    );
    return answers.map(({ status, headers }) => `${status}${headers['idempotent-replayed'] ? ' replayed' : ''}`).sort();
  };
  t.same(await both('/accept', [v7(), v7(), v7()]), ['200', '409', '409']);
  const key = v7();
  const converted = await both('/convert', [key, v7(), v7()], {});
  t.same(converted, ['201', '409', '409']);
  const again = await desk.asClerk('GET', `/${quote.id}`);
  t.match(again.body, { status: 'converted', version: 4 });
  const orders = await desk.asClerk('GET', `/../orders?customer_id=${quote.customer_id}`);
  t.not(orders.status, 500);
});

t.test('an order is made once for a key, and not of what is not there', async (t) => {
  const desk = await openDesk(t);
  const { quote } = await desk.sent();
  await desk.asClerk('POST', `/${quote.id}/accept`);
  const convert = (headers: Record<string, string>, body: object = {}) =>
    desk.asClerk('POST', `/${quote.id}/convert`, body, headers);
  t.match(await convert({ 'if-match': '"2"' }), { status: 412, body: { code: 'version_mismatch' } });
  const key = { 'idempotency-key': v7() };
  const first = await convert({ ...key, 'if-match': '"3"' });
  t.equal(first.status, 201);
  const second = await convert({ ...key, 'if-match': '"3"' });
  t.equal(second.headers['idempotent-replayed'], 'true');
  t.same(second.body, first.body, 'the same order');
  t.match(await convert(key, { due_on: '2026-05-01' }), { status: 422, body: { code: 'idempotency_key_reused' } });
  t.match(await convert({}), { status: 409, body: { code: 'illegal_transition', allowed: [] } });
  t.equal((await desk.asClerk('POST', `/${v7()}/convert`, {})).status, 404);
});
