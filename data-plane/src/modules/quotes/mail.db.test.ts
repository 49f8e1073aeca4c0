import { statement } from '@platen/chassis/db/statement';
import { QuoteMail } from '@platen/schema/contracts/internal/quote-mail';
import t from 'tap';
import { Value } from 'typebox/value';
import { harbor, mainStreet, openSales, read } from '../../test/sales.fixture.js';
import { testQuoteLinks } from '../../testkit/test-plane.js';
import { findQuoteMail } from './mail.js';

const some = statement<{ id: string; number: string | null }>(
  'test.some_quotes',
  'select id, number from erp_quotes order by number nulls first',
);

t.test('the mail of a sent quote, in the scope of its event', async (t) => {
  const { ctxOf, organization } = await openSales(t, 300);
  const of = { tenant: ctxOf().tenant, organization, links: testQuoteLinks() };
  const rows = await ctxOf().db.leased.query(some);
  const sent = rows.find((row) => row.number !== null);
  const draft = rows.find((row) => row.number === null);
  if (!sent || !draft) throw new Error('no seeds');
  const mail = read(await findQuoteMail(ctxOf({ workspaceId: mainStreet }).db, of, sent.id));
  t.ok(Value.Check(QuoteMail, mail));
  t.match(mail, { number: sent.number, from_name: 'Acme Print', locale: 'en' });
  await t.rejects(findQuoteMail(ctxOf().db, of, draft.id), { code: 'not_found' });
  await t.rejects(findQuoteMail(ctxOf({ workspaceId: harbor }).db, of, sent.id), { code: 'not_found' });
});
