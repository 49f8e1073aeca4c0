import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import {
  dnCallKinds,
  dnCallStates,
  dnConflictRules,
  dnConnectionStatuses,
  dnImportTasks,
  dnMapKinds,
  dnMapStates,
  dnOutcomes,
  dnSuggestionKinds,
} from '../../states/deconetwork.js';
import { currency, id, instant, oneOf, owner, sha256, stamps, version } from '../columns.js';
import { erpJobs } from './jobs.js';

/** A DecoNetwork site of the shop's. What it brings belongs to its workspace. */
export const dnConnections = pgTable(
  'dn_connections',
  {
    ...owner(),
    id: id(),
    name: text().notNull(),
    /** Scheme and host. */
    site_url: text().notNull(),
    /** User name and password, encrypted; bound to this row. */
    credentials: text().notNull(),
    status: text().notNull().default('untested'),
    /** Up to when each kind of record was read: `{"order": "2026-03-01T09:30:00.000Z"}`. */
    cursor: jsonb().notNull().default(sql`'{}'::jsonb`),
    /** Numbers of the vendor's search fields; which one means what differs from site to site. */
    field_map: jsonb().notNull().default(sql`'{}'::jsonb`),
    conflict_rule: text().notNull().default('review'),
    /** Of every amount there: its records name none. */
    currency: currency().notNull(),
    /** What is read in a synchronization: a list of `dnReadKinds`. */
    kinds: jsonb().notNull().default(sql`'["order"]'::jsonb`),
    /** What is made here when it is nowhere, rather than put up for review: a list of `product`, `customer`. */
    create_missing: jsonb().notNull().default(sql`'[]'::jsonb`),
    /** `{status, inventory, receipts, contact_customer}`, all false by default. */
    write_back: jsonb().notNull().default(sql`'{}'::jsonb`),
    /** null: only when somebody asks. */
    sync_every_minutes: integer(),
    last_synced_at: instant(),
    /** `{at, code, message, checks}` of the last test. */
    last_test: jsonb(),
    created_by: uuid().notNull(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'dn_connections_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    // One call in flight at a site: two connections to it would be two.
    unique('dn_connections_site_key').on(t.tenant_id, t.organization_id, t.site_url),
    oneOf('dn_connections', t.status, dnConnectionStatuses),
    oneOf('dn_connections', t.conflict_rule, dnConflictRules),
    check('dn_connections_every_check', sql`sync_every_minutes between 5 and 10080`),
  ],
);

const connectionKey: [AnyPgColumn, AnyPgColumn, AnyPgColumn] = [
  dnConnections.tenant_id,
  dnConnections.organization_id,
  dnConnections.id,
];

/** What a record of the site is here, and how both were when they were last the same. */
export const dnMaps = pgTable(
  'dn_maps',
  {
    ...owner(),
    id: id(),
    connection_id: uuid().notNull(),
    kind: text().notNull(),
    /** The site's own id: an order's is its number as text, a status's the vendor's number. */
    dn_id: text().notNull(),
    state: text().notNull().default('review'),
    /** null: not mapped, or a status. */
    local_id: uuid(),
    /** Of a status: ours. */
    local_code: text(),
    /** What people know it by. */
    label: text().notNull(),
    /** What it is suggested by: `{code?, sku?, email?, size?, colour?, product_dn_id?}`. */
    detail: jsonb().notNull().default(sql`'{}'::jsonb`),
    suggested_id: uuid(),
    suggested_by: text(),
    /** Of the site's record as it was last applied; null: never. */
    dn_hash: sha256(),
    dn_modified_at: instant(),
    /** The fields of ours that a record sets, as they were when both sides were last the same: the base of a merge. */
    base: jsonb(),
    /** What we last wrote there, where that is not the record's. */
    written: jsonb(),
    /** The import that made the record here: only such a record is ever deleted again. */
    created_by_job_id: uuid(),
    mapped_by: uuid(),
    mapped_at: instant(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'dn_maps_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('dn_maps_record_key').on(t.tenant_id, t.organization_id, t.connection_id, t.kind, t.dn_id),
    // Two records of a site are never one of ours.
    uniqueIndex('dn_maps_local_key')
      .on(t.tenant_id, t.organization_id, t.connection_id, t.kind, t.local_id)
      .where(sql`local_id is not null`),
    index('dn_maps_local_idx').on(t.tenant_id, t.organization_id, t.local_id).where(sql`local_id is not null`),
    index('dn_maps_review_idx')
      .on(t.tenant_id, t.organization_id, t.connection_id, t.kind, t.id)
      .where(sql`state = 'review'`),
    foreignKey({
      name: 'dn_maps_connection_fkey',
      columns: [t.tenant_id, t.organization_id, t.connection_id],
      foreignColumns: connectionKey,
    }).onDelete('cascade'),
    oneOf('dn_maps', t.kind, dnMapKinds),
    oneOf('dn_maps', t.state, dnMapStates),
    oneOf('dn_maps', t.suggested_by, dnSuggestionKinds),
    check('dn_maps_mapped_check', sql`(state = 'mapped') = (local_id is not null or local_code is not null)`),
    check('dn_maps_status_check', sql`(kind = 'status') or local_code is null`),
  ],
);

/**
 * What a job of the kind `dn_sync` was asked to do to records, beside its row in `erp_jobs`, which has its status, progress,
 * cursor and error; both go together when the job is deleted.
 */
export const dnImportJobs = pgTable(
  'dn_import_jobs',
  {
    ...owner(),
    /** The job's. */
    id: id(),
    connection_id: uuid().notNull(),
    task: text().notNull(),
    /** Of a retry or an undo: whose rows. */
    of_job_id: uuid(),
    dry_run: boolean().notNull().default(false),
    kinds: jsonb().notNull(),
    create_missing: jsonb().notNull().default(sql`'[]'::jsonb`),
    /** Of what is read: changed since then, and before then; null: everything. */
    modified_from: instant(),
    modified_to: instant(),
    /** Records read and found as they were, which leave no row. */
    unchanged: integer().notNull().default(0),
    /** Pages that were counted: a repeated one is not counted again. */
    last_step: integer().notNull().default(0),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'dn_import_jobs_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    foreignKey({
      name: 'dn_import_jobs_job_fkey',
      columns: [t.tenant_id, t.organization_id, t.id],
      foreignColumns: [erpJobs.tenant_id, erpJobs.organization_id, erpJobs.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'dn_import_jobs_connection_fkey',
      columns: [t.tenant_id, t.organization_id, t.connection_id],
      foreignColumns: connectionKey,
    }).onDelete('cascade'),
    index('dn_import_jobs_connection_idx').on(t.tenant_id, t.organization_id, t.connection_id, t.id),
    oneOf('dn_import_jobs', t.task, dnImportTasks),
  ],
);

export const dnImportJobRows = pgTable(
  'dn_import_job_rows',
  {
    ...owner(),
    id: id(),
    job_id: uuid().notNull(),
    kind: text().notNull(),
    dn_id: text().notNull(),
    outcome: text().notNull(),
    map_id: uuid(),
    local_id: uuid(),
    /** Of ours after this row: what changed since is not undone. */
    local_version: integer(),
    /** The fields of ours that the record sets, before and after; null: there was none. */
    before: jsonb(),
    after: jsonb(),
    /** Where both sides had changed: the values that did not stand. */
    loser: jsonb(),
    /** `{code, message, map_ids?}` */
    error: jsonb(),
    /** The site's record in our words, for another try. */
    record: jsonb(),
    /** The site's record as it came, without what opens doors: JSON whose numbers are as they were written. */
    raw: text(),
    dn_modified_at: instant(),
    /** The undo or retry that has seen to it. */
    settled_by_job_id: uuid(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'dn_import_job_rows_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    // A record that comes twice in a job, by a drifting page or a second attempt, has one row.
    unique('dn_import_job_rows_record_key').on(t.tenant_id, t.organization_id, t.job_id, t.kind, t.dn_id),
    index('dn_import_job_rows_trail_idx')
      .on(t.tenant_id, t.organization_id, t.map_id, t.id)
      .where(sql`map_id is not null`),
    foreignKey({
      name: 'dn_import_job_rows_job_fkey',
      columns: [t.tenant_id, t.organization_id, t.job_id],
      foreignColumns: [dnImportJobs.tenant_id, dnImportJobs.organization_id, dnImportJobs.id],
    }).onDelete('cascade'),
    oneOf('dn_import_job_rows', t.outcome, dnOutcomes),
  ],
);

/** A write to the site: kept before it is sent, with what was answered. */
export const dnCalls = pgTable(
  'dn_calls',
  {
    ...owner(),
    id: id(),
    connection_id: uuid().notNull(),
    kind: text().notNull(),
    state: text().notNull().default('pending'),
    map_id: uuid(),
    /** The order, variant or receipt of ours that it tells of. */
    local_id: uuid(),
    /** What is sent, without who sends it. */
    request: jsonb().notNull(),
    /** `{code, severity, description}` of the last answer. */
    response: jsonb(),
    error: jsonb(),
    attempts: integer().notNull().default(0),
    /** The event that asked for it: once, however often it is delivered. */
    event_id: uuid(),
    sent_at: instant(),
    finished_at: instant(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'dn_calls_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    uniqueIndex('dn_calls_event_key')
      .on(t.tenant_id, t.organization_id, t.connection_id, t.event_id, t.local_id)
      .where(sql`event_id is not null`),
    index('dn_calls_open_idx')
      .on(t.tenant_id, t.organization_id, t.connection_id, t.id)
      .where(sql`state in ('pending', 'sent')`),
    index('dn_calls_connection_idx').on(t.tenant_id, t.organization_id, t.connection_id, t.created_at, t.id),
    index('dn_calls_map_idx').on(t.tenant_id, t.organization_id, t.map_id, t.id).where(sql`map_id is not null`),
    foreignKey({
      name: 'dn_calls_connection_fkey',
      columns: [t.tenant_id, t.organization_id, t.connection_id],
      foreignColumns: connectionKey,
    }).onDelete('cascade'),
    oneOf('dn_calls', t.kind, dnCallKinds),
    oneOf('dn_calls', t.state, dnCallStates),
  ],
);
