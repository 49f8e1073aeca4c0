import { statement } from '@platen/chassis/db/statement';
import { noStats, type Queryable, type Statement } from '@platen/chassis/db/types';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { orders as orderContracts } from '@platen/schema/contracts/data/orders';
import { Quote, quotes as quoteContracts } from '@platen/schema/contracts/data/quotes';
import t from 'tap';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { harbor, openSales, read, type Sales } from '../../test/sales.fixture.js';

type QuoteBody = Static<typeof Quote>;

const candidates = statement<{
  customer_id: string;
  lines: { product_id: string; sizes: { variant_id: string; quantity: number }[] }[];
}>(
  'test.candidates',
  `select (select id from erp_customers where not tax_exempt order by code limit 1) as customer_id,
    (select json_agg(json_build_object('product_id', p.id, 'sizes', (select json_agg(json_build_object('variant_id', v.id,
      'quantity', 7)) from (select id from erp_product_variants where product_id = p.id order by sku limit 3) v)))
    from (select id from erp_products order by code limit 20) p) as lines`,
  { parse: { lines: 'json' } },
);
async function twentyLines({ ctxOf }: Sales) {
  const [row] = await ctxOf().db.leased.query(candidates);
  if (!row) throw new Error('no seeds');
  return row;
}
const events = statement<{ type: string; key: string; workspace_id: string; payload: Record<string, unknown> }>(
  'test.events',
  'select type, key, workspace_id, payload from outbox_events order by seq',
  { parse: { payload: 'json' } },
);

t.test('a quote from draft to order', async (t) => {
  const sales = await openSales(t);
  const { quotes, ctxOf } = sales;
  const body = await twentyLines(sales);
  await quotes.create(ctxOf(), { ...body, lines: body.lines.slice(0, 1) });

  const stats = noStats();
  const made = await quotes.create(ctxOf({ stats }), { ...body, deposit_due: { amount: '50', currency: 'EUR' } });
  // A request with an Idempotency-Key looks it up in one more round trip of its own.
  t.equal(stats.roundTrips, 2, 'twenty lines: one round trip to look up, one to write');
  const draft = read<QuoteBody>(made);
  t.ok(Value.Check(Quote, draft), 'matches its contract');
  t.equal(draft.lines.length, 20);
  t.equal(draft.valid_until, '2026-03-31');
  t.same(read(await quotes.get(ctxOf(), draft.id)), draft, 'what was answered is what is stored');

  await t.rejects(quotes.get(ctxOf({ workspaceId: harbor }), draft.id), { code: 'not_found' });
  await t.rejects(quotes.accept(ctxOf(), draft.id), {
    code: 'illegal_transition',
    extensions: { allowed: ['sent', 'superseded'] },
  });
  await t.rejects(quotes.update(ctxOf({ ifMatch: 9 }), draft.id, {}), { code: 'version_mismatch' });

  const first = draft.lines[0];
  const size = first?.sizes[0];
  if (!first || !size) throw new Error('no line');
  const line = { product_id: first.product_id, sizes: [{ variant_id: size.variant_id, quantity: 24 }] };
  const changed = read<QuoteBody>(await quotes.update(ctxOf({ ifMatch: 1 }), draft.id, { lines: [line] }));
  t.ok(Value.Check(Quote, changed));
  t.equal(changed.version, 2);
  t.equal(changed.lines.length, 1);
  t.same(changed.deposit_due, draft.deposit_due, 'what is not named stays');
  t.same(read(await quotes.get(ctxOf(), draft.id)), changed);
  const shorter = read<QuoteBody>(await quotes.update(ctxOf(), draft.id, { valid_until: '2026-03-10' }));
  t.equal(shorter.total.amount, changed.total.amount, 'the stored lines are priced again');

  const sent = await quotes.send(ctxOf(), draft.id);
  t.match(read(sent), { status: 'sent', version: 4 });
  t.match(read<QuoteBody>(sent).number, /^Q-2026-\d{5}$/);
  t.ok(Value.Check(Quote, read(sent)));
  t.same(read(await quotes.get(ctxOf(), draft.id)), read(sent));
  await t.rejects(quotes.update(ctxOf(), draft.id, {}), { code: 'illegal_transition' });
  await t.rejects(quotes.accept(ctxOf({ at: new Date('2026-03-11T00:00:00Z') }), draft.id), { code: 'quote_expired' });
  t.match(read(await quotes.accept(ctxOf({ ifMatch: 4 }), draft.id)), { status: 'accepted', version: 5 });

  const order = await quotes.convert(ctxOf(), draft.id, '2026-04-01');
  const orderBody = read<Static<typeof orderContracts.get.response>>(order);
  t.ok(Value.Check(orderContracts.get.response, orderBody));
  t.match(orderBody, { status: 'draft', quote_id: draft.id, due_on: '2026-04-01', total: changed.total });
  t.same(orderBody.deposit_due, draft.deposit_due);
  t.same(orderBody.lines[0]?.sizes, changed.lines[0]?.sizes);
  await t.rejects(quotes.convert(ctxOf(), draft.id, null), { code: 'illegal_transition', extensions: { allowed: [] } });

  const written = await ctxOf().db.leased.query(events);
  t.same(
    written.map((event) => event.type),
    ['erp.quote.sent', 'erp.quote.accepted', 'erp.quote.converted', 'erp.order.created'],
  );
  t.match(written[0], { key: /:/, payload: { quote_id: draft.id, number: read<QuoteBody>(sent).number } });
});

