import { randomUUID } from 'node:crypto';
import type { Sample } from '@platen/chassis/testkit/security-table-attack';
import type { DnTask } from '@platen/schema/states/deconetwork';
import type { DataSample, Victim } from './samples-data.js';
import { heldDnJob, newConnection, newImport, putRow } from './samples-dn.js';
import { acme, acmePrint, mainStreet } from './world.js';

const newCall = async (victim: Victim, state: string, connectionId?: string): Promise<string> =>
  putRow(victim, 'dn_calls', {
    connection_id: connectionId ?? (await newConnection(victim)),
    kind: 'status',
    state,
    request: { order_id: randomUUID(), new_status: 'shipped', contact_customer: false },
    attempts: state === 'pending' ? 0 : 1,
    version: 1,
    created_at: new Date().toISOString(),
    updated_at: new Date().toISOString(),
  });
const byId = async (id: Promise<string>, more: Partial<DataSample> = {}): Promise<DataSample> => ({
  params: { id: await id },
  foreign: 'not_found',
  ids: [await id],
  ...more,
});

export const dnWriteSamples = {
  'erp.dn.calls.list': async (victim: Victim): Promise<DataSample> => ({
    query: { limit: '200' },
    foreign: 'unseen',
    ids: [await newCall(victim, 'failed')],
    ofWorkspace: true,
  }),
  'erp.dn.calls.get': (victim: Victim) => byId(newCall(victim, 'failed'), { ofWorkspace: true }),
  // Who acts is in the connection's own workspace, whichever rows are seen.
  'erp.dn.calls.retry': (victim: Victim) => byId(newCall(victim, 'failed')),
  'erp.dn.calls.drop': (victim: Victim) => byId(newCall(victim, 'failed')),
  'erp.dn.drift.start': async (victim: Victim): Promise<DataSample> => {
    const id = await newConnection(victim);
    return { body: { connection_id: id }, foreign: 'unknown_reference', ids: [id] };
  },
  'erp.dn.drift.list': async (victim: Victim): Promise<DataSample> => {
    const { id, connectionId } = await comparison(victim);
    return { query: { connection_id: connectionId }, foreign: 'unseen', ids: [id], ofWorkspace: true };
  },
};

async function comparison(victim: Victim): Promise<{ readonly id: string; readonly connectionId: string }> {
  const id = await newImport(victim, 'compare');
  const connectionId = await newConnection(victim);
  await victim.sql('update dn_import_jobs set connection_id = $2 where id = $1', [id, connectionId]);
  return { id, connectionId };
}

const inJob = async (victim: Victim, state: string, task: DnTask = 'write') => {
  const { params, holder, connectionId } = await heldDnJob(victim, task);
  return { params, holder, callId: await newCall(victim, state, connectionId) };
};

export const dnWriteWorkSamples = {
  'internal.deconetworkCalls.nextCall': async ({ victim }: { victim: Victim }): Promise<Sample> => {
    const { params, holder } = await inJob(victim, 'sent');
    return { params, body: holder };
  },
  'internal.deconetworkCalls.settleCall': async ({ victim }: { victim: Victim }): Promise<Sample> => {
    const { params, holder, callId } = await inJob(victim, 'sent');
    return { params: { ...params, call_id: callId }, body: { ...holder, outcome: 'done' } };
  },
  // Of an order that is nobody's: nothing is planned, and nobody is called.
  'internal.deconetworkEvents.plan': async (): Promise<Sample> => ({
    params: { tenant_id: acme.id },
    body: {
      organization_id: acmePrint.id,
      workspace_id: mainStreet.id,
      event_id: randomUUID(),
      document: 'order',
      local_id: randomUUID(),
      status: 'ready',
    },
  }),
};
