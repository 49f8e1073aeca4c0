import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import {
  artworkStates,
  blankStates,
  jobEventKinds,
  jobPriorities,
  productionJobStatuses,
} from '../../states/production-job.js';
import {
  CalendarDate,
  Code,
  closed,
  Id,
  IdParams,
  literals,
  Name,
  nullable,
  page,
  pageQuery,
  partial,
  stamps,
  Timestamp,
  Version,
} from '../shapes.js';

const PieceCount = Type.Integer({ minimum: 0 });
const Pieces = Type.Integer({ minimum: 1, maximum: 1_000_000 });
const Hash = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'SHA-256 of the artwork',
  examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
});
const Reason = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S', examples: ['Ink bled on the sleeve'] });
const Note = Type.String({ minLength: 1, maxLength: 2_000, pattern: '\\S' });
const Rank = Type.String({ description: 'Compared byte by byte; a card’s place among the others of its stage' });
export const SizePieces = closed({ variant_id: Id, quantity: Pieces });
const Sizes = Type.Array(SizePieces, { minItems: 1, maxItems: 60 });

const CycleSeconds = Type.Number({ exclusiveMinimum: 0, description: 'Of a piece, by what was counted lately' });
const Minutes = Type.Integer({ minimum: 1, maximum: 1_000_000 });
/** Where a job is right now. */
export const JobMachine = closed({
  device_id: Id,
  name: Name,
  /** null: nothing was counted yet, or nothing is left. */
  cycle_seconds: nullable(CycleSeconds),
  /** When its last piece will be done if its machines go on like that. */
  expected_end_at: nullable(Timestamp),
});

const work = {
  id: Id,
  /** Of the order’s number and the line’s position; reprints with `-R1`, `-R2`, … */
  number: Type.String(),
  status: literals(productionJobStatuses),
  order_id: Id,
  order_line_id: Id,
  workspace_id: nullable(Id),
  stage_id: Id,
  /** null: the job left the board. */
  rank: nullable(Rank),
  priority: literals(jobPriorities),
  due_on: nullable(CalendarDate),
  quantity: PieceCount,
  quantity_done: PieceCount,
  quantity_scrapped: PieceCount,
  /** The job whose scrapped pieces it makes again. */
  reprint_of: nullable(Id),
  version: Version,
};
/** A job as the board shows it. */
export const JobCard = closed({
  ...work,
  order_number: Type.String(),
  customer_name: Name,
  product_code: Code,
  product_name: Name,
  /** The line’s first. */
  design: nullable(
    closed({
      id: Id,
      code: Code,
      name: Name,
      /** Of a picture: its content in small is the thumbnail. */
      thumbnail_file_id: nullable(Id),
    }),
  ),
  artwork: literals(artworkStates),
  /** What the order still lacks of it from stock. */
  blanks: closed({ state: literals(blankStates), short: PieceCount }),
  /** null: it is on no machine. */
  machine: nullable(JobMachine),
});
export const JobSummary = closed({ ...work, note: nullable(Note), ...stamps });
export const JobDesign = closed({
  design_id: Id,
  code: Code,
  name: Name,
  /** The artwork as it stands; null: still to come. */
  hash: nullable(Hash),
  artwork: literals(artworkStates),
  approved_hash: nullable(Hash),
  approved_by: nullable(Id),
  approved_at: nullable(Timestamp),
});
const JobSize = closed({
  variant_id: Id,
  sku: Type.String(),
  /** Pieces of this size that the job makes. */
  quantity: PieceCount,
  scrapped: PieceCount,
  /** Of the scrapped, those that a reprint makes again. */
  reprinted: PieceCount,
  /** What the order still lacks of it from stock. */
  short: PieceCount,
});
/** A job on a machine, from when until when. */
export const JobRun = closed({
  id: Id,
  device_id: Id,
  name: Name,
  started_at: Timestamp,
  /** null: it goes on. */
  ended_at: nullable(Timestamp),
  /** Counted by the machine, of which the job took as done no more than it lacked. */
  pieces: PieceCount,
  recorded: PieceCount,
  cycle_seconds: nullable(CycleSeconds),
  /** Until now, or until its end. */
  minutes: Type.Number({ minimum: 0 }),
});
export const Job = closed({
  ...JobCard.properties,
  note: nullable(Note),
  /** Of machines, as it was sold. */
  quoted_minutes: nullable(Minutes),
  /** Of all its machines together, so far. */
  actual_minutes: Type.Number({ minimum: 0 }),
  /** The first hundred. */
  runs: Type.Array(JobRun),
  designs: Type.Array(JobDesign),
  sizes: Type.Array(JobSize),
  reprints: Type.Array(
    closed({
      id: Id,
      number: Type.String(),
      status: literals(productionJobStatuses),
      quantity: PieceCount,
      quantity_done: PieceCount,
    }),
  ),
  ...stamps,
});
export const JobEvent = closed({
  id: Id,
  kind: literals(jobEventKinds),
  from_stage_id: nullable(Id),
  to_stage_id: nullable(Id),
  quantity: nullable(PieceCount),
  sizes: nullable(Type.Array(SizePieces)),
  reason: nullable(Type.String()),
  /** The user or API key. */
  made_by: Id,
  created_at: Timestamp,
});
const Wip = closed({
  limit: nullable(PieceCount),
  /** Open jobs of the card’s workspace in the stage, this one among them. */
  count: PieceCount,
  exceeded: Type.Boolean(),
});

