import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { PlatenError } from '@platen/sdk/internal';
import { parse } from 'csv-parse/sync';
import t, { type Test } from 'tap';
import { openExportFloor } from './export-floor.js';
import { programAt } from './platform.js';

const script = programAt('workers/erp-worker/dist/jobs/export/export.child.js');
const rowCount = 17_000;

t.setTimeout(180_000);
t.test('exports whose worker dies, stops or is refused', async (t: Test) => {
  const floor = await openExportFloor(t);
  const { acme, plane, client } = floor;
  const [organization_id] = acme.organizationIds;
  await floor.addOrders(rowCount);
  const get = async (id: string) =>
    (await plane.call(acme, plane.token(acme), { method: 'GET', url: `/api/erp/jobs/${id}` })).body;

  function startWorker(jobId: string): {
    child: ChildProcess;
    said: (line: string) => Promise<void>;
    exited: Promise<unknown>;
  } {
    const env = {
      PLANE_URL: floor.baseUrl,
      TOKEN: plane.issuer.serviceToken(['erp.job']),
      JOB_ID: jobId,
      SCOPE: JSON.stringify({ tenant_id: acme.id, organization_id, workspace_id: null }),
    };
    const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout });
    const said = async (wanted: string) => {
      for await (const line of lines) if (line === wanted) return;
    };
    return { child, said, exited: once(child, 'exit') };
  }
  await t.test(
    'killed in the middle: the next one goes on, every row is there once, nothing else is left',
    async (t) => {
      for (const format of ['csv', 'xlsx']) {
        const before = await floor.keys();
        const { id } = await floor.ask({ resource: 'orders', format, columns: ['id', 'total'] });
        const first = startWorker(id);
        await first.said('part 1');
        first.child.kill('SIGKILL');
        await first.exited;
        t.ok((await floor.keys()).length > before.length, 'parts are there');
        // As when its lease is over: nobody has to wait for that here.
        await floor.db().leased.query({
          name: `test.lapse.${format}`,
          text: `update erp_jobs set status = 'queued', lease_owner = null, lease_until = null, run_after = now() - interval '1 ms' where id = '${id}'`,
        });
        const second = startWorker(id);
        const [code] = (await second.exited) as [number];
        t.equal(code, 0);
        const job = await get(id);
        t.match(job, { status: 'succeeded', attempts: 2, progress: rowCount, result: { rows: rowCount } });
        t.equal((await floor.keys()).length, before.length + 1, 'one file, no parts');
        if (format === 'xlsx') continue;
        const rows: string[][] = parse(await floor.download(job.result.file_id), { bom: true, from: 2 });
        t.equal(new Set(rows.map(([order]) => order)).size, rowCount);
        t.equal(rows.length, rowCount);
      }
    },
  );

  await t.test('cancelled between pages: it stops, and leaves nothing', async (t) => {
    const before = await floor.keys();
    const { id } = await floor.ask({ resource: 'orders', format: 'csv' });
    const ending = new AbortController();
    const list = client.exportRows.list;
    let pages = 0;
    const exportRows = {
      list: Object.assign(
        async (...args: Parameters<typeof list>) => {
          pages += 1;
          if (pages === 7) {
            await plane.call(acme, plane.token(acme), { method: 'POST', url: `/api/erp/jobs/${id}/cancel` });
            ending.abort('cancelled');
          }
          return list(...args);
        },
        { isError: list.isError },
      ),
    };
    const run = await floor.run(id, { client: { ...client, exportRows }, signal: ending.signal });
    t.equal(run.result, null);
    t.ok(pages <= 7);
    t.match(await get(id), { status: 'cancelled' });
    t.same(await floor.keys(), before);
  });

  await t.test('the storage is away for a while: the next try goes on with the parts that are there', async (t) => {
    const before = await floor.keys();
    const { id } = await floor.ask({ resource: 'orders', format: 'csv', columns: ['id'] });
    const { storage } = floor;
    const put = storage.put.bind(storage);
    let puts = 0;
    Object.assign(storage, {
      put: (...args: Parameters<typeof put>) => {
        puts += 1;
        if (puts === 4) return Promise.reject(Object.assign(new Error('No space left on device'), { code: 'ENOSPC' }));
        return put(...args);
      },
    });
    const first = await floor.run(id);
    t.ok(first.failure instanceof PlatenError && first.failure.status >= 500, 'worth another try');
    Object.assign(storage, { put });
    const second = await floor.run(id);
    t.equal(second.progress.length, 1, 'only what was not there is read again');
    t.match(second.result, { kind: 'export', rows: rowCount });
    t.equal((await floor.keys()).length, before.length + 1);
  });
});
