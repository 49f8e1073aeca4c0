import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  customType,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { jobEventKinds, jobPriorities, productionJobStatuses, wipPolicies } from '../../states/production-job.js';
import { createdAt, id, instant, oneOf, owner, quantity, sha256, stamps, version } from '../columns.js';
import { erpDesigns } from './catalog.js';
import { erpOrderLines, erpOrders } from './orders.js';

/** Compared byte by byte, as the keys between two others are made. */
const rank = customType<{ data: string }>({ dataType: () => 'text collate "C"' });

export const erpProductionStages = pgTable(
  'erp_production_stages',
  {
    ...owner(),
    id: id(),
    code: text().notNull(),
    name: text().notNull(),
    position: integer().notNull(),
    /** Open jobs that the stage takes; null: no limit. */
    wip_limit: integer(),
    wip_policy: text().notNull().default('warn'),
    /** A job enters only with artwork that is approved as it stands. */
    requires_artwork: boolean().notNull().default(false),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_production_stages_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_production_stages_code_key').on(t.tenant_id, t.organization_id, t.code),
    oneOf('erp_production_stages', t.wip_policy, wipPolicies),
    check('erp_production_stages_wip_limit_check', sql`wip_limit > 0`),
  ],
);

/** A card of the board: the work on one line of an order, or on pieces of it again. */
export const erpProductionJobs = pgTable(
  'erp_production_jobs',
  {
    ...owner(),
    id: id(),
    /** Of its order's number and its line's position, so it needs no sequence of its own. */
    number: text().notNull(),
    status: text().notNull().default('open'),
    order_id: uuid().notNull(),
    order_line_id: uuid().notNull(),
    stage_id: uuid().notNull(),
    /** Its place in the stage, among the ranks of the others; null: it left the board. */
    rank: rank(),
    priority: text().notNull().default('normal'),
    due_on: date(),
    quantity: quantity().notNull(),
    quantity_done: quantity().notNull().default('0'),
    quantity_scrapped: quantity().notNull().default('0'),
    /** The job whose scrapped pieces it makes again. */
    reprint_of: uuid(),
    note: text(),
    /** The machine that it is on, of the telemetry database, by the name it had when it came there; null: none. */
    device_id: uuid(),
    device_name: text(),
    /** Of a piece, by what its machines counted lately; null: none has counted yet, or none is left. */
    cycle_seconds: quantity(),
    /** When its last piece will be done if they go on like that. */
    expected_end_at: instant(),
    /** Of machines, as it was sold. */
    quoted_minutes: quantity(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_production_jobs_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_production_jobs_number_key').on(t.tenant_id, t.organization_id, t.number),
    unique('erp_production_jobs_rank_key').on(t.tenant_id, t.organization_id, t.stage_id, t.rank),
    foreignKey({
      name: 'erp_production_jobs_order_fkey',
      columns: [t.tenant_id, t.organization_id, t.order_id],
      foreignColumns: [erpOrders.tenant_id, erpOrders.organization_id, erpOrders.id],
    }),
    foreignKey({
      name: 'erp_production_jobs_line_fkey',
      columns: [t.tenant_id, t.organization_id, t.order_line_id],
      foreignColumns: [erpOrderLines.tenant_id, erpOrderLines.organization_id, erpOrderLines.id],
    }),
    foreignKey({
      name: 'erp_production_jobs_stage_fkey',
      columns: [t.tenant_id, t.organization_id, t.stage_id],
      foreignColumns: [erpProductionStages.tenant_id, erpProductionStages.organization_id, erpProductionStages.id],
    }),
    foreignKey({
      name: 'erp_production_jobs_reprint_fkey',
      columns: [t.tenant_id, t.organization_id, t.reprint_of],
      foreignColumns: [t.tenant_id, t.organization_id, t.id],
    }),
    index('erp_production_jobs_order_idx').on(t.tenant_id, t.organization_id, t.order_id, t.id),
    index('erp_production_jobs_line_idx').on(t.tenant_id, t.organization_id, t.order_line_id, t.id),
    index('erp_production_jobs_created_idx').on(t.tenant_id, t.organization_id, t.created_at, t.id),
    oneOf('erp_production_jobs', t.status, productionJobStatuses),
    oneOf('erp_production_jobs', t.priority, jobPriorities),
    check('erp_production_jobs_quantity_check', sql`quantity > 0`),
    check('erp_production_jobs_done_check', sql`quantity_done >= 0 and quantity_done + quantity_scrapped <= quantity`),
    check('erp_production_jobs_scrapped_check', sql`quantity_scrapped >= 0`),
    check('erp_production_jobs_device_check', sql`(device_id is null) = (device_name is null)`),
    check('erp_production_jobs_cycle_check', sql`cycle_seconds > 0`),
    check('erp_production_jobs_quoted_check', sql`quoted_minutes > 0`),
    check('erp_production_jobs_board_check', sql`(rank is not null) = (status = 'open')`),
  ],
);

/** The artwork of a job, and which of it is approved: the file whose hash this is, no other. */
export const erpProductionJobDesigns = pgTable(
  'erp_production_job_designs',
  {
    ...owner(),
    id: id(),
    job_id: uuid().notNull(),
    design_id: uuid().notNull(),
    /** SHA-256 of the artwork that was approved; null: none yet. */
    approved_hash: sha256(),
    approved_by: uuid(),
    approved_at: instant(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_production_job_designs_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_production_job_designs_design_key').on(t.tenant_id, t.organization_id, t.job_id, t.design_id),
    foreignKey({
      name: 'erp_production_job_designs_job_fkey',
      columns: [t.tenant_id, t.organization_id, t.job_id],
      foreignColumns: [erpProductionJobs.tenant_id, erpProductionJobs.organization_id, erpProductionJobs.id],
    }),
    foreignKey({
      name: 'erp_production_job_designs_design_fkey',
      columns: [t.tenant_id, t.organization_id, t.design_id],
      foreignColumns: [erpDesigns.tenant_id, erpDesigns.organization_id, erpDesigns.id],
    }),
    index('erp_production_job_designs_design_idx').on(t.tenant_id, t.organization_id, t.design_id, t.id),
  ],
);

/** What happened to a job, by whom; append-only. */
export const erpProductionJobEvents = pgTable(
  'erp_production_job_events',
  {
    ...owner(),
    id: id(),
    job_id: uuid().notNull(),
    kind: text().notNull(),
    from_stage_id: uuid(),
    to_stage_id: uuid(),
    quantity: quantity(),
    /** Which pieces, `[{variant_id, quantity}]`: of those scrapped, and of a job that makes such pieces again. */
    sizes: jsonb(),
    reason: text(),
    made_by: uuid().notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'erp_production_job_events_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    foreignKey({
      name: 'erp_production_job_events_job_fkey',
      columns: [t.tenant_id, t.organization_id, t.job_id],
      foreignColumns: [erpProductionJobs.tenant_id, erpProductionJobs.organization_id, erpProductionJobs.id],
    }),
    index('erp_production_job_events_job_idx').on(t.tenant_id, t.organization_id, t.job_id, t.id),
    oneOf('erp_production_job_events', t.kind, jobEventKinds),
  ],
);

