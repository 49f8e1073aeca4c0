import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { lockAssignments } from '../access/index.js';
import { readLimit } from '../limits/index.js';
import { countUsers } from './repo.js';

/**
 * Is there room in the tenant's limit for one more user, where somebody becomes active or invited? `userId`: not counted
 * if they are among the users already. Under the lock that changes of access take: of two who come at once for the last
 * place, one waits and finds it taken.
 * @throws AppError limit_reached
 */
export async function requireRoomForUser(tx: Tx, tenantId: string, userId: string | null): Promise<void> {
  await lockAssignments(tx, tenantId);
  const [limit, used] = await Promise.all([readLimit(tx, tenantId, 'users'), countUsers(tx, tenantId, userId)]);
  if (limit.value === null || used < limit.value) return;
  throw new AppError('limit_reached', `The limit is ${limit.value} users`, {
    extensions: { limit_code: 'users', limit: limit.value, used },
  });
}
