import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { LimitCode } from '@platen/schema/modules';

export interface Counter {
  readonly tenantId: string;
  readonly limitCode: LimitCode;
  /** `all` where nothing runs out, else the day. */
  readonly period: string;
}

// The row is locked by whoever adds first, so that two who take the last of it take turns and the second one sees that.
const add = statement<{ used: number }>(
  'usage.add',
  `insert into usage_counters as u (tenant_id, limit_code, period, used)
   select $1::uuid, $2::text, $3::text, greatest($4::bigint, 0) where $5::bigint is null or $4::bigint <= $5::bigint
   on conflict (tenant_id, limit_code, period) do update set used = greatest(u.used + $4::bigint, 0), updated_at = now()
     where $5::bigint is null or u.used + $4::bigint <= $5::bigint
   returning u.used`,
  { parse: { used: 'int' } },
);

/** What is used now, over all the tenant's organizations. null: it would be more than the limit, and nothing was added. */
export async function addUsage(
  db: Queryable,
  { tenantId, limitCode, period }: Counter,
  more: number,
  limit: number | null,
): Promise<number | null> {
  const [row] = await db.query(add, [tenantId, limitCode, period, more, limit]);
  return row?.used ?? null;
}