/** A job on a machine, from when until when, and what its counter counted meanwhile. Its id is the run's in the telemetry database. */
export const erpProductionJobRuns = pgTable(
  'erp_production_job_runs',
  {
    ...owner(),
    id: id(),
    job_id: uuid().notNull(),
    device_id: uuid().notNull(),
    device_name: text().notNull(),
    /** Where the card stood when the run was first told of. */
    stage_id: uuid().notNull(),
    started_at: instant().notNull(),
    /** Null: it goes on. */
    ended_at: instant(),
    /** Counted by the machine; only grows. */
    pieces: quantity().notNull().default('0'),
    /** How many of them the job took as done: no more than it lacked. */
    recorded: quantity().notNull().default('0'),
    /** Of a piece, lately. */
    cycle_seconds: quantity(),
    /** When something was last counted, by the machine's clock. */
    counted_at: instant(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_production_job_runs_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    foreignKey({
      name: 'erp_production_job_runs_job_fkey',
      columns: [t.tenant_id, t.organization_id, t.job_id],
      foreignColumns: [erpProductionJobs.tenant_id, erpProductionJobs.organization_id, erpProductionJobs.id],
    }),
    index('erp_production_job_runs_job_idx').on(t.tenant_id, t.organization_id, t.job_id, t.id),
    check('erp_production_job_runs_end_check', sql`ended_at >= started_at`),
    check('erp_production_job_runs_pieces_check', sql`recorded >= 0 and recorded <= pieces`),
    check('erp_production_job_runs_cycle_check', sql`cycle_seconds > 0`),
  ],
);
