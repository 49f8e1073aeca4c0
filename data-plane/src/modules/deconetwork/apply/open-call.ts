import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { CallCtx } from '@platen/chassis/http/types';
import { findHeldJob } from '../../jobs/index.js';
import type { ModuleDeps } from '../../module.js';
import { enterOrganization, type NamedScope } from '../../worker-scope.js';
import { findConnection } from '../connections/find.js';
import { dnPayloadOf } from '../dn-jobs.js';
import { findImportOrder, type ImportOrder } from '../import-order.js';
import type { ApplyCall, ApplyOptions } from './call.js';

export interface OpenedCall {
  readonly call: ApplyCall;
  readonly order: ImportOrder;
  readonly options: ApplyOptions;
}

/**
 * A worker's call about the records of a job, which it has, in the job's scope, with the job's connection. What comes of
 * it is of who asked for the job; of who made the connection where nobody did.
 * @throws AppError not_found, lease_lost
 */
export async function openCall(
  deps: Pick<ModuleDeps, 'feed' | 'openDb'>,
  called: CallCtx,
  params: { readonly tenant_id: string; readonly id: string },
  body: NamedScope & { readonly owner: string; readonly attempt: number },
): Promise<OpenedCall> {
  const { tenant, organizationId, workspaceId, db } = enterOrganization(deps, params.tenant_id, body);
  const holder = { owner: body.owner, attempt: body.attempt, workspaceId };
  const job = await findHeldJob(db, params.id, holder);
  const payload = dnPayloadOf(job);
  if (!payload) throw new AppError('not_found');
  const found = await findJobParts(db, params.id, payload.connection_id);
  // A connection of the whole organization is seen from a workspace, but it is not that workspace's to bring records for.
  if (!found || found.connection.workspace_id !== workspaceId) throw new AppError('not_found');
  const { connection, order } = found;
  const { correlationId, traceparent } = called;
  const ctx = {
    tenant,
    organizationId,
    workspaceId,
    correlationId,
    traceparent,
    now: () => called.now(),
    newId: () => called.newId(),
    principal: { id: job.requested_by ?? connection.created_by },
    ifMatch: null,
  };
  return {
    call: { ctx, db, jobId: params.id, holder, connection },
    order,
    options: { dryRun: order.dry_run, createMissing: order.create_missing },
  };
}

async function findJobParts(db: Queryable, jobId: string, connectionId: string) {
  const [connection, order] = await Promise.all([
    findConnection(db, connectionId),
    findImportOrder(db, jobId, connectionId),
  ]);
  return connection && order && { connection, order };
}
