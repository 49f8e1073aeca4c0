import { randomUUID } from 'node:crypto';
import type { Sample } from '@platen/chassis/testkit/security-table-attack';
import { dataContracts } from '@platen/schema/contracts/data/index';
import type { DnImportTask, DnTask } from '@platen/schema/states/deconetwork';
import type { DataSample, Victim } from './samples-data.js';
import { acme, acmePrint, mainStreet } from './world.js';

const { connections } = dataContracts.erp.dn;
const scope = { tenant_id: acme.id, organization_id: acmePrint.id, workspace_id: mainStreet.id };
const newConnectionBody = () => ({
  name: 'Acceptance shop',
  site_url: `https://${randomUUID()}.example.com`,
  username: 'acceptance@example.com',
  password: randomUUID(),
});

/** Under the columns' names, past the product. */
export async function putRow(
  victim: Victim,
  table: string,
  values: Readonly<Record<string, unknown>>,
): Promise<string> {
  const row = { ...scope, id: randomUUID(), ...values };
  const columns = Object.keys(row).join(', ');
  await victim.sql(
    `insert into ${table} (${columns}) select ${columns} from jsonb_populate_record(null::${table}, $1::jsonb)`,
    [JSON.stringify(row)],
  );
  return row.id;
}

/** One that is in use, without the test that would call its site in the middle of an attack. */
export async function newConnection(victim: Victim, status = 'active'): Promise<string> {
  const { id } = await victim.call(connections.create, { body: newConnectionBody() });
  await victim.sql(
    `with ended as (delete from erp_jobs where exclusive_key = 'dn:' || $1 returning id)
     delete from due_work where ref_id in (select id from ended)`,
    [id],
  );
  await victim.sql('update dn_connections set status = $2 where id = $1', [id, status]);
  return id;
}
export const newMap = async (victim: Victim, values: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  putRow(victim, 'dn_maps', {
    connection_id: await newConnection(victim),
    kind: 'customer',
    dn_id: randomUUID(),
    state: 'review',
    label: 'Acceptance club',
    detail: {},
    ...values,
  });

// Who acts is in the connection's own workspace, whichever rows are seen: `isolation.test.ts` knows it as a wall of its own.
const acting = async (id: Promise<string>, more: Partial<DataSample> = {}): Promise<DataSample> => ({
  params: { id: await id },
  foreign: 'not_found',
  ids: [await id],
  ...more,
});
const reading = (id: Promise<string>): Promise<DataSample> => acting(id, { ofWorkspace: true });
const listed = async (id: Promise<string>): Promise<DataSample> => ({
  query: { limit: '200' },
  foreign: 'unseen',
  ids: [await id],
  ofWorkspace: true,
});
const namesConnection = async (victim: Victim, body: object = {}): Promise<DataSample> => {
  const id = await newConnection(victim);
  return { body: { connection_id: id, ...body }, foreign: 'unknown_reference', ids: [id] };
};

export const dnSamples = {
  'erp.dn.connections.list': (victim: Victim) => listed(newConnection(victim)),
  'erp.dn.connections.get': (victim: Victim) => reading(newConnection(victim)),
  'erp.dn.connections.create': async (): Promise<DataSample> => ({
    body: newConnectionBody(),
    foreign: 'own',
    ids: [],
  }),
  'erp.dn.connections.update': (victim: Victim) => acting(newConnection(victim), { body: { name: 'Renamed' } }),
  'erp.dn.connections.test': (victim: Victim) => acting(newConnection(victim)),
  'erp.dn.connections.pause': (victim: Victim) => acting(newConnection(victim)),
  'erp.dn.connections.resume': (victim: Victim) => acting(newConnection(victim, 'paused')),
  'erp.dn.connections.delete': (victim: Victim) => acting(newConnection(victim)),
  'erp.dn.maps.list': (victim: Victim) => listed(newMap(victim)),
  'erp.dn.maps.get': (victim: Victim) => reading(newMap(victim)),
  'erp.dn.maps.trail': async (victim: Victim): Promise<DataSample> => {
    const map = newMap(victim);
    return { params: { id: await map }, foreign: 'not_found', ids: [await map], ofWorkspace: true };
  },
  'erp.dn.maps.update': (victim: Victim) => acting(newMap(victim), { body: { state: 'ignored' } }),
  'erp.dn.maps.confirm': (victim: Victim) => namesConnection(victim, { kind: 'customer', suggested_by: ['name'] }),
  'erp.dn.maps.suggest': (victim: Victim) => namesConnection(victim),
  'erp.dn.importJobs.list': async (victim: Victim) => listed(newImport(victim)),
  'erp.dn.importJobs.get': (victim: Victim) => reading(newImport(victim)),
  'erp.dn.importJobs.create': (victim: Victim) => namesConnection(victim),
  'erp.dn.importJobs.rows': (victim: Victim) => reading(newImport(victim)),
  'erp.dn.importJobs.row': async (victim: Victim): Promise<DataSample> => {
    const id = await newImport(victim);
    const rowId = await putRow(victim, 'dn_import_job_rows', {
      job_id: id,
      kind: 'order',
      dn_id: randomUUID(),
      outcome: 'created',
      record: {},
      after: {},
    });
    return { params: { id, row_id: rowId }, foreign: 'not_found', ids: [rowId], ofWorkspace: true };
  },
  'erp.dn.importJobs.retry': (victim: Victim) => acting(newImport(victim)),
  'erp.dn.importJobs.undo': (victim: Victim) => acting(newImport(victim)),
  'erp.dn.sync.start': (victim: Victim) => namesConnection(victim),
};

/** An import that has ended. */
export async function newImport(victim: Victim, task: DnImportTask = 'import'): Promise<string> {
  const connectionId = await newConnection(victim);
  const { id } = await victim.newJob('succeeded', { kind: 'dn_sync', payload: { task, connection_id: connectionId } });
  return putImport(victim, { id, connection_id: connectionId, task });
}
const putImport = (victim: Victim, values: Readonly<Record<string, unknown>>): Promise<string> =>
  putRow(victim, 'dn_import_jobs', {
    dry_run: false,
    kinds: ['order'],
    create_missing: [],
    unchanged: 0,
    last_step: 0,
    ...values,
  });

/** A job of a connection, in the hands of a worker. */
export async function heldDnJob(victim: Victim, task: DnTask) {
  const connectionId = await newConnection(victim);
  const { id, owner } = await victim.newJob('running', {
    kind: 'dn_sync',
    payload: { task, connection_id: connectionId },
  });
  const { organization_id, workspace_id } = scope;
  return {
    connectionId,
    params: { tenant_id: acme.id, id },
    holder: { organization_id, workspace_id, owner, attempt: 1 },
  };
}
async function heldImport(victim: Victim, task: DnImportTask, ofJobId: string | null = null) {
  const held = await heldDnJob(victim, task);
  await putImport(victim, { id: held.params.id, connection_id: held.connectionId, task, of_job_id: ofJobId });
  return held;
}
const byJob = async (victim: Victim, body: object = {}): Promise<Sample> => {
  const { params, holder } = await heldDnJob(victim, 'test');
  return { params, body: { ...holder, ...body } };
};
const told = { at: '2026-03-01T09:30:00.000Z', code: 'ok', message: 'ok', checks: [] };

export const dnWorkSamples = {
  'internal.deconetworkConnections.open': ({ victim }: { victim: Victim }) => byJob(victim),
  'internal.deconetworkConnections.tested': ({ victim }: { victim: Victim }) =>
    byJob(victim, { test: told, field_map: {} }),
  'internal.deconetworkConnections.rejected': ({ victim }: { victim: Victim }) =>
    byJob(victim, { code: 'api_off', message: 'The API is off' }),
  'internal.deconetworkRecords.records': async ({ victim }: { victim: Victim }): Promise<Sample> => {
    const { params, holder } = await heldImport(victim, 'import');
    return { params, body: { ...holder, step: 1, records: [] } };
  },
  'internal.deconetworkRecords.finishReading': async ({ victim }: { victim: Victim }): Promise<Sample> => {
    const { params, holder } = await heldImport(victim, 'import');
    return { params, body: { ...holder, kind: 'order', read_to: '2026-03-01T09:30:00.000Z' } };
  },
  'internal.deconetworkRework.rework': async ({ victim }: { victim: Victim }): Promise<Sample> => {
    const { params, holder } = await heldImport(victim, 'undo', await newImport(victim));
    return { params, body: holder };
  },
};
