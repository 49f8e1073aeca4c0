import { integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { oneOf, stamps } from '../columns.js';

export const numberKinds = ['quote', 'order', 'purchase_order'] as const;
export type NumberKind = (typeof numberKinds)[number];

/** The last number given, per organization, kind and year: its row is locked only by the statement that ends the transaction. */
export const erpNumberSequences = pgTable(
  'erp_number_sequences',
  {
    tenant_id: uuid().notNull(),
    organization_id: uuid().notNull(),
    kind: text().notNull(),
    year: integer().notNull(),
    last_number: integer().notNull().default(0),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_number_sequences_pkey', columns: [t.tenant_id, t.organization_id, t.kind, t.year] }),
    oneOf('erp_number_sequences', t.kind, numberKinds),
  ],
);