t.test('what is made at a storefront carries its id, through every change and on to the order', async (t) => {
  const sales = await openSales(t);
  const { quotes, ctxOf } = sales;
  const body = await twentyLines(sales);
  const store = { id: '01930000-0000-7000-8005-000000000001', domain: 'shop.example' };
  const context = { ...store, organizationId: ctxOf().organizationId ?? '', workspaceId: null };
  const made = await quotes.create(ctxOf({ store: context }), { ...body, lines: body.lines.slice(0, 1) });
  const { id } = read<QuoteBody>(made);
  t.match(read(made), { store_id: store.id });
  t.same(read(await quotes.get(ctxOf(), id)), read(made));
  // By a clerk, at the tenant's own host.
  t.match(read(await quotes.update(ctxOf(), id, { valid_until: '2026-03-10' })), { store_id: store.id });
  await quotes.send(ctxOf(), id);
  await quotes.accept(ctxOf(), id);
  t.match(read(await quotes.convert(ctxOf(), id, null)), { quote_id: id, store_id: store.id });
  const elsewhere = await quotes.create(ctxOf(), { ...body, lines: body.lines.slice(0, 1) });
  t.equal(read<QuoteBody>(elsewhere).store_id, null);
});

t.test('what a request names is held against the database', async (t) => {
  const sales = await openSales(t);
  const { quotes, ctxOf } = sales;
  const body = await twentyLines(sales);
  const [one, two] = body.lines;
  if (!one || !two) throw new Error('no lines');
  const unknown = '01930000-0000-7000-8999-000000000001';
  const refused = (lines: typeof body.lines, customer = body.customer_id) =>
    quotes.create(ctxOf(), { customer_id: customer, lines });
  await t.rejects(refused([one], unknown), { code: 'unknown_reference', fields: [{ path: '/body/customer_id' }] });
  await t.rejects(refused([one, { ...one, product_id: unknown }]), {
    code: 'unknown_reference',
    fields: [{ path: '/body/lines/1/product_id' }],
  });
  await t.rejects(refused([{ ...one, sizes: two.sizes }]), {
    code: 'unknown_reference',
    fields: two.sizes.map((_size, index) => ({ path: `/body/lines/0/sizes/${index}/variant_id` })),
  });
  await t.rejects(refused([{ ...one, sizes: [...one.sizes, ...one.sizes] }]), { code: 'validation_failed' });
  await t.rejects(quotes.create(ctxOf(), { ...body, valid_until: '2026-02-28' }), { code: 'quote_expired' });
  await t.rejects(quotes.create(ctxOf(), { ...body, deposit_due: { amount: '1', currency: 'USD' } }), {
    code: 'currency_mismatch',
  });
  await t.rejects(
    quotes.create(ctxOf(), { ...body, deposit_due: { amount: '1.005', currency: 'EUR' } }),
    { code: 'amount_out_of_range' },
    'nobody could pay it to the cent',
  );
  await t.rejects(quotes.create(ctxOf(), { ...body, deposit_due: { amount: '99999999', currency: 'EUR' } }), {
    code: 'amount_out_of_range',
  });
});

const numbers = statement<{ number: string }>(
  'test.quote_numbers',
  `select number from erp_quotes where number like 'Q-2026-%' order by number`,
);

t.test('a hundred sends at once: no gap, no duplicate', async (t) => {
  const sales = await openSales(t);
  const { quotes, ctxOf } = sales;
  const body = await twentyLines(sales);
  const lines = body.lines.slice(0, 1);
  const before = (await ctxOf().db.leased.query(numbers)).length;
  const drafts = await Promise.all(
    Array.from({ length: 120 }, () => quotes.create(ctxOf(), { customer_id: body.customer_id, lines })),
  );
  // Every tenth is sent twice: one of the two is refused and takes no number with it.
  const sends = drafts.flatMap((draft, index) => {
    const { id } = read<QuoteBody>(draft);
    return index % 10 === 0 ? [id, id] : [id];
  });
  const results = await Promise.allSettled(sends.map((id) => quotes.send(ctxOf(), id)));
  const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  t.same(
    refusals.map((reason: { code: string }) => reason.code),
    Array(12).fill('illegal_transition'),
  );
  const given = (await ctxOf().db.leased.query(numbers)).map((row) => row.number);
  t.same(
    given,
    Array.from({ length: before + 120 }, (_, index) => `Q-2026-${String(index + 1).padStart(5, '0')}`),
  );
});

