import { type Static, Type } from 'typebox';
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
export const JobResult = Type.Union([ExportResult, MockupResult, RepricingResult]);
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
