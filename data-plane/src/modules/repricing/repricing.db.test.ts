import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { RepricingRow } from '@platen/schema/contracts/data/repricing';
import { createInternalClient } from '@platen/sdk/internal';
import t from 'tap';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { v7 } from 'uuid';
import { mainStreet } from '../../test/sales.fixture.js';
import { acme, acmePrint, openDesk } from '../quotes/desk.fixture.js';

const desk = await openDesk(t);
const baseUrl = await desk.plane.app.internal.listen({ port: 0, host: '127.0.0.1' });
const seconds = () => Math.floor(desk.clock.at.getTime() / 1000);
const worker = createInternalClient({
  baseUrl,
  contracts: 'data',
  token: () => desk.plane.issuer.serviceToken(['erp.job'], { iat: seconds(), exp: seconds() + 900 }),
  maxTries: 1,
});
const scope = { tenant_id: acme.id, organization_id: acmePrint.id, workspace_id: mainStreet };
const rowShape = Compile(RepricingRow);
type Row = Static<typeof RepricingRow>;

const call = async (method: 'GET' | 'POST', url: string, body?: object, token = desk.token()) => {
  const { statusCode: status, body: text } = await desk.plane.app.tenant.inject({
    method,
    url: `/api/erp/${url}`,
    headers: { host: 'acme.localhost', 'x-correlation-id': `test-${v7()}`, authorization: `Bearer ${token}` },
    ...(body !== undefined && { payload: body }),
  });
  return { status, body: JSON.parse(text) };
};

async function claim(id: string) {
  const owner = v7();
  const { job, refused } = await worker.jobs.claim({ ...scope, id, owner });
  if (!job) throw new Error(`not given: ${refused}`);
  return { ...scope, id, owner, attempt: job.attempt };
}

/** To the end, some quotes at a time, and fewer where a call has no more time for them. */
async function batches(held: Awaited<ReturnType<typeof claim>>, limit?: number) {
  for (let cursor: string | null = null; ; ) {
    const batch: Awaited<ReturnType<typeof worker.repricing.batch>> = await worker.repricing.batch({
      ...held,
      ...(limit !== undefined && { limit }),
      ...(cursor !== null && { cursor }),
    });
    cursor = batch.cursor;
    if (cursor === null) return batch;
  }
}

async function work(id: string, limit = 7) {
  const held = await claim(id);
  const last = await batches(held, limit);
  await worker.jobs.complete({ ...held, result: last.result });
  return last;
}

async function rowsOf(id: string, query = ''): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await call(
      'GET',
      `pricing/repricing/${id}/rows?limit=9${query}${cursor === null ? '' : `&cursor=${cursor}`}`,
    );
    rows.push(...page.body.items);
    cursor = page.body.next_cursor;
    if (cursor === null) return rows;
  }
}

const dearer = (by: string) =>
  asSuperuser(desk.db.superuserUrl, (client) =>
    client.query(`update erp_products set base_price = base_price + ${by}`),
  );

t.test('a report changes nothing; applied, drafts have their new prices, sent quotes theirs of before', async (t) => {
  const draft = await desk.draft();
  const { quote: sent } = await desk.sent();
  await dearer('1');
  const asked = await call('POST', 'pricing/repricing', {});
  t.match(asked, { status: 201, body: { kind: 'repricing', status: 'queued' } });
  const report = await work(asked.body.id);
  t.equal(report.done, report.total, 'every open quote');
  const rows = await rowsOf(asked.body.id);
  t.equal(rows.length, report.done);
  t.ok(
    rows.every((row) => rowShape.Check(row)),
    'rows are of their shape',
  );
  const ofDraft = rows.find((row) => row.quote_id === draft.id);
  t.match(ofDraft, { outcome: 'differs', old_total: draft.total, quote_version: 1, number: null });
  t.ok(Number(ofDraft?.new_total?.amount) > Number(draft.total.amount), 'dearer');
  t.match(ofDraft?.reasons.lines[0]?.reasons[0], { kind: 'base_price', rule_code: null });
  t.match(
    rows.find((row) => row.quote_id === sent.id),
    { outcome: 'differs', number: sent.number },
  );
  t.same((await desk.asClerk('GET', `/${draft.id}`)).body, draft, 'the draft is as it was');
  const only = await rowsOf(asked.body.id, '&outcome=failed');
  t.equal(only.length, report.result.failed);

  const applied = await call('POST', 'pricing/repricing', { apply: true });
  const done = await work(applied.body.id);
  t.ok(done.result.repriced > 0);
  const now = (await desk.asClerk('GET', `/${draft.id}`)).body;
  t.same(now.total, ofDraft?.new_total, 'what the report had said');
  t.equal(now.version, 2);
  t.same((await desk.asClerk('GET', `/${sent.id}`)).body.total, sent.total, 'a sent quote is a promise');
  const receipt = await call('POST', 'pricing/verify', {
    receipt: JSON.stringify(now.lines[0].receipt),
    receipt_hash: now.lines[0].receipt_hash,
  });
  t.match(receipt, { status: 200, body: { verified: true } });
  const events = await asSuperuser(desk.db.superuserUrl, (client) =>
    client.query(
      `select payload from outbox_events where type = 'erp.quote.repriced' and payload->>'quote_id' = '${draft.id}'`,
    ),
  );
  t.match(events.rows, [{ payload: { old_total: draft.total, new_total: now.total, job_id: applied.body.id } }]);

  const again = await call('POST', 'pricing/repricing', { apply: true });
  t.equal((await work(again.body.id)).result.repriced, 0, 'nothing is left to be priced again');
});

