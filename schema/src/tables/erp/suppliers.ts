import { sql } from 'drizzle-orm';
import { index, jsonb, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { currency, id, owner, stamps, version } from '../columns.js';

export const erpSuppliers = pgTable(
  'erp_suppliers',
  {
    ...owner(),
    id: id(),
    code: text().notNull(),
    name: text().notNull(),
    email: text(),
    /** In which it is ordered from them. */
    currency: currency().notNull(),
    addresses: jsonb().notNull().default(sql`'[]'::jsonb`),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_suppliers_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_suppliers_code_key').on(t.tenant_id, t.organization_id, t.code),
    index('erp_suppliers_code_prefix_idx').on(
      t.tenant_id,
      t.organization_id,
      t.code.asc().op('text_pattern_ops'),
      t.id,
    ),
  ],
);
