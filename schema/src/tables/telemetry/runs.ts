import { sql } from 'drizzle-orm';
import {
  check,
  doublePrecision,
  foreignKey,
  index,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { id, instant, owner, quantity, stamps, version } from '../columns.js';
import { telDevices, telMetrics } from './devices.js';

/** A production job on a machine, from when until when: what its counter counts meanwhile is pieces of that job. */
export const telJobRuns = pgTable(
  'tel_job_runs',
  {
    ...owner(),
    id: id(),
    device_id: uuid().notNull(),
    /** The counter. */
    metric_id: uuid().notNull(),
    /** Of the ERP database, where it was looked at under the caller's own scope before it stood here. */
    job_id: uuid().notNull(),
    job_number: text().notNull(),
    /** Of the job: 0.001 where a counter counts stitches and a piece has a thousand. */
    pieces_per_count: doublePrecision().notNull().default(1),
    /** By the readings' own times. */
    started_at: instant().notNull(),
    /** Null: it goes on. */
    ended_at: instant(),
    /** The last reading of the counter so far. */
    counted_until: instant(),
    /** Counted so far, which only grows, and how much of it the job has been told. */
    counted: doublePrecision().notNull().default(0),
    told_pieces: quantity().notNull().default('0'),
    /** When it was told last. */
    told_at: instant(),
    /** Of the ERP database: where the card goes once every piece is done; null: it stays. */
    next_stage_id: uuid(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'tel_job_runs_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    foreignKey({
      name: 'tel_job_runs_device_fkey',
      columns: [t.tenant_id, t.organization_id, t.device_id],
      foreignColumns: [telDevices.tenant_id, telDevices.organization_id, telDevices.id],
    }),
    foreignKey({
      name: 'tel_job_runs_metric_fkey',
      columns: [t.tenant_id, t.organization_id, t.metric_id],
      foreignColumns: [telMetrics.tenant_id, telMetrics.organization_id, telMetrics.id],
    }),
    // A machine works on one job at a time.
    uniqueIndex('tel_job_runs_open_idx').on(t.tenant_id, t.organization_id, t.device_id).where(sql`ended_at is null`),
    index('tel_job_runs_created_idx').on(t.tenant_id, t.organization_id, t.created_at, t.id),
    check('tel_job_runs_end_check', sql`ended_at >= started_at`),
    check('tel_job_runs_pieces_check', sql`pieces_per_count > 0`),
  ],
);
