import type { ScopedDb, Tx } from '@platen/chassis/db/types';
import type { BodyOf } from '@platen/schema/contract';
import type { JobError } from '@platen/schema/contracts/data/job-shapes';
import type { deconetworkEvents } from '@platen/schema/contracts/internal/deconetwork';
import type { DnCallKind } from '@platen/schema/states/deconetwork';
import type { WorkCtx } from '../../module.js';
import { type DnConnectionRow, findConnection, shareConnection } from '../connections/find.js';
import { countOpenCalls, insertCall } from './calls-repo.js';
import { listMapsOf, type WrittenMap } from './maps-repo.js';
import { planInventory } from './plan-inventory.js';
import { findReceivedOrder, planReceipt } from './plan-receipt.js';
import { hasOrder, planStatus } from './plan-status.js';
import { requireWriteJob } from './write-job.js';

type PlanBody = BodyOf<typeof deconetworkEvents.plan>;

/** An event, in the scope that it names, and the whole organization's: a connection of that may be told of a workspace's order. */
export interface EventCall {
  readonly ctx: WorkCtx;
  readonly db: ScopedDb;
  readonly organizationDb: ScopedDb;
}
export interface PlanCall {
  readonly tx: Tx;
  readonly connection: DnConnectionRow;
}
/** What a site is to be told. */
export interface PlannedCall {
  readonly kind: DnCallKind;
  readonly request: object;
  /** Why it can't be sent as it is. */
  readonly error?: JobError;
}

/** Keeps what an event means to connected sites. How many writes that made: none where it has come before. */
export async function planEvent(call: EventCall, body: PlanBody): Promise<number> {
  const { local_id: localId, event_id: eventId } = body;
  if (body.document === 'stock') return planStock(call, localId);
  if (body.document === 'order') {
    const { status } = body;
    // Read in the scope of the event: what is not seen there is not told from there.
    if (status === undefined || !(await hasOrder(call.db, localId))) return 0;
    const maps = await listMapsOf(call.organizationDb, 'order', localId);
    return keepEach(call, maps, { eventId, localId }, async (plan, map) => planStatus(plan, map, status));
  }
  const orderId = await findReceivedOrder(call.db, localId);
  if (orderId === undefined) return 0;
  const maps = await listMapsOf(call.organizationDb, 'purchase_order', orderId);
  return keepEach(call, maps, { eventId, localId }, (plan, map) => planReceipt(plan, map, localId));
}

type Plan = (call: PlanCall, map: WrittenMap) => Promise<PlannedCall | undefined>;

/** A transaction for each connection: it ends with a lock over all jobs of the tenant. */
async function keepEach(
  { ctx, organizationDb }: EventCall,
  maps: readonly WrittenMap[],
  about: { readonly eventId: string; readonly localId: string },
  plan: Plan,
): Promise<number> {
  let planned = 0;
  for (const map of maps) {
    const isKept = await organizationDb.transaction(async (tx) => {
      const connection = await shareConnection(tx, map.connection_id);
      const wanted = connection && (await plan({ tx, connection }, map));
      if (!wanted) return false;
      const isNew = await insertCall(tx, connection, { ...wanted, ...about, id: ctx.newId(), mapId: map.id });
      if (isNew && wanted.error === undefined) await requireWriteJob(tx, originOf(ctx), connection);
      return isNew;
    });
    if (isKept) planned += 1;
  }
  return planned;
}

const originOf = (ctx: WorkCtx) => ({ ...ctx, newId: () => ctx.newId(), principal: null });

/** Of a connection that is seen in the scope of the event. */
async function planStock({ ctx, db, organizationDb }: EventCall, connectionId: string): Promise<number> {
  if (!(await findConnection(db, connectionId))) return 0;
  return organizationDb.transaction(async (tx) => {
    const connection = await shareConnection(tx, connectionId);
    if (!connection) return 0;
    const before = await countOpenCalls(tx, connectionId);
    await planInventory(tx, originOf(ctx), connection);
    return (await countOpenCalls(tx, connectionId)) - before;
  });
}
