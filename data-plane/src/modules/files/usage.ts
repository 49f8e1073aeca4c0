import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Tenant } from '../../feed/tenant.js';
import { addUsage } from '../usage-counters.js';

// Bytes of a tenant's files, over all its organizations. Nothing of it runs out: one row for all times.

const find = statement<{ used: number }>(
  'file.usage.find',
  `select used from usage_counters where tenant_id = $1::uuid and limit_code = 'storage_bytes' and period = 'all'`,
  { parse: { used: 'int' } },
);

export const findUsedBytes = async (db: Queryable, tenantId: string): Promise<number> =>
  (await db.query(find, [tenantId]))[0]?.used ?? 0;

/** The transaction's last statement: others of the tenant wait for it. False: it would be more than the limit. */
export const addUsedBytes = async (
  tx: Tx,
  tenantId: string,
  byteSize: number,
  limit: number | null,
): Promise<boolean> =>
  (await addUsage(tx, { tenantId, limitCode: 'storage_bytes', period: 'all' }, byteSize, limit)) !== null;

/** Of the tenant's plan; null: none. */
export const byteLimitOf = ({ limits }: Pick<Tenant, 'limits'>): number | null => limits['storage_bytes'] ?? null;

export const limitReached = (limit: number | null): AppError =>
  new AppError('limit_reached', 'There is no room left for files', {
    extensions: { limit: 'storage_bytes', allowed: limit },
  });
