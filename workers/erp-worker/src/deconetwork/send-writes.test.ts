import { randomUUID } from 'node:crypto';
import { type DecoNetworkSite, startDecoNetworkSite } from '@platen/deconetwork-site';
import t, { type Test } from 'tap';
import { deconetworkProcessor } from './deconetwork.js';
import { fakePlane, newJob, newRun, openCalling } from './dn.fixture.js';

async function startSite(t: Test): Promise<DecoNetworkSite> {
  const site = await startDecoNetworkSite({ orders: 5, products: 12, purchaseOrders: 8 });
  t.teardown(() => site.close());
  return site;
}

type Calls = NonNullable<NonNullable<Parameters<typeof fakePlane>[1]>['calls']>;
const write = (kind: Calls[number]['kind'], request: object, more: { readonly unanswered?: boolean } = {}) => ({
  id: randomUUID(),
  kind,
  attempts: 1,
  request,
  ...more,
});

function send(t: Test, site: DecoNetworkSite, calls: Calls) {
  const { plane, got } = fakePlane(site, { calls });
  const { calling } = openCalling(t, site);
  const { run, log } = newRun();
  return { sent: deconetworkProcessor(plane, calling).run(newJob('write'), run), got, log };
}

t.test('a status is told as often as it takes, and the customer only when that was asked for', async (t) => {
  const site = await startSite(t);
  const [quiet, loud] = [site.addOrder({ status: 1 }), site.addOrder({ status: 1 })];
  site.failNext({ kind: 'cut' });
  const { sent, got } = send(t, site, [
    write('status', { order_id: quiet.id, new_status: 'produced', contact_customer: false }),
    write('status', { order_id: loud.id, new_status: 'shipped', contact_customer: true, shipping_code: '1Z9' }),
  ]);
  t.match(await sent, { task: 'write', written: 2 });
  t.equal(site.order(quiet.id).status, 2);
  t.match(site.order(loud.id), { status: 3, shippingCode: '1Z9' });
  t.same(
    site.state.statusWrites.map(({ orderId, contactCustomer, changed }) => [orderId, contactCustomer, changed]),
    [
      [quiet.id, false, true],
      [quiet.id, false, false],
      [loud.id, true, true],
    ],
    'the cut answer was asked for again, and changed nothing',
  );
  t.ok(site.state.mails.length > 0 && site.state.mails.every(({ orderId }) => orderId === loud.id));
  t.match(got.settled, [
    { outcome: 'done', response: { code: 10_001, severity: 'SUCCESS' } },
    { outcome: 'done', response: { code: 10_001 } },
  ]);
});

t.test('what the site refuses has failed, in its words, and the next is sent', async (t) => {
  const site = await startSite(t);
  const shipped = site.addOrder({ status: 1 });
  const { sent, got } = send(t, site, [
    write('status', { order_id: 'INV0', new_status: 'produced', contact_customer: false }),
    write('status', { order_id: shipped.id, new_status: 'shipped', contact_customer: false }),
    write('status', { order_id: 1 }),
  ]);
  t.match(await sent, { written: 1 });
  t.match(got.settled, [
    { outcome: 'failed', error: { code: 'invalid_request' }, response: { code: 50_005, severity: 'ERROR' } },
    { outcome: 'done' },
    { outcome: 'failed', error: { code: 'internal_error' } },
  ]);
});

t.test('levels are told together; one that the site does not know keeps no other back', async (t) => {
  const site = await startSite(t);
  const [one, two] = site.inventories();
  if (one === undefined || two === undefined) throw new Error('the site has inventories');
  const levels = [
    { dn_sku_id: one.sku.dnSkuId, level: 7 },
    { dn_sku_id: '0_0', level: 1 },
    { dn_sku_id: two.sku.dnSkuId, level: 0 },
  ];
  const { sent, got } = send(t, site, [write('inventory', { levels })]);
  await sent;
  t.match(got.settled, [{ outcome: 'done', response: { code: 40_004, severity: 'WARNING' } }]);
  t.same(
    site.state.inventoryWrites.map(({ dnSkuId, level }) => [dnSkuId, level]),
    [
      [one.sku.dnSkuId, 7],
      [two.sku.dnSkuId, 0],
    ],
  );
});

t.test('what was received is told once: no answer is a question for people', async (t) => {
  const site = await startSite(t);
  const order = site
    .purchaseOrders()
    .find(({ status, lines }) => status === 3 && lines.some((line) => line.ordered > 3));
  const line = order?.lines.find(({ ordered }) => ordered > 3);
  if (order === undefined || line === undefined) throw new Error('the site has an open purchase order');
  const receipt = (quantity: number) => ({
    po_number: order.number,
    vendor_invoice: 'V1',
    lines: [{ line_id: String(line.id), quantity }],
  });
  const received = () => site.state.receipts.reduce((sum, { qty }) => sum + qty, 0);
  const partial = send(t, site, [
    write('receipt', receipt(1)),
    write('receipt', receipt(1_000)),
    write('receipt', { ...receipt(1), po_number: 'none' }),
    write('receipt', receipt(1), { unanswered: true }),
  ]);
  await partial.sent;
  t.match(partial.got.settled, [
    { outcome: 'done' },
    { outcome: 'failed', error: { code: 'refused', message: /outstanding/ }, response: { code: 50_012 } },
    { outcome: 'failed', response: { code: 50_010 } },
    { outcome: 'failed', error: { code: 'outcome_unknown' } },
  ]);
  t.equal(received(), 1);
  site.failNext({ kind: 'cut' });
  const unknown = send(t, site, [write('receipt', receipt(1))]);
  await unknown.sent;
  t.match(unknown.got.settled, [{ outcome: 'failed', error: { code: 'outcome_unknown' } }]);
  t.equal(received(), 2, 'it was booked, once');
});

t.test('a site that is away is told later; one that refuses us is told nothing more', async (t) => {
  const site = await startSite(t);
  const { id } = site.addOrder({ status: 1 });
  const call = write('status', { order_id: id, new_status: 'produced', contact_customer: false });
  site.setHabits({ html: { every: 1, status: 503, page: 'maintenance' } });
  const away = send(t, site, [call, call]);
  await t.rejects(away.sent, { name: 'JobFailure', code: 'site_unavailable', mayRetry: true });
  t.match(away.got.settled, [{ outcome: 'retry', error: { code: 'site_unavailable' } }]);
  t.equal(away.got.settled.length, 1);
  site.setHabits({ html: null, refuseCredentials: true });
  const refused = send(t, site, [call]);
  await t.rejects(refused.sent, { code: 'authentication_failed', mayRetry: false });
  t.match(refused.got.settled, [{ outcome: 'retry', response: { code: 30_001 } }]);
  t.match(refused.got.rejected, [{ code: 'authentication_failed' }]);
  t.notOk(`${away.log.text()}${refused.log.text()}`.includes(site.credentials.password));
});
