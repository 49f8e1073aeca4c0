import type { Queryable, Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { TenantCtx } from '../../module.js';
import { type DnConnectionRow, findConnection, lockConnection } from './find.js';

/** What a connection brings belongs to its workspace, and so does what is done with it. @throws AppError context_not_allowed */
export function requireContext(
  ctx: Pick<TenantCtx, 'workspaceId'>,
  { workspace_id: workspaceId }: { readonly workspace_id: string | null },
): void {
  if (workspaceId === ctx.workspaceId) return;
  throw new AppError('context_not_allowed', 'The connection belongs to another context: choose that one first');
}

/**
 * A connection for whoever is at work in its own context, its row locked.
 * @throws AppError unknown_reference where the request's body names it at `path`, else not_found; context_not_allowed
 */
export const lockOwnConnection = async (tx: Tx, ctx: TenantCtx, id: string, path?: string): Promise<DnConnectionRow> =>
  requireOwn(ctx, await lockConnection(tx, id), path);

/** The same, not locked. */
export const findOwnConnection = async (
  db: Queryable,
  ctx: TenantCtx,
  id: string,
  path?: string,
): Promise<DnConnectionRow> => requireOwn(ctx, await findConnection(db, id), path);

function requireOwn(ctx: TenantCtx, connection: DnConnectionRow | undefined, path?: string): DnConnectionRow {
  if (!connection) {
    if (path === undefined) throw new AppError('not_found');
    const message = 'There is no such connection';
    throw new AppError('unknown_reference', message, { fields: [{ path, message }] });
  }
  requireContext(ctx, connection);
  return connection;
}
