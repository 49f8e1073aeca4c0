import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { RawJson } from '@platen/chassis/http/types';
import { foundJson } from '../../../stored-json.js';
import type { TenantCtx } from '../../module.js';
import type { DnConnectionRow } from '../connections/find.js';
import { type DnImportRequest, listOpenDnJobs, requestDnJob } from '../dn-jobs.js';
import { findImportJob } from './repo.js';

/**
 * One of a connection's at a time: two would only wait for each other. The connection's row is locked.
 * @throws AppError in_use, busy
 */
export async function requestImport(
  tx: Tx,
  ctx: TenantCtx,
  connection: DnConnectionRow,
  wanted: DnImportRequest,
): Promise<RawJson> {
  const open = (await listOpenDnJobs(tx, connection.id)).find(({ task }) => task !== 'test' && task !== 'write');
  if (open) {
    throw new AppError('in_use', 'A job of this connection is open already', { extensions: { job_id: open.id } });
  }
  const { id } = await requestDnJob(tx, ctx, connection, wanted);
  return foundJson(await findImportJob(tx, id));
}
