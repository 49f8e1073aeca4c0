import { statement } from '../db/statement.js';
import type { Sweep } from '../db/sweeps.js';

/**
 * The outer condition holds against the row as it is when it is deleted: a key that is used anew meanwhile stays.
 * $1 rows at most.
 */
const deleteExpired = statement<{ key: string }>(
  'idempotency.delete-expired',
  `delete from idempotency_keys
    where expires_at <= now() and ctid = any(array(
      select ctid from idempotency_keys where expires_at <= now() order by expires_at limit $1::int))
    returning key`,
);

/** Keys answer for 24 hours; afterwards they are as good as gone for requests too. */
export const idempotencySweep: Sweep = {
  name: 'idempotency keys',
  deleteSome: async (db, limit) => (await db.query(deleteExpired, [limit])).length,
};
