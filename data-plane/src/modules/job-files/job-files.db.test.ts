import { testDatabase } from '@platen/chassis/testkit/database';
import t, { type Test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { openWorkFloor } from './running-job.fixture.js';

const anExport = { kind: 'export', title: 'Orders', payload: {} } as const;
const used = { name: 'test.used', text: `select coalesce(sum(used), 0)::text as used from usage_counters` };

t.test('parts and files of running jobs', async (t: Test) => {
  const database = await testDatabase(t, 'erp');
  const floor = await openWorkFloor(t, database);
  const { client, plane, acme } = floor;
  const usedBytes = async () => (await floor.db().leased.query<{ used: string }>(used))[0]?.used;

  await t.test('parts are kept, replaced and read; the file takes their place', async (t) => {
    const held = await floor.claim(await floor.request(anExport));
    t.same(await client.jobFiles.list(held), { file: null, parts: [] });
    const part = { ...held, part: 0, row_count: 2 };
    t.same(await client.jobFiles.putPart({ ...part, file: 'first' }), { part: 0, byte_size: 5, row_count: 2 });
    await client.jobFiles.putPart({ ...part, row_count: 3, file: 'better' });
    await client.jobFiles.putPart({ ...held, part: 1, row_count: 1, file: '' });
    t.equal((await floor.keys()).length, 2, 'a part that came twice is there once');
    t.same((await client.jobFiles.list(held)).parts, [
      { part: 0, byte_size: 6, row_count: 3 },
      { part: 1, byte_size: 0, row_count: 1 },
    ]);
    t.equal(await (await client.jobFiles.getPart({ ...held, part: 0 })).text(), 'better');
    await t.rejects(client.jobFiles.getPart({ ...held, part: 7 }), { code: 'not_found' });

    const stream = async function* () {
      for (let i = 0; i < 1_000; i += 1) yield Buffer.alloc(1_000, 65 + (i % 26));
    };
    const file = await client.jobFiles.put({ ...held, name: 'Größe.csv', file: stream() });
    t.match(file, { file_name: 'Größe.csv', byte_size: 1_000_000 });
    t.equal((await floor.keys()).length, 1, 'the parts are gone');
    t.equal(await usedBytes(), '1000000');
    t.same(await client.jobFiles.put({ ...held, name: 'Größe.csv', file: stream() }), file, 'the same again');
    t.same(await client.jobFiles.list(held), { file, parts: [] });
    const shown = await plane.call(acme, plane.token(acme), { method: 'GET', url: `/api/erp/files/${file.file_id}` });
    t.match(shown.body, { owner_kind: 'job', owner_id: held.id, media_type: 'text/csv', byte_size: 1_000_000 });

    const other = await client.jobFiles.put({ ...held, name: 'other.xlsx', file: 'not the same' });
    t.not(other.file_id, file.file_id);
    t.equal((await floor.keys()).length, 1, 'a job has one file');
    t.equal(await usedBytes(), '12');
    await floor.end(held);
  });

  await t.test('who does not have the job stores nothing', async (t) => {
    const [workspaceId] = acme.workspaceIds;
    const held = await floor.claim(await floor.request(anExport, workspaceId), workspaceId);
    const before = await floor.keys();
    const strangers = [
      [{ ...held, attempt: 2 }, 'lease_lost'],
      [{ ...held, owner: uuidv7() }, 'lease_lost'],
      [{ ...held, id: uuidv7() }, 'not_found'],
      [{ ...held, tenant_id: uuidv7() }, 'not_found'],
      [{ ...held, organization_id: uuidv7() }, 'not_found'],
      [{ ...held, workspace_id: acme.workspaceIds[1] }, 'not_found'],
      // The whole organization sees the job, but the job does not see the whole organization.
      [(({ workspace_id: _workspace, ...wide }) => wide)(held), 'not_found'],
    ] as const;
    for (const [who, code] of strangers) {
      await t.rejects(client.jobFiles.list(who), { code });
      await t.rejects(client.jobFiles.put({ ...who, name: 'a.csv', file: 'x' }), { code });
      await t.rejects(client.jobFiles.putPart({ ...who, part: 0, row_count: 0, file: 'x' }), { code });
      await t.rejects(client.jobFiles.getPart({ ...who, part: 0 }), { code });
      await t.rejects(client.jobFiles.deleteParts(who), { code });
    }
    await t.rejects(client.jobFiles.put({ ...held, name: 'a.html', file: 'x' }), { code: 'validation_failed' });
    t.same(await floor.keys(), before);
    const file = await client.jobFiles.put({ ...held, name: 'a.csv', file: 'x' });
    t.match(
      await floor.db(workspaceId).leased.query({
        name: 'test.ws',
        text: `select workspace_id::text from erp_files where id = '${file.file_id}'`,
      }),
      [{ workspace_id: workspaceId }],
    );
  });

  await t.test('the lease is lost while the bytes arrive: they go again', async (t) => {
    const held = await floor.claim(await floor.request(anExport));
    const before = await floor.keys();
    const body = async function* () {
      yield Buffer.from('half');
      await client.jobs.release({ ...held, workspace_id: null });
      yield Buffer.from('done');
    };
    await t.rejects(client.jobFiles.put({ ...held, name: 'a.csv', file: body() }), { code: 'lease_lost' });
    t.same(await floor.keys(), before);
  });

  await t
    .test('a job that stops for good leaves no parts', async (t) => {
      const held = await floor.claim(await floor.request(anExport));
      const before = await floor.keys();
      for (const part of [0, 1]) await client.jobFiles.putPart({ ...held, part, row_count: 1, file: 'x' });
      await client.jobFiles.deleteParts(held);
      await client.jobFiles.deleteParts(held);
      t.same(await floor.keys(), before);
    })
    .catch((error: unknown) => t.fail(String(error)));
});

t.test('a file that has no room is refused, and leaves nothing', async (t) => {
  const floor = await openWorkFloor(t, await testDatabase(t, 'erp'), { limits: { storage_bytes: 10 } });
  const held = await floor.claim(await floor.request(anExport));
  const { client } = floor;
  await t.rejects(client.jobFiles.put({ ...held, name: 'a.csv', file: 'eleven byte' }), { code: 'limit_reached' });
  t.same(await floor.keys(), []);
  t.match(await client.jobFiles.put({ ...held, name: 'a.csv', file: 'ten bytes.' }), { byte_size: 10 });
});
