import { bigint, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { limitCodes } from '../../modules.js';
import { oneOf, stamps } from '../columns.js';

/** How much of a plan's limit a tenant has used. `period`: `all` where nothing runs out, else the day or month. */
export const usageCounters = pgTable(
  'usage_counters',
  {
    tenant_id: uuid().notNull(),
    limit_code: text().notNull(),
    period: text().notNull(),
    used: bigint({ mode: 'number' }).notNull().default(0),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'usage_counters_pkey', columns: [t.tenant_id, t.limit_code, t.period] }),
    oneOf('usage_counters', t.limit_code, limitCodes),
  ],
);
