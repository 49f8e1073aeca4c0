import t from 'tap';
import { openSites } from './sites.fixture.js';

const sites = await openSites(t);
const { inMain, connect, passTest, dueOf, openJobsOf, endJobsOf, sql, main, acme } = sites;
const pass = (id: string) =>
  sql(`update due_work set due_at = now() - interval '1 s' where kind = 'dn_sync_due' and ref_id = $1`, [id]);
const runDue = () => sites.runner().runDue();
const tasks = async (id: string) => (await openJobsOf(id)).map(({ task }) => task);

t.test('an active connection is synchronized when its time comes, again and again, one at a time', async (t) => {
  const { id } = await connect({ sync_every_minutes: 5, kinds: ['product', 'order'], create_missing: ['customer'] });
  t.same(await dueOf(id), [], 'not before it was tested');
  await passTest(id);
  const [due] = await dueOf(id);
  t.match(due, { workspace_id: main });
  t.ok(due && due.wait > 200 && due.wait <= 300);
  await pass(id);
  await runDue();
  t.same(await tasks(id), ['sync']);
  const [row] = await sql(
    `select i.task, i.kinds, i.create_missing, i.workspace_id, j.requested_by from dn_import_jobs i join erp_jobs j using (id)
     where i.connection_id = $1`,
    [id],
  );
  t.match(row, {
    task: 'sync',
    kinds: ['product', 'order'],
    create_missing: ['customer'],
    workspace_id: main,
    requested_by: null,
  });
  t.ok(((await dueOf(id))[0]?.wait ?? 0) > 200, 'and the next one is due');
  await pass(id);
  await runDue();
  t.same(await tasks(id), ['sync'], 'one that is open is enough');
  await endJobsOf(id);
  await pass(id);
  await runDue();
  t.same(await tasks(id), ['sync']);
});

t.test('it moves with the setting, and ends with the connection', async (t) => {
  const { id } = await connect();
  await passTest(id);
  t.same(await dueOf(id), []);
  const path = `connections/${id}`;
  await inMain('PATCH', path, { sync_every_minutes: 60 });
  t.ok(((await dueOf(id))[0]?.wait ?? 0) > 3000);
  await inMain('PATCH', path, { sync_every_minutes: 10 });
  t.ok(((await dueOf(id))[0]?.wait ?? 0) <= 600);
  await inMain('PATCH', path, { name: 'same time' });
  t.equal((await dueOf(id)).length, 1);
  await inMain('PATCH', path, { sync_every_minutes: null });
  t.same(await dueOf(id), []);
  await inMain('PATCH', path, { sync_every_minutes: 10 });
  await inMain('POST', `${path}/pause`);
  t.same(await dueOf(id), [], 'paused');
  await inMain('POST', `${path}/resume`);
  t.same(await dueOf(id), [], 'not tested yet');
  await passTest(id);
  t.equal((await dueOf(id)).length, 1);
  await inMain('PATCH', path, { password: 'another' });
  t.same(await dueOf(id), [], 'nobody knows whether it opens');
  await passTest(id, 'authentication_failed');
  t.same(await dueOf(id), [], 'rejected');
  await inMain('POST', `${path}/test`);
  await passTest(id);
  t.equal((await dueOf(id)).length, 1);
  t.match(await inMain('DELETE', path), { status: 204 });
  t.same(await dueOf(id), []);
});

t.test('a tenant that is suspended, or has not the module any more, is left alone', async (t) => {
  const { id } = await connect({ sync_every_minutes: 5 });
  await passTest(id);
  const modules = [{ code: 'erp.deconetwork' as const, valid_until: null }];
  const known = {
    kind: 'tenant' as const,
    id: acme.id,
    slug: 'acme',
    name: 'acme',
    domains: [],
    erp_db_key: 'erp_1',
    telemetry_db_key: null,
    authz_epoch: 0,
    limits: {},
  };
  for (const changed of [
    { status: 'suspended' as const, modules },
    { status: 'active' as const, modules: [] },
  ]) {
    sites.apply({ ...known, ...changed });
    await pass(id);
    await runDue();
    t.same(await openJobsOf(id), [], changed.status);
    t.equal((await dueOf(id)).length, 1, 'looked at again later');
  }
  sites.apply({ ...known, status: 'active', modules });
  await pass(id);
  await runDue();
  t.same(await tasks(id), ['sync']);
});

t.test('what is read: from the cursor with an overlap, or the window that somebody gave', async (t) => {
  const { id } = await connect({ kinds: ['product', 'order'] });
  await passTest(id);
  await sql(`update dn_connections set cursor = '{"order": "2026-03-01T09:30:00.000Z"}' where id = $1`, [id]);
  const readings = async (url: string, body: object) => {
    const asked = await inMain('POST', url, { connection_id: id, ...body });
    if (asked.status !== 201) throw new Error(asked.text);
    const held = await sites.claim(asked.body.id);
    const opened = await sites.step(held, 'open');
    await endJobsOf(id);
    return opened.body.readings;
  };
  t.same(await readings('sync', {}), [
    { kind: 'product', modified_from: null, modified_to: null },
    { kind: 'order', modified_from: '2026-03-01T09:20:00.000Z', modified_to: null },
  ]);
  const window = { modified_from: '2026-01-01T00:00:00.000Z', modified_to: '2026-02-01T00:00:00.000Z' };
  t.same(await readings('import-jobs', { kinds: ['order'], ...window }), [{ kind: 'order', ...window }]);
});
