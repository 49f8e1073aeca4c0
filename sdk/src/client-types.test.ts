import t from 'tap';
import { createClient, PlatenError } from './index.js';

const client = createClient({ controlUrl: '', dataUrl: '' });

/** Never run: the compiler is the test. Where an error is expected and there is none, it says so, and nothing is built. */
export async function typesHold() {
  const quote = await client.erp.quotes.send({ id: '1' }, { ifMatch: 3 });
  const total: string = quote.total.amount;
  const order = await client.erp.quotes.convert({ id: '1' }, { ifMatch: quote });
  await client.erp.orders.list();
  await client.erp.orders.list({ status: 'confirmed' });
  for await (const item of client.erp.orders.list.items({ limit: 10 })) item.number satisfies string | null;
  await client.auth.logout();
  const reading = { device: 'press-1', metric: 'pieces', value: 1200 };
  const { accepted } = await client.telemetry.readings.write({ readings: [reading], gzip: true });
  accepted satisfies number;
  const lines = { file: 'press-1 pieces=1200i', precision: 's' } as const;
  await client.telemetry.readings.write({ ...lines, media_type: 'text/plain' });

  // @ts-expect-error of what type it is must be said
  await client.telemetry.readings.write(lines);
  // @ts-expect-error and be one that is taken
  await client.telemetry.readings.write({ ...lines, media_type: 'text/csv' });
  // @ts-expect-error an id is needed
  await client.erp.quotes.get();
  // @ts-expect-error no such field
  await client.erp.quotes.get({ id: '1', colour: 'red' });
  // @ts-expect-error no such status
  await client.erp.orders.list({ status: 'lost' });
  // @ts-expect-error one quote has no pages
  client.erp.quotes.get.items({ id: '1' });
  // @ts-expect-error nothing stands here
  client.erp.invoices;

  const failure: unknown = total + order.id;
  if (client.erp.quotes.send.isError(failure)) {
    if (failure.code === 'customer_email_missing') return failure.detail;
    if (failure.code === 'permission_denied') return failure.fields[0]?.path;
    // @ts-expect-error sending a quote records no payment
    if (failure.code === 'payment_exceeds_balance') return failure.detail;
  }
  return undefined;
}

t.test('the methods stand at the contracts’ names', async (t) => {
  t.type(client.erp.quotes.send, 'function');
  t.type(client.admin.userRoles.create, 'function');
  t.type(client.erp.products.list.items, 'function');
  t.notOk('items' in client.erp.quotes.get);
});

t.test('isError asks for the method and the kind', async (t) => {
  const failure = new PlatenError('erp.quotes.send', { status: 409, code: 'illegal_transition' }, 'correlation');
  t.ok(client.erp.quotes.send.isError(failure));
  t.notOk(client.erp.quotes.accept.isError(failure));
  t.notOk(client.erp.quotes.send.isError(new Error('erp.quotes.send')));
});