t.test('the same batch twice at once: each quote has one row, and neither call has lost the job', async (t) => {
  await desk.draft();
  await dearer('1');
  const { body: job } = await call('POST', 'pricing/repricing', { apply: true });
  const held = await claim(job.id);
  const [last] = await Promise.all([batches(held), batches(held)]);
  const rows = await rowsOf(job.id);
  t.equal(new Set(rows.map((row) => row.quote_id)).size, rows.length);
  t.ok(rows.some((row) => row.outcome === 'repriced'));
  await worker.jobs.complete({ ...held, result: last.result });
});

t.test('an attempt that ended early is gone on with; each draft is priced once', async (t) => {
  await desk.draft();
  await dearer('2');
  const { body: job } = await call('POST', 'pricing/repricing', { apply: true });
  const first = await claim(job.id);
  await worker.repricing.batch({ ...first, limit: 3 });
  await worker.jobs.release(first);
  const rest = await work(job.id, 2);
  t.equal(rest.done, rest.total);
  const rows = await rowsOf(job.id);
  t.equal(new Set(rows.map((row) => row.quote_id)).size, rows.length);
  const counted = rows.filter((row) => row.outcome === 'repriced').length;
  t.equal(counted, rest.result.repriced);
  const events = await asSuperuser(desk.db.superuserUrl, (client) =>
    client.query(`select from outbox_events where type = 'erp.quote.repriced' and payload->>'job_id' = '${job.id}'`),
  );
  t.equal(events.rows.length, counted, 'as many events as drafts');
  await t.rejects(worker.repricing.batch({ ...first, limit: 3 }), { code: 'lease_lost' }, 'the first attempt is over');
});

t.test('what cannot be priced any more says why', async (t) => {
  const draft = await desk.draft();
  await asSuperuser(desk.db.superuserUrl, (client) =>
    client.query(`update erp_products set status = 'archived' where id = '${draft.lines[0]?.product_id}'`),
  );
  const { body: job } = await call('POST', 'pricing/repricing', { apply: true });
  await work(job.id, 100);
  const row = (await rowsOf(job.id, '&outcome=failed')).find(({ quote_id }) => quote_id === draft.id);
  t.match(row, { outcome: 'failed', new_total: null, error: { code: 'unknown_reference' } });
});

t.test(
  'a published version is reported once for its event, by the prices of the day from which it holds',
  async (t) => {
    const published = {
      ...scope,
      event_id: v7(),
      rule_set_version_id: v7(),
      currency: 'EUR',
      valid_from: '2026-03-09T23:30:00.000Z',
    };
    const [one, two] = await Promise.all([worker.repricing.request(published), worker.repricing.request(published)]);
    t.equal(one.job_id, two.job_id);
    t.same([one.is_new, two.is_new].sort(), [false, true]);
    const found = await asSuperuser(desk.db.superuserUrl, (client) =>
      client.query(`select payload, requested_by from erp_jobs where id = '${one.job_id}'`),
    );
    t.match(found.rows, [{ requested_by: null, payload: { apply: false, price_on: '2026-03-10', currency: 'EUR' } }]);
  },
);

t.test('refused: a foreign customer, applying without the right to write quotes, a job of another kind', async (t) => {
  t.match(await call('POST', 'pricing/repricing', { customer_id: v7() }), {
    status: 422,
    body: { code: 'unknown_reference', errors: [{ path: '/body/customer_id' }] },
  });
  t.match(await call('GET', `pricing/repricing/${v7()}/rows`), { status: 404 });
  const at = seconds();
  const reader = desk.plane.token(
    {
      id: acme.id,
      slug: 'acme',
      organizationIds: [acmePrint.id, acmePrint.id],
      workspaceIds: [mainStreet, mainStreet],
    },
    { ws: mainStreet, iat: at, exp: at + 900, permissions: ['erp.repricing.run'] },
  );
  t.match(await call('POST', 'pricing/repricing', { apply: true }, reader), {
    status: 403,
    body: { code: 'permission_denied', permission: 'erp.quote.write' },
  });
  t.match(await call('POST', 'pricing/repricing', {}, reader), { status: 201 }, 'a report is his to ask for');
});

t.test('a failed one that writes prices is tried again by who may write quotes', async (t) => {
  const { body: job } = await call('POST', 'pricing/repricing', { apply: true });
  const held = await claim(job.id);
  await worker.jobs.fail({ ...held, error: { code: 'test', message: 'Enough' }, retry: false });
  const at = seconds();
  const canceller = desk.plane.token(
    {
      id: acme.id,
      slug: 'acme',
      organizationIds: [acmePrint.id, acmePrint.id],
      workspaceIds: [mainStreet, mainStreet],
    },
    { ws: mainStreet, iat: at, exp: at + 900, permissions: ['erp.job.read', 'erp.job.cancel'] },
  );
  t.match(await call('POST', `jobs/${job.id}/retry`, undefined, canceller), {
    status: 403,
    body: { code: 'permission_denied', permission: 'erp.quote.write' },
  });
  t.match(await call('POST', `jobs/${job.id}/retry`), { status: 200, body: { status: 'queued' } });
});
