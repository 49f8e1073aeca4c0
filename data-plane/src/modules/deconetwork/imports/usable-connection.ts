import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { TenantCtx } from '../../module.js';
import { type DnConnectionRow, lockConnection } from '../connections/find.js';

/**
 * A connection for whoever is at work in its own context: what it brings belongs there.
 * @throws AppError unknown_reference where the request's body names it at `path`, else not_found; context_not_allowed
 */
export async function lockOwnConnection(tx: Tx, ctx: TenantCtx, id: string, path?: string): Promise<DnConnectionRow> {
  const connection = await lockConnection(tx, id);
  if (!connection) {
    const message = 'There is no such connection';
    throw path === undefined
      ? new AppError('not_found')
      : new AppError('unknown_reference', message, { fields: [{ path, message }] });
  }
  if (connection.workspace_id !== ctx.workspaceId) {
    throw new AppError('context_not_allowed', 'The connection belongs to another context: choose that one first');
  }
  return connection;
}
