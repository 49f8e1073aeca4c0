import { DnImportJob, DnImportRow, DnImportRowDetail } from '@platen/schema/contracts/data/dn-shapes';
import type { DnConnectionStatus } from '@platen/schema/states/deconetwork';
import t from 'tap';
import { Compile } from 'typebox/compile';
import { v7 as uuidv7 } from 'uuid';
import { openJobs } from '../../jobs/jobs.fixture.js';

const plane = await openJobs(t);
const acme = plane.addTenant('acme', 'erp_1');
const [shop, promo] = acme.organizationIds;
const [main, harbor] = acme.workspaceIds;
const shapes = { job: Compile(DnImportJob), row: Compile(DnImportRow), detail: Compile(DnImportRowDetail) };
const inMain = plane.token(acme, { ws: main });

async function connect(
  status: DnConnectionStatus = 'active',
  { workspaceId = main as string | null, organizationId = shop as string } = {},
): Promise<string> {
  const id = uuidv7();
  await plane.sql(
    `insert into dn_connections (tenant_id, organization_id, workspace_id, id, name, site_url, credentials, status, currency,
       kinds, create_missing, created_by)
     values ($1, $2, $3, $4, 'Teamwear', $5, 'v1.none', $6, 'EUR', '["product", "order"]', '["customer"]', $4)`,
    [acme.id, organizationId, workspaceId, id, `https://${id}.example`, status],
  );
  return id;
}
const call = (method: 'GET' | 'POST', url: string, payload?: object, token = inMain) =>
  plane.call(acme, token, { method, url: `/api/erp/dn/${url}`, ...(payload && { payload }) });
const create = (connectionId: string, more: object = {}, token = inMain) =>
  call('POST', 'import-jobs', { connection_id: connectionId, ...more }, token);
const finish = (id: string, status = 'succeeded') =>
  plane.sql('update erp_jobs set status = $2, finished_at = now(), expires_at = now() where id = $1', [id, status]);
async function addRow(jobId: string, outcome: string, values: { before?: object; after?: object; raw?: string } = {}) {
  const id = uuidv7();
  const { before = null, after = null, raw = null } = values;
  await plane.sql(
    `insert into dn_import_job_rows (tenant_id, organization_id, workspace_id, id, job_id, kind, dn_id, outcome, before, after, raw,
       record)
     values ($1, $2, $3, $4, $5, 'order', $6, $7, $8, $9, $10, $11)`,
    [acme.id, shop, main, id, jobId, `INV${id}`, outcome, before, after, raw, { kind: 'order' }],
  );
  return id;
}

t.test('an import is a job of its connection, one at a time', async (t) => {
  const connectionId = await connect();
  const made = await create(connectionId, { dry_run: true, modified_from: '2026-01-01T00:00:00.000Z' });
  t.match(made, {
    status: 201,
    body: {
      task: 'import',
      status: 'queued',
      dry_run: true,
      kinds: ['product', 'order'],
      create_missing: ['customer'],
      modified_from: '2026-01-01T00:00:00.000Z',
      counts: { created: 0, unchanged: 0, missing: 0 },
    },
  });
  t.ok(shapes.job.Check(made.body));
  t.same((await call('GET', `import-jobs/${made.body.id}`)).body, made.body);
  const job = await plane.job({ tenant: acme, workspaceId: main }, made.body.id);
  t.match(job, { kind: 'dn_sync', status: 'queued', title: 'Import from Teamwear' });
  t.match(await create(connectionId), { status: 409, body: { code: 'in_use', job_id: made.body.id } });
  t.match(await call('POST', 'sync', { connection_id: connectionId }), { status: 409, body: { code: 'in_use' } });
  await finish(made.body.id);
  const sync = await call('POST', 'sync', { connection_id: connectionId });
  t.match(sync, { status: 201, body: { task: 'sync', dry_run: false } });
  const pages = await call('GET', `import-jobs?connection_id=${connectionId}&limit=1`);
  t.equal(pages.body.items[0].id, sync.body.id, 'newest first');
  const next = await call('GET', `import-jobs?connection_id=${connectionId}&limit=1&cursor=${pages.body.next_cursor}`);
  t.same([next.body.items[0].id, next.body.next_cursor], [made.body.id, null]);
  t.match(await call('GET', 'import-jobs?task=sync&status=queued'), { body: { items: [{ id: sync.body.id }] } });
});

t.test('a window that ends before it begins is a mistake', async (t) => {
  const window = { modified_from: '2026-02-01T00:00:00.000Z', modified_to: '2026-01-31T23:59:59.999Z' };
  t.match(await create(await connect(), window), {
    status: 400,
    body: { code: 'validation_failed', errors: [{ path: '/body/modified_to' }] },
  });
  t.match(await create(await connect(), { ...window, modified_to: window.modified_from }), { status: 201 });
});

