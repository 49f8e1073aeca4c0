import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { closed, Id, IdParams, Name, nullable, page, pageQuery, stamps, Timestamp, Version } from '../shapes.js';
import { MachineCode } from './telemetry-devices.js';

const PiecesPerCount = Type.Number({
  minimum: 0.000_001,
  maximum: 1_000_000,
  description: 'Pieces for each count: 1 for a press, 0.0001 for stitches where a piece has ten thousand',
});

/** A production job on a machine, from when until when, and what its counter counted meanwhile. */
export const JobRun = closed({
  id: Id,
  workspace_id: nullable(Id),
  device: closed({ id: Id, code: MachineCode, name: Name }),
  /** The counter. */
  metric: closed({ id: Id, code: MachineCode, name: Name }),
  job_id: Id,
  job_number: Type.String(),
  pieces_per_count: PiecesPerCount,
  /** By the readings' own times. */
  started_at: Timestamp,
  /** null: it goes on. */
  ended_at: nullable(Timestamp),
  /** Counted so far, whole ones. */
  pieces: Type.Integer({ minimum: 0 }),
  /** The last reading that was counted; null: none yet. */
  counted_until: nullable(Timestamp),
  /** Where the card goes once every piece is done; null: it stays. */
  next_stage_id: nullable(Id),
  version: Version,
  ...stamps,
});

const read = requires('telemetry.job_run.read');
const write = requires('telemetry.job_run.write');
/** Counting pieces is recording them. */
const consults = ['erp.production_job.record'] as const;

export const jobRuns = contracts('telemetry.jobRuns', {
  list: {
    method: 'GET',
    path: '/api/telemetry/job-runs',
    access: read,
    summary: 'List which machine worked on which job, newest first',
    query: closed({
      ...pageQuery,
      device_id: Type.Optional(Id),
      job_id: Type.Optional(Id),
      open: Type.Optional(Type.Boolean({ description: 'Those that go on, or those that are over' })),
    }),
    status: 200,
    response: page(JobRun),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/telemetry/job-runs/:id',
    access: read,
    summary: 'Get a run of a job on a machine',
    params: IdParams,
    status: 200,
    response: JobRun,
    versioned: true,
    // Counting is no change of it.
    live: true,
  },
  start: {
    method: 'POST',
    path: '/api/telemetry/job-runs',
    access: write,
    consults: [...consults, 'erp.production_job.move'],
    summary: 'Put a production job on a machine',
    description:
      'From then on what the counter counts is done of the job, which has to be open and its order in production. A machine works on one job at a time: what was on it ends at the same moment.',
    body: closed({
      device_id: Id,
      metric_id: { ...Id, description: 'A counter' },
      job_id: Id,
      pieces_per_count: Type.Optional({ ...PiecesPerCount, default: 1 }),
      started_at: Type.Optional({
        ...Timestamp,
        description: 'At most a day ago, and not before what was on the machine last; without it, now',
      }),
      next_stage_id: Type.Optional(nullable({ ...Id, description: 'Where the card goes once every piece is done' })),
    }),
    status: 201,
    response: JobRun,
    versioned: true,
    errors: ['unknown_reference', 'illegal_transition', 'conflict'],
  },
  end: {
    method: 'POST',
    path: '/api/telemetry/job-runs/:id/end',
    access: write,
    consults,
    summary: 'Take a production job off its machine',
    description: 'Not before what its job has been told: 409.',
    params: IdParams,
    body: closed({
      ended_at: Type.Optional({ ...Timestamp, description: 'After its start, not in the future; without it, now' }),
    }),
    status: 200,
    response: JobRun,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch', 'conflict', 'context_not_allowed'],
  },
});
