import { bigint, index, inet, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { auditActorTypes } from '../../contracts/control/audit-events.js';
import { createdAt, id, oneOf, sha256, stamps } from '../columns.js';

export type AuditActorType = (typeof auditActorTypes)[number];

/**
 * Who changed what, append-only, one chain per tenant (and one of the platform's own, where `tenant_id` is null): each
 * row's hash covers the row and the hash before it. Written by `append_audit_event()` alone. It outlives its tenant.
 */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: id(),
    tenant_id: uuid(),
    /** 1, 2, 3 … within the chain. */
    seq: bigint({ mode: 'bigint' }).notNull(),
    actor_type: text().notNull(),
    /** Of the user, key, administrator or service account; null for `anonymous` and `system`. */
    actor_id: text(),
    /** `noun.verb`. */
    action: text().notNull(),
    /** `noun:id`. */
    target: text().notNull(),
    before: jsonb(),
    after: jsonb(),
    ip: inet(),
    correlation_id: text().notNull(),
    prev_hash: sha256().notNull(),
    hash: sha256().notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'audit_events_pkey', columns: [t.id] }),
    unique('audit_events_seq_key').on(t.tenant_id, t.seq).nullsNotDistinct(),
    index('audit_events_target_idx').on(t.tenant_id, t.target, t.seq),
    index('audit_events_actor_idx').on(t.tenant_id, t.actor_id, t.seq),
    oneOf('audit_events', t.actor_type, auditActorTypes),
  ],
);

/** Where each chain ends, so that a cut-off tail shows. */
export const auditHeads = pgTable(
  'audit_heads',
  {
    id: id(),
    tenant_id: uuid(),
    event_count: bigint({ mode: 'bigint' }).notNull(),
    last_hash: sha256().notNull(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'audit_heads_pkey', columns: [t.id] }),
    unique('audit_heads_tenant_key').on(t.tenant_id).nullsNotDistinct(),
  ],
);
