import t from 'tap';
import { lineOf, minute, openImporting, orderRecord, type Row } from './apply.fixture.js';

const importing = await openImporting(t);
const { asClerk, begin, client, connect, sql, orderOf } = importing;

const mapOf = async (dnId: string) => {
  const [map] = await sql<{ id: string; local_id: string; created_by_job_id: string | null }>(
    'select id, local_id, created_by_job_id from dn_maps where dn_id = $1',
    [dnId],
  );
  if (!map) throw new Error(`no map ${dnId}`);
  return map;
};

t.test('what somebody has called his own since is not deleted, and the rest is undone', async (t) => {
  const site = await connect();
  const job = await begin(site);
  await job.send(...['A1', 'A2'].map((number, n) => orderRecord(number, { lines: [lineOf(21 + n)] })));
  const order = await orderOf('A2');
  for (const dnId of ['A2', 'C-A1']) {
    const { id, local_id } = await mapOf(dnId);
    t.equal((await asClerk('PATCH', `dn/maps/${id}`, { state: 'review' })).status, 200);
    t.equal((await asClerk('PATCH', `dn/maps/${id}`, { local_id })).status, 200);
    t.equal((await mapOf(dnId)).created_by_job_id, null);
  }
  const undo = await begin(site, { task: 'undo', ofJobId: job.id });
  await client.deconetworkRework.rework({ ...undo.held, limit: 200 });
  const outcomes = (await undo.rows()).map((row: Row) => [row.kind, row.dn_id, row.outcome, row.error?.code ?? '']);
  t.same(
    outcomes.filter(([kind]) => kind !== 'product'),
    [
      ['order', 'A2', 'refused', 'mapped_since'],
      ['customer', 'C-A2', 'refused', 'in_use'],
      ['order', 'A1', 'undone', ''],
      ['customer', 'C-A1', 'refused', 'mapped_since'],
    ],
  );
  t.match(await orderOf('A2'), { id: order.id, version: order.version, status: order.status });
});

t.test('a row that cannot go back does not keep others from it', async (t) => {
  const site = await connect('site');
  const product = (dnId: string, code: string, at: number) => ({
    kind: 'product' as const,
    dn_id: dnId,
    modified_at: minute(at),
    raw: '{}',
    code,
    name: code,
    brand: null,
    supplier: null,
    is_active: true,
    variants: [{ dn_id: `${dnId}_0`, sku: `${code}-S`, size: 'S', colour: null, price: null, cost: null }],
  });
  await (await begin(site)).send(product('901', 'ATK-1', 0), product('902', 'ATK-2', 0));
  const job = await begin(site);
  t.match(await job.send(product('901', 'ATK-1-NEW', 1), product('902', 'ATK-2-NEW', 1)), { updated: 2 });
  const { local_id: taken } = await mapOf('902');
  await sql(
    `update erp_products set code = 'atk-2' where id = (select id from erp_products where id <> $1 and id <> $2 limit 1)`,
    [taken, (await mapOf('901')).local_id],
  );
  await sql(
    `update erp_product_variants set sku = 'atk-2-s' where id = (select id from erp_product_variants where product_id <> $1
    and product_id <> $2 limit 1)`,
    [taken, (await mapOf('901')).local_id],
  );
  const undo = await begin(site, { task: 'undo', ofJobId: job.id });
  await client.deconetworkRework.rework({ ...undo.held, limit: 200 });
  const outcomes = (await undo.rows()).map((row: Row) => [row.dn_id, row.outcome, row.error?.code ?? '']);
  t.same(outcomes, [
    ['902', 'refused', 'duplicate'],
    ['901', 'undone', ''],
  ]);
});

t.test('a date in the future moves no reading there', async (t) => {
  const site = await connect();
  const job = await begin(site, { task: 'sync' });
  await job.send(orderRecord('F1', { modified_at: '9999-12-31T00:00:00.000Z', lines: [lineOf(31)] }));
  const [begun] = await sql<{ at: Date }>(
    `update erp_jobs set started_at = now() - interval '2 hours' where id = $1 returning started_at as at`,
    [job.id],
  );
  await job.finish('order', '9999-12-31T00:00:00.000Z');
  const [row] = await sql<{ cursor: { order: string } }>('select cursor from dn_connections where id = $1', [site.id]);
  t.equal(row?.cursor.order, begun?.at.toISOString(), 'what changed while it was read is read the next time');
  const later = await begin(site, { task: 'sync' });
  await later.send(orderRecord('F1', { modified_at: minute(5), due_on: '2026-05-05', lines: [lineOf(31)] }));
  t.same(
    (await later.rows()).map(({ outcome }) => outcome),
    ['updated'],
    'and hides no change of its record',
  );
});

t.test('a page of rows about whole catalogues is answered', async (t) => {
  const site = await connect();
  const job = await begin(site, { dryRun: true });
  await sql(
    `insert into dn_import_job_rows (tenant_id, organization_id, workspace_id, id, job_id, kind, dn_id, outcome, after)
     select r.tenant_id, r.organization_id, r.workspace_id, gen_random_uuid(), r.id, 'product', n::text, 'created',
       (select jsonb_build_object('variants', jsonb_agg(jsonb_build_object('sku', 'S-' || v, 'cost', '1.0000', 'option_values',
          jsonb_build_object('size', v, 'colour', 'Navy')))) from generate_series(1, 2000) v)
     from dn_import_jobs r, generate_series(1, 50) n where r.id = $1`,
    [job.id],
  );
  const startedMs = performance.now();
  const answer = await asClerk('GET', `dn/import-jobs/${job.id}/rows?limit=50`);
  t.comment(
    `measured: ${Math.round(performance.now() - startedMs)} ms, ${JSON.stringify(answer.body).length} characters`,
  );
  t.equal(answer.status, 200, JSON.stringify(answer.body).slice(0, 300));
  t.ok(JSON.stringify(answer.body).length < 4_000_000);
});
