import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { LimitCode } from '@platen/schema/modules';
import { type EffectiveLimit, effectiveLimit, type LimitFacts } from './effective-limit.js';

const find = statement<LimitFacts>(
  'limits_find',
  `select l.tenant_id is not null as has_own, l.value as own, p.plan_id is not null as has_plan, p.value as plan
   from tenants t
   left join tenant_platform_limits l on l.tenant_id = t.id and l.limit_code = $2
   left join platform_plan_limits p on p.plan_id = t.plan_id and p.limit_code = $2
   where t.id = $1`,
  { parse: { has_own: 'bool', own: 'int', has_plan: 'bool', plan: 'int' } },
);

/**
 * A tenant's limit as it is now, for a check inside the transaction that it bounds. Lock what is counted first, or two
 * that come at once both find room.
 */
export async function readLimit(db: Queryable, tenantId: string, code: LimitCode): Promise<EffectiveLimit> {
  const [facts] = await db.query(find, [tenantId, code]);
  return effectiveLimit(facts ?? noLimit);
}

const noLimit: LimitFacts = { has_own: false, own: null, has_plan: false, plan: null };
