import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { RawJson } from '@platen/chassis/http/types';
import type { QueryOf } from '@platen/schema/contract';
import type { dnCalls } from '@platen/schema/contracts/data/dn-calls';
import { dnCallMachine } from '@platen/schema/states/deconetwork';
import { foundJson } from '../../../stored-json.js';
import { requireMove, requireVersion } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { shareConnection } from '../connections/find.js';
import { requireContext } from '../connections/own-connection.js';
import { type CallRow, findCall, listCalls, lockCall, moveCall } from './calls-repo.js';
import { findWrittenMap } from './maps-repo.js';
import { pairStoredReceipt } from './plan-receipt.js';
import { requireWriteJob } from './write-job.js';

export interface CallService {
  list(ctx: TenantCtx, query: QueryOf<typeof dnCalls.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  retry(ctx: TenantCtx, id: string): Promise<RawJson>;
  drop(ctx: TenantCtx, id: string): Promise<RawJson>;
}

export const createCallService = ({ cursors }: { readonly cursors: Cursors }): CallService => ({
  list: (ctx, { connection_id, state, kind, map_id, ...query }) =>
    listCalls(ctx, cursors, query, {
      ...(connection_id !== undefined && { connection_id }),
      ...(state !== undefined && { state }),
      ...(kind !== undefined && { kind }),
      ...(map_id !== undefined && { map_id }),
    }),

  get: async (ctx, id) => foundJson(await findCall(ctx.db, id)),

  retry: (ctx, id) =>
    ctx.write(async (tx) => {
      const found = await requireOwn(tx, ctx, id);
      const connection = await shareConnection(tx, found.connection_id);
      const call = await lockOwn(tx, ctx, id);
      // What was sent goes back to pending too, but not because somebody asks for it.
      if (call.state === 'sent') throw notFailed(call);
      requireMove(dnCallMachine, call.state, 'pending');
      const request = call.kind === 'receipt' ? await pairAgain(tx, call) : undefined;
      const moved = await moveCall(tx, id, 'pending', { ...(request && { request }), response: null, error: null });
      if (connection) await requireWriteJob(tx, ctx, connection);
      return new RawJson(moved.json, moved.version);
    }),

  drop: (ctx, id) =>
    ctx.write(async (tx) => {
      await requireOwn(tx, ctx, id);
      const { state } = await lockOwn(tx, ctx, id);
      requireMove(dnCallMachine, state, 'dropped');
      // Why it had failed stays to be read.
      const moved = await moveCall(tx, id, 'dropped', state === 'failed' ? {} : { error: givenUp });
      return new RawJson(moved.json, moved.version);
    }),
});

const givenUp = { code: 'dropped', message: 'Somebody gave it up before it was sent' };

const notFailed = ({ state }: CallRow): AppError =>
  new AppError('illegal_transition', 'Only what failed is sent again by request', {
    extensions: { current: state, allowed: dnCallMachine.moves[state].filter((each) => each !== 'pending') },
  });

/** Seen from here, and of the connection's own workspace. @throws AppError not_found, context_not_allowed */
async function requireOwn(tx: Tx, ctx: TenantCtx, id: string): Promise<CallRow> {
  const call = await findCall(tx, id);
  if (!call) throw new AppError('not_found');
  requireContext(ctx, call);
  return call;
}

/** @throws AppError not_found, version_mismatch */
async function lockOwn(tx: Tx, ctx: TenantCtx, id: string): Promise<CallRow> {
  const call = await lockCall(tx, id);
  if (!call) throw new AppError('not_found');
  requireVersion(ctx, call.version);
  return call;
}

/** A delivery as the site's lines are mapped by now. @throws AppError unknown_reference */
async function pairAgain(tx: Tx, { connection_id, map_id, local_id }: CallRow): Promise<object> {
  const map = map_id === null ? undefined : await findWrittenMap(tx, map_id);
  const paired = map && local_id !== null ? await pairStoredReceipt(tx, connection_id, map, local_id) : undefined;
  if (map && paired && paired.lines.length > 0) return { po_number: map.dn_id, lines: paired.lines };
  throw new AppError('unknown_reference', 'The site’s purchase order has no line that lacks what was delivered');
}
