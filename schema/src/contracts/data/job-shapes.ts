import { type Static, Type } from 'typebox';
import { type DnTask, dnTasks } from '../../states/deconetwork.js';
import { jobKinds, jobStatuses } from '../../states/job.js';
import { closed, Id, literals, nullable, stamps, Timestamp, Version } from '../shapes.js';

const Count = Type.Integer({ minimum: 0, maximum: 2_147_483_647 });
const FileName = Type.String({ maxLength: 200 });

/** What a job made, by its kind. */
export const ExportResult = closed({
  kind: Type.Literal('export'),
  /** GET /api/erp/files/:id/content */
  file_id: Id,
  file_name: FileName,
  byte_size: Count,
  rows: Count,
});
export const MockupResult = closed({
  kind: Type.Literal('mockup'),
  file_id: Id,
  file_name: FileName,
  byte_size: Count,
  width: Count,
  height: Count,
  /** An earlier job had made the same picture of the same content. */
  cached: Type.Boolean(),
});
export const RepricingResult = closed({
  kind: Type.Literal('repricing'),
  unchanged: Count,
  differs: Count,
  repriced: Count,
  failed: Count,
});
/** Of `dn_sync`: what became of the records; their rows say more. */
export const DnSyncResult = closed({
  kind: Type.Literal('dn_sync'),
  task: literals(dnTasks),
  created: Count,
  updated: Count,
  unchanged: Count,
  failed: Count,
  review: Count,
  /** Of an undo: put back as they were, and those that had changed since. */
  undone: Count,
  refused: Count,
  /** Of a comparison: differing fields, or on one side only. */
  differs: Count,
  missing: Count,
  /** Calls that the site has answered. */
  written: Count,
});
export type DnSyncResult = Static<typeof DnSyncResult>;
/** Of a task that has touched no record yet, or never does. */
export const nothingDone = (task: DnTask): DnSyncResult => ({
  kind: 'dn_sync',
  task,
  created: 0,
  updated: 0,
  unchanged: 0,
  failed: 0,
  review: 0,
  undone: 0,
  refused: 0,
  differs: 0,
  missing: 0,
  written: 0,
});
export const JobResult = Type.Union([ExportResult, MockupResult, RepricingResult, DnSyncResult]);
export type JobResult = Static<typeof JobResult>;

export const JobError = closed({
  code: Type.String({ maxLength: 64, examples: ['dependency_unavailable'] }),
  message: Type.String({ maxLength: 500 }),
});
export type JobError = Static<typeof JobError>;

export const Job = closed({
  id: Id,
  kind: literals(jobKinds),
  status: literals(jobStatuses),
  title: Type.String(),
  /** Items done, of so many; null: not known yet. */
  progress: Count,
  progress_total: nullable(Count),
  /** How often a worker took it up. */
  attempts: Count,
  /** null: an event of the product asked for it. */
  requested_by: nullable(Id),
  /** Of a queued one: not before. */
  run_after: Timestamp,
  started_at: nullable(Timestamp),
  finished_at: nullable(Timestamp),
  cancel_requested_at: nullable(Timestamp),
  /** When it and what it made are deleted. */
  expires_at: nullable(Timestamp),
  result: nullable(JobResult),
  /** Of the last attempt that failed. */
  error: nullable(JobError),
  version: Version,
  ...stamps,
});
export type Job = Static<typeof Job>;
