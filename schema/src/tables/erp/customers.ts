import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { currency, id, owner, stamps, version } from '../columns.js';

export const erpCustomers = pgTable(
  'erp_customers',
  {
    ...owner(),
    id: id(),
    code: text().notNull(),
    name: text().notNull(),
    email: text(),
    customer_group: text(),
    tax_exempt: boolean().notNull().default(false),
    currency: currency().notNull(),
    addresses: jsonb().notNull().default(sql`'[]'::jsonb`),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_customers_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_customers_code_key').on(t.tenant_id, t.organization_id, t.code),
    index('erp_customers_group_idx').on(t.tenant_id, t.organization_id, t.customer_group, t.id),
    index('erp_customers_code_prefix_idx').on(
      t.tenant_id,
      t.organization_id,
      t.code.asc().op('text_pattern_ops'),
      t.id,
    ),
  ],
);
