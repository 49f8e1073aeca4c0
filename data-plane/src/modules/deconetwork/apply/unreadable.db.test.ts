import t from 'tap';
import { openImporting, orderRecord } from './apply.fixture.js';

const importing = await openImporting(t);
const { begin, client, connect } = importing;

t.test('what could not be read is a failed row beside the others, once', async (t) => {
  const job = await begin(await connect());
  const unreadable = [
    {
      kind: 'order',
      dn_id: 'A2',
      modified_at: null,
      message: '/billable_amount: must be string',
      raw: '{"order_id":"A2"}',
    },
  ] as const;
  const page = { ...job.held, step: 1, records: [orderRecord('A1')], unreadable: [...unreadable] };
  t.match(await client.deconetworkRecords.records(page), { result: { failed: 1 } });
  t.match(await client.deconetworkRecords.records(page), { result: { failed: 1 } });
  const [row, ...more] = (await job.rows()).filter(({ dn_id }) => dn_id === 'A2');
  t.same(more, []);
  t.match(row, {
    kind: 'order',
    outcome: 'failed',
    error: { code: 'unreadable', message: '/billable_amount: must be string' },
    raw: '{"order_id":"A2"}',
    local_id: null,
  });
  t.ok((await job.rows()).some(({ kind, dn_id }) => kind === 'order' && dn_id === 'A1'));
});