const jobPath = '/api/erp/production/jobs/:id';
const closedJob = ['illegal_transition', 'version_mismatch'] as const;

export const productionJobs = contracts('erp.production.jobs', {
  list: {
    method: 'GET',
    path: '/api/erp/production/jobs',
    access: requires('erp.production_job.read'),
    summary: 'List jobs, newest first',
    query: closed({
      ...pageQuery,
      status: Type.Optional(literals(productionJobStatuses)),
      stage_id: Type.Optional(Id),
      order_id: Type.Optional(Id),
      /** Due on this day or later; a job that is due on no day is in no range. */
      due_from: Type.Optional(CalendarDate),
      due_to: Type.Optional(CalendarDate),
    }),
    status: 200,
    response: page(JobSummary),
    paged: true,
  },
  get: {
    method: 'GET',
    path: jobPath,
    access: requires('erp.production_job.read'),
    summary: 'Get a job with its artwork, sizes and reprints',
    params: IdParams,
    status: 200,
    response: Job,
    versioned: true,
    // Artwork is replaced, blanks come and reprints are made without a change of the job.
    live: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/production/jobs',
    access: requires('erp.production_job.write'),
    summary: 'Create the jobs of an order: one for each line that has none yet',
    description:
      'They come to the end of the first stage, whatever artwork it asks for; services need no job. Once every line has one, none is made.',
    body: closed({ order_id: Id }),
    status: 201,
    response: closed({ items: Type.Array(JobCard) }),
    errors: ['unknown_reference', 'illegal_transition', 'wip_limit_reached', 'conflict'],
  },
  update: {
    method: 'PATCH',
    path: jobPath,
    access: requires('erp.production_job.write'),
    summary: 'Change the priority, the day, the note or the quoted minutes of a job',
    params: IdParams,
    body: partial({
      priority: literals(jobPriorities),
      due_on: nullable(CalendarDate),
      note: nullable(Note),
      quoted_minutes: nullable(Minutes),
    }),
    status: 200,
    response: Job,
    versioned: true,
    errors: closedJob,
  },
  move: {
    method: 'POST',
    path: `${jobPath}/move`,
    access: requires('erp.production_job.move'),
    summary: 'Move a card to a place of a stage',
    description:
      'Right after the card `after_id`, or right before the card `before_id`; with both, between them; with neither, at the end. A stale `If-Match` is answered with the card as it stands, in `card`.',
    params: IdParams,
    body: closed({ stage_id: Id, before_id: Type.Optional(Id), after_id: Type.Optional(Id) }),
    status: 200,
    response: closed({ card: JobCard, wip: Wip }),
    errors: [...closedJob, 'unknown_reference', 'wip_limit_reached', 'artwork_unapproved', 'conflict'],
  },
  approveArtwork: {
    method: 'POST',
    path: `${jobPath}/approve-artwork`,
    access: requires('erp.production_job.approve_artwork'),
    summary: 'Approve a design of a job as it was shown',
    description: '`hash` is of the file that the person saw. Another file than that is not approved by it.',
    params: IdParams,
    body: closed({
      design_id: Type.Optional({ ...Id, description: 'May be left out where the job has one design' }),
      hash: Hash,
    }),
    status: 200,
    response: Job,
    versioned: true,
    errors: [...closedJob, 'unknown_reference', 'content_changed'],
  },
  done: {
    method: 'POST',
    path: `${jobPath}/done`,
    access: requires('erp.production_job.record'),
    summary: 'Record pieces that are done',
    params: IdParams,
    body: closed({ quantity: Pieces }),
    status: 200,
    response: Job,
    versioned: true,
    errors: [...closedJob, 'quantity_exceeded'],
  },
  scrap: {
    method: 'POST',
    path: `${jobPath}/scrap`,
    access: requires('erp.production_job.record'),
    summary: 'Record pieces that were spoilt',
    description: 'Their blanks are lost: entries of the stock from production to loss.',
    params: IdParams,
    body: closed({ sizes: Sizes, reason: Reason }),
    status: 200,
    response: Job,
    versioned: true,
    errors: [...closedJob, 'unknown_reference', 'quantity_exceeded'],
  },
  reprint: {
    method: 'POST',
    path: `${jobPath}/reprint`,
    access: requires('erp.production_job.reprint'),
    summary: 'Have scrapped pieces made again, by a job of their own',
    description:
      'All that was scrapped and is not made again yet, or the `sizes` of it that are named. Takes its blanks from what is there and promised to nobody. Approved artwork stays approved.',
    params: IdParams,
    body: closed({ sizes: Type.Optional(Sizes), reason: Type.Optional(Reason) }),
    status: 201,
    response: Job,
    versioned: true,
    errors: [...closedJob, 'unknown_reference', 'quantity_exceeded', 'stock_short', 'wip_limit_reached', 'conflict'],
  },
  history: {
    method: 'GET',
    path: `${jobPath}/history`,
    access: requires('erp.production_job.read'),
    summary: 'List what happened to a job, oldest first',
    params: IdParams,
    query: closed(pageQuery),
    status: 200,
    response: page(JobEvent),
    paged: true,
  },
});