t.test('lists', async (t) => {
  const { quotes, ctxOf } = await openSales(t, 25);
  type Page = Static<typeof quoteContracts.list.response>;
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = read<Page>(await quotes.list(ctxOf(), { limit: 10, ...(cursor && { cursor }) }));
    t.ok(Value.Check(quoteContracts.list.response, page));
    seen.push(...page.items.map((item) => item.created_at));
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  t.equal(seen.length, 25);
  t.same(seen, [...seen].sort().reverse(), 'newest first');
  const drafts = read<Page>(await quotes.list(ctxOf(), { status: 'expired' }));
  t.ok(drafts.items.every((item) => item.status === 'expired'));
  t.equal(read<Page>(await quotes.list(ctxOf({ workspaceId: harbor }), {})).items.length, 0);
});

t.test('what is past its day is found as expired, and pages go on over midnight', async (t) => {
  const { quotes, ctxOf } = await openSales(t, 60);
  type Page = Static<typeof quoteContracts.list.response>;
  const list = async (query: object, at: string) => read<Page>(await quotes.list(ctxOf({ at: new Date(at) }), query));
  const evening = '2030-12-31T22:59:59.000Z';
  t.same((await list({ status: 'sent' }, evening)).items, [], 'none of them is open for so long');
  const expired = (await list({ status: 'expired', limit: 200 }, evening)).items;
  t.ok(expired.length > 0);
  t.ok(expired.every((item) => item.status === 'expired'));
  const all = (await list({ limit: 200 }, evening)).items;
  t.equal(all.filter((item) => item.status === 'expired').length, expired.length);
  t.same(
    expired,
    [...expired].sort((a, b) => b.created_at.localeCompare(a.created_at)),
    'newest first, of both kinds',
  );
  const first = await list({ status: 'expired', limit: 1 }, evening);
  const cursor = first.next_cursor ?? '';
  const second = await list({ status: 'expired', limit: 1, cursor }, '2031-01-01T00:00:01.000Z');
  t.same([first.items[0]?.id, second.items[0]?.id], [expired[0]?.id, expired[1]?.id]);
  await t.rejects(list({ status: 'sent', limit: 1, cursor }, evening), { code: 'invalid_cursor' });
  t.same((await list({ number_prefix: 'Q-9999-' }, evening)).items, []);
  const numbered = all.find((item) => item.number !== null);
  const found = await list({ number_prefix: numbered?.number ?? 'none' }, evening);
  t.same(
    found.items.map((item) => item.id),
    [numbered?.id],
  );
});

t.test('what has expired is found by an index, a page at a time, however much there is', async (t) => {
  const { quotes, ctxOf, db } = await openSales(t);
  await asSuperuser(db.superuserUrl, async (client) => {
    await client.query(`insert into erp_quotes select copy.* from generate_series(1, 4000) n
      cross join lateral jsonb_populate_record((select q from erp_quotes q limit 1), jsonb_build_object(
        'id', gen_random_uuid(), 'number', null, 'supersedes_id', null, 'accept_token_hash', null,
        'status', (array['draft', 'sent', 'expired', 'accepted', 'rejected'])[1 + n % 5],
        'valid_until', date '2026-01-01' + n % 100, 'created_at', now() - n * interval '1 minute')) copy`);
    await client.query('analyze erp_quotes');
  });
  const asked: { text: string; values: readonly unknown[] }[] = [];
  const ctx = ctxOf();
  const query: Queryable['query'] = (statement, values) => {
    asked.push({ text: statement.text, values: values ?? [] });
    return ctx.db.query(statement, values);
  };
  const spied = { ...ctx, db: Object.assign(Object.create(ctx.db), { query }) };
  type Page = Static<typeof quoteContracts.list.response>;
  const list = async (more: object) => read<Page>(await quotes.list(spied, { status: 'expired', ...more }));
  const whole = await list({ limit: 40 });
  const first = await list({ limit: 15 });
  const second = await list({ limit: 25, cursor: first.next_cursor ?? '' });
  t.same([...first.items, ...second.items], whole.items, 'pages are parts of one order');
  t.equal(second.next_cursor === null, false);
  const [given] = asked;
  const explain: Statement<{ 'QUERY PLAN': string }> = {
    name: 'test.explain_expired',
    text: `explain (costs off) ${given?.text}`,
  };
  const plan = await ctx.db.leased.query(explain, given?.values as Parameters<typeof ctx.db.query>[1]);
  const text = plan.map((row) => row['QUERY PLAN']).join('\n');
  t.equal(text.match(/Index Scan Backward using erp_quotes_status_idx/g)?.length, 2, text);
  t.notMatch(text, /Seq Scan on erp_quotes/);
});
