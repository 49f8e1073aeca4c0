import { index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant, stamps } from '../columns.js';

/**
 * Failed sign-ins by what was tried, not by who exists: for any e-mail, known or not, so that being blocked tells nothing.
 * `subject_hash` is of the e-mail (or of nothing, for the tenant as a whole); `ip_prefix` is the address's /64 or /24, or
 * empty where the count is of all addresses.
 */
export const authThrottles = pgTable(
  'auth_throttles',
  {
    tenant_id: uuid().notNull(),
    subject_hash: text().notNull(),
    ip_prefix: text().notNull(),
    failures: integer().notNull().default(0),
    last_failure_at: instant().notNull().defaultNow(),
    blocked_until: instant(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'auth_throttles_pkey', columns: [t.tenant_id, t.subject_hash, t.ip_prefix] }),
    index('auth_throttles_last_failure_at_idx').on(t.last_failure_at),
  ],
);
