import { DnDriftPage } from '@platen/schema/contracts/data/dn-drift';
import type { DnOutcome } from '@platen/schema/states/deconetwork';
import t from 'tap';
import { Compile } from 'typebox/compile';
import { v7 as uuidv7 } from 'uuid';
import { openJobs } from '../../jobs/jobs.fixture.js';

const plane = await openJobs(t);
const acme = plane.addTenant('acme', 'erp_1');
const globex = plane.addTenant('globex', 'erp_1');
const [shop] = acme.organizationIds;
const [main, harbor] = acme.workspaceIds;
const shape = Compile(DnDriftPage);
const inMain = plane.token(acme, { ws: main });

async function connect(status = 'active'): Promise<string> {
  const id = uuidv7();
  await plane.sql(
    `insert into dn_connections (tenant_id, organization_id, workspace_id, id, name, site_url, credentials, status, currency,
       kinds, created_by) values ($1, $2, $3, $4, 'Teamwear', $5, 'v1.none', $6, 'EUR', '["order"]', $4)`,
    [acme.id, shop, main, id, `https://${id}.example`, status],
  );
  return id;
}
const start = (connection_id: string, more: object = {}, token = inMain) =>
  plane.call(acme, token, { method: 'POST', url: '/api/erp/dn/drift', payload: { connection_id, ...more } });
const list = async (connectionId: string, query = '', token = inMain, of = acme) => {
  const url = `/api/erp/dn/drift?connection_id=${connectionId}${query}`;
  const { body } = await plane.call(of, token, { method: 'GET', url });
  if (!shape.Check(body)) throw new Error(`not as the contract says: ${JSON.stringify(body)}`);
  return body;
};
const end = (jobId: string, status: string) =>
  plane.sql('update erp_jobs set status = $2, finished_at = now(), expires_at = now() where id = $1', [jobId, status]);
const addRow = (jobId: string, dnId: string, outcome: DnOutcome, before: object | null, after: object | null) =>
  plane.sql(
    `insert into dn_import_job_rows (tenant_id, organization_id, workspace_id, id, job_id, kind, dn_id, outcome, before, after)
     values ($1, $2, $3, $4, $5, 'order', $6, $7, $8, $9)`,
    [acme.id, shop, main, uuidv7(), jobId, dnId, outcome, before, after],
  );

t.test('a comparison is a job of its connection; one that reads at a time', async (t) => {
  const id = await connect();
  t.match(await start(id, {}, plane.token(acme, { ws: harbor })), {
    status: 422,
    body: { code: 'unknown_reference', errors: [{ path: '/body/connection_id' }] },
  });
  t.match(await start(id, {}, plane.token(acme, { ws: null })), { status: 403, body: { code: 'context_not_allowed' } });
  t.match(await start(id, {}, plane.token(acme, { ws: main, permissions: ['erp.dn_import.read'] })), { status: 403 });
  t.match(await start(await connect('paused')), { status: 422, body: { code: 'dn_unavailable' } });
  const made = await start(id, { kinds: ['product', 'order'] });
  t.match(made, { status: 201, body: { task: 'compare', status: 'queued', kinds: ['product', 'order'] } });
  t.match(await start(id), { status: 409, body: { code: 'in_use', job_id: made.body.id } });
  await end(made.body.id, 'failed');
  t.match(await start(id), { status: 201, body: { kinds: ['order'] } }, 'what the connection synchronizes');
});

t.test('how both sides differed when they were last compared to the end', async (t) => {
  const id = await connect();
  const nothing = { comparison: null, items: [], next_cursor: null };
  t.same(await list(id), nothing, 'never compared');
  const first = (await start(id)).body.id;
  await addRow(
    first,
    'INV1',
    'differs',
    { total: '10.0000', lines: [{ quantity: 2 }] },
    { total: '12.0000', lines: [] },
  );
  await addRow(first, 'INV2', 'missing_here', null, { total: '5.0000' });
  await addRow(first, 'INV3', 'missing_there', { total: '6.0000' }, null);
  t.same(await list(id), nothing, 'it runs');
  await end(first, 'succeeded');
  const found = await list(id);
  t.match(found.comparison, { id: first, task: 'compare', counts: { differs: 1, missing: 2 } });
  t.match(found.items[0], {
    dn_id: 'INV1',
    changes: [
      { field: 'lines', before: null, after: [] },
      { field: 'lines.1.quantity', before: 2, after: null },
      { field: 'total', before: '10.0000', after: '12.0000' },
    ],
  });
  t.match(await list(id, '&outcome=missing_there'), { items: [{ dn_id: 'INV3' }] });
  t.match(await list(id, '&dn_id=INV2&kind=order'), { items: [{ outcome: 'missing_here' }] });
  const { next_cursor: cursor } = await list(id, '&limit=2');
  t.match((await list(id, `&limit=2&cursor=${cursor}`)).items, [{ dn_id: 'INV3' }]);

  const cut = (await start(id)).body.id;
  await addRow(cut, 'INV9', 'missing_there', {}, null);
  await end(cut, 'cancelled');
  t.match(await list(id), { comparison: { id: first } }, 'one that was cut short says nothing');
  await end((await start(id)).body.id, 'succeeded');
  t.match(await list(id), { comparison: { counts: { differs: 0 } }, items: [] });
  const stale = await plane.call(acme, inMain, {
    method: 'GET',
    url: `/api/erp/dn/drift?connection_id=${id}&limit=2&cursor=${cursor}`,
  });
  t.match(stale, { status: 400, body: { code: 'invalid_cursor' } }, 'a page of another comparison');

  t.same(await list(id, '', plane.token(acme, { ws: harbor })), nothing, 'another workspace');
  t.same(await list(id, '', plane.token(globex), globex), nothing, 'another tenant');
});
