import { sql } from 'drizzle-orm';
import { check, integer, pgTable, primaryKey, unique } from 'drizzle-orm/pg-core';
import { id, owner, stamps, version } from '../columns.js';

/** Where no policy says otherwise. */
export const defaultRetention = { rawDays: 90, rollupDays: 1100 } as const;

/** How long an organization keeps what was measured, and what was computed of it. */
export const telRetentionPolicies = pgTable(
  'tel_retention_policies',
  {
    ...owner(),
    id: id(),
    raw_days: integer().notNull(),
    rollup_days: integer().notNull(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'tel_retention_policies_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('tel_retention_policies_owner_key').on(t.tenant_id, t.organization_id),
    // A late reading is computed from all of its hour, and of its day: both have to be there.
    check('tel_retention_policies_raw_check', sql`raw_days between 2 and 3660`),
    check('tel_retention_policies_rollup_check', sql`rollup_days between raw_days and 3660`),
  ],
);
