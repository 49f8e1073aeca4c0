import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { TenantCtx } from '../../module.js';

interface Owner {
  readonly workspaceId: string | null;
}

const find = statement<Owner>(
  'device.find_owner',
  'select workspace_id as "workspaceId" from tel_devices where id = $1::uuid',
);

/** Undefined: not seen from this scope. */
export const findDeviceOwner = async (db: Queryable, id: string): Promise<Owner | undefined> =>
  (await db.query(find, [id]))[0];

/**
 * A workspace's context sees the devices of the whole organization, and changes its own.
 * @throws AppError not_found, context_not_allowed
 */
export async function ownDeviceOf(ctx: Pick<TenantCtx, 'workspaceId'>, db: Queryable, id: string): Promise<Owner> {
  const owner = await findDeviceOwner(db, id);
  if (owner === undefined) throw new AppError('not_found');
  if (ctx.workspaceId !== null && owner.workspaceId === null) {
    throw new AppError(
      'context_not_allowed',
      'The device belongs to the whole organization: choose that context first',
    );
  }
  return owner;
}
