import { statement } from '@platen/chassis/db/statement';
import { testDatabase } from '@platen/chassis/testkit/database';
import t from 'tap';
import { deleteOwnedFiles } from '../files/index.js';
import { openWorkFloor } from '../job-files/running-job.fixture.js';

const floor = await openWorkFloor(t, await testDatabase(t, 'erp'));
const { plane, acme, client } = floor;
const [workspaceId, otherId] = acme.workspaceIds;

/** The file of an export that was asked for in this workspace, or in the whole organization. */
async function exported(workspace: string | null): Promise<{ id: string; jobId: string }> {
  const { status, body } = await plane.call(acme, plane.token(acme, { ws: workspace }), {
    method: 'POST',
    url: '/api/erp/exports',
    payload: { resource: 'orders', format: 'csv' },
  });
  if (status !== 201) throw new Error(body.code);
  const held = await floor.claim(body.id, workspace);
  const { file_id: id } = await client.jobFiles.put({ ...held, name: 'orders.csv', file: 'number\r\nSO-1\r\n' });
  await floor.end(held);
  return { id, jobId: body.id };
}
const read = async (id: string, ws: string | null) =>
  (await plane.call(acme, plane.token(acme, { ws }), { url: `/api/erp/files/${id}/content` })).status;

t.test('a list of all workspaces is for who sees all of them', async (t) => {
  const { id } = await exported(null);
  t.equal(await read(id, null), 200, 'in the whole organization');
  t.equal(await read(id, workspaceId), 404, 'in a workspace, whose people see no more than its rows');
});

t.test('a list of a workspace is for that, and for the organization', async (t) => {
  const { id } = await exported(workspaceId);
  t.equal(await read(id, workspaceId), 200);
  t.equal(await read(id, null), 200);
  t.equal(await read(id, otherId), 404);
});

t.test('a list that a design refers to is nobody’s to read once its job is gone', async (t) => {
  const { id, jobId } = await exported(workspaceId);
  const design = { code: 'list', name: 'A list', file_id: id };
  const { status } = await plane.call(acme, plane.token(acme, { ws: workspaceId }), {
    method: 'POST',
    url: '/api/erp/designs',
    payload: design,
  });
  t.equal(status, 201);
  const db = floor.db();
  await deleteOwnedFiles(floor.storage, db, 'job', jobId);
  await db.leased.query(statement('test.delete_job', 'delete from erp_jobs where id = $1::uuid'), [jobId]);
  t.equal(await read(id, workspaceId), 404);
});

t.test('a filter that no database can hold is refused as one', async (t) => {
  const { status } = await plane.call(acme, plane.token(acme), {
    method: 'POST',
    url: '/api/erp/exports',
    payload: { resource: 'orders', format: 'csv', filter: { number_prefix: 'a\u0000b' } },
  });
  t.ok(status >= 400 && status < 500, `${status}`);
});
