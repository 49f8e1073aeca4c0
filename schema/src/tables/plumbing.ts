import { sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { limitCodes } from '../modules.js';
import { createdAt, instant, oneOf, stamps } from './columns.js';

/**
 * What messages and retries stand on, alike in every database that has them. Plumbing is scoped by tenant alone:
 * `platen_system` reads it across tenants and nothing else.
 */

/** The answers of requests that came with an Idempotency-Key, written with their effect. */
export const idempotencyKeys = () =>
  pgTable(
    'idempotency_keys',
    {
      tenant_id: uuid().notNull(),
      principal_id: uuid().notNull(),
      /** Name of the contract. */
      route: text().notNull(),
      key: text().notNull(),
      request_hash: text().notNull(),
      status: integer().notNull(),
      /** JSON as text, so that a replay sends the same bytes; null with 204. */
      response: text(),
      expires_at: instant().notNull(),
      created_at: createdAt(),
    },
    (t) => [
      primaryKey({ name: 'idempotency_keys_pkey', columns: [t.tenant_id, t.principal_id, t.route, t.key] }),
      index('idempotency_keys_expires_at_idx').on(t.expires_at),
    ],
  );

/** What happened, in the transaction in which it happened. */
export const outboxEvents = () =>
  pgTable(
    'outbox_events',
    {
      /** Order of insertion, which is not the order of commit: only `position` may be read by. */
      seq: bigint({ mode: 'bigint' }).generatedAlwaysAsIdentity().notNull(),
      tenant_id: uuid().notNull(),
      id: uuid().notNull(),
      /** Given by the one sequencer once the row is visible, so that a reader by position misses none. */
      position: bigint({ mode: 'bigint' }),
      topic: text().notNull(),
      /** `tenant_id:aggregate_id`; order is kept per key. */
      key: text().notNull(),
      organization_id: uuid(),
      workspace_id: uuid(),
      type: text().notNull(),
      payload: jsonb().notNull(),
      correlation_id: text().notNull(),
      traceparent: text(),
      created_at: createdAt(),
    },
    (t) => [
      primaryKey({ name: 'outbox_events_pkey', columns: [t.tenant_id, t.id] }),
      unique('outbox_events_position_key').on(t.position),
      index('outbox_events_topic_position_idx').on(t.topic, t.position),
      // For event streams: a tenant's own, from where a reader is, without passing those of all others.
      index('outbox_events_tenant_position_idx').on(t.tenant_id, t.position).where(sql`position is not null`),
      index('outbox_events_unsequenced_idx').on(t.seq).where(sql`position is null`),
    ],
  );

/** What is to happen at a time: found across tenants by the plane, then done in its tenant's scope. */
export const dueWork = () =>
  pgTable(
    'due_work',
    {
      tenant_id: uuid().notNull(),
      id: uuid().notNull(),
      organization_id: uuid(),
      workspace_id: uuid(),
      kind: text().notNull(),
      /** What it is about: with its kind, there is one entry for it. */
      ref_id: uuid().notNull(),
      due_at: instant().notNull(),
      /** By the database's clock. */
      lease_until: instant(),
      attempts: integer().notNull().default(0),
      ...stamps(),
    },
    (t) => [
      primaryKey({ name: 'due_work_pkey', columns: [t.tenant_id, t.id] }),
      unique('due_work_ref_key').on(t.tenant_id, t.kind, t.ref_id),
      // By its kind: who looks for one is not kept by thousands of another that are due at midnight.
      index('due_work_kind_due_at_idx').on(t.kind, t.due_at),
    ],
  );

/** How far a consumer has read a topic of this database, and who holds the lease. */
export const outboxPositions = () =>
  pgTable(
    'outbox_positions',
    {
      consumer: text().notNull(),
      topic: text().notNull(),
      position: bigint({ mode: 'bigint' }).notNull().default(sql`0`),
      /** Instance that holds the lease; null: nobody. */
      owner: uuid(),
      /** By the database's clock. */
      lease_until: instant(),
      ...stamps(),
    },
    (t) => [primaryKey({ name: 'outbox_positions_pkey', columns: [t.consumer, t.topic] })],
  );

/**
 * Events that a consumer could not handle: tried again from time to time, and at last left until somebody replays or drops
 * them. Later events of their key wait here too, so that the key's order holds while all others flow on.
 */
export const outboxDeadLetters = () =>
  pgTable(
    'outbox_dead_letters',
    {
      tenant_id: uuid().notNull(),
      consumer: text().notNull(),
      event_id: uuid().notNull(),
      /** The event's, which stays in the outbox as long as its letter. */
      topic: text().notNull(),
      key: text().notNull(),
      position: bigint({ mode: 'bigint' }).notNull(),
      /** 0: not tried yet, it waits behind an earlier event of its key. */
      attempts: integer().notNull(),
      error: text().notNull(),
      parked_at: instant().notNull().defaultNow(),
      /** When it is tried again; null: not before somebody says so. */
      retry_at: instant(),
      /** Instance that tries it now. */
      owner: uuid(),
      /** By the database's clock. */
      lease_until: instant(),
    },
    (t) => [
      primaryKey({ name: 'outbox_dead_letters_pkey', columns: [t.tenant_id, t.consumer, t.event_id] }),
      index('outbox_dead_letters_key_idx').on(t.consumer, t.topic, t.key, t.position),
      index('outbox_dead_letters_retry_idx').on(t.consumer, t.retry_at).where(sql`retry_at is not null`),
    ],
  );

/** Events whose effect is in this database: written with the effect, so that a repeat does nothing. */
export const inboxEvents = () =>
  pgTable(
    'inbox_events',
    {
      tenant_id: uuid().notNull(),
      consumer: text().notNull(),
      event_id: uuid().notNull(),
      created_at: createdAt(),
    },
    (t) => [
      primaryKey({ name: 'inbox_events_pkey', columns: [t.tenant_id, t.consumer, t.event_id] }),
      index('inbox_events_created_at_idx').on(t.created_at),
    ],
  );

/** How much of a plan's limit a tenant has used. `period`: `all` where nothing runs out, else the day or month. */
export const usageCounters = () =>
  pgTable(
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