t.test('two that ask at once: one has it', async (t) => {
  const connectionId = await connect();
  const answers = await Promise.all([create(connectionId), create(connectionId), create(connectionId)]);
  t.same(answers.map(({ status }) => status).sort(), [201, 409, 409]);
});

t.test('whose connection it is, and whether it is in use', async (t) => {
  const elsewhere = await connect('active', { workspaceId: harbor });
  t.match(await create(elsewhere), { status: 422, body: { code: 'unknown_reference' } }, 'another shop’s is not there');
  const others = await connect('active', { organizationId: promo, workspaceId: null });
  t.match(await create(others), { status: 422, body: { code: 'unknown_reference' } }, 'another organization’s neither');
  const shared = await connect('active', { workspaceId: null });
  t.match(await create(shared), { status: 403, body: { code: 'context_not_allowed' } }, 'the organization’s is seen');
  t.match(await create(shared, {}, plane.token(acme)), { status: 201 });
  for (const status of ['paused', 'rejected', 'untested'] as const) {
    t.match(await create(await connect(status)), { status: 422, body: { code: 'dn_unavailable', current: status } });
  }
  const reader = plane.token(acme, { ws: main, permissions: ['erp.dn_import.read'] });
  t.match(await create(await connect(), {}, reader), { status: 403, body: { code: 'permission_denied' } });
});

t.test('rows say what is different, field by field', async (t) => {
  const { body: job } = await create(await connect());
  const before = { status: 'confirmed', total: '10.0000', lines: [{ quantity: 5 }, { quantity: 2 }] };
  const after = { status: 'ready', total: '10.0000', lines: [{ quantity: 6 }] };
  const updated = await addRow(job.id, 'updated', { before, after, raw: '{"item_amount":10.200000000000001}' });
  const failed = await addRow(job.id, 'failed');
  const rows = await call('GET', `import-jobs/${job.id}/rows`);
  t.same(
    rows.body.items.map((row: { id: string }) => row.id),
    [updated, failed],
  );
  t.ok(rows.body.items.every((row: unknown) => shapes.row.Check(row)));
  t.same(rows.body.items[0].changes, [
    { field: 'lines.1.quantity', before: 5, after: 6 },
    { field: 'lines.2.quantity', before: 2, after: null },
    { field: 'status', before: 'confirmed', after: 'ready' },
  ]);
  t.same((await call('GET', `import-jobs/${job.id}/rows?outcome=failed`)).body.items[0].id, failed);
  t.match((await call('GET', `import-jobs/${job.id}`)).body.counts, { updated: 1, failed: 1, created: 0 });
  const detail = await call('GET', `import-jobs/${job.id}/rows/${updated}`);
  t.ok(shapes.detail.Check(detail.body));
  t.match(detail.body, { before, after, raw: '{"item_amount":10.200000000000001}' });
  const inHarbor = plane.token(acme, { ws: harbor });
  t.match(await call('GET', `import-jobs/${job.id}/rows`, undefined, inHarbor), { status: 404 });
  t.match(await call('GET', `import-jobs/${job.id}/rows/${updated}`, undefined, inHarbor), { status: 404 });
  t.match(await call('GET', `import-jobs/${uuidv7()}/rows/${updated}`), { status: 404 }, 'of another job');
});

t.test('only what is finished and was meant is tried again or undone', async (t) => {
  const connectionId = await connect();
  const { body: job } = await create(connectionId);
  for (const action of ['retry', 'undo']) {
    t.match(await call('POST', `import-jobs/${job.id}/${action}`), {
      status: 409,
      body: { code: 'illegal_transition', current: 'queued' },
    });
  }
  await addRow(job.id, 'created', { after: { total: '1.0000' } });
  await addRow(job.id, 'failed');
  await finish(job.id, 'failed');
  const undo = await call('POST', `import-jobs/${job.id}/undo`);
  t.match(undo, {
    status: 201,
    body: { task: 'undo', of_job_id: job.id, progress_total: 1, kinds: ['product', 'order'] },
  });
  await finish(undo.body.id);
  t.match(await call('POST', `import-jobs/${undo.body.id}/undo`), { status: 409 }, 'an undo is not undone');
  const retry = await call('POST', `import-jobs/${job.id}/retry`);
  t.match(retry, { status: 201, body: { task: 'retry', of_job_id: job.id, progress_total: 1 } });
  await finish(retry.body.id);
  const { body: dry } = await create(connectionId, { dry_run: true });
  await finish(dry.id);
  t.match(await call('POST', `import-jobs/${dry.id}/undo`), { status: 409, body: { code: 'illegal_transition' } });
  t.match(await call('POST', `import-jobs/${uuidv7()}/undo`), { status: 404 });
});
