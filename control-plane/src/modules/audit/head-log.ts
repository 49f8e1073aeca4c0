import type { Sweep } from '@platen/chassis/db/sweeps';
import type { Logger } from '@platen/chassis/log/logger';
import { listGrownHeads } from './repo.js';

/**
 * Writes the ends of the chains that have grown into the log, at each round of the sweeps: whoever could rewrite a whole
 * chain in the database cannot rewrite where the logs went. `audit verify --point` holds the chain against such a line.
 */
export function auditHeadLog(log: Logger, startedAt: Date): Sweep {
  let since = startedAt;
  return {
    name: 'audit heads',
    async deleteSome(tx, limit) {
      const heads = await listGrownHeads(tx, since, limit);
      for (const { tenant_id, event_count, last_hash, updated_at } of heads) {
        // Not `…_hash`: that name is cut out of logs.
        log.info({ audit_chain: tenant_id ?? 'platform', audit_point: `${event_count}:${last_hash}` }, 'audit chain');
        since = updated_at;
      }
      return heads.length;
    },
  };
}
