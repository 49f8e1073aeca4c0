import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { quotes as contracts, Quote, RepricedQuote } from '@platen/schema/contracts/data/quotes';
import t from 'tap';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { openDesk, type QuoteBody } from './desk.fixture.js';

type Repriced = Static<typeof RepricedQuote>;
const bare = ({ id: _id, ...line }: QuoteBody['lines'][number]) => ({ ...line, receipt: null, receipt_hash: null });

t.test('five revisions of one quote', async (t) => {
  const desk = await openDesk(t);
  const first = await desk.sent();
  const chain = [first];
  for (let revision = 2; revision <= 6; revision += 1) {
    const last = chain.at(-1) ?? first;
    const made = await desk.asClerk('POST', `/${last.quote.id}/revise`, {}, { 'if-match': `"${last.quote.version}"` });
    t.equal(made.status, 201, made.text);
    const draft: Repriced = made.body;
    t.ok(Value.Check(RepricedQuote, draft));
    const { number } = first.quote;
    t.match(draft, { number, revision, status: 'draft', supersedes_id: last.quote.id, version: 1 });
    t.same(draft.lines.map(bare), last.quote.lines.map(bare));
    t.same(draft.repricing.total, { before: last.quote.total, after: draft.total });
    const { repricing: _repricing, ...plain } = draft;
    t.same((await desk.asClerk('GET', `/${draft.id}`)).body, plain, 'what was answered is what is stored');
    t.equal((await desk.asClerk('GET', `/${last.quote.id}`)).body.status, 'superseded');
    const sent = await desk.asClerk('POST', `/${draft.id}/send`);
    t.ok(Value.Check(Quote, sent.body));
    t.match(sent.body, { number, revision, status: 'sent' });
    chain.push({ quote: sent.body, link: (await desk.asClerk('GET', `/${draft.id}/link`)).body.token });
  }
  t.equal(new Set(chain.map(({ link }) => link)).size, 6, 'each has a link of its own');
  t.equal(new Set(chain.map(({ quote }) => quote.document_hash)).size, 6);
  for (const { quote, link } of chain) {
    const newest = quote.revision === 6;
    t.match((await desk.asCustomer('GET', link)).body, {
      status: newest ? 'sent' : 'superseded',
      document: { revision: quote.revision },
    });
    const body = { action: 'accept', document_hash: quote.document_hash, name: 'Ada' };
    const answer = await desk.asCustomer('POST', link, body);
    t.equal(answer.body.code, newest ? undefined : 'quote_superseded');
  }
  const page = (await desk.asClerk('GET', `?number_prefix=${first.quote.number}`)).body;
  t.ok(Value.Check(contracts.list.response, page));
  t.same(
    page.items.map((item: QuoteBody) => item.revision),
    [6, 5, 4, 3, 2, 1],
    'a number finds all of them',
  );
  const next = await desk.sent();
  const serial = (number: string | null) => Number(number?.split('-').at(-1));
  t.equal(serial(next.quote.number), serial(first.quote.number) + 1, 'revisions took no numbers');
});

t.test('two who revise at once: one does', async (t) => {
  const desk = await openDesk(t);
  const { quote } = await desk.sent();
  const answers = await Promise.all([1, 2, 3].map(() => desk.asClerk('POST', `/${quote.id}/revise`, {})));
  t.same(answers.map(({ status }) => status).sort(), [201, 409, 409]);
});

t.test('a draft is priced again as of today, and what was sent is not', async (t) => {
  const desk = await openDesk(t);
  const draft = await desk.draft();
  await asSuperuser(desk.db.superuserUrl, (client) =>
    client.query('update erp_customers set tax_exempt = true where id = $1', [draft.customer_id]),
  );
  const { status, body, headers } = await desk.asClerk('POST', `/${draft.id}/reprice`);
  t.equal(status, 200);
  t.ok(Value.Check(RepricedQuote, body));
  t.equal(headers['etag'], '"2"');
  t.match(body, {
    version: 2,
    number: null,
    repricing: {
      priced_on: '2026-03-01',
      rule_set_version_id: { before: draft.rule_set_version_id, after: draft.rule_set_version_id },
      tax: { before: draft.tax, after: { amount: '0.0000' } },
      total: { before: draft.total, after: body.total },
    },
  });
  t.notSame(body.total, draft.total);
  t.equal(body.repricing.lines.length, draft.lines.length);
  t.same(body.repricing.lines[0].line_total, { before: draft.lines[0]?.line_total, after: body.lines[0].line_total });
  t.equal((await desk.asClerk('POST', `/${draft.id}/reprice`, undefined, { 'if-match': '"1"' })).status, 412);
  await desk.asClerk('POST', `/${draft.id}/send`);
  t.match((await desk.asClerk('POST', `/${draft.id}/reprice`)).body, {
    code: 'illegal_transition',
    allowed: ['accepted', 'rejected', 'expired', 'superseded'],
  });
});

t.test('what a revision is refused for', async (t) => {
  const desk = await openDesk(t);
  const { quote } = await desk.sent();
  const revise = (body: object) => desk.asClerk('POST', `/${quote.id}/revise`, body);
  t.match((await revise({ valid_until: '2026-02-28' })).body, { code: 'quote_expired' });
  t.match((await revise({ deposit_due: { amount: '1', currency: 'USD' } })).body, { code: 'currency_mismatch' });
  t.match((await revise({ deposit_due: { amount: '9999999', currency: 'EUR' } })).body, {
    code: 'amount_out_of_range',
  });
  t.match((await revise({ lines: [] })).body, { code: 'validation_failed' });
  t.equal((await desk.asClerk('GET', `/${quote.id}`)).body.status, 'sent', 'nothing of it was done');
  await asSuperuser(desk.db.superuserUrl, (client) => client.query(`update erp_products set status = 'archived'`));
  t.match((await revise({})).body, { code: 'unknown_reference' });
  t.equal((await desk.asClerk('GET', `/${quote.id}`)).body.status, 'sent');
});
