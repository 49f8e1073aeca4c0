import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { canMove } from '@platen/schema/states/machine';
import { type QuoteStatus, quoteMachine, quoteStatuses } from '@platen/schema/states/quote';
import t from 'tap';
import { openDesk } from './desk.fixture.js';

/** What an action makes of a quote; editing needs one that may still be sent. */
const actions: Readonly<Record<string, { to: QuoteStatus; method?: 'PATCH' }>> = {
  '': { to: 'sent', method: 'PATCH' },
  '/reprice': { to: 'sent' },
  '/send': { to: 'sent' },
  '/accept': { to: 'accepted' },
  '/reject': { to: 'rejected' },
  '/convert': { to: 'converted' },
  '/revise': { to: 'superseded' },
};

t.test('every action in every status does what the machine says', async (t) => {
  const desk = await openDesk(t);
  const { quote } = await desk.sent();
  const put = (status: QuoteStatus, validUntil: string) =>
    asSuperuser(desk.db.superuserUrl, async (client) => {
      await client.query('update erp_quotes set supersedes_id = null where supersedes_id = $1', [quote.id]);
      await client.query('update erp_quotes set number = null where id <> $1', [quote.id]);
      await client.query('update erp_quotes set status = $2, valid_until = $3 where id = $1', [
        quote.id,
        status,
        validUntil,
      ]);
    });
  const cases = [
    ...quoteStatuses.map((status) => ({ stored: status, shown: status, until: '2026-03-31' })),
    { stored: 'sent' as const, shown: 'expired' as const, until: '2026-02-28' },
  ];
  for (const { stored, shown, until } of cases) {
    for (const [path, { to, method = 'POST' }] of Object.entries(actions)) {
      const name = `${path || '/edit'} of ${stored} until ${until}`;
      await put(stored, until);
      t.equal((await desk.asClerk('GET', `/${quote.id}`)).body.status, shown);
      const { status, body } = await desk.asClerk(method, `/${quote.id}${path}`, method === 'PATCH' ? {} : undefined);
      if (canMove(quoteMachine, shown, to)) {
        t.ok(status < 300, `${name}: ${JSON.stringify(body.code)}`);
      } else if (shown === 'expired' && ['/accept', '/reject'].includes(path)) {
        t.match({ status, body }, { status: 422, body: { code: 'quote_expired' } }, name);
      } else {
        t.match({ status, body }, { status: 409, body: { code: 'illegal_transition' } }, name);
        t.same([body.current, body.allowed], [shown, quoteMachine.moves[shown]], name);
      }
    }
    await put(stored, until);
    const link = await desk.asClerk('GET', `/${quote.id}/link`);
    t.equal(link.status, shown === 'sent' ? 200 : 409, `/link of ${stored} until ${until}`);
  }
});
