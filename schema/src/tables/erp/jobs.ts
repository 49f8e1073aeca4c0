import { sql } from 'drizzle-orm';
import {
  bigint,
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
import { jobKinds, jobStatuses, repricingOutcomes } from '../../states/job.js';
import { amount, currency, id, instant, oneOf, owner, sha256, stamps, version } from '../columns.js';
import { erpQuotes } from './quotes.js';

/**
 * Work that a worker does and somebody may wait for. Who holds it is said by `lease_owner` with `attempts`: whoever comes
 * with an older attempt has lost it. Every time here is the database's.
 */
export const erpJobs = pgTable(
  'erp_jobs',
  {
    ...owner(),
    id: id(),
    kind: text().notNull(),
    status: text().notNull().default('queued'),
    /** What a list of jobs calls it. */
    title: text().notNull(),
    /** The user who asked for it; null: an event did. */
    requested_by: uuid(),
    /** The event that asked for it: once, however often it is delivered. */
    requested_by_event: uuid(),
    payload: jsonb().notNull(),
    /** Of what the result is made: a job with the same has the same result. */
    content_hash: sha256(),
    /** Of jobs with the same, one runs at a time; null: beside all others. */
    exclusive_key: text(),
    /** Items done, of `progress_total`; null: not known yet. */
    progress: integer().notNull().default(0),
    progress_total: integer(),
    /** Where the next attempt goes on. */
    cursor: text(),
    /** How often a worker took it up. */
    attempts: integer().notNull().default(0),
    /** How many of them failed, or were heard of no more, since somebody asked for it. */
    failures: integer().notNull().default(0),
    run_after: instant().notNull(),
    lease_owner: uuid(),
    lease_until: instant(),
    cancel_requested_at: instant(),
    result: jsonb(),
    /** `{code, message}` of the last attempt. */
    error: jsonb(),
    started_at: instant(),
    finished_at: instant(),
    /** When the job and what it made are deleted. */
    expires_at: instant(),
    correlation_id: text().notNull(),
    traceparent: text(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_jobs_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    uniqueIndex('erp_jobs_event_key')
      .on(t.tenant_id, t.organization_id, t.requested_by_event, t.kind)
      .where(sql`requested_by_event is not null`),
    index('erp_jobs_created_idx').on(t.tenant_id, t.organization_id, t.created_at, t.id),
    index('erp_jobs_open_idx').on(t.tenant_id, t.organization_id, t.run_after, t.id).where(sql`finished_at is null`),
    index('erp_jobs_content_idx')
      .on(t.tenant_id, t.organization_id, t.kind, t.content_hash)
      .where(sql`content_hash is not null`),
    uniqueIndex('erp_jobs_exclusive_key')
      .on(t.tenant_id, t.organization_id, t.exclusive_key)
      .where(sql`status = 'running' and exclusive_key is not null`),
    oneOf('erp_jobs', t.kind, jobKinds),
    oneOf('erp_jobs', t.status, jobStatuses),
    check('erp_jobs_progress_check', sql`progress >= 0 and attempts >= 0 and failures >= 0`),
    check('erp_jobs_lease_check', sql`(lease_owner is not null) = (status = 'running')`),
    check('erp_jobs_finished_check', sql`(finished_at is not null) = (status in ('succeeded', 'failed', 'cancelled'))`),
  ],
);

/** What an unfinished export has put into the storage so far, in order. */
export const erpJobParts = pgTable(
  'erp_job_parts',
  {
    ...owner(),
    job_id: uuid().notNull(),
    part: integer().notNull(),
    storage_key: text().notNull(),
    byte_size: bigint({ mode: 'number' }).notNull(),
    row_count: integer().notNull(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_job_parts_pkey', columns: [t.tenant_id, t.organization_id, t.job_id, t.part] }),
    unique('erp_job_parts_storage_key').on(t.tenant_id, t.organization_id, t.storage_key),
    foreignKey({
      name: 'erp_job_parts_job_fkey',
      columns: [t.tenant_id, t.organization_id, t.job_id],
      foreignColumns: [erpJobs.tenant_id, erpJobs.organization_id, erpJobs.id],
    }).onDelete('cascade'),
    check('erp_job_parts_part_check', sql`part >= 0 and byte_size >= 0 and row_count >= 0`),
  ],
);

/** The report of a repricing: a row per open quote, written with what was done to it. */
export const erpRepricingRows = pgTable(
  'erp_repricing_rows',
  {
    ...owner(),
    job_id: uuid().notNull(),
    quote_id: uuid().notNull(),
    outcome: text().notNull(),
    /** As the quote was then. */
    quote_version: integer().notNull(),
    currency: currency().notNull(),
    old_total: amount().notNull(),
    /** null: no price could be given. */
    new_total: amount(),
    /** Per line, what the price was made of before and now. */
    reasons: jsonb().notNull(),
    /** `{code, message}`: why there is no new price. */
    error: jsonb(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_repricing_rows_pkey', columns: [t.tenant_id, t.organization_id, t.job_id, t.quote_id] }),
    foreignKey({
      name: 'erp_repricing_rows_job_fkey',
      columns: [t.tenant_id, t.organization_id, t.job_id],
      foreignColumns: [erpJobs.tenant_id, erpJobs.organization_id, erpJobs.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'erp_repricing_rows_quote_fkey',
      columns: [t.tenant_id, t.organization_id, t.quote_id],
      foreignColumns: [erpQuotes.tenant_id, erpQuotes.organization_id, erpQuotes.id],
    }),
    oneOf('erp_repricing_rows', t.outcome, repricingOutcomes),
  ],
);
