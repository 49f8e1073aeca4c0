import type { ScopedDb, Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { createChecker } from '@platen/chassis/validation/checker';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import type { JobError } from '@platen/schema/contracts/data/job-shapes';
import {
  DnInventoryWrite,
  DnReceiptWrite,
  DnStatusWrite,
  type deconetworkCalls,
} from '@platen/schema/contracts/internal/deconetwork';
import { type JobHolder, lockHeldJob } from '../../jobs/index.js';
import { type DnConnectionRow, findConnection } from '../connections/find.js';
import { dnPayloadOf } from '../dn-jobs.js';
import { type CallRow, countOpenCalls, hasLaterStatus, lockCall, lockOldestCall, moveCall } from './calls-repo.js';
import { ourStatusOf, siteIsPast } from './known-status.js';
import { findWrittenMap, noteWritten, noteWrittenLevels } from './maps-repo.js';
import { renewLevels } from './plan-inventory.js';
import { toldAfter } from './receipt-lines.js';

/** A worker's call about a job that it has, in the scope that it names. */
export interface WriteCall {
  readonly db: Pick<ScopedDb, 'transaction'>;
  readonly jobId: string;
  readonly holder: JobHolder;
}
type Settlement = BodyOf<typeof deconetworkCalls.settleCall>;

/** How often the site is asked before somebody has to say so. */
const maxAttempts = 8;

const statusWrites = createChecker(DnStatusWrite);
const inventoryWrites = createChecker(DnInventoryWrite);
const receiptWrites = createChecker(DnReceiptWrite);

/** The connection whose writes the job sends. @throws AppError not_found, lease_lost */
async function requireWriter(tx: Tx, { jobId, holder }: WriteCall): Promise<string> {
  const payload = dnPayloadOf(await lockHeldJob(tx, jobId, holder));
  if (payload?.task !== 'write') throw new AppError('not_found');
  return payload.connection_id;
}

/**
 * The oldest write, kept as sent before it is answered. One whose answer never came is sent again; one that is of no use
 * any more is dropped on the way.
 * @throws AppError not_found, lease_lost, dn_unavailable
 */
export const nextCall = (call: WriteCall): Promise<OutputOf<typeof deconetworkCalls.nextCall>> =>
  call.db.transaction(async (tx) => {
    const connectionId = await requireWriter(tx, call);
    const connection = await findConnection(tx, connectionId);
    if (connection?.status !== 'active') throw new AppError('dn_unavailable', 'The connection is not in use');
    for (;;) {
      const oldest = await lockOldestCall(tx, connectionId);
      if (!oldest) {
        // The oldest was given up while it was waited for: then there may be others behind it.
        if ((await countOpenCalls(tx, connectionId)) > 0) continue;
        return { call: null, remaining: 0 };
      }
      const request = await requestNow(tx, connection, oldest);
      if (request === undefined) {
        await moveCall(tx, oldest.id, 'dropped', { error: superseded });
        continue;
      }
      const { id, kind, attempts } = await moveCall(tx, oldest.id, 'sent', { request });
      const unanswered = oldest.state === 'sent';
      return {
        call: { id, kind, attempts, unanswered, request },
        remaining: (await countOpenCalls(tx, connectionId)) - 1,
      };
    }
  });

const superseded: JobError = { code: 'superseded', message: 'The site has this already, or is told something later' };

/** What is to be sent of it now; undefined: nothing, which is never said of one that the site may have. */
async function requestNow(tx: Tx, connection: DnConnectionRow, call: CallRow): Promise<object | undefined> {
  const { kind, state, request } = call;
  // Written by us, by its shape.
  const asKept = request as object;
  if (kind === 'inventory')
    return (await renewLevels(tx, connection, request)) ?? (state === 'sent' ? asKept : undefined);
  if (kind !== 'status' || state !== 'pending' || call.map_id === null) return asKept;
  const [map, isOvertaken] = await Promise.all([
    findWrittenMap(tx, call.map_id),
    hasLaterStatus(tx, call.map_id, call.id),
  ]);
  // Taken off its record meanwhile: nobody can tell any more whose order that is.
  if (!map || isOvertaken || !statusWrites.check(request)) return undefined;
  return siteIsPast(map, ourStatusOf[request.new_status]) ? undefined : asKept;
}

/** What the site answered; a repeat finds it settled. @throws AppError not_found, lease_lost */
export const settleCall = (call: WriteCall, callId: string, settlement: Settlement): Promise<void> =>
  call.db.transaction(async (tx) => {
    const connectionId = await requireWriter(tx, call);
    const sent = await lockCall(tx, callId);
    if (sent?.connection_id !== connectionId) throw new AppError('not_found');
    if (sent.state !== 'sent') return;
    const { outcome, response = null } = settlement;
    if (outcome === 'done') {
      await moveCall(tx, callId, 'done', { response, error: null });
      return noteDone(tx, sent);
    }
    const mayRetry = outcome === 'retry' && sent.attempts < maxAttempts;
    await moveCall(tx, callId, mayRetry ? 'pending' : 'failed', { response, error: errorOf(settlement) });
  });

/** The site's own words, where it said why. */
function errorOf({ error, response }: Settlement): JobError {
  if (error !== undefined) return error;
  if (response !== undefined) return { code: `site_${response.code}`, message: response.description };
  return { code: 'no_answer', message: 'The site did not answer' };
}

/** What the site has by now, for a later write not to tell it again. */
async function noteDone(tx: Tx, { kind, connection_id: connectionId, map_id: mapId, request }: CallRow): Promise<void> {
  if (kind === 'inventory' && inventoryWrites.check(request)) noteWrittenLevels(tx, connectionId, request.levels);
  if (mapId === null) return;
  if (kind === 'status' && statusWrites.check(request)) {
    noteWritten(tx, mapId, { status: ourStatusOf[request.new_status] });
  }
  if (kind === 'receipt' && receiptWrites.check(request)) {
    const map = await findWrittenMap(tx, mapId);
    if (map) noteWritten(tx, mapId, toldAfter(map, request));
  }
}
