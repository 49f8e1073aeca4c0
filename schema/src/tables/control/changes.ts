import { bigint, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt } from '../columns.js';

/**
 * The config feed's log. `seq` is set by a trigger under a transaction-long lock, so that the order of commit is the
 * order of `seq`: write it with `select append_control_change(kind, tenant_id, payload)`, last in the transaction.
 */
export const controlChanges = pgTable(
  'control_changes',
  {
    seq: bigint({ mode: 'bigint' }).notNull(),
    /** `kind` of the feed entity. */
    kind: text().notNull(),
    /** null: concerns every tenant, as signing keys do. */
    tenant_id: uuid(),
    payload: jsonb().notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'control_changes_pkey', columns: [t.seq] }),
    index('control_changes_created_at_idx').on(t.created_at),
  ],
);
