import { read, utils } from '@e965/xlsx';
import type { WorkFloor } from '@platen/data-plane/modules/job-files/running-job.fixture';
import type { OutputOf } from '@platen/schema/contract';
import type { orders } from '@platen/schema/contracts/data/orders';
import { permissionCodes } from '@platen/schema/permissions';
import { parse } from 'csv-parse/sync';
import t, { type Test } from 'tap';
import { type ExportFloor, hostileNames, openExportFloor, type Run } from './export-floor.js';

const fileOf = ({ result, failure }: Run) => {
  if (result?.kind !== 'export') throw failure ?? new Error('no export');
  return result;
};
const csvOf = (bytes: Buffer): Record<string, string>[] => parse(bytes, { bom: true, columns: true });
const sheetOf = (bytes: Buffer) => {
  const book = read(bytes, { cellDates: true, cellNF: true, UTC: true });
  const sheet = book.Sheets[book.SheetNames[0] ?? ''];
  if (!sheet) throw new Error('no sheet');
  return utils.sheet_to_json<Record<string, unknown>>(sheet, { UTC: true, defval: null });
};

async function listOrders({ plane, acme }: WorkFloor, token: string, filter = '') {
  const items: OutputOf<typeof orders.list>['items'] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const url = `/api/erp/orders?limit=200${filter}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const { body } = await plane.call(acme, token, { method: 'GET', url });
    items.push(...body.items);
    cursor = body.next_cursor;
  }
  return items.reverse();
}

t.test('exports', async (t: Test) => {
  const floor: ExportFloor = await openExportFloor(t);
  const { plane, acme } = floor;
  const [main, other] = acme.workspaceIds;
  const inMain = plane.token(acme, { ws: main });
  await floor.addOrders(30);
  await floor.addOrders(25, main);
  await floor.addOrders(20, other);

  await t.test('CSV says what the list says, in the scope of who asked', async (t) => {
    const job = await floor.ask({ resource: 'orders', format: 'csv', title: 'März: "alle"' }, { token: inMain });
    t.match(job, { kind: 'export', status: 'queued', title: 'März: "alle"' });
    const file = fileOf(await floor.run(job.id, { workspaceId: main }));
    t.equal(file.file_name, 'März- -alle-.csv');
    const bytes = await floor.download(file.file_id, inMain);
    t.equal(bytes.subarray(0, 3).toString('hex'), 'efbbbf');
    const rows = csvOf(bytes);
    const listed = await listOrders(floor, inMain);
    t.equal(rows.length, 55, 'the shop’s and the organization’s, not another shop’s');
    t.equal(file.rows, 55);
    t.same(
      rows.map((row) => [
        row['Order id'],
        row['Number'],
        row['Total'],
        row['Tax'],
        row['Due on'],
        row['Created at (UTC)'],
      ]),
      listed.map((o) => [o.id, o.number ?? '', o.total.amount, o.tax.amount, o.due_on ?? '', o.created_at]),
    );
    const names = new Set(rows.map((row) => row['Customer']));
    t.same(names, new Set(hostileNames.map((name) => (/^[=+\-@]/.test(name) ? `'${name}` : name))));
    t.ok(/\r\n$/.test(bytes.toString()));
  });

  await t.test('XLSX: amounts are numbers, days are dates, text is text', async (t) => {
    const job = await floor.ask({
      resource: 'orders',
      format: 'xlsx',
      filter: { status: 'confirmed', due_from: '2026-03-02' },
    });
    const file = fileOf(await floor.run(job.id));
    t.match(file.file_name, /^Orders \d{4}-\d\d-\d\d\.xlsx$/);
    const bytes = await floor.download(file.file_id);
    const rows = sheetOf(bytes);
    const listed = await listOrders(floor, plane.token(acme), '&status=confirmed&due_from=2026-03-02');
    t.ok(listed.length > 20);
    t.same(
      rows.map((row) => [
        row['Order id'],
        row['Total'],
        row['Subtotal'],
        row['Tax'],
        row['Due on'],
        row['Deposit due'],
      ]),
      listed.map((o) => [
        o.id,
        Number(o.total.amount),
        Number(o.subtotal.amount),
        Number(o.tax.amount),
        new Date(o.due_on ?? ''),
        o.deposit_due === null ? null : Number(o.deposit_due.amount),
      ]),
    );
    // The reader cuts off what a double has of a millisecond.
    const seconds = (date: Date) => Math.round(date.getTime() / 10) / 100;
    t.same(
      rows.map((row) => seconds(row['Created at (UTC)'] as Date)),
      listed.map((o) => seconds(new Date(o.created_at))),
    );
    // SheetJS reads the escapes of control characters as they are written.
    const shown = hostileNames.map((name) =>
      name
        .replace('\u0007', '_x0007_')
        .replace('\u000b', '_x000B_')
        .replace('\r', '_x000D_')
        .replace('_x0041_', '_x005F_x0041_'),
    );
    const known = new Set([...shown, ...hostileNames]);
    t.same(
      rows.map((row) => row['Customer']).filter((name) => !known.has(String(name))),
      [],
    );
    t.ok(rows.some((row) => row['Customer'] === '+49 30 1234'));
  });

  await t.test('chosen columns, and none that the caller may not see', async (t) => {
    const clerk = plane.token(acme, { permissions: permissionCodes.filter((code) => code !== 'erp.customer.read') });
    const job = await floor.ask({
      resource: 'orders',
      format: 'csv',
      columns: ['total', 'number'],
      bom: false,
      filter: { number_prefix: 'SO-000001' },
    });
    const bytes = await floor.download(fileOf(await floor.run(job.id)).file_id);
    t.equal(bytes.toString().split('\r\n')[0], 'Total,Number');
    t.ok(csvOf(bytes).every((row) => row['Number']?.startsWith('SO-000001')));
    const all = await floor.ask({ resource: 'orders', format: 'csv' }, { token: clerk });
    const [first] = csvOf(await floor.download(fileOf(await floor.run(all.id)).file_id));
    t.notOk('Customer' in (first ?? {}));
    await t.rejects(
      floor.ask({ resource: 'orders', format: 'csv', columns: ['customer_name'] }, { token: clerk }),
      /erp.customer.read/,
    );
    const mine = fileOf(await floor.run((await floor.ask({ resource: 'orders', format: 'csv' })).id));
    await t.rejects(
      floor.download(mine.file_id, clerk),
      /erp.customer.read/,
      'who may read files may not read every list',
    );
    await t.rejects(floor.ask({ resource: 'customers', format: 'csv' }, { token: clerk }), /403.*erp.customer.read/);
    await t.rejects(floor.ask({ resource: 'orders', format: 'csv', columns: ['secret'] }), /400.*\/body\/columns\/0/);
    await t.rejects(
      floor.ask({ resource: 'orders', format: 'csv', filter: { supplier_id: acme.id } }),
      /400.*\/body\/filter\/supplier_id/,
    );
    await t.rejects(floor.ask({ resource: 'orders', format: 'csv', filter: { status: 'lost' } }), /400.*One of draft/);
  });

  await t.test('every list, also an empty one', async (t) => {
    for (const resource of ['order_lines', 'payments', 'quotes', 'customers', 'stock_levels', 'purchase_orders']) {
      for (const format of ['csv', 'xlsx']) {
        const job = await floor.ask({ resource, format });
        const file = fileOf(await floor.run(job.id));
        const bytes = await floor.download(file.file_id);
        const rows = format === 'csv' ? csvOf(bytes) : sheetOf(bytes);
        t.equal(rows.length, resource === 'customers' ? hostileNames.length : 0, `${resource} ${format}`);
      }
    }
  });
});
