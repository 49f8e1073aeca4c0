import type { TextCipher } from '@platen/chassis/auth/text-cipher';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import { nothingDone } from '@platen/schema/contracts/data/job-shapes';
import type {
  DnAccess,
  DnJobPayload,
  DnReading,
  deconetworkConnections,
} from '@platen/schema/contracts/internal/deconetwork';
import type { DnConnectionStatus, DnTask } from '@platen/schema/states/deconetwork';
import { findHeldJob, type JobHolder, lockHeldJob } from '../../jobs/index.js';
import type { WorkerScope } from '../../worker-scope.js';
import { dnPayloadOf, listOpenDnJobs } from '../dn-jobs.js';
import { findImportOrder } from '../import-order.js';
import { openCredentials, sealCredentials } from './credentials.js';
import { type DnConnectionRow, lockConnection, shareConnection } from './find.js';
import { type ConnectionPatch, findSealedCredentials, updateConnection } from './repo.js';
import { putSchedule } from './schedule.js';

type Connections = typeof deconetworkConnections;

/** A worker's call about a job, in the job's scope. */
export interface WorkCall extends Pick<WorkerScope, 'db'> {
  readonly id: string;
  readonly holder: JobHolder;
  now(): Date;
  newId(): string;
}

/** Every method throws AppError not_found, or lease_lost for who does not have the job. */
export interface ConnectionWork {
  /** @throws AppError dn_unavailable */
  open(call: WorkCall): Promise<OutputOf<Connections['open']>>;
  tested(
    call: WorkCall,
    body: Pick<BodyOf<Connections['tested']>, 'test' | 'field_map'>,
  ): Promise<OutputOf<Connections['tested']>>;
  rejected(call: WorkCall, body: Pick<BodyOf<Connections['rejected']>, 'code' | 'message'>): Promise<void>;
}

/** A clock that is behind, a change that was being written: what was read lately is read again. */
const overlapMs = 10 * 60_000;

export function createConnectionWork({ cipher }: { readonly cipher: TextCipher }): ConnectionWork {
  return {
    open: ({ db, id, holder }) =>
      db.transaction(async (tx) => {
        const { task, connection_id: connectionId } = payloadOf(await findHeldJob(tx, id, holder));
        const connection = await shareConnection(tx, connectionId);
        const open: readonly DnConnectionStatus[] = task === 'test' ? ['untested', 'rejected', 'active'] : ['active'];
        if (!connection || !open.includes(connection.status)) {
          const status = connection?.status ?? 'gone';
          throw new AppError('dn_unavailable', `The connection is ${status}`, { extensions: { current: status } });
        }
        const credentials = openCredentials(cipher, connection, await findSealedCredentials(tx, connectionId));
        if (!credentials) throw new AppError('dn_unavailable', 'What signs in there can’t be read: give it again');
        const { site_url, field_map, currency } = connection;
        const access: DnAccess = { site_url, ...credentials, field_map, currency };
        return { task, access, readings: await readingsOf(tx, id, task, connection) };
      }),

    tested: (call, { test, field_map: found }) =>
      call.db.transaction(async (tx) => {
        const { task, connection } = await lockBoth(tx, call);
        if (task !== 'test') throw new AppError('not_found');
        if (connection && (await isLatest(tx, call.id, connection))) {
          const isGood = test.code === 'ok';
          await settle(tx, call, connection, isGood ? 'active' : 'rejected', {
            last_test: test,
            // Numbers that stand were given by somebody, or found before: leaving one out has it found anew.
            field_map: { ...found, ...connection.field_map },
            ...(isGood && (await sealedAnew(tx, connection))),
          });
        }
        return { result: nothingDone(task) };
      }),

    rejected: (call, { code, message }) =>
      call.db.transaction(async (tx) => {
        const { connection } = await lockBoth(tx, call);
        if (!connection || !(await isLatest(tx, call.id, connection))) return;
        const test = { at: call.now().toISOString(), code, message, checks: [] };
        await settle(tx, call, connection, 'rejected', { last_test: test });
      }),
  };

  /** Under the key that encrypts by now: an older one can be taken away once every connection was tested. */
  async function sealedAnew(tx: Tx, connection: DnConnectionRow): Promise<Pick<ConnectionPatch, 'credentials'>> {
    const credentials = openCredentials(cipher, connection, await findSealedCredentials(tx, connection.id));
    return credentials ? { credentials: sealCredentials(cipher, connection, credentials) } : {};
  }
}

/** @throws AppError not_found: a job of another kind */
function payloadOf(job: Parameters<typeof dnPayloadOf>[0]): DnJobPayload {
  const payload = dnPayloadOf(job);
  if (!payload) throw new AppError('not_found');
  return payload;
}

/** The connection first: whoever changes it asks for jobs afterwards. */
async function lockBoth(
  tx: Tx,
  { id, holder }: WorkCall,
): Promise<{ readonly task: DnTask; readonly connection: DnConnectionRow | undefined }> {
  const { task, connection_id: connectionId } = payloadOf(await findHeldJob(tx, id, holder));
  const connection = await lockConnection(tx, connectionId);
  await lockHeldJob(tx, id, holder);
  return { task, connection };
}

/** Not where another test waits: since this job opened the connection, somebody has changed it. */
async function isLatest(tx: Tx, jobId: string, connection: DnConnectionRow): Promise<boolean> {
  const open = await listOpenDnJobs(tx, connection.id);
  return !open.some(({ id, task }) => task === 'test' && id !== jobId);
}

/** One that somebody paused meanwhile stays so. */
async function settle(
  tx: Tx,
  call: WorkCall,
  connection: DnConnectionRow,
  outcome: 'active' | 'rejected',
  patch: ConnectionPatch,
): Promise<void> {
  const status = connection.status === 'paused' ? 'paused' : outcome;
  await updateConnection(tx, connection.id, { ...patch, status });
  if (status !== connection.status) putSchedule(tx, { ...connection, status }, () => call.newId());
}

async function readingsOf(tx: Tx, jobId: string, task: DnTask, connection: DnConnectionRow): Promise<DnReading[]> {
  if (task !== 'sync' && task !== 'import' && task !== 'compare') return [];
  const order = await findImportOrder(tx, jobId, connection.id);
  if (!order) throw new Error('a job that reads has its row, by the transaction that asked for it');
  return order.kinds.map((kind) => {
    if (task !== 'sync') return { kind, modified_from: order.modified_from, modified_to: order.modified_to };
    const readTo = connection.cursor[kind];
    const from = readTo === undefined ? null : new Date(Date.parse(readTo) - overlapMs).toISOString();
    return { kind, modified_from: from, modified_to: null };
  });
}
